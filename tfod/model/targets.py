"""What the network should have said: each anchor gets a ground truth box or the background.

Anchors and boxes are matched by IoU (the arg-max matcher of the TensorFlow Object Detection API).
Rows of boxes are taken one at a time, so memory stays at a few arrays [B, A] however many boxes an
image has, and padding costs nothing. Knows nothing of the network.
"""

import numpy as np
import tensorflow as tf
from keras import ops

from tfod.config.messages import ArgMaxMatcher, Matcher, Ssd
from tfod.model import box_coder

UNMATCHED = -1  # background
IGNORED = -2  # neither an object nor background


def assign_targets(
    boxes: tf.Tensor,
    class_ids: tf.Tensor,
    weights: tf.Tensor,
    anchors: np.ndarray,
    ssd_config: Ssd,
    num_classes: int,
) -> dict[str, tf.Tensor]:
    """Targets and weights for every anchor of a batch.

    Args:
        boxes: float32 [B, M, 4], (ymin, xmin, ymax, xmax), 0..1; padding is zeros.
        class_ids: int32 [B, M], 0-based; -1 for padding, which stands after the real boxes.
        weights: float32 [B, M]; a real box of weight 0 claims anchors and makes them count nothing.
        anchors: float32 [A, 4], (ymin, xmin, ymax, xmax), 0..1.
        num_classes: C, without background.

    Returns:
        class_targets: float32 [B, A, C + 1], one-hot, slot 0 is background.
        class_weights: float32 [B, A].
        box_targets: float32 [B, A, 4], (ty, tx, th, tw), 0 where no box is matched.
        box_weights: float32 [B, A].
        match: int32 [B, A], row of `boxes`, -1 for background, -2 for ignored.
    """
    anchors = ops.convert_to_tensor(anchors, "float32")
    match = match_anchors(boxes, class_ids, weights, anchors, ssd_config.matcher)
    matched = match >= 0  # [B, A]
    row = ops.maximum(match, 0)
    row_weights = ops.take_along_axis(weights, row, axis=1)
    row_boxes = ops.take_along_axis(boxes, row[..., None], axis=1)
    row_classes = ops.take_along_axis(class_ids, row, axis=1)

    background = ops.where(match == UNMATCHED, ssd_config.negative_class_weight, 0.0)
    box_targets = box_coder.encode(row_boxes, anchors, ssd_config.box_coder)
    return {
        "class_targets": _class_targets(row_classes, matched, ssd_config, num_classes),
        "class_weights": ops.where(matched, row_weights, background),
        "box_targets": ops.where(matched[..., None], box_targets, 0.0),
        "box_weights": ops.where(matched, row_weights, 0.0),
        "match": match,
    }


def match_anchors(
    boxes: tf.Tensor,
    class_ids: tf.Tensor,
    weights: tf.Tensor,
    anchors: tf.Tensor,
    matcher_config: Matcher,
) -> tf.Tensor:
    """Row of the box of each anchor: int32 [B, A]; -1 is background, -2 ignored.

    Arguments as in `assign_targets`. On ties the lower row wins, for the best box of an anchor and
    for an anchor wanted by two boxes alike.
    """
    matcher = matcher_config.argmax_matcher
    shape = (ops.shape(boxes)[0], anchors.shape[0])
    anchor_ids = ops.arange(anchors.shape[0], dtype="int32")
    rows = ops.arange(1, class_ids.shape[1] + 1, dtype="int32")
    row_count = ops.max(ops.where(class_ids >= 0, rows, 0))  # the rest is padding: IoU 0, no force

    def take_row(
        row: tf.Tensor, best_iou: tf.Tensor, best_row: tf.Tensor, forced_row: tf.Tensor
    ) -> tuple[tf.Tensor, ...]:
        overlap = _iou(ops.take(boxes, row, axis=1), anchors)  # [B, A]
        better = overlap > best_iou
        best_row = ops.where(better, row, best_row)
        best_iou = ops.where(better, overlap, best_iou)
        if matcher.force_match_for_each_row:
            favourite = ops.cast(ops.argmax(overlap, axis=1), "int32")[:, None]
            wanted = (anchor_ids == favourite) & (ops.take(weights, row, axis=1)[:, None] > 0)
            forced_row = ops.where(wanted & (forced_row < 0), row, forced_row)
        return row + 1, best_iou, best_row, forced_row

    nothing = ops.full(shape, UNMATCHED, dtype="int32")
    start = (
        ops.convert_to_tensor(0, "int32"),
        ops.zeros(shape, "float32"),
        ops.zeros(shape, "int32"),
        nothing,
    )
    _, best_iou, best_row, forced_row = ops.while_loop(
        lambda row, *_: row < row_count, take_row, start
    )
    match = _apply_thresholds(best_iou, best_row, matcher)
    return ops.where(forced_row >= 0, forced_row, match)


def _apply_thresholds(
    best_iou: tf.Tensor, best_row: tf.Tensor, matcher: ArgMaxMatcher
) -> tf.Tensor:
    """Keep the best row [B, A] of an anchor where its IoU [B, A] is high enough."""
    if matcher.ignore_thresholds:
        return best_row
    below, between = UNMATCHED, IGNORED
    if not matcher.negatives_lower_than_unmatched:
        below, between = IGNORED, UNMATCHED
    match = ops.where(best_iou >= matcher.matched_threshold, best_row, between)
    return ops.where(best_iou < matcher.unmatched_threshold, below, match)


def _class_targets(
    row_classes: tf.Tensor, matched: tf.Tensor, ssd_config: Ssd, num_classes: int
) -> tf.Tensor:
    """One-hot targets, float32 [B, A, slots], of the matched classes [B, A]."""
    background = -1 if ssd_config.encode_background_as_zeros else 0
    known = matched & (row_classes >= 0)
    slot = ops.where(known, row_classes + 1, -1)
    slot = ops.where(matched, slot, background)
    slots = ops.arange(num_classes + 1, dtype=slot.dtype)
    return ops.cast(slot[..., None] == slots, "float32")


def _iou(boxes: tf.Tensor, anchors: tf.Tensor) -> tf.Tensor:
    """IoU of one box an image [B, 4] with anchors [A, 4] -> float32 [B, A]; 0 without overlap."""
    ymin, xmin, ymax, xmax = (boxes[:, side, None] for side in range(4))
    anchor_ymin, anchor_xmin, anchor_ymax, anchor_xmax = (anchors[:, side] for side in range(4))
    height = ops.maximum(ops.minimum(ymax, anchor_ymax) - ops.maximum(ymin, anchor_ymin), 0.0)
    width = ops.maximum(ops.minimum(xmax, anchor_xmax) - ops.maximum(xmin, anchor_xmin), 0.0)
    intersection = height * width
    area = (ymax - ymin) * (xmax - xmin)
    anchor_area = (anchor_ymax - anchor_ymin) * (anchor_xmax - anchor_xmin)
    union = area + anchor_area - intersection
    return ops.where(intersection > 0, intersection / ops.where(union > 0, union, 1.0), 0.0)
