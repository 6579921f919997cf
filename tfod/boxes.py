"""Boxes as arrays: float32 [..., 4], (ymin, xmin, ymax, xmax), normalised to 0..1 of the image.

This is the only box convention inside `tfod`. Other forms live inside the function that reads or
writes them and carry it in the name (`boxes_xyxy_px`). NumPy only; the same sums inside a model
are in `tfod/model`.
"""

import numpy as np


def from_xyxy_px(boxes_xyxy_px: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
    """Normalise pixel boxes (xmin, ymin, xmax, ymax) [N, 4] to (ymin, xmin, ymax, xmax) 0..1."""
    boxes = np.asarray(boxes_xyxy_px, np.float64).reshape(-1, 4)[:, [1, 0, 3, 2]]
    return (boxes / [height_px, width_px, height_px, width_px]).astype(np.float32)


def to_xyxy_px(boxes: np.ndarray, height_px: int, width_px: int) -> np.ndarray:
    """Scale boxes [N, 4] to pixels, (xmin, ymin, xmax, ymax), float32, not rounded."""
    scaled = np.asarray(boxes, np.float64).reshape(-1, 4)
    scaled = scaled * [height_px, width_px, height_px, width_px]
    return scaled[:, [1, 0, 3, 2]].astype(np.float32)


def area(boxes: np.ndarray) -> np.ndarray:
    """Area of boxes [..., 4] -> [...], 0 where a side is negative."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return sides[..., 0] * sides[..., 1]


def clip(boxes: np.ndarray) -> np.ndarray:
    """Cut boxes [..., 4] to the image, 0..1."""
    return np.clip(boxes, 0.0, 1.0)


def iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes [..., N, 4] and others [..., M, 4] -> float32 [..., N, M].

    0 where the intersection is empty, so never NaN.
    """
    boxes, others = boxes[..., :, None, :], others[..., None, :, :]
    low = np.maximum(boxes[..., :2], others[..., :2])
    high = np.minimum(boxes[..., 2:], others[..., 2:])
    intersection = np.prod(np.maximum(high - low, 0), axis=-1)
    union = area(boxes) + area(others) - intersection
    return np.divide(
        intersection, union, out=np.zeros_like(intersection), where=intersection > 0
    ).astype(np.float32)
