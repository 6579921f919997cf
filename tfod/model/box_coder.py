"""Boxes as offsets from anchors, and back: the four numbers the network predicts.

The coding of Faster R-CNN (Ren et al. 2015, section 3.1.2) with one scale per number, in the
order (ty, tx, th, tw).
"""

from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from tfod.config.messages import BoxCoder

# Keeps the logarithm finite for boxes without area; only in `encode`, as in the old API.
SMALL = 1e-8


def encode(boxes: tf.Tensor, anchors: tf.Tensor, coder_config: BoxCoder) -> tf.Tensor:
    """Codes of boxes relative to anchors.

    Args:
        boxes: float32 [..., A, 4], (ymin, xmin, ymax, xmax), 0..1.
        anchors: float32 [A, 4], likewise.

    Returns:
        float32 [..., A, 4], (ty, tx, th, tw), scaled.
    """
    y_scale, x_scale, height_scale, width_scale = _scales(coder_config)
    anchor_y, anchor_x, anchor_height, anchor_width = _centre_and_size(anchors)
    y, x, height, width = _centre_and_size(boxes)
    anchor_height, anchor_width = anchor_height + SMALL, anchor_width + SMALL
    height, width = height + SMALL, width + SMALL
    return ops.stack(
        [
            (y - anchor_y) / anchor_height * y_scale,
            (x - anchor_x) / anchor_width * x_scale,
            ops.log(height / anchor_height) * height_scale,
            ops.log(width / anchor_width) * width_scale,
        ],
        axis=-1,
    )


def decode(codes: tf.Tensor, anchors: tf.Tensor | np.ndarray, coder_config: BoxCoder) -> tf.Tensor:
    """Boxes of codes, the inverse of `encode` but for its epsilon; not clipped.

    Args:
        codes: float32 [..., A, 4], (ty, tx, th, tw), scaled.
        anchors: float32 [A, 4], (ymin, xmin, ymax, xmax), 0..1.

    Returns:
        float32 [..., A, 4], (ymin, xmin, ymax, xmax).
    """
    y_scale, x_scale, height_scale, width_scale = _scales(coder_config)
    anchor_y, anchor_x, anchor_height, anchor_width = _centre_and_size(anchors)
    y = codes[..., 0] / y_scale * anchor_height + anchor_y
    x = codes[..., 1] / x_scale * anchor_width + anchor_x
    half_height = ops.exp(codes[..., 2] / height_scale) * anchor_height / 2
    half_width = ops.exp(codes[..., 3] / width_scale) * anchor_width / 2
    return ops.stack([y - half_height, x - half_width, y + half_height, x + half_width], axis=-1)


def _centre_and_size(boxes: Any) -> tuple[Any, Any, Any, Any]:
    """(y, x, height, width) of boxes [..., 4], each [...]."""
    ymin, xmin, ymax, xmax = (boxes[..., side] for side in range(4))
    height, width = ymax - ymin, xmax - xmin
    return ymin + height / 2, xmin + width / 2, height, width


def _scales(coder_config: BoxCoder) -> tuple[float, float, float, float]:
    coder = coder_config.faster_rcnn_box_coder
    return coder.y_scale, coder.x_scale, coder.height_scale, coder.width_scale
