"""How the terminal words problems: flags for settings, commands for steps.

Form: *where: what is wrong (expected, got). What to do.*
"""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tfod.errors import MOST_PROBLEMS, Problem, UserError, full_stop
from tfod.listing import HEIC_READER, HEIC_SUFFIXES
from tfod.remedies import PYTHON, Advice, Remedy, listed
from tfod.words import plural, some

if TYPE_CHECKING:
    from tfod.data.other_labels import OtherLabels

TERMINAL = {
    **PYTHON,
    Remedy.FREE_SPACE: "Free some space and run the same command again.",
    Remedy.OVERWRITE: "Choose another name, or add {setting} to replace it.",
    Remedy.CHOOSE_ONE: "Use only one of {settings}.",
    Remedy.CHECK_CAMERA: "Plug it in, close the program that uses it, or choose another camera; "
    "`--camera synthetic` needs none.",
    Remedy.RUN: "Run `{call}`.",
    Remedy.MAKE_LABEL_MAP: "Delete it and run `tfod records`, which writes one with the classes of "
    "your annotations. Or copy the label map of the data here.",
    Remedy.KEEP_NUMBERS: "Give each class in {label_map} its number from {weights} and run `tfod "
    "records` again, or train a new model.",
    Remedy.RENAME_CLASS: "If only the name has changed, say so with `{call}` (tfod train, "
    "evaluate or export); otherwise train a new model.",
    Remedy.FIX: "Run `{call}`, which repairs it and keeps a backup.",
    Remedy.LOOK_AT: "Look at the images: `{call}`.",
    Remedy.INSTALL: "Install it: `pip install {package}`.",
    Remedy.INSTALL_LIBRARY: "On Debian or Ubuntu: `apt-get install {packages}`.",
    Remedy.REINSTALL: "Run `pip uninstall -y {old}` and `pip install --force-reinstall {new}`.",
    Remedy.TRY_AGAIN: "Run the same command again.",
    Remedy.DOWNLOAD_BY_HAND: "Download {address} with a browser or on another computer, put it "
    "into {folder}, and run the same command again.",
}
# how this command line names its workspace: "--workspace", DIR; nothing when it does not
workspace_flag: ContextVar[Sequence[str]] = ContextVar("workspace_flag", default=())
# settings whose flags have other names
_FLAGS = {"from_format": "from", "to_format": "to"}

# flags of `check` for what only it can do
CHECKS: dict[Remedy, dict[str, Any]] = {
    Remedy.FIX: {"fix": True},
    Remedy.LOOK_AT: {"html": "report.html"},
}


def message(error: UserError) -> str:
    """Write all problems of an error, each with what to do; say a shared remedy once."""
    problems = error.problems
    if len(problems) == 1:
        return _with_remedy(problems[0])
    remedies = {in_terminal(problem.advice) for problem in problems}
    shown = problems[:MOST_PROBLEMS]
    if len(remedies) == 1:
        lines = [f"  {_sentence(problem)}" for problem in shown]
    else:
        lines = [f"  {_with_remedy(problem)}" for problem in shown]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"  ... and {len(problems) - MOST_PROBLEMS:,} more")
    last = [*remedies] if len(remedies) == 1 and "" not in remedies else []
    return "\n".join([f"{len(problems):,} {error.heading}:", *lines, *last])


def in_terminal(advice: Advice | None) -> str:
    """Put advice into words for the terminal; "" for none."""
    if advice is None:
        return ""
    arguments = dict(advice.arguments)
    if advice.action is Remedy.RUN:
        arguments["call"] = command(**arguments)
    elif advice.action is Remedy.RENAME_CLASS:
        arguments["call"] = quoted("--rename", f"{arguments['old']}={arguments['new']}")
    elif advice.action in CHECKS:
        arguments["call"] = command("check", arguments.get("folder"), **CHECKS[advice.action])
    elif advice.action is Remedy.SET:
        setting, value = arguments["setting"], arguments["value"]
        if "." in setting:
            return f"Set {setting} to {listed(value)} in pipeline.config."
        return f"Use {quoted(*_words(setting, value))}."
    elif advice.action is Remedy.SET_ONE:
        flags = [quoted(*_words(arguments["setting"], value)) for value in arguments["values"]]
        return f"Use {listed(flags)}."
    for name in ("setting", "settings"):
        if name in arguments:
            given = arguments[name]
            arguments[name] = flag(given) if isinstance(given, str) else [flag(s) for s in given]
    spoken = {name: listed(value) for name, value in arguments.items()}
    return TERMINAL[advice.action].format_map(spoken)


def command(step: str, name: object = None, **settings: Any) -> str:
    """Write the command of a step, with the workspace where this command line names one.

    Args:
        step: the command.
        name: its argument.
        settings: by name; those that are None or False are left out. `source` and `target` are
            arguments too. Classes stand after one flag, other lists repeat theirs.
    """
    arguments = [name, *(settings.pop(setting, None) for setting in ("source", "target"))]
    argument = [str(value) for value in arguments if value is not None]
    flags = [word for setting, value in settings.items() for word in _words(setting, value)]
    workspace = () if "workspace" in settings else workspace_flag.get()
    return quoted("tfod", step, *workspace, *argument, *flags)


def bring_in(found: Sequence["OtherLabels"]) -> list[str]:
    """Say of labels in other formats how to bring them in."""
    from tfod.data.label_kinds import TITLES

    return [
        f"{plural(len(labels.images), 'image')} without XML in {labels.folder} "
        f"{'has' if len(labels.images) == 1 else 'have'} labels in {TITLES[labels.format]}. "
        f"To bring them in: {command(**labels.remedy.arguments)}"
        for labels in found
    ]


def unread(names: Sequence[str], what: str) -> list[str]:
    """Say of photos in a format that is not read what became of them, and how to get them read."""
    heic = [name for name in names if name.lower().endswith(HEIC_SUFFIXES)]
    others = [name for name in names if name not in heic]
    return [
        f"{plural(len(found), 'photo')} {what}: {some(found, 3)}. {why} {in_terminal(remedy)}"
        for found, why, remedy in (
            (heic, "HEIC needs a package.", HEIC_READER),
            (others, "This format is not supported.", Remedy.CONVERT_TO_JPEG()),
        )
        if found
    ]


def _words(setting: str, value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [flag(setting)]
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    values = [f"{item:g}" if isinstance(item, float) else str(item) for item in values]
    if setting == "classes":
        return [flag(setting), *values]
    return [word for item in values for word in (flag(setting), item)]


def quoted(*words: str) -> str:
    """Write words as a line for the shell of this system, in quotes where they hold spaces."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def flag(setting: str) -> str:
    """The flag of a setting: "min_score" -> "--min-score"; a field or a flag stays as it is."""
    name = _FLAGS.get(setting, setting.replace("_", "-"))
    return setting if "." in setting or setting.startswith("-") else f"--{name}"


def _sentence(problem: Problem) -> str:
    if problem.where is None and problem.setting:
        return problem.sentence(flag(problem.setting))
    return str(problem)


def _with_remedy(problem: Problem) -> str:
    return f"{full_stop(_sentence(problem))} {in_terminal(problem.advice)}".rstrip()
