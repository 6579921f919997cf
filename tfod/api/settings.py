"""What the functions share: the workspace, progress that is printed, settings in other forms."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from tfod.cli.bars import TerminalProgress
from tfod.errors import refusal
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


def several(names: Sequence[str]) -> list[str]:
    """Names, of which one alone may stand without a list around it."""
    return [names] if isinstance(names, str) else list(names)


def check_score(min_score: float) -> float:
    """Give a lowest score back that can be one.

    Raises:
        UserError: it is not from 0 to 1, such as a percentage.
    """
    if isinstance(min_score, str) or not 0 <= min_score <= 1:
        what, got = "not a score", repr(min_score)
        raise refusal(
            "number-out-of-range", what=what, setting="min_score", expected="0 to 1", got=got
        )
    return min_score


def optional_path(path: str | Path | None) -> Path | None:
    """A path that may be left out."""
    return None if path is None else Path(path)
