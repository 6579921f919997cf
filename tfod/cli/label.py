"""Drawing boxes: `tfod label`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tfod.cli.app import Json, app
from tfod.terminal import finish, plain, say

if TYPE_CHECKING:
    from tfod.data.sessions import Labelled

MOST_NAMES = 5
KEYS = (
    "keys: w draw a box, d next image, a previous one, n no objects here, Delete removes a box, "
    "Ctrl and wheel zoom; going on saves"
)


@app.command()
def label(
    session: Annotated[
        str | None,
        typer.Argument(help="Folder in workspace/images; the newest with work left if absent."),
    ] = None,
    classes: Annotated[
        list[str], typer.Option(help="The classes; those of the label map if absent.")
    ] = [],  # noqa: B006 (typer wants it so)
    status: Annotated[bool, typer.Option("--status", help="Only count, open nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Draw boxes in LabelImg, and count what is labelled."""
    from tfod.data.sessions import class_list, find_session, look, sessions
    from tfod.label import check_window
    from tfod.label import label as run

    folder = find_session(session)
    problem = ""
    # --suggest belongs here: what a model draws is there before the window opens
    if status:
        result = look(folder, _known(folder, classes))
    else:
        check_window()
        names = class_list(folder, classes)
        before = look(folder, names)
        console = Console(stderr=True)
        say(console, f"{folder}: {before.labelled} of {before.images} images labelled")
        say(console, f"classes: {', '.join(names)}")
        say(console, KEYS)
        problem = run(folder, names, before.left)
        result = look(folder, names)
    others = {other: left for other, left in sessions().items() if left and other != folder}
    lines = [*([problem] if problem else []), *_lines(result), *_of_others(others)]
    then = _next(result, others)
    figures = {**plain(result), "others": others, "problem": problem}
    finish(figures, as_json=as_json, lines=lines, then=then)


def _known(folder: Path, classes: list[str]) -> list[str]:
    from tfod.data.sessions import class_list
    from tfod.errors import UserError

    try:
        return class_list(folder, classes)
    except UserError:  # counting needs no list
        if classes:
            raise
        return []


def _lines(result: "Labelled") -> list[str]:
    lines = [f"{result.session}: {result.labelled} of {result.images} images labelled"]
    lines += [f"{count:5} boxes  {name}" for name, count in result.boxes.items()]
    if result.no_objects:
        lines.append(f"{result.no_objects:5} images without objects")
    if result.suggested:
        lines.append(f"{len(result.suggested):5} suggestions nobody has looked at")
    if result.left:
        lines.append(f"{len(result.left):5} images left: {_some(result.left)}")
    for name, images in result.unknown.items():
        lines.append(f'class "{name}" is not in the class list ({_some(images)})')
    lines += [f"cannot be read: {reason}" for reason in result.unreadable[:MOST_NAMES]]
    if result.unseen:
        lines.append(
            f"LabelImg does not show {_some(result.unseen)}: not called like the image. Rename it."
        )
    return lines


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _of_others(others: Mapping[Path, int]) -> list[str]:
    return [f"{left:5} images left in {folder}" for folder, left in others.items()]


def _next(result: "Labelled", others: Mapping[Path, int]) -> str:
    if result.left:
        return f"tfod label {result.session.name}"
    return f"tfod label {next(iter(others)).name}" if others else "tfod check"
