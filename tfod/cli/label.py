"""Drawing boxes: `tfod label`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tfod import workspace as paths
from tfod.cli.app import Json, MinScore, app, exported_folder, load_model
from tfod.cli.bars import TerminalProgress
from tfod.cli.classes import WithClasses
from tfod.errors import UserError, plural
from tfod.terminal import Stopped, finish, plain, quoted, say

if TYPE_CHECKING:
    from tfod.steps.label.sessions import Labelled
    from tfod.steps.label.suggest import SuggestResult

MOST_NAMES = 5
SUGGESTED_SCORE = 0.3
KEYS = (
    "keys: w draw a box, d next image, a previous one, n no objects here, Delete removes a box, "
    "Ctrl and wheel zoom; going on saves"
)


@app.command(cls=WithClasses)
def label(
    session: Annotated[
        str | None,
        typer.Argument(help="Folder in workspace/images; the newest with work left if absent."),
    ] = None,
    classes: Annotated[
        list[str],
        typer.Option(
            help="The classes: A,B or A B. Default: those of the label map. Without a comma a last "
            "word that is the name of a session is SESSION."
        ),
    ] = [],  # noqa: B006 (typer wants it so)
    suggest: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Let a model draw first: a folder in exported-models, another SavedModel, a "
            ".tflite file.",
        ),
    ] = None,
    min_score: MinScore = SUGGESTED_SCORE,
    rename: Annotated[
        list[str],
        typer.Option(
            metavar="THEIRS=YOURS", help="A class of the model that stands for yours; repeatable."
        ),
    ] = [],  # noqa: B006
    status: Annotated[
        bool, typer.Option("--status", help="Open no window, only suggest and count.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw boxes in LabelImg, or correct those a model suggests, and count what is labelled."""
    from tfod.steps.label.label import check_window
    from tfod.steps.label.sessions import class_list, find_session, look, sessions

    folder = find_session(session)
    problem, interrupted = "", False
    if rename and not suggest:
        raise UserError("--rename: names classes of a model. Name the model: --suggest MODEL.")
    if min_score != SUGGESTED_SCORE and not suggest:
        raise UserError("--min-score: is for what a model draws. Name the model: --suggest MODEL.")
    if not status:
        check_window()
    names = [] if status else class_list(folder, classes)  # asks for them before a model draws
    drawn = None
    if suggest:
        ours = _known(folder, classes, suggestions=False)
        drawn = _suggest(folder, suggest, ours, rename, min_score)
    if status or suggest:
        names = _known(folder, classes) or names
    told = _of_suggestions(drawn) if drawn else []
    if status:
        result = look(folder, names)
    else:
        before = look(folder, names)
        console = Console(stderr=True)
        for line in told:
            say(console, line)
        say(console, f"{folder}: {before.labelled} of {before.images} images labelled")
        say(console, f"classes: {', '.join(names)}")
        say(console, KEYS)
        problem, interrupted = _window(folder, names, before.left)
        result = look(folder, names)
    there = sessions() if paths.IMAGES.is_dir() else {}  # a path was given
    others = {other: left for other, left in there.items() if left and other != folder}
    lines = [*(told if status else []), *([problem] if problem else [])]
    lines += ["interrupted; what was saved is counted"] if interrupted else []
    lines += [*_lines(result), *_of_others(others)]
    then = _next(result, others, classes)
    figures = {**plain(result), "others": others, "problem": problem, "suggest": drawn}
    figures["interrupted"] = interrupted
    finish(figures, as_json=as_json, lines=lines, then=then)
    if interrupted:
        raise Stopped  # so that `tfod label && tfod split` stops


def _window(folder: Path, names: list[str], left: list[str]) -> tuple[str, bool]:
    """Wait until the window is closed; give its problem, and whether Ctrl-C closed it."""
    from tfod.steps.label.label import label as run

    try:
        return run(folder, names, left), False
    except KeyboardInterrupt:  # what was drawn is saved
        return "", True


def _known(folder: Path, classes: list[str], suggestions: bool = True) -> list[str]:
    from tfod.steps.label.sessions import class_list

    try:
        return class_list(folder, classes, suggestions=suggestions)
    except UserError:  # counting needs no list
        if classes:
            raise
        return []


def _suggest(
    folder: Path, model: str, names: list[str], rename: list[str], min_score: float
) -> "SuggestResult":
    pairs = [text.partition("=") for text in rename]
    for text, (theirs, _, ours) in zip(rename, pairs, strict=True):
        if not theirs or not ours:
            raise UserError(f'--rename "{text}": expected two names, like person=Mask.')
    path = exported_folder(model)
    from tfod.steps.label.suggest import model_name
    from tfod.steps.label.suggest import suggest as run
    from tfod.steps.label.suggest_classes import ProjectClasses

    project = ProjectClasses(names or None, {theirs: ours for theirs, _, ours in pairs})
    name = model_name(path)
    return run(folder, load_model(path), name, project, min_score, TerminalProgress())


def _of_suggestions(drawn: "SuggestResult") -> list[str]:
    boxes = ", ".join(f"{name} {count}" for name, count in sorted(drawn.boxes.items())) or "none"
    lines = [f"suggested by {drawn.model} in {plural(drawn.suggested, 'image')}: {boxes}"]
    if drawn.nothing_found:
        lines.append(f"{_count(drawn.nothing_found, 'image')} in which it found nothing")
    if drawn.by_person:
        lines.append(f"{_count(drawn.by_person, 'image')} labelled by a person, not touched")
    if drawn.unsure:
        worst = _some([f"{name} {score:.2f}" for name, score in drawn.unsure.items()])
        count = _count(len(drawn.unsure), "image")
        lines.append(f"{count} to look at closely, it is unsure: {worst}")
    if drawn.dropped:
        others = _some([f"{name} {count}" for name, count in drawn.dropped.most_common()])
        first = drawn.dropped.most_common(1)[0][0]
        count = _count(drawn.dropped.total(), "box")
        lines.append(
            f"{count} of classes that are not yours, left out: {others} "
            f'(to use them: --rename "{first}=YOURS")'
        )
    return lines + [f"skipped: {reason}" for reason in drawn.skipped]


def _lines(result: "Labelled") -> list[str]:
    lines = [f"{result.session}: {result.labelled} of {result.images} images labelled"]
    lines += [f"{_count(count, 'box'):11}  {name}" for name, count in result.boxes.items()]
    if result.no_objects:
        lines.append(f"{_count(result.no_objects, 'image')} without objects")
    if result.suggested:
        count = _count(len(result.suggested), "suggestion")
        lines.append(f"{count} nobody has looked at")
    if result.left:
        lines.append(f"{_count(len(result.left), 'image')} left: {_some(result.left)}")
    for name, images in result.unknown.items():
        lines.append(f'class "{name}" is not in the class list ({_some(images)})')
    lines += [f"cannot be read: {reason}" for reason in result.unreadable[:MOST_NAMES]]
    if result.unseen:
        lines.append(
            f"LabelImg does not show {_some(result.unseen)}: not called like the image. Rename it."
        )
    return lines


def _count(number: int, noun: str) -> str:
    """Count in words, the figures below each other."""
    figures, _, word = plural(number, noun).partition(" ")
    return f"{figures:>5} {word}"


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _of_others(others: Mapping[Path, int]) -> list[str]:
    return [f"{_count(left, 'image')} left in {folder}" for folder, left in others.items()]


def _next(result: "Labelled", others: Mapping[Path, int], classes: list[str]) -> str:
    """The next command; it names the classes again when nothing else would tell them."""
    from tfod.steps.label.sessions import typed

    session = result.session if result.left else next(iter(others), None)
    if session is None:
        return "tfod check"
    told = _known(session, [])
    if told and set(classes).issubset(told):
        return f"tfod label {typed(session)}"
    return f"tfod label {typed(session)} --classes {quoted(*(classes or ['NAME', 'NAME']))}"
