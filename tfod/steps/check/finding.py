"""What a check finds, how often and where; and what a repair does about it.

Knows nothing of how anything is found or shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfod.errors import Problem
from tfod.plain import plain
from tfod.remedies import Advice, Remedy
from tfod.steps.check.kinds import (
    HEADINGS,
    KINDS,
    QUIET,
    SEVERITIES,
    STOPS_RECORDS,
    Group,
    Severity,
)

MOST_PLACES = 100


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One spot of a finding.

    Attributes:
        path: the file to correct.
        line: in that file, when it is text.
        detail: what is wrong there, a few words; may be empty.
        image: the image to show, when `path` is not one itself.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1 of that image, not cut to it: the
            boxes in question; None when it is not about boxes.
    """

    path: Path
    line: int | None = None
    detail: str = ""
    image: Path | None = None
    boxes: np.ndarray | None = None

    def __str__(self) -> str:
        """Where and what, as in all messages: path:line: detail."""
        where = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        text = f"{where}: {self.detail}" if self.detail else where
        # names of files may hold line breaks and bytes that are not text
        return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


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


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        problem: at its first place; its `what` follows the count: "boxes have no area".
        severity: "error" (training would crash or silently learn garbage), "warning" or "info".
        count: how many there are.
        places: where, the first 100 at most.
    """

    problem: Problem
    severity: Severity
    count: int
    places: tuple[Place, ...]

    @property
    def code(self) -> str:
        """The kind of problem."""
        return self.problem.code

    @property
    def group(self) -> Group:
        """What it does harm to."""
        if self.severity == "info":
            return "good-to-know"
        return "stops-records" if self.code in STOPS_RECORDS else "spoils-training"

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do about it."""
        return self.severity == "info" and self.code in QUIET

    @property
    def fixable(self) -> bool:
        """Whether `fix` puts it right."""
        advice = self.problem.advice
        return advice is not None and advice.action is Remedy.FIX

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON can hold them."""
        return {
            **self.problem.as_dict(),
            "severity": self.severity,
            "group": self.group,
            "count": self.count,
            "fixable": self.fixable,
            "places": plain(self.places),
        }


def report(
    code: str,
    places: Sequence[Place],
    *,
    count: int = 0,
    severity: Severity | None = None,
    remedy: Advice | Remedy | None = None,
    **gaps: object,
) -> list[Finding]:
    """Make the one finding of these places, or none when there is no place.

    Args:
        code: one of `KINDS`.
        places: where it is.
        count: how many there are, when that is not the number of places.
        severity: when it is not that of the kind; `remedy` likewise.
        gaps: fill the words of the kind.
    """
    if not places:
        return []
    kind, number = KINDS[code], count or len(places)
    what, first = kind.words(number, **gaps), places[0]
    problem = Problem(code, first.path, what, first.line, remedy=remedy or kind.remedy)
    return [Finding(problem, severity or kind.severity, number, tuple(places[:MOST_PLACES]))]


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Sort by what they do harm to, then by severity; the largest count first among equals."""
    groups = list(HEADINGS)

    def rank(found: Finding) -> tuple[int, int, int]:
        return groups.index(found.group), SEVERITIES.index(found.severity), -found.count

    return sorted(findings, key=rank)
