"""Where a model is wrong and why, for the report: all that is counted beside the answer.

Knows matches and names, nothing of pages and files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfod.plain import plain
from tfod.steps.evaluate.answer import Answer
from tfod.steps.evaluate.errors import IN_WORDS, Kind, kinds_of, lost_precision
from tfod.steps.evaluate.leaks import Leaks
from tfod.steps.evaluate.matches import Matches
from tfod.steps.evaluate.mistakes import (
    PhotoMistakes,
    confusion,
    found_by_size,
    shown_at,
    worst_photos,
)
from tfod.steps.evaluate.thresholds import Curves, curves

DIGITS = 4  # of the curves in JSON
NOTHING, MISSED = "nothing, or found already", "missed"  # beside the classes of a confusion matrix


@dataclass(frozen=True)
class Details:
    """What a report shows.

    Attributes:
        matches: of all images.
        photos: names of the image files.
        names: of the classes, in the order of the class ids.
        kinds: of each detection, int [D].
        curves: what is found at each score.
        lost: kind of mistake -> AP at IoU 0.5 that a model without it would gain.
        confusion: int [C + 1, C + 1], see `mistakes.confusion`.
        sizes: size -> (objects, found).
        worst: photos with mistakes, the worst first.
        leaks: what test and training photos have in common; None when not known.
    """

    matches: Matches
    photos: Sequence[str]
    names: Sequence[str]
    kinds: np.ndarray
    curves: Curves
    lost: Mapping[Kind, float]
    confusion: np.ndarray
    sizes: Mapping[str, tuple[int, int]]
    worst: Sequence[PhotoMistakes] = field(default_factory=list)
    leaks: Leaks | None = None

    def confused(self) -> list[tuple[str, str, int]]:
        """(labelled, detected, how often), without what is right, the most frequent first."""
        rows, columns = [*self.names, NOTHING], [*self.names, MISSED]
        wrong = self.confusion * ~np.eye(len(rows), dtype=bool)
        order = np.argsort(-wrong, axis=None, kind="stable")
        places = zip(*np.unravel_index(order[: np.count_nonzero(wrong)], wrong.shape), strict=True)
        return [(rows[i], columns[j], int(wrong[i, j])) for i, j in places]

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        per_class = (self.curves.precision(), self.curves.recall(), self.curves.f1())
        shown = [np.round(values, DIGITS) for values in per_class]
        return {
            "lost_ap50": {IN_WORDS[kind]: plain(value) for kind, value in self.lost.items()},
            "sizes": {
                name: {"objects": objects, "found": found}
                for name, (objects, found) in self.sizes.items()
            },
            "confused": [
                {"labelled": labelled, "detected": detected, "count": count}
                for labelled, detected, count in self.confused()
            ],
            "worst_photos": [
                {
                    "photo": self.photos[one.image],
                    "mistakes": {IN_WORDS[kind]: count for kind, count in one.counts.items()},
                }
                for one in self.worst
            ],
            "leaks": plain(self.leaks),
            "curves": {
                "scores": plain(self.curves.scores),
                "classes": {
                    name: dict(zip(("precision", "recall", "f1"), map(plain, values), strict=True))
                    for name, *values in zip(self.names, *shown, strict=True)
                },
            },
        }


def look_closer(
    matches: Matches, answer: Answer, photos: Sequence[str], leaks: Leaks | None
) -> Details:
    """Count what goes wrong at the thresholds of the answer."""
    kinds = kinds_of(matches)
    is_shown = shown_at(matches, np.array([one.min_score for one in answer.classes]))
    return Details(
        matches,
        photos,
        [one.name for one in answer.classes],
        kinds,
        curves(matches),
        lost_precision(matches),
        confusion(matches, kinds, is_shown),
        found_by_size(matches, is_shown),
        worst_photos(matches, kinds, is_shown),
        leaks,
    )


def precision_at_recall(matches: Matches, class_id: int) -> tuple[np.ndarray, np.ndarray]:
    """The curve whose area is the AP at IoU 0.5: recall and precision, float [N] each."""
    own = (matches.class_id == class_id) & matches.is_counted[0]
    is_found = matches.truth[0][own] >= 0
    objects = np.sum((matches.truth_class == class_id) & ~matches.is_crowd)
    hits = np.cumsum(is_found)
    precision = hits / np.maximum(np.arange(len(hits)) + 1, 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    keep = np.flatnonzero(is_found)
    return hits[keep] / max(objects, 1), best[keep]
