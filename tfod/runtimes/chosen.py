"""A detector that finds some of its classes only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfod.detections import Detections, Detector
from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.words import closest, some

MOST_NAMES = 5


def of_classes(detector: Detector, classes: Sequence[str]) -> Detector:
    """Leave out what is not of these classes; a model without names has "class 1" and so on.

    Args:
        classes: names; none of them means all.

    Raises:
        UserError: the model has no class of that name.
    """
    known = list(detector.class_names.values())
    unknown = [name for name in classes if known and name not in known]
    if unknown:
        meant = closest(unknown[0], known)
        raise refusal(
            "unknown-class",
            what=f'the model has no class "{unknown[0]}"',
            setting="classes",
            expected=some(known, MOST_NAMES),
            remedy=Remedy.DID_YOU_MEAN(name=meant) if meant else None,
        )
    return _Chosen(detector, frozenset(classes)) if classes else detector


@dataclass(frozen=True)
class _Chosen:
    """A detector of the classes that were chosen."""

    detector: Detector
    classes: frozenset[str]

    @property
    def path(self) -> Path:
        return self.detector.path

    @property
    def class_names(self) -> Mapping[int, str]:
        return self.detector.class_names

    @property
    def size(self) -> tuple[int, int] | None:
        return self.detector.size

    def __call__(self, image: np.ndarray) -> Detections:
        found = self.detector(image)
        return found.rows(
            np.array([found.name_of(row) in self.classes for row in range(len(found))], bool)
        )
