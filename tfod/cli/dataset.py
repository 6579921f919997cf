"""Commands from photos to records: split, records."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import Json, app, workspace
from tfod.cli.bars import TerminalProgress
from tfod.cli.next import NAME
from tfod.cli.problems import bring_in, command, unread
from tfod.cli.terminal import finish
from tfod.plain import plain
from tfod.words import plural

if TYPE_CHECKING:
    from tfod.steps.records.jobs import RecordsResult
    from tfod.steps.split.report import SplitResult


@app.command(epilog="Example: tfod split --test 0.2")
def split(
    test: Annotated[
        float | None,
        typer.Option(help="Share of the images for test. Default: as last time, at first 0.2."),
    ] = None,
    val: Annotated[
        float | None,
        typer.Option(
            help="Share of the images for val, which chooses the best checkpoint. Default: as "
            "last time, at first 0.1 from 100 photos on, else 0."
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="What to keep on one side: burst (photos that look alike), session, or image "
            "(only identical files and copies like x_flip). Default: as last time, at first burst."
        ),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of the sessions. Default: workspace/images.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Where to put train/ and test/. Default: the folder of --images."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed for shuffling; a new one places all photos again. Default: as last time, at "
            "first 0."
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Start over: place all photos again.")] = False,
    as_json: Json = False,
) -> None:
    """Copy the labelled images of all sessions into train/ and test/.

    Photos that look alike stay on one side, and so do copies that an augmentation made (x_flip.jpg,
    x_aug1.jpg, x_jpg.rf.HASH.jpg). When you add photos, those already placed stay where
    they are.
    """
    from tfod.steps.split.split import SplitOptions
    from tfod.steps.split.split import split as run

    options = SplitOptions(
        test=test, val=val, by=by, seed=seed, fresh=fresh, images_dir=images, output_dir=output
    )
    result = run(workspace(), options, TerminalProgress())
    lines = [*_table(result), *_counts(result)]
    lines += [f"note: {warning}" for warning in result.warnings]
    wrote = [
        f"{result.folders[part]} ({plural(count, 'image')})"
        for part, count in result.images.items()
    ]
    parts = output or images
    elsewhere = parts is not None and parts.absolute() != workspace().images.absolute()
    then = command("records", images=parts.as_posix() if parts and elsewhere else None)
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=then)


def _table(result: "SplitResult") -> list[str]:
    """Say for each class how many images and boxes of it are in each part."""
    total = sum(result.images.values())
    width = max(map(len, ("class", "images", *result.classes)))
    lines = [f"{'class':{width}}" + "".join(f"{part:>9}  boxes" for part in result.images)]
    for name, held in result.classes.items():
        cells = [f"{count:9}{result.boxes[name][part]:7}" for part, count in held.items()]
        lines.append(f"{name:{width}}" + "".join(cells))
    cells = [f"{count:9}{f'{count / total:.0%}':>7}" for count in result.images.values()]
    lines.append(f"{'images':{width}}" + "".join(cells))
    return lines


def _counts(result: "SplitResult") -> list[str]:
    """Say what was kept together, what stayed where it was, and what was left out."""
    alike = {"session": "of one session", "image": "that are the same file"}
    photos = plural(result.grouped, "photo")
    together = (
        f"of photos {alike.get(result.by, 'that look alike')} kept together, --by {result.by} "
        f"({photos}, at most {result.largest_group} in one)"
    )
    rows = [
        (result.groups, "group", together),
        (result.stayed, "photo", "stayed where the earlier split put them"),
        (result.new if result.stayed else 0, "photo", "newly placed"),
        (result.gone, "photo", "from the earlier split dropped (deleted or no longer labelled)"),
        (result.unlabelled, "image", "left out: no XML"),
        (result.suggested, "image", "left out: nobody has checked the boxes a model suggested"),
        (result.orphans, "XML file", "left out: no image"),
        (result.renamed, "image", "prefixed with the session, because another has the same name"),
    ]
    counts = [f"{plural(count, noun)} {what}" for count, noun, what in rows if count]
    notes = [f"note: {line}" for line in bring_in(result.other_labels)]
    return counts + unread(result.unread, "left out") + notes


@app.command(epilog="Example: tfod records --csv")
def records(
    images: Annotated[
        Path | None,
        typer.Option(
            help="Folder of train/, test/ and optionally val/. Default: workspace/images."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the records. Default: annotations.")
    ] = None,
    label_map: Annotated[
        Path | None,
        typer.Option(
            help="Label map. Default: label_map.pbtxt in that folder, created if missing."
        ),
    ] = None,
    shards: Annotated[int, typer.Option(help="Number of files per record.")] = 1,
    csv: Annotated[bool, typer.Option("--csv", help="Also write the boxes as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Write train.record, test.record and, if you have a val/, val.record.

    If your data came split into train/ and val/ alone, val/ becomes test.record.
    """
    from tfod.steps.records.records import RecordsOptions, write_parts

    options = RecordsOptions(
        shards=shards, images_dir=images, output_dir=output, label_map=label_map, with_csv=csv
    )
    result = write_parts(workspace(), options, TerminalProgress())
    lines: list[str] = []
    wrote: list[Path] = []
    for part, written in result.parts.items():
        lines += [f"{part}: {line}" for line in _lines(written)]
        others = (written.label_map_made, *written.files, written.csv_path)
        wrote += [path for path in others if path is not None]
    lines += [f"note: {warning}" for warning in result.warnings]
    figures = {**plain(result.parts), "warnings": result.warnings}
    finish(figures, as_json=as_json, lines=lines, wrote=wrote, then=command("train", NAME))


def _lines(result: "RecordsResult") -> list[str]:
    """Say what is in a record, what was left out, and what was changed."""
    classes = ", ".join(f"{name} {count}" for name, count in result.classes.items())
    boxes = plural(result.boxes, "box") + (f" ({classes})" if classes else "")
    rows = [
        (result.unlabelled, "image", "left out: no XML"),
        (result.suggested, "image", "left out: nobody has checked the boxes a model suggested"),
        (result.orphans, "XML file", "left out: no image"),
        (
            result.other_size - result.resized,
            "image",
            "with a different size than the XML says; the boxes fit the image",
        ),
        (
            result.resized,
            "image",
            "perhaps resized after labelling: the XML gives another size, so look at the boxes",
        ),
        (result.cut_boxes, "box", "cut at the edge of the image"),
    ]
    return [
        f"{plural(result.images, 'image')}, {boxes}",
        *(f"{plural(count, noun)} {what}" for count, noun, what in rows if count),
        *unread(result.unread, "left out"),
        *(f"note: {line}" for line in bring_in(result.other_labels)),
    ]
