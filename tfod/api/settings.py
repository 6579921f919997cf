"""What the functions share: the workspace, printed progress, settings in other forms."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from tfod.cli.bars import TerminalProgress
from tfod.progress import Progress, Task
from tfod.workspace import Workspace

Place = Workspace | Path | str


class _Printed(Progress):
    """Progress on the stdout of the moment, which a notebook replaces for each cell."""

    def task(self, what: str, total: int | None = None, done: int = 0) -> Task:
        return self._now().task(what, total, done)

    def note(self, text: str) -> None:
        self._now().note(text)

    def _now(self) -> TerminalProgress:
        stream: TextIO = sys.stdout
        return TerminalProgress(stream)


PRINTED = _Printed()


def place(workspace: Place) -> Workspace:
    """The workspace that was meant."""
    return workspace if isinstance(workspace, Workspace) else Workspace(workspace)


def optional_path(path: str | Path | None) -> Path | None:
    """A path that may be left out."""
    return None if path is None else Path(path)


def call_text(function: Callable[..., object], given: Mapping[str, Any]) -> str:
    """Write a call of a function here, with what is not as it is by default.

    Args:
        given: its parameters by name; the workspace is left out.
    """
    defaults = getattr(function, "__kwdefaults__", {}) | {"workspace": given["workspace"]}
    plain = {
        name: str(value) if isinstance(value, Path) else value for name, value in given.items()
    }
    shown = [f"{n}={v!r}" for n, v in plain.items() if n not in defaults or v != defaults[n]]
    return f"tfod.{function.__name__}({', '.join(shown)})"
