"""Other formats: `tfod convert`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import Json, app
from tfod.errors import UserError, plural
from tfod.terminal import finish, quoted

if TYPE_CHECKING:
    from tfod.steps.convert.convert import ConvertResult

_MOST_CLASSES = 12


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="File or folder to read.")],
    target: Annotated[Path, typer.Argument(metavar="TO", help="File or folder to write.")],
    from_format: Annotated[
        str, typer.Option("--from", help="voc, coco, yolo or csv; found out if absent.")
    ] = "",
    to_format: Annotated[
        str, typer.Option("--to", help="The same; by the name of TO if absent.")
    ] = "",
    images: Annotated[Path | None, typer.Option(help="Folder of the images, if elsewhere.")] = None,
    classes: Annotated[
        list[str] | None, typer.Option(help="Class names in the order of their numbers.")
    ] = None,
    label_map: Annotated[
        Path | None, typer.Option(help="Ids of the classes; written there if it does not exist.")
    ] = None,
    copy_images: Annotated[
        bool, typer.Option("--copy-images", help="Copy the images too (usual for VOC, YOLO).")
    ] = False,
    link: Annotated[bool, typer.Option("--link", help="Link the images, not copy them.")] = False,
    no_images: Annotated[bool, typer.Option("--no-images", help="Write the labels alone.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad-boxes", help="Leave out boxes outside their image.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Convert labels between VOC XML, COCO JSON, YOLO text and CSV; say what is lost."""
    from tfod.files import from_user
    from tfod.steps.convert import placing
    from tfod.steps.convert.convert import convert as run

    if copy_images + link + no_images > 1:
        raise UserError("--copy-images, --link and --no-images: give one of them.")
    ways = {placing.COPY: copy_images, placing.LINK: link, placing.LEAVE: no_images}
    result = run(
        from_user(source),
        from_user(target),
        from_format.lower(),
        to_format.lower(),
        from_user(images) if images else None,
        classes or [],
        from_user(label_map) if label_map else None,
        next((way for way, given in ways.items() if given), ""),
        overwrite,
        skip_bad,
    )
    then = f"tfod check {quoted(str(result.files[0]))}" if result.target_format == "voc" else ""
    finish(result, as_json=as_json, lines=_lines(result), wrote=result.files, then=then)


def _lines(result: "ConvertResult") -> list[str]:
    """Say what was converted, what was lost, and what else is worth knowing."""
    from tfod.steps.convert.guess import FORMATS

    guess = {key: " (guessed)" if key in result.guessed else "" for key in ("from", "to")}
    lines = [
        f"{FORMATS[result.source_format]}{guess['from']} -> "
        f"{FORMATS[result.target_format]}{guess['to']}",
        *(
            f"{plural(count, 'image')}{f' in {part}' if part else ''}"
            for part, count in result.images.items()
        ),
        f"{plural(result.boxes, 'box')} of "
        f"{plural(len(result.classes), 'class')}, "
        f"{plural(result.negatives, 'image')} without any",
    ]
    if len(result.classes) <= _MOST_CLASSES:
        lines += [f"{count:7,} {name}" for name, count in result.classes.items()]
    lines += [f"lost:  {what}: {count:,}" for what, count in result.lost.items()]
    lines += [f"note:  {note}" for note in result.notes]
    if result.images_taken:
        lines.append(f"took:  {plural(result.images_taken, 'image')}")
    return lines
