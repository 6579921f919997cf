"""The command line: `tfod <step>`, one function a command.

A command turns flags into the arguments of a step, calls it, and says what it wrote and what to
run next. A step is imported only when its command runs, so `tfod --help` is quick.
"""

import sys
from collections.abc import Sequence
from contextvars import copy_context

# isort: off
# they add their commands to the app, in the order in which `tfod --help` tells them
from tfod.cli import capture, label, check, dataset, convert, import_data  # noqa: F401
from tfod.cli import fetch, train, model, runs, tune, seeing, info  # noqa: F401

# isort: on
from tfod.cli.app import app, workspace_first
from tfod.cli.problems import workspace_flag
from tfod.cli.terminal import report_errors
from tfod.errors import refusal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: without the name of the program; those of this process when None.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    # what a command remembers (its workspace) ends with it
    return copy_context().run(_run, workspace_first(arguments))


def _run(arguments: Sequence[str]) -> int:
    workspace_flag.set(arguments[:2] if arguments[:1] == ["--workspace"] else ())
    if "--json" in arguments:
        return report_errors(lambda: _run_for_json(arguments), as_json=True)
    return report_errors(lambda: app(arguments, prog_name="tfod"))


def _run_for_json(arguments: Sequence[str]) -> None:
    """Run a command whose wrong arguments, too, are a problem on stdout."""
    try:
        code = app(arguments, prog_name="tfod", standalone_mode=False)
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own errors of usage have it
            raise
        raise refusal("wrong-arguments", what=error.format_message().rstrip(".")) from error
    if isinstance(code, int) and code:
        raise SystemExit(code)
