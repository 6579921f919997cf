"""Drawing boxes: `tfod label`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import Json, MinScore, app, load_model, ready_model, renamed, workspace
from tfod.cli.bars import TerminalProgress
from tfod.cli.classes import WithClasses
from tfod.cli.next import after_label
from tfod.cli.problems import bring_in, unread
from tfod.cli.terminal import Stopped, finish
from tfod.errors import UserError, refusal
from tfod.plain import plain
from tfod.remedies import Remedy
from tfod.words import plural, some
from tfod.workspace import Workspace

if TYPE_CHECKING:
    from tfod.steps.label.sessions import LabelCount
    from tfod.steps.label.suggest import SuggestResult

MOST_NAMES = 5
SUGGESTED_SCORE = 0.3
HEADLESS = "TFOD_HEADLESS"
KEYS = (
    "keys: w draws a box, Delete removes one, d next image, a previous image, n no objects, "
    "Ctrl+wheel zooms; moving to another image saves"
)


@app.command(cls=WithClasses, epilog="Example: tfod label --suggest masks")
def label(
    session: Annotated[
        str | None,
        typer.Argument(help="Folder in workspace/images. Default: the newest with work left."),
    ] = None,
    classes: Annotated[
        list[str],
        typer.Option(
            help="Class names: A,B or A B. Default: those of the label map. If you separate them "
            "with spaces, a last word that names a session is taken as SESSION."
        ),
    ] = [],  # noqa: B006 (typer wants it so)
    suggest: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Let a model draw boxes first: one you trained or exported, a path to one, or "
            "coco.",
        ),
    ] = None,
    min_score: MinScore = SUGGESTED_SCORE,
    rename: Annotated[
        list[str],
        typer.Option(
            metavar="THEIRS=YOURS", help="Treat a class of the model as one of yours; repeatable."
        ),
    ] = [],  # noqa: B006
    status: Annotated[
        bool, typer.Option("--status", help="Only suggest and count; open no window.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw boxes in LabelImg, or correct those a model suggests, and count what is labelled."""
    from tfod.steps.label.classes import class_list, known_classes
    from tfod.steps.label.sessions import count_labels, find_session

    if rename and suggest is None:
        raise _needs_a_model("rename")
    renames = renamed(rename)
    if min_score != SUGGESTED_SCORE and suggest is None:
        raise _needs_a_model("min_score")
    folder = find_session(workspace(), session)
    if not status:
        _check_window()
        class_list(workspace(), folder, classes)  # asks for them before a model draws
    drawn = None
    if suggest is not None:
        drawn = _suggest(folder, suggest, classes, renames, min_score)
    names = known_classes(workspace(), folder, classes)
    suggested = [] if drawn is None else _of_suggestions(drawn)
    problem, interrupted = "", False
    if not status:
        problem, interrupted = _draw(folder, names, suggested)
    count = count_labels(folder, names)
    others = _others(workspace(), folder)
    lines = [*(suggested if status else []), *([problem] if problem else [])]
    lines += ["interrupted; the counts include everything saved"] if interrupted else []
    lines += _lines(count)
    lines += [f"{_count(left, 'image')} left in {other}" for other, left in others.items()]
    figures = {**plain(count), "others": others, "problem": problem, "suggest": drawn}
    figures["interrupted"] = interrupted
    then = after_label(workspace(), count, others, classes)
    finish(figures, as_json=as_json, lines=lines, then=then)
    if interrupted:
        raise Stopped  # so that `tfod label && tfod split` stops


def _needs_a_model(setting: str) -> UserError:
    what = "works only when a model suggests boxes"
    remedy = Remedy.SET(setting="suggest", value="MODEL")
    return refusal("needs-a-model", what=what, setting=setting, remedy=remedy)


def _check_window() -> None:
    from tfod.steps.label.label import check_window

    if os.environ.get(HEADLESS, "0").lower() not in ("", "0", "false", "no"):
        what = "is set, but labelling needs a window"
        raise refusal("window-not-wanted", HEADLESS, what, expected="not set, or 0")
    check_window()


def _draw(folder: Path, names: list[str], suggested: Sequence[str]) -> tuple[str, bool]:
    """Say what there is to do and wait until the window is closed.

    Returns:
        What the window complained about, and whether Ctrl-C closed it.
    """
    from tfod.steps.label.label import label as run
    from tfod.steps.label.sessions import count_labels

    before = count_labels(folder, names)
    progress = TerminalProgress()
    for line in (
        *suggested,
        f"{folder}: {before.labelled} of {plural(before.images, 'image')} labelled",
        f"classes: {', '.join(names)}",
        *bring_in(before.other_labels),
        KEYS,
    ):
        progress.note(line)
    try:
        return run(folder, names, before.left), False
    except KeyboardInterrupt:  # what was drawn is saved
        return "", True


def _suggest(
    folder: Path, model: str, classes: list[str], renames: Mapping[str, str], min_score: float
) -> "SuggestResult":
    path = ready_model(model)
    from tfod.runtimes.load import model_name
    from tfod.steps.label.classes import known_classes
    from tfod.steps.label.suggest import suggest as run
    from tfod.steps.label.suggest_classes import ProjectClasses

    project = ProjectClasses(
        known_classes(workspace(), folder, classes, suggestions=False) or None, renames
    )
    name = model_name(path)
    return run(folder, load_model(path), name, project, min_score, TerminalProgress())


def _others(space: Workspace, folder: Path) -> dict[Path, int]:
    """The other sessions with images left to label, and how many."""
    from tfod.steps.label.sessions import count_sessions

    if not space.images.is_dir():  # a path was given
        return {}
    counts = count_sessions(space).items()
    return {other: len(count.left) for other, count in counts if count.left and other != folder}


def _of_suggestions(drawn: "SuggestResult") -> list[str]:
    boxes = ", ".join(f"{name} {count}" for name, count in sorted(drawn.boxes.items())) or "none"
    lines = [f"suggested by {drawn.model} in {plural(drawn.suggested, 'image')}: {boxes}"]
    if drawn.nothing_found:
        lines.append(f"{_count(drawn.nothing_found, 'image')} where it found nothing")
    if drawn.by_person:
        lines.append(f"{_count(drawn.by_person, 'image')} labelled by a person and left alone")
    if drawn.unreadable:
        lines.append(f"{_count(drawn.unreadable, 'image')} left alone: the XML cannot be read")
    if drawn.unsure:
        worst = some([f"{name} {score:.2f}" for name, score in drawn.unsure.items()], MOST_NAMES)
        count = _count(len(drawn.unsure), "image")
        lines.append(f"{count} to check closely, where it is unsure: {worst}")
    if drawn.dropped:
        most_common = drawn.dropped.most_common()
        others = some([f"{name} {count}" for name, count in most_common], MOST_NAMES)
        lines.append(
            f"{_count(drawn.dropped.total(), 'box')} of classes that are not yours, left out: "
            f'{others} (to use them: --rename "{most_common[0][0]}=YOURS")'
        )
    return lines + [f"skipped: {problem}" for problem in drawn.skipped]


def _lines(count: "LabelCount") -> list[str]:
    lines = [f"{count.session}: {count.labelled} of {plural(count.images, 'image')} labelled"]
    lines += [f"{_count(boxes, 'box'):11}  {name}" for name, boxes in count.boxes.items()]
    if count.no_objects:
        lines.append(f"{_count(count.no_objects, 'image')} without objects")
    if count.suggested:
        lines.append(f"{_count(len(count.suggested), 'suggestion')} not checked yet")
    if count.left:
        lines.append(f"{_count(len(count.left), 'image')} left: {some(count.left, MOST_NAMES)}")
    for name, images in count.unknown.items():
        lines.append(f'class "{name}" is not in the class list ({some(images, MOST_NAMES)})')
    lines += [f"cannot be read: {problem}" for problem in count.unreadable[:MOST_NAMES]]
    lines += unread(count.unread, "not shown")
    lines += [f"note: {line}" for line in bring_in(count.other_labels)]
    return lines


def _count(number: int, noun: str) -> str:
    """Count in words, the figures below each other."""
    figures, _, word = plural(number, noun).partition(" ")
    return f"{figures:>5} {word}"
