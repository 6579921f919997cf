"""How well the anchors of a config fit boxes: the IoU of each box with its best anchor.

A box is matched to an anchor when their IoU reaches the matcher's threshold. With 50,000 anchors an
image a table of all pairs would be large; this finds the same figure from a few anchors a box.
"""

import numpy as np

from tfod.boxes import iou
from tfod.config.messages import Ssd
from tfod.model.anchors import anchor_boxes, anchors_per_location, feature_map_sizes

BLOCK = 4096  # boxes at a time, which keeps the memory flat


def best_anchor_iou(boxes: np.ndarray, ssd_config: Ssd, image_size: tuple[int, int]) -> np.ndarray:
    """IoU of each box with the anchor that overlaps it most.

    Anchors of one shape lie on a grid, and what a box has in common with one of them is a height
    times a width, each largest at the row and the column nearest to the middle of the box. So of
    each shape on each level one anchor counts, and the result is that of trying all.

    Args:
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        ssd_config: message `Ssd` of pipeline.config.
        image_size: (height, width) in pixels of what the network eats.

    Returns:
        float32 [N], 0..1.

    Raises:
        ValueError: the config asks for other anchors than `anchor_boxes` makes.
    """
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    levels = _levels(ssd_config, image_size)
    best = np.zeros(len(boxes), np.float32)
    for start in range(0, len(boxes), BLOCK):
        block = boxes[start : start + BLOCK]
        middles = (block[:, :2] + block[:, 2:]) / 2
        for level in levels:
            anchors = level[
                _nearest(middles[:, 0], _middles(level[:, 0, 0], 0)),
                _nearest(middles[:, 1], _middles(level[0, :, 0], 1)),
            ]  # [n, shapes, 4]
            overlap = iou(block[:, None], anchors)[:, 0].max(axis=1)
            best[start : start + BLOCK] = np.maximum(best[start : start + BLOCK], overlap)
    return best


def _levels(ssd_config: Ssd, image_size: tuple[int, int]) -> list[np.ndarray]:
    """The anchors of each level, float32 [rows, columns, shapes, 4]."""
    anchors = anchor_boxes(ssd_config, image_size)
    shapes = anchors_per_location(ssd_config)
    sizes = feature_map_sizes(ssd_config, image_size)
    ends = np.cumsum([height * width * shapes for height, width in sizes])[:-1]
    return [
        level.reshape(*size, shapes, 4)
        for level, size in zip(np.split(anchors, ends), sizes, strict=True)
    ]


def _middles(anchors: np.ndarray, axis: int) -> np.ndarray:
    """Middles of anchors [n, 4] along y (axis 0) or x (axis 1)."""
    return (anchors[:, axis] + anchors[:, axis + 2]) / 2


def _nearest(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Index of the nearest of `ascending` for each of the values."""
    return np.searchsorted((ascending[1:] + ascending[:-1]) / 2, values)
