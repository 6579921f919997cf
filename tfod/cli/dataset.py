"""Commands from photos to records: split, records."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod import workspace as paths
from tfod.cli.app import Json, app, workspace
from tfod.cli.next import after_records
from tfod.errors import plural
from tfod.terminal import finish, quoted

if TYPE_CHECKING:
    from tfod.steps.records import RecordsResult
    from tfod.steps.split.report import SplitResult


@app.command()
def split(
    test: Annotated[
        float | None, typer.Option(help="Share of the images for test; 0.2 at first.")
    ] = None,
    val: Annotated[
        float | None, typer.Option(help="Share of the images for val; 0 at first.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="What stays on one side: burst (photos that look alike; at first), session, or "
            "image (nothing)."
        ),
    ] = None,
    images: Annotated[Path, typer.Option(help="Folder of the sessions.")] = paths.IMAGES,
    output: Annotated[
        Path | None, typer.Option(help="Gets train/ and test/; the folder of --images if absent.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Of the shuffling; 0 at first. Another one deals all out again."),
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Deal all out again.")] = False,
    as_json: Json = False,
) -> None:
    """Copy the labelled images of all sessions into train/ and test/.

    Photos that look alike stay on one side. Photos that were placed stay where they are when more
    are added; --test, --val, --by and --seed are as the last time where they are not given.
    """
    from tfod.steps.split.split import split as run

    result = run(images, output, test=test, seed=seed, val=val, by=by, fresh=fresh)
    lines = [*_table(result), *_counts(result)]
    lines += [f"note: {warning}" for warning in result.warnings]
    wrote = [
        f"{result.folders[part]} ({plural(count, 'image')})"
        for part, count in result.images.items()
    ]
    parts = output or images
    where = "" if parts == paths.IMAGES else f" --images {quoted(parts.as_posix())}"
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=f"tfod records{where}")


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
    told = [
        (result.groups, "group", together),
        (result.stayed, "photo", "stayed on the side of an earlier split"),
        (result.new if result.stayed else 0, "photo", "dealt out now"),
        (result.gone, "photo", "of the earlier split dropped (deleted or unlabelled)"),
        (result.unlabelled, "image", "without XML left out"),
        (result.suggested, "image", "with boxes that a model suggested left out; save in LabelImg"),
        (result.orphans, "XML file", "without an image left out"),
        (result.renamed, "image", "got the session as prefix, another has the same name"),
    ]
    return [f"{plural(count, noun)} {what}" for count, noun, what in told if count]


@app.command()
def records(
    images: Annotated[
        Path, typer.Option(help="Folder that holds train/, test/ and, if any, val/.")
    ] = paths.IMAGES,
    output: Annotated[Path, typer.Option(help="Folder of the records.")] = paths.ANNOTATIONS,
    label_map: Annotated[Path | None, typer.Option(help="Made from the XML if absent.")] = None,
    shards: Annotated[int, typer.Option(help="Number of files a record is spread over.")] = 1,
    csv: Annotated[bool, typer.Option("--csv", help="Also write the boxes as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Write train.record, test.record and, if there is val/, val.record; a label map if absent."""
    from tfod.steps.records import write_parts

    label_map = label_map or output / paths.LABEL_MAP.name
    results = write_parts(images, output, label_map, shards, csv)
    lines, wrote = [], []
    for part, result in results.items():
        lines += [f"{part}: {told}" for told in _told(result)]
        made = [result.label_map_made] if result.label_map_made else []
        wrote += [*made, *result.files, *([output / f"{part}.csv"] if csv else [])]
    finish(results, as_json=as_json, lines=lines, wrote=wrote, then=after_records(workspace()))


def _told(result: "RecordsResult") -> list[str]:
    """Say what is in a record, what was left out, and what was changed."""
    classes = ", ".join(f"{name} {count}" for name, count in result.classes.items())
    boxes = plural(result.boxes, "box")
    told = [
        (result.unlabelled, "image", "without XML left out"),
        (result.suggested, "image", "with suggested boxes left out; save them in LabelImg"),
        (result.other_size, "image", "of another size than the XML states; the image counts"),
        (result.cut_boxes, "box", "cut at the edge of the image"),
    ]
    return [
        f"{plural(result.images, 'image')}, {boxes}" + f" ({classes})" * bool(classes),
        *(f"{plural(count, noun)} {what}" for count, noun, what in told if count),
    ]
