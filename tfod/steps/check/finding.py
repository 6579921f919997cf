"""What a check found: its name, how bad it is, how often, where first, and what to do.

Knows nothing of how anything is found or shown.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
MOST_PLACES = 100


@dataclass(slots=True)
class Place:
    """One spot of a finding.

    Attributes:
        path: the file that is to be corrected.
        line: in that file, when it is text.
        detail: what is wrong there, a few words; may be empty.
        image: the image to show, when `path` is none itself.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1 of that image, not cut to it: the
            boxes in question; None when it is about no box.
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
        # names of files may hold line breaks and bytes that are no text
        return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@dataclass(slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: name of the check, in kebab-case, as "box-outside-image".
        severity: "error" (training would crash or silently learn garbage), "warning" or "info".
        count: how many there are, of which `places` holds the first 100 at most.
        what: a clause that follows the count, as "boxes reach outside the image".
        remedy: one sentence that says what to do.
        places: where, first ones first.
    """

    check: str
    severity: Severity
    count: int
    what: str
    remedy: str
    places: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r}, expected one of {SEVERITIES}")
        self.places = self.places[:MOST_PLACES]


def found(
    check: str, severity: Severity, what: str, remedy: str, places: list[Place]
) -> list[Finding]:
    """Make the one finding of all these places, or none when there is no place."""
    return [Finding(check, severity, len(places), what, remedy, places)] if places else []


def by_severity(findings: list[Finding]) -> list[Finding]:
    """Put errors first, then warnings; the largest count first among equals."""
    return sorted(findings, key=lambda found: (SEVERITIES.index(found.severity), -found.count))
