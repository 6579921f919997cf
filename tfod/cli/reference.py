"""The page docs/commands.md, made from the commands themselves.

python -m tfod.cli.reference > docs/commands.md
"""

from pathlib import Path
from typing import Any

import typer

from tfod.cli import app

HEAD = """# Commands

Made from the commands themselves: `python -m tfod.cli.reference > docs/commands.md`.

- `--workspace DIR` or `TFOD_WORKSPACE` names the workspace: the folder that holds workspace/,
  annotations/, pre-trained-models/ and exported-models/. Default: the current directory. It goes
  before or after the command. Paths you type are relative to the current directory.
- `--json` prints only JSON on stdout; progress and notes go to stderr.
- Exit codes: 0 done, 1 a bug (traceback), 2 a user error (one message), 3 `tfod check` found
  errors, 130 interrupted.
- A capital variable in brackets is an environment variable that stands for the flag.
- `TFOD_DEBUG=1` shows TensorFlow's own messages.
"""


def commands_page() -> str:
    """Write the page: each command with its arguments and flags, in the order of `tfod --help`."""
    group: Any = typer.main.get_command(app)
    return "\n".join([HEAD, *(_chapter(name, command) for name, command in group.commands.items())])


def _chapter(name: str, command: Any) -> str:
    arguments = [_argument(p) for p in command.params if p.param_type_name == "argument"]
    lines = [f"## tfod {name}", "", " ".join(command.help.split()), ""]
    lines += [f"    tfod {' '.join([name, *arguments])} [options]", ""]
    lines += [f"{command.epilog.replace('tfod', '`tfod', 1)}`.", ""]
    lines += ["| flag | default | |", "|---|---|---|"]
    lines += [_row(parameter) for parameter in command.params]
    return "\n".join(lines) + "\n"


def _row(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    names = [_argument(parameter)] if is_argument else parameter.opts + parameter.secondary_opts
    flags = ", ".join(f"`{name}`" for name in names)
    if parameter.metavar and not is_argument:
        flags = flags[:-1] + f" {parameter.metavar}`"
    text = " ".join((parameter.help or "").split()).replace("|", "\\|")
    if parameter.envvar:
        text += f" [{parameter.envvar}]"
    return f"| {flags} | {_default(parameter)} | {text} |"


def _argument(parameter: Any) -> str:
    return parameter.metavar or parameter.name.upper()


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    default = parameter.default
    if default is None or default is False or default in ([], ()):
        return ""
    return f"`{default.as_posix() if isinstance(default, Path) else default}`"


if __name__ == "__main__":
    print(commands_page(), end="")
