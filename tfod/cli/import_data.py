"""A data set brought into the workspace: `tfod import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import ImagesOf, Json, SkipBad, app, workspace
from tfod.cli.bars import TerminalProgress
from tfod.cli.classes import WithClasses
from tfod.cli.next import NAME
from tfod.cli.problems import command
from tfod.cli.terminal import finish
from tfod.files import from_user
from tfod.words import plural, some

if TYPE_CHECKING:
    from tfod.steps.import_data.import_data import ImportResult

_MOST_CLASSES = 12


@app.command("import", cls=WithClasses, epilog="Example: tfod import export.zip --name cats")
def import_command(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Folder, file of labels or ZIP to bring in.")
    ],
    name: Annotated[str, typer.Option(help="Name of the session. Default: that of SOURCE.")] = "",
    from_format: Annotated[
        str, typer.Option("--from", help="Format, as for `tfod convert`. Default: detected.")
    ] = "",
    images: ImagesOf = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(help="Class names in the order of their numbers: A,B or A B."),
    ] = None,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Bring a data set you already have into the workspace, photos and boxes; yours stays as it is.

    It finds out which format and layout it has (docs/layouts.md lists them). A split is kept when
    there are no photos in the workspace yet; otherwise the data set becomes a session.
    """
    from tfod.steps.import_data.import_data import ImportOptions, import_data

    options = ImportOptions(
        name=name,
        from_format=from_format.lower(),
        images=from_user(images) if images else None,
        classes=tuple(classes or ()),
        skip_bad_boxes=skip_bad,
    )
    result = import_data(workspace(), from_user(source), options, TerminalProgress())
    wrote = [f"{folder} ({plural(count, 'image')})" for folder, count in result.images.items()]
    then = command("train", NAME) if result.labelled else command("label")
    finish(result, as_json=as_json, lines=_lines(result), wrote=wrote, then=then)


def _lines(result: "ImportResult") -> list[str]:
    from tfod.steps.convert.rows import TITLES

    lines = []
    if result.format:
        count = plural(len(result.classes), "class")
        lines.append(f"{TITLES[result.format]}: {plural(result.boxes, 'box')} of {count}")
        if len(result.classes) <= _MOST_CLASSES:
            lines += [f"{count:7,} {name}" for name, count in result.classes.items()]
    lines += [f"note:  {note}" for note in result.notes]
    keys = [what for what in result.lost if what.startswith('"')]  # of the file's bookkeeping
    lines += [f"note:  not used for training, left out: {some(keys)}"] * bool(keys)
    return lines + [
        f"lost:  {what}: {count:,}" for what, count in result.lost.items() if what not in keys
    ]
