"""What the functions share: the workspace, printed progress, settings in other forms."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from tfod.cli.bars import TerminalProgress
from tfod.detections import MinScore
from tfod.errors import UserError, refusal
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


def check_score(min_score: MinScore | None) -> None:
    """Refuse a lowest score that cannot be one, such as a percentage or one for a class name.

    Raises:
        UserError: a score is not from 0 to 1, or that of something else than a class id.
    """
    if min_score is None:
        return
    scores = min_score if isinstance(min_score, Mapping) else {0: min_score}
    for class_id, score in scores.items():
        if isinstance(class_id, str):
            raise _not_a_score("not a class id", "class ids, from 0", class_id)
        if isinstance(score, str) or not 0 <= score <= 1:
            raise _not_a_score("not a score", "0 to 1", score)


def _not_a_score(what: str, expected: str, got: object) -> UserError:
    return refusal(
        "number-out-of-range", what=what, setting="min_score", expected=expected, got=repr(got)
    )


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
