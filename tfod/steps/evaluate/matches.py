"""Which detection found which labelled object: the matching of COCO, done once.

All that an evaluation says beyond COCO's own figures is counted from this: how sure the mAP is, at
which score to cut, what kinds of mistakes there are. NumPy only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tfod import boxes as box_sums
from tfod.detections import Detections
from tfod.steps.evaluate.coco import GroundTruth

IOUS = np.linspace(0.5, 0.95, 10)  # as COCO has them; the first is the one people think of
RECALLS = np.linspace(0, 1, 101)  # as COCO has them
_LEAST = 1 - 1e-10  # an IoU of 1, computed, may be less


@dataclass(frozen=True)
class Matches:
    """Detections of all images, best score first, and what each of them met.

    G labelled objects and D detections; an index of -1 means none.

    Attributes:
        images: number of images.
        class_ids: of the classes that count, 0-based, in order.
        truth_image: int [G], index of the image.
        truth_class: int [G].
        truth_box: float32 [G, 4].
        truth_area: float [G], px of the original photo.
        is_crowd: bool [G]; neither found nor missed.
        image: int [D], index of the image.
        class_id: int [D].
        score: float32 [D].
        box: float32 [D, 4].
        truth: int [10, D], the object it found at each of the IoUs.
        is_counted: bool [10, D]; False where it lies in a crowd.
        near: int [2, D], the nearest object of its own class and of another one, crowds aside.
        near_iou: float32 [2, D], the IoU with them; 0 when there is none.
    """

    images: int
    class_ids: list[int]
    truth_image: np.ndarray
    truth_class: np.ndarray
    truth_box: np.ndarray
    truth_area: np.ndarray
    is_crowd: np.ndarray
    image: np.ndarray
    class_id: np.ndarray
    score: np.ndarray
    box: np.ndarray
    truth: np.ndarray
    is_counted: np.ndarray
    near: np.ndarray
    near_iou: np.ndarray


def match(
    truths: Sequence[GroundTruth], detections: Sequence[Detections], class_ids: Iterable[int]
) -> Matches:
    """Match the detections of each image with its labelled objects, as COCO does.

    The best score chooses first, the object with the highest IoU, each object once.

    Args:
        truths: one per image.
        detections: one per image, in the same order, best score first.
        class_ids: of the classes that count, 0-based.
    """
    known = sorted(class_ids)
    areas = [_areas_px(truth)[np.isin(truth.class_ids, known)] for truth in truths]
    parts, first = [], 0
    for number, (truth, found) in enumerate(zip(truths, detections, strict=True)):
        kept, shown = np.isin(truth.class_ids, known), np.isin(found.class_ids, known)
        is_crowd = np.zeros(kept.sum(), bool) if truth.is_crowd is None else truth.is_crowd[kept]
        objects = truth.class_ids[kept], truth.boxes[kept], is_crowd.astype(bool)
        one = found.rows(shown)
        parts.append((number, objects, one, _match_image(*objects, one, first)))
        first += len(is_crowd)
    numbers, objects_of, found_of, met = zip(*parts, strict=True) if parts else ((),) * 4
    scores = _joined([one.scores for one in found_of], (0,), np.float32)
    best = np.argsort(-scores, kind="stable")
    images = np.repeat(np.array(numbers, int), [len(one) for one in found_of])
    met_all = [_joined([one[part] for one in met], (size, 0), kind) for part, size, kind in _MET]
    return Matches(
        len(parts),
        known,
        np.repeat(np.array(numbers, int), [len(one[0]) for one in objects_of]),
        _joined([one[0] for one in objects_of], (0,), int),
        _joined([one[1] for one in objects_of], (0, 4), np.float32),
        _joined(areas, (0,), float),
        _joined([one[2] for one in objects_of], (0,), bool),
        images[best],
        _joined([one.class_ids for one in found_of], (0,), int)[best],
        scores[best],
        _joined([one.boxes for one in found_of], (0, 4), np.float32)[best],
        *(values[:, best] for values in met_all),
    )


# the four of `_match_image`: place, rows, type
_MET = ((0, len(IOUS), int), (1, len(IOUS), bool), (2, 2, int), (3, 2, np.float32))


def _joined(arrays: list[np.ndarray], shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """The arrays of all images along the axis that `shape` gives as 0."""
    return np.concatenate([np.zeros(shape, dtype), *arrays], axis=shape.index(0)).astype(dtype)


def _areas_px(truth: GroundTruth) -> np.ndarray:
    """Area of each object in pixels of the photo: what is given, else that of its box."""
    of_box = box_sums.area(truth.boxes).astype(float) * truth.size[0] * truth.size[1]
    return of_box if truth.area is None else np.where(truth.area > 0, truth.area, of_box)


def _match_image(
    class_ids: np.ndarray, boxes: np.ndarray, is_crowd: np.ndarray, found: Detections, first: int
) -> tuple[np.ndarray, ...]:
    """What the detections of one image met; objects are numbered from `first`."""
    count, objects = len(found), len(class_ids)
    truth, is_counted = np.full((len(IOUS), count), -1), np.ones((len(IOUS), count), bool)
    near, near_iou = np.full((2, count), -1), np.zeros((2, count), np.float32)
    if not objects or not count:
        return truth, is_counted, near, near_iou
    iou = box_sums.iou(found.boxes.astype(np.float64), boxes.astype(np.float64))  # [D, G]
    is_same = found.class_ids[:, None] == class_ids
    for row, allowed in enumerate((is_same, ~is_same)):
        values = np.where(allowed & ~is_crowd, iou, 0)
        near_iou[row] = values.max(axis=1)
        near[row] = np.where(near_iou[row] > 0, first + values.argmax(axis=1), -1)
    free = np.ones((len(IOUS), objects), bool)
    levels, rows = np.minimum(IOUS, _LEAST)[:, None], np.arange(len(IOUS))
    near_own = np.where(is_same & ~is_crowd, iou, 0)
    in_crowd = np.where(is_same & is_crowd, _share_inside(found.boxes, boxes), 0).max(axis=1)
    for index in np.flatnonzero(np.maximum(near_own.max(axis=1), in_crowd) >= IOUS[0] - 1e-6):
        reached = np.where(free & (near_own[index] >= levels), near_own[index], 0)
        best, is_found = reached.argmax(axis=1), reached.max(axis=1) > 0
        truth[is_found, index] = first + best[is_found]
        free[rows[is_found], best[is_found]] = False
        is_counted[:, index] = is_found | (in_crowd[index] < levels[:, 0])
    return truth, is_counted, near, near_iou


def _share_inside(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of the area of boxes [D, 4] that lies inside others [G, 4] -> [D, G]."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    inside = np.prod(np.maximum(high - low, 0), axis=-1)
    return inside / np.maximum(box_sums.area(boxes), 1e-12)[:, None]


def average_precision(
    is_found: np.ndarray, is_counted: np.ndarray, weights: np.ndarray, objects: np.ndarray
) -> np.ndarray:
    """Average precision over COCO's 101 recalls, of several weightings at once, at L IoUs.

    Precision can only be highest where an object is found, so only these places are looked at.

    Args:
        is_found: bool [L, D], whether a detection found an object, best score first.
        is_counted: bool [L, D].
        weights: [R, D], how often each detection occurs.
        objects: [R], how many objects there are.

    Returns:
        float [L, R]; NaN without objects.
    """
    values = np.full((len(is_found), len(objects)), np.where(objects > 0, 0.0, np.nan))
    all_so_far = np.cumsum(weights, axis=1)
    for level, (found, counted) in enumerate(zip(is_found, is_counted, strict=True)):
        places = np.flatnonzero(found)
        so_far = all_so_far[:, places]
        if not counted.all():
            so_far -= np.cumsum(weights * ~counted, axis=1)[:, places]
        hits = np.cumsum(weights[:, places], axis=1)
        precision = hits / np.maximum(so_far, 1)
        best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        recall = hits.astype(float) / np.maximum(objects, 1)[:, None]
        reached = np.searchsorted(RECALLS, recall, side="right")
        values[level] += (best * np.diff(reached, axis=1, prepend=0)).sum(axis=1) / len(RECALLS)
    return values
