"""At which score to cut: where precision and recall are best together (F1), for each class.

A class with few objects has a jagged curve, whose highest point is mostly luck. So its score is the
mean of its own best and the best of all classes together, weighted by its objects and by 30: with
many objects it is its own. On photos that did not choose it this rule does as well as one score for
all, and better for rare classes (docs/log.md, `python benchmarks/thresholds.py`). NumPy only.
"""

from dataclasses import dataclass

import numpy as np

from tfod.steps.evaluate.matches import Matches

SCORES = np.round(np.arange(0.01, 1, 0.01), 2)  # [S] where the curves are computed
WEIGHT_OF_ALL = 30  # objects that the best score of all classes counts as


@dataclass(frozen=True)
class Curves:
    """What is found at IoU 0.5 when detections under a score are left out.

    Attributes:
        scores: float [S].
        objects: int [C], labelled objects of each class, in the order of `Matches.class_ids`.
        found: int [C, S], how many of them are found.
        alarms: int [C, S], detections that find none.
    """

    scores: np.ndarray
    objects: np.ndarray
    found: np.ndarray
    alarms: np.ndarray

    def all_classes(self) -> "Curves":
        """The sum over the classes, as the curves of one class."""
        sums = (np.sum(a, axis=0, keepdims=True) for a in (self.objects, self.found, self.alarms))
        return Curves(self.scores, *sums)

    def precision(self) -> np.ndarray:
        """Share of the detections that find an object, float [C, S]; NaN without detections."""
        return _ratio(self.found, self.found + self.alarms)

    def recall(self) -> np.ndarray:
        """Share of the objects that are found, float [C, S]; NaN without objects."""
        return _ratio(self.found, np.broadcast_to(self.objects[:, None], self.found.shape))

    def f1(self) -> np.ndarray:
        """Harmonic mean of both, float [C, S]; NaN without objects and detections."""
        return f1(self.found, self.alarms, self.objects[:, None])


def f1(found: np.ndarray, alarms: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Harmonic mean of precision and recall, from counts: 2 TP / (2 TP + FP + FN)."""
    return _ratio(2 * found, found + alarms + objects)


def curves(matches: Matches, images: np.ndarray | None = None) -> Curves:
    """Count what is found at each score.

    Args:
        matches: of all images.
        images: bool [images], those that count; None: all.
    """
    chosen = np.ones(matches.images, bool) if images is None else images
    is_object = ~matches.is_crowd & chosen[matches.truth_image]
    is_shown = matches.is_counted[0] & chosen[matches.image]
    is_found = matches.truth[0] >= 0
    rows = []
    for class_id in matches.class_ids:
        own = is_shown & (matches.class_id == class_id)
        right, wrong = (_at_least(matches.score[own & one]) for one in (is_found, ~is_found))
        rows.append((np.sum(is_object & (matches.truth_class == class_id)), right, wrong))
    objects, found, alarms = zip(*rows, strict=True)
    return Curves(SCORES, np.array(objects), np.array(found), np.array(alarms))


def best_thresholds(counted: Curves, weight_of_all: float = WEIGHT_OF_ALL) -> np.ndarray:
    """Choose a score for each class.

    Args:
        counted: of all classes.
        weight_of_all: see above; infinite: one score for all classes.

    Returns:
        float [C], each one of the scores of the curves.
    """
    shared = _best(counted.all_classes())[0]
    if np.isinf(weight_of_all):
        return np.full(len(counted.objects), shared)
    weights = counted.objects + weight_of_all
    own = counted.objects * _best(counted) + weight_of_all * shared
    return np.round(np.divide(own, weights, out=np.full(len(own), shared), where=weights > 0), 2)


def _best(counted: Curves) -> np.ndarray:
    """The score with the best F1 of each class: float [C]."""
    return np.array([_middle_of_best(row) for row in np.nan_to_num(counted.f1())])


def _middle_of_best(values: np.ndarray) -> float:
    """The score in the middle of the longest run of highest values."""
    is_best = values >= values.max() - 1e-9
    edges = np.flatnonzero(np.diff(is_best.astype(int), prepend=0, append=0))
    begins, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - begins))
    return float(SCORES[(begins[longest] + ends[longest] - 1) // 2])


def _at_least(scores: np.ndarray) -> np.ndarray:
    """How many scores are at least each of SCORES: int [S]."""
    return len(scores) - np.searchsorted(np.sort(scores), SCORES.astype(scores.dtype), side="left")


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
