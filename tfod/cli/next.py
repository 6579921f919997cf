"""What to run next: commands made from a result and from the state of the workspace."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tfod.cli.problems import command
from tfod.errors import UserError
from tfod.remedies import Remedy
from tfod.workspace import Workspace

if TYPE_CHECKING:
    from tfod.steps.capture.capture import CaptureResult
    from tfod.steps.check.finding import Finding
    from tfod.steps.check.report import Report
    from tfod.steps.label.sessions import LabelCount

NAME = "NAME"  # stands for what the user has to think of
NAMES = [NAME, NAME]  # for the classes
# codes of what another split puts right, and of what drawing boxes puts right
BEHIND = ("split-outdated", "split-lacks-photos", "split-keeps-photos")
UNLABELLED = ("xml-missing", "suggestion-unchecked")


def after_capture(
    workspace: Workspace, result: "CaptureResult", again: Mapping[str, Any] | None, as_json: bool
) -> str:
    """The command after a session of photos; without `as_json` two, when it may continue.

    `again` is what `command` takes to continue it; None for a source that would begin again.
    """
    then = _after_all_photos(workspace, result)
    if again is None or result.ended in ("", "the video ended"):
        return then
    if as_json or not then:
        return command(**again)
    return f"{command(**again)}   (continues); or: {then}"


def given_flags(context: typer.Context) -> dict[str, Any]:
    """The flags of a command line by name, without passwords and without the session."""
    from tfod.camera.address import without_login

    given = {}
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        # not those from the environment or a default
        if source is None or source.name != "COMMANDLINE" or parameter.name == "session":
            continue
        value = context.params[parameter.name or ""]
        name = parameter.opts[0].removeprefix("--").replace("-", "_")
        given[name] = without_login(value) if name in ("camera", "from") else value
    return given


@contextmanager
def continued_by(again: Mapping[str, Any]) -> Iterator[None]:
    """Let a camera that is lost name the whole command that continues the session."""
    from tfod.camera.camera import CameraLost

    try:
        yield
    except CameraLost as error:
        (problem,) = error.problems
        raise UserError(replace(problem, remedy=Remedy.RUN(**again))) from error


def _after_all_photos(workspace: Workspace, result: "CaptureResult") -> str:
    """The command when no more photos are to come; "" when there are none."""
    from tfod.steps.label.sessions import count_labels

    taken = sum(result.images.values())
    if not taken + sum(result.before.values()):
        return ""
    if result.labelled:
        return command("train", NAME)
    if not taken and not count_labels(result.folder).left:
        return command("check")
    classes = _told_classes(workspace, result.folder)
    given = [name for name in result.images if name]
    if classes and (workspace.label_map.is_file() or set(given) <= set(classes)):
        return _label(workspace, result.folder)
    return _label(workspace, result.folder, [*dict.fromkeys([*classes, *given])] or NAMES)


def after_label(
    workspace: Workspace, count: "LabelCount", others: Iterable[Path], classes: Sequence[str]
) -> str:
    """The command after labelling a session; `others` have images left, the newest first.

    The classes that were given are named again when nothing else would tell them.
    """
    session = count.session if count.left else next(iter(others), None)
    if session is None:
        return command("check")
    known = _told_classes(workspace, session)
    if known and set(classes) <= set(known):
        return _label(workspace, session)
    return _label(workspace, session, classes or NAMES)


def _label(workspace: Workspace, session: Path, classes: Sequence[str] = ()) -> str:
    """The command for a session: by its name, or by its path when it lies elsewhere."""
    is_inside = session.absolute().parent == workspace.images.absolute()
    name = session.name if is_inside else str(session)
    return command("label", name, classes=list(classes) or None)


def _told_classes(workspace: Workspace, session: Path) -> list[str]:
    """The classes that label would offer by itself; none when nothing tells them."""
    from tfod.steps.label.classes import class_list

    try:
        return class_list(workspace, session)
    except UserError:
        return []


def after_check(
    workspace: Workspace, report: "Report", model: str | None, *, repaired: bool, failed: bool
) -> str:
    """The command after a check: repair (unless that was done), label, check again, or go on.

    `model` is the one that the data was checked for.
    """
    from tfod.steps.check.check import named_images

    folder, folders = report.dataset.folder, report.dataset.folders
    where = folder.as_posix() if folder != workspace.images else None
    images = named_images(workspace, report.dataset)
    codes = {finding.code for finding in report.findings}
    errors = {finding.code: finding for finding in report.findings if finding.severity == "error"}
    if not repaired and any(finding.fixable for finding in errors.values()):
        return command("check", where, fix=True)
    if "nothing-labelled" in errors:
        advice = errors["nothing-labelled"].problem.advice
        if advice and advice.arguments.get("step") == "convert":
            return command(**advice.arguments)
        session = errors["nothing-labelled"].places[0].path.parent.as_posix()
        return command("label", session if where else None)
    steps = {code: _step_of(finding) for code, finding in errors.items()}
    if any(not step and not code.startswith("record-") for code, step in steps.items()):
        return command("check", where)
    if ahead := [step for step in steps.values() if step]:
        return command(**max(ahead, key=lambda step: "name" in step))
    if failed and not errors and not where and codes & set(UNLABELLED):
        return command("label")
    if model or not where:
        return command("train", model or NAME)
    if codes & set(BEHIND) or not (images and set(report.parts) >= {"train", "test"}):
        return command(**folders.split_again(images).arguments)
    recorded = {path.name.partition(".")[0] for path in report.dataset.records}
    differ = any(code.startswith("record-") for code in codes)
    if differ or not recorded >= folders.used.keys():
        return command("records", images=images and images.as_posix())
    return command("train", NAME)


def _step_of(finding: "Finding") -> Mapping[str, Any]:
    """What ends an error at once, when that is a split or the labelling of one folder."""
    advice = finding.problem.advice
    given = advice.arguments if advice and advice.action is Remedy.RUN else {}
    return given if given.get("step") == "split" or "name" in given else {}
