"""Commands from photos to records: split, records."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod import paths
from tfod.cli.app import Json, app
from tfod.terminal import finish

if TYPE_CHECKING:
    from tfod.data.split_report import SplitResult


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
    from tfod.data.split import split as run

    result = run(images, output, test=test, seed=seed, val=val, by=by, fresh=fresh)
    by = result.settings["by"]
    together = {"session": "of one session", "image": "that are the same file"}
    alike = (
        f"group{'s' * (result.groups != 1)} of photos "
        f"{together.get(by, 'that look alike')} stay together, --by {by} "
        f"({result.grouped} photos, largest group {result.largest_group})"
    )
    lines = _table(result)
    lines += [
        f"{count:5} {what}"
        for what, count in {
            alike: result.groups,
            "photos stayed where they were": result.stayed,
            "photos were dealt out": result.new if result.stayed else 0,
            "photos are gone": result.gone,
            "images without XML, left out": result.unlabelled,
            "images whose boxes a model suggested, left out until saved in LabelImg": (
                result.suggested
            ),
            "XML files without an image, left out": result.orphans,
            "images got their session as prefix": result.renamed,
        }.items()
        if count
    ]
    lines += [f"note: {warning}" for warning in result.warnings]
    wrote = [f"{result.folders[part]} ({count} images)" for part, count in result.images.items()]
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then="tfod records")


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
    from tfod.data.records import write_parts

    label_map = label_map or output / paths.LABEL_MAP.name
    results = write_parts(images, output, label_map, shards, csv)
    lines, wrote = [], []
    for part, result in results.items():
        classes = ", ".join(f"{name} {count}" for name, count in result.classes.items())
        lines.append(f"{part}: {result.images} images, {result.boxes} boxes ({classes})")
        if result.suggested:
            lines.append(
                f"{part}: {result.suggested} images left out, a model suggested their boxes; save "
                "them in LabelImg"
            )
        made = [result.label_map_made] if result.label_map_made else []
        wrote += [*made, *result.files, *([output / f"{part}.csv"] if csv else [])]
    finish(results, as_json=as_json, lines=lines, wrote=wrote, then="tfod config NAME")
