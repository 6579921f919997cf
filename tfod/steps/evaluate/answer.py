"""Is my model good? What it finds and what it gets wrong, in numbers and in a sentence.

Knows matches and names; what is written of it is in `report.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tfod.steps.evaluate.bootstrap import Interval, interval
from tfod.steps.evaluate.matches import Matches
from tfod.steps.evaluate.thresholds import Curves, best_thresholds, curves
from tfod.words import plural

FEW_IMAGES = 30  # from which on nobody needs to be told


@dataclass(frozen=True)
class ClassAnswer:
    """What is found of one class at its threshold.

    Attributes:
        id: number of the class in the label map, from 1.
        name: of the class.
        min_score: the threshold, 0..1.
        objects: labelled objects, crowds aside.
        found: how many of them are found, at IoU 0.5.
        alarms: detections that find none.
    """

    id: int
    name: str
    min_score: float
    objects: int
    found: int
    alarms: int


@dataclass(frozen=True)
class Answer:
    """What is found at the thresholds, and how sure the mAP is.

    Attributes:
        images: number of images.
        map: mean average precision; None without objects.
        interval: between what it lies for photos of this kind; None where these cannot tell.
        classes: in the order of the class ids.
    """

    images: int = 0
    map: float | None = None
    interval: Interval | None = None
    classes: list[ClassAnswer] = field(default_factory=list)

    @property
    def objects(self) -> int:
        """Labelled objects of all classes."""
        return sum(one.objects for one in self.classes)

    @property
    def found(self) -> int:
        """How many of them are found."""
        return sum(one.found for one in self.classes)

    @property
    def alarms(self) -> int:
        """Detections that find none."""
        return sum(one.alarms for one in self.classes)

    def sentences(self) -> list[str]:
        """Say it in words: what is found, how sure that is, and what would make it surer."""
        scores = sorted({one.min_score for one in self.classes if one.objects})
        at = f"at score {scores[0]:.2f}" if len(scores) == 1 else ""
        if len(scores) > 1:
            at = f"at scores of {scores[0]:.2f} to {scores[-1]:.2f}, by class"
        alarms = plural(self.alarms, "false alarm")
        said = [f"finds {self.found:,} of {plural(self.objects, 'object')}, {alarms} {at}".strip()]
        photos = plural(self.images, "test photo")
        few = self.images < FEW_IMAGES
        more = f"; {self.images} are few, so label more to be surer" if few else ""
        if self.interval is None or self.map is None:
            return [*said, f"{photos} cannot say how good the model is on others"]
        low, high = self.interval.low, self.interval.high
        if low == high:
            all_alike = "none differs from the others, so they cannot say how sure this figure is"
            return [*said, f"mAP {self.map:.2f}; of {photos} {all_alike}"]
        return [
            *said,
            f"mAP {self.map:.2f}; with {photos} the true mAP lies between {low:.2f} and "
            f"{high:.2f} (95 %, from {self.interval.resamples:,} resamples){more}",
        ]


def answer(
    matches: Matches, names: Mapping[int, str], map_: float | None, chosen_on: Matches | None = None
) -> Answer:
    """Count what is found at the best thresholds, and how sure the mAP is.

    Args:
        matches: of all images.
        names: class id, 0-based -> name to show.
        map_: the mAP of COCO.
        chosen_on: the photos that choose the thresholds; None: the same.
    """
    counted = curves(matches)
    at = best_thresholds(counted if chosen_on is None else curves(chosen_on))
    classes = [
        ClassAnswer(class_id + 1, names[class_id], float(at[row]), *_at(counted, row, at[row]))
        for row, class_id in enumerate(matches.class_ids)
    ]
    return Answer(matches.images, map_, interval(matches), classes)


def _at(counted: Curves, row: int, score: float) -> tuple[int, int, int]:
    """Objects, those found and false alarms of a class at one of the scores of the curves."""
    column = int(np.argmin(np.abs(counted.scores - score)))
    return (
        int(counted.objects[row]),
        int(counted.found[row, column]),
        int(counted.alarms[row, column]),
    )
