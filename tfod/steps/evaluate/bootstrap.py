"""How sure a mAP is: what it might have been with other photos of the same kind.

The test photos are drawn again and again, with replacement, and the mAP of each draw is computed
from matches made once (the bootstrap of Efron, 1979). Few photos make the mAP higher than it is and
its spread smaller, so the bias is taken off and Student's t is used: of 8 to 40 photos such an
interval holds the mAP of all in 82 to 96 of 100 trials, one of percentiles in 54 to 95
(docs/log.md). NumPy only.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tfod.steps.evaluate.matches import Matches, average_precision

RESAMPLES = 1000
CONFIDENCE = 0.95
LEAST_IMAGES = 2  # one photo drawn again is the same photo
_AT_ONCE = 2**22  # weights held in memory at a time


@dataclass(frozen=True)
class Interval:
    """Between what the mAP lies, with 95 % confidence.

    Attributes:
        low: the lower end, 0..1.
        high: the upper end.
        resamples: how often the images were drawn.
    """

    low: float
    high: float
    resamples: int


def interval(matches: Matches, resamples: int = RESAMPLES, seed: int = 0) -> Interval | None:
    """Give the interval of the mAP; None where the images cannot tell: one alone, no objects."""
    if matches.images < LEAST_IMAGES or matches.is_crowd.all():
        return None
    random = np.random.default_rng(seed)
    share = np.full(matches.images, 1 / matches.images)
    drawn = random.multinomial(matches.images, share, size=resamples).astype(np.float32)
    values = mean_average_precision(matches, drawn)
    (measured,) = mean_average_precision(matches, np.ones((1, matches.images), np.float32))
    middle = 2 * measured - np.nanmean(values)
    freedom = matches.images - 1
    half = _student_t(freedom) * np.nanstd(values) * (matches.images / freedom) ** 0.5
    low, high = np.clip([middle - half, middle + half], 0, 1).tolist()
    return Interval(low, high, resamples)


def _student_t(freedom: int) -> float:
    """Two-sided quantile of Student's t (Abramowitz and Stegun, 26.7.5, three terms)."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / freedom + second / freedom**2


def mean_average_precision(matches: Matches, drawn: np.ndarray) -> np.ndarray:
    """The mAP over the IoUs 0.50 to 0.95 and the classes, for several draws of the images.

    Args:
        matches: of all images.
        drawn: float32 [R, images], how often each image occurs.

    Returns:
        float [R]; NaN where no object was drawn.
    """
    classes = [_of_class(matches, class_id, drawn) for class_id in matches.class_ids]
    known = np.array([values for values in classes if not np.isnan(values).all()])
    if not len(known):
        return np.full(len(drawn), np.nan)
    count = (~np.isnan(known)).sum(axis=0)
    return np.where(count > 0, np.nansum(known, axis=0) / np.maximum(count, 1), np.nan)


def _of_class(matches: Matches, class_id: int, drawn: np.ndarray) -> np.ndarray:
    """Average precision of a class, mean over the IoUs: float [R]."""
    is_object = (matches.truth_class == class_id) & ~matches.is_crowd
    per_image = np.bincount(matches.truth_image[is_object], minlength=matches.images)
    objects = drawn @ per_image.astype(np.float32)
    rows = np.flatnonzero(matches.class_id == class_id)
    is_found = matches.truth[:, rows] >= 0
    found = np.flatnonzero(is_found.any(axis=0))
    if not len(found):
        return np.where(objects > 0, 0.0, np.nan)
    rows, is_found = rows[: found[-1] + 1], is_found[:, : found[-1] + 1]
    image, is_counted = matches.image[rows], matches.is_counted[:, rows]
    at_once = max(1, _AT_ONCE // len(rows))
    parts = []
    for first in range(0, len(drawn), at_once):
        some = slice(first, first + at_once)
        weights = drawn[some][:, image]
        parts.append(average_precision(is_found, is_counted, weights, objects[some]).mean(axis=0))
    return np.concatenate(parts)
