"""What was repaired in a file, or left as it was and why."""

from dataclasses import dataclass
from pathlib import Path

from tfod.steps.check.finding import Place


@dataclass(frozen=True, slots=True)
class Change:
    """One thing repaired, or left as it was.

    Attributes:
        code: of the finding that it ends, as "box-outside-image".
        path: the file, under the name it had.
        line: in that file, or None.
        what: what was done, or why nothing was.
    """

    code: str
    path: Path
    line: int | None
    what: str

    def __str__(self) -> str:
        return str(Place(self.path, self.line, self.what))
