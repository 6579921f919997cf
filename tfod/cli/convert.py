"""Other formats: `tfod convert`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import ImagesOf, Json, SkipBad, app
from tfod.cli.bars import TerminalProgress
from tfod.cli.classes import WithClasses
from tfod.cli.problems import command
from tfod.cli.terminal import finish
from tfod.errors import refusal
from tfod.files import from_user
from tfod.remedies import Remedy
from tfod.words import plural

if TYPE_CHECKING:
    from tfod.steps.convert.convert import ConvertResult

_MOST_CLASSES = 12


@app.command(cls=WithClasses, epilog="Example: tfod convert workspace/images/train coco.json")
def convert(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="File, folder or ZIP to read.")],
    target: Annotated[Path, typer.Argument(metavar="TO", help="File or folder to write.")],
    from_format: Annotated[
        str,
        typer.Option(
            "--from",
            help="voc, coco, yolo, csv, labelme, createml, cvat, via, label-studio, kitti, oidv4 "
            "or tfrecord. Default: detected.",
        ),
    ] = "",
    to_format: Annotated[
        str, typer.Option("--to", help="voc, coco, yolo or csv. Default: from the extension of TO.")
    ] = "",
    images: ImagesOf = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            help="Class names in the order of their numbers: A,B or A B. If you separate them with "
            "spaces and put them first, the last two words are FROM and TO."
        ),
    ] = None,
    label_map: Annotated[
        Path | None,
        typer.Option(help="Label map with the class ids; created if it does not exist."),
    ] = None,
    copy_images: Annotated[
        bool,
        typer.Option("--copy-images", help="Copy the images too (the default for VOC and YOLO)."),
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Link the images instead of copying them.")
    ] = False,
    no_images: Annotated[bool, typer.Option("--no-images", help="Write only the labels.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")] = False,
    keep_existing: Annotated[
        bool, typer.Option("--keep-existing", help="Leave out images that have labels in TO.")
    ] = False,
    skip_bad: SkipBad = False,
    as_json: Json = False,
) -> None:
    """Convert labels between VOC XML, COCO JSON, YOLO text and CSV, and say what is lost.

    It reads LabelMe, CreateML, CVAT, VIA, Label Studio, KITTI, OIDv4 and TFRecord too.
    """
    from tfod.steps.convert.convert import ConvertOptions
    from tfod.steps.convert.convert import convert as run

    takes = {"copy": copy_images, "link": link, "leave": no_images}
    if sum(takes.values()) > 1:
        remedy = Remedy.CHOOSE_ONE(settings=["copy_images", "link", "no_images"])
        raise refusal("settings-exclude", None, "cannot be used together", remedy=remedy)
    if overwrite and keep_existing:
        remedy = Remedy.CHOOSE_ONE(settings=["overwrite", "keep_existing"])
        raise refusal("settings-exclude", None, "cannot be used together", remedy=remedy)
    options = ConvertOptions(
        from_format=from_format.lower(),
        to_format=to_format.lower(),
        images=from_user(images) if images else None,
        classes=tuple(classes or ()),
        label_map=from_user(label_map) if label_map else None,
        take=next((take for take, is_given in takes.items() if is_given), ""),
        overwrite=overwrite,
        keep_existing=keep_existing,
        skip_bad_boxes=skip_bad,
    )
    result = run(from_user(source), from_user(target), options, TerminalProgress())
    then = command("check", result.files[0]) if result.target_format == "voc" else ""
    finish(result, as_json=as_json, lines=_lines(result), wrote=result.files, then=then)


def _lines(result: "ConvertResult") -> list[str]:
    """Say what was converted, what was lost, and what else is worth knowing."""
    from tfod.steps.convert.rows import TITLES

    guess = {key: " (guessed)" if key in result.guessed else "" for key in ("from", "to")}
    lines = [
        f"{TITLES[result.source_format]}{guess['from']} -> "
        f"{TITLES[result.target_format]}{guess['to']}"
    ]
    for part, count in result.images.items():
        lines.append(f"{plural(count, 'image')}{f' in {part}' if part else ''}")
    lines.append(
        f"{plural(result.boxes, 'box')} of {plural(len(result.classes), 'class')}, "
        f"{plural(result.negatives, 'image')} without boxes"
    )
    if len(result.classes) <= _MOST_CLASSES:
        lines += [f"{count:7,} {name}" for name, count in result.classes.items()]
    lines += [f"lost:  {what}: {count:,}" for what, count in result.lost.items()]
    lines += [f"note:  {note}" for note in result.notes]
    if result.images_taken:
        lines.append(f"took:  {plural(result.images_taken, 'image')}")
    return lines
