"""How the terminal words problems: flags for settings, commands for steps.

Form: *where: what is wrong (expected, got). What to do.*
"""

from collections.abc import Mapping
from typing import Any

from tfod.cli.terminal import quoted, with_workspace
from tfod.errors import MOST_PROBLEMS, Problem, UserError, full_stop
from tfod.remedies import PYTHON, Advice, Remedy, listed

TERMINAL = {
    **PYTHON,
    Remedy.FREE_SPACE: "Free some space and run the same command again.",
    Remedy.OVERWRITE: "Choose another name, or add {setting} to replace it.",
    Remedy.SET: "Use {setting} {value}.",
    Remedy.SWITCH_ON: "Add {setting}.",
    Remedy.CHOOSE_ONE: "Use only one of {settings}.",
    Remedy.CHECK_CAMERA: "Plug it in, close the program that uses it, or choose another camera; "
    "`--camera synthetic` needs none.",
    Remedy.RUN: "Run `{call}`.",
    Remedy.FIX: "Run `{call}`, which repairs it and keeps a backup.",
    Remedy.LOOK_AT: "Look at the images: `{call}`.",
    Remedy.INSTALL: "Install it: `pip install {package}`.",
    Remedy.INSTALL_LIBRARY: "On Debian or Ubuntu: `apt-get install {packages}`.",
    Remedy.REINSTALL: "Run `pip uninstall -y {old}` and `pip install --force-reinstall {new}`.",
    Remedy.TRY_AGAIN: "Run the same command again.",
    Remedy.DOWNLOAD_BY_HAND: "Download {address} with a browser or on another computer, put it "
    "into {folder}, and run the same command again.",
}
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
    if advice.action is Remedy.SET and "." in str(arguments["setting"]):
        return f"Set {arguments['setting']} to {listed(arguments['value'])} in pipeline.config."
    if advice.action is Remedy.RUN:
        arguments["call"] = with_workspace(command(arguments))
    if advice.action in CHECKS:
        folder = {"name": arguments["folder"]} if "folder" in arguments else {}
        call = command({"step": "check", **folder, **CHECKS[advice.action]})
        arguments["call"] = with_workspace(call)
    if advice.action is Remedy.SET:
        value = arguments["value"]
        if value is True:
            return f"Add {flag(str(arguments['setting']))}."
        values = value if isinstance(value, (list, tuple)) else [value]
        arguments["value"] = quoted(*map(str, values))
    for name in ("setting", "settings"):
        if name in arguments:
            arguments[name] = _flags(arguments[name])
    spoken = {name: listed(value) for name, value in arguments.items()}
    return TERMINAL[advice.action].format_map(spoken)


def command(arguments: Mapping[str, Any]) -> str:
    """Write the command of a step: `step`, `name` as its argument, all else as flags.

    Classes follow one flag; other lists repeat theirs.
    """
    words = ["tfod", str(arguments["step"])]
    if "name" in arguments:
        words.append(str(arguments["name"]))
    for name, value in arguments.items():
        if name in ("step", "name") or value is None or value is False:
            continue
        if value is True:
            words.append(flag(name))
        elif name == "classes":
            words += [flag(name), *map(str, value)]
        else:
            for item in value if isinstance(value, (list, tuple)) else [value]:
                words += [flag(name), f"{item:g}" if isinstance(item, float) else str(item)]
    return quoted(*words)


def flag(setting: str) -> str:
    """The flag of a setting: "min_score" -> "--min-score"; a field of a config stays as it is."""
    name = _FLAGS.get(setting, setting.replace("_", "-"))
    return setting if "." in setting else f"--{name}"


def _flags(settings: Any) -> Any:
    if isinstance(settings, (list, tuple)):
        return [flag(setting) for setting in settings]
    return flag(str(settings))


def _sentence(problem: Problem) -> str:
    if problem.where is None and problem.setting:
        return problem.sentence(flag(problem.setting))
    return str(problem)


def _with_remedy(problem: Problem) -> str:
    remedy = in_terminal(problem.advice)
    return full_stop(_sentence(problem)) + (f" {remedy}" if remedy else "")
