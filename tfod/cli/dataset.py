"""Commands from photos to records: capture, split, records."""

from pathlib import Path
from typing import Annotated

import typer

from tfod import paths
from tfod.cli.app import Json, app
from tfod.terminal import finish


@app.command()
def split(
    test: Annotated[float, typer.Option(help="Share of the images for test, 0 to 1.")] = 0.2,
    images: Annotated[Path, typer.Option(help="Folder of the sessions.")] = paths.IMAGES,
    output: Annotated[
        Path | None, typer.Option(help="Gets train/ and test/; the folder of --images if absent.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the shuffling.")] = 0,
    as_json: Json = False,
) -> None:
    """Copy the labelled images of all sessions into train/ and test/."""
    from tfod.data.split import split as run

    result = run(images, output, test=test, seed=seed)
    lines = [
        f"{counts['train']:5} train {counts['test']:5} test   {name}"
        for name, counts in result.classes.items()
    ]
    lines += [
        f"{count:5} {what}"
        for what, count in {
            "images without XML, left out": result.unlabelled,
            "XML files without an image, left out": result.orphans,
            "images got their session as prefix": result.renamed,
        }.items()
        if count
    ]
    wrote = [f"{result.folders[part]} ({count} images)" for part, count in result.images.items()]
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then="tfod records")


@app.command()
def records(
    images: Annotated[
        Path, typer.Option(help="Folder that holds train/ and test/.")
    ] = paths.IMAGES,
    output: Annotated[Path, typer.Option(help="Folder of the records.")] = paths.ANNOTATIONS,
    label_map: Annotated[Path | None, typer.Option(help="Made from the XML if absent.")] = None,
    shards: Annotated[int, typer.Option(help="Number of files a record is spread over.")] = 1,
    csv: Annotated[bool, typer.Option("--csv", help="Also write the boxes as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Write train.record, test.record and, if absent, label_map.pbtxt."""
    from tfod.data.records import write_parts

    label_map = label_map or output / paths.LABEL_MAP.name
    results = write_parts(images, output, label_map, shards, csv)
    lines, wrote = [], []
    for part, result in results.items():
        classes = ", ".join(f"{name} {count}" for name, count in result.classes.items())
        lines.append(f"{part}: {result.images} images, {result.boxes} boxes ({classes})")
        made = [result.label_map_made] if result.label_map_made else []
        wrote += [*made, *result.files, *([output / f"{part}.csv"] if csv else [])]
    finish(results, as_json=as_json, lines=lines, wrote=wrote, then="tfod config NAME")
