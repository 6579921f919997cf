"""Flags as the scripts of the old API took them, for the doors in `scripts/`.

`--flag=value`, `--flag value`, one dash or two, `--flag` and `--noflag` for booleans.
"""

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tfod.errors import UserError

# flags of every old script that are ignored -> why
LOGGING = {
    "alsologtostderr": "messages always go to the terminal",
    "logtostderr": "messages always go to the terminal",
}


@contextmanager
def with_own_flags(**flags: str) -> Iterator[None]:
    """Let refusals name the flags of a script where `tfod` has another one: setting=flag."""
    try:
        yield
    except UserError as error:
        problems = [
            replace(problem, setting=flags.get(problem.setting, problem.setting))
            for problem in error.problems
        ]
        raise UserError(*problems, heading=error.heading) from error


def boolean(text: str) -> bool:
    """Read a boolean as absl does."""
    if text.lower() in ("true", "t", "1", "yes", "y"):
        return True
    if text.lower() in ("false", "f", "0", "no", "n"):
        return False
    raise argparse.ArgumentTypeError(f"expected true or false, got {text!r}")


def parse_old_flags(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str],
    without_meaning: Mapping[str, str],
    booleans: Collection[str],
) -> argparse.Namespace:
    """Parse old flags, and say in one line each which of the given ones have no meaning here.

    Args:
        parser: has the flags that do something.
        arguments: as given.
        without_meaning: name of a flag that is accepted -> why it does nothing.
        booleans: names of the flags that may stand without a value.
    """
    for name, reason in without_meaning.items():
        parser.add_argument(f"--{name}", help=f"accepted but ignored: {reason}")
    flags = parser.parse_args(absl_spelling(arguments, booleans))
    for name, reason in without_meaning.items():
        if getattr(flags, name) is not None:
            print(f"note: --{name} is ignored: {reason}", file=sys.stderr)
    return flags


def absl_spelling(arguments: Sequence[str], booleans: Collection[str]) -> list[str]:
    """Rewrite flags as the old scripts took them for argparse.

    `-flag` becomes `--flag`; `--flag` and `--noflag` of a boolean `--flag=true`, `--flag=false`.
    """
    rewritten = []
    for argument in arguments:
        if not argument.startswith("-") or argument.lstrip("-")[:1].isdigit():
            rewritten.append(argument)
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        if not equals and name in booleans:
            equals, value = "=", "true"
        elif not equals and name.startswith("no") and name[2:] in booleans:
            name, equals, value = name[2:], "=", "false"
        rewritten.append(f"--{name}{equals}{value}")
    return rewritten
