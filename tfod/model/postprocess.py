"""From predictions to detections: decode, score, suppress what overlaps, keep the best.

The plain algorithm looks at every anchor for every class. Here the `FIRST_TRY` anchors with the
best scores are looked at first, then `SECOND_TRY`, then all: suppression goes from high scores to
low, so once enough detections stand above all anchors left out, the rest cannot change them. The
result is that of the plain algorithm, ties included. Plain TensorFlow, so that it runs in an
exported model. Class ids are 0-based; the exporter adds one.

`use_static_shapes`, `use_cpu_nms`, `use_hard_nms` and `change_coordinate_frame` of a config do not
change what this model finds.
"""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfod.config.messages import BatchNonMaxSuppression, PostProcessing, Ssd
from tfod.model import box_coder

FIRST_TRY = 1024
SECOND_TRY = 8192
NOTHING = float("-inf")

Found = dict[str, tf.Tensor]


def postprocess(
    box_encodings: tf.Tensor, class_logits: tf.Tensor, anchors: np.ndarray, ssd_config: Ssd
) -> Found:
    """Detections of a batch, under the names of the old API.

    Args:
        box_encodings: float32 [B, A, 4], (ty, tx, th, tw).
        class_logits: float32 [B, A, slots], background first.
        anchors: float32 [A, 4].

    Returns:
        N is `max_total_detections`; rows beyond `num_detections` are zeros, best score first.
        detection_boxes: float32 [B, N, 4], (ymin, xmin, ymax, xmax), cut to 0..1.
        detection_scores: float32 [B, N].
        detection_classes: float32 [B, N], 0-based.
        num_detections: float32 [B].
        detection_multiclass_scores: float32 [B, N, slots].
        detection_anchor_indices: int32 [B, N].
        raw_detection_boxes: float32 [B, A, 4], not cut.
        raw_detection_scores: float32 [B, A, slots].
    """
    boxes = tf.convert_to_tensor(box_coder.decode(box_encodings, anchors, ssd_config.box_coder))
    scores = convert_scores(tf.convert_to_tensor(class_logits), ssd_config.post_processing)
    nms = ssd_config.post_processing.batch_non_max_suppression

    def one_image(image: tuple[tf.Tensor, tf.Tensor]) -> Found:
        image_boxes, image_scores = image
        found = detect(image_boxes, image_scores[:, 1:], nms)
        rows = tf.gather(image_scores, found["detection_anchor_indices"])
        real = tf.range(nms.max_total_detections) < tf.cast(found["num_detections"], tf.int32)
        return found | {"detection_multiclass_scores": tf.where(real[:, None], rows, 0.0)}

    if boxes.shape[0] == 1:
        found = {name: value[None] for name, value in one_image((boxes[0], scores[0])).items()}
    else:
        found = tf.map_fn(one_image, (boxes, scores), fn_output_signature=_signature(nms, scores))
    return found | {"raw_detection_boxes": boxes, "raw_detection_scores": scores}


def convert_scores(logits: tf.Tensor, post_processing: PostProcessing) -> tf.Tensor:
    """Scores of logits, float32 [..., slots] each."""
    if post_processing.logit_scale != 1.0:
        logits = logits / post_processing.logit_scale
    converter = type(post_processing).ScoreConverter.Name(post_processing.score_converter)
    if converter == "SIGMOID":
        return tf.sigmoid(logits)
    return tf.nn.softmax(logits) if converter == "SOFTMAX" else logits


def detect(boxes: tf.Tensor, scores: tf.Tensor, nms: BatchNonMaxSuppression) -> Found:
    """Detections of one image, without multi-class scores.

    Args:
        boxes: float32 [A, 4], not cut.
        scores: float32 [A, C], without background.
    """
    search = functools.partial(_detect_among_all, boxes, scores, nms)
    for count in (SECOND_TRY, FIRST_TRY):
        if count < scores.shape[0]:
            search = functools.partial(_detect_among_best, boxes, scores, nms, count, search)
    return search()


def _detect_among_all(boxes: tf.Tensor, scores: tf.Tensor, nms: BatchNonMaxSuppression) -> Found:
    return _suppress(boxes, tf.transpose(scores), tf.range(scores.shape[0]), nms)


def _detect_among_best(
    boxes: tf.Tensor,
    scores: tf.Tensor,
    nms: BatchNonMaxSuppression,
    count: int,
    otherwise: Callable[[], Found],
) -> Found:
    """Detections in the `count` best anchors; `otherwise()` when the rest could change them."""
    best, anchor = tf.math.top_k(tf.reduce_max(scores, axis=-1), count)
    limit = best[-1]  # anchors left out may be as good as this, not better
    anchor = tf.sort(anchor)  # on ties the lower anchor wins
    scores = tf.gather(scores, anchor)
    class_scores = tf.transpose(tf.where(scores > limit, scores, NOTHING))  # [C, count]
    found = _suppress(tf.gather(boxes, anchor), class_scores, anchor, nms, unrolled=True)
    enough = found["detection_scores"][-1] > limit
    return tf.cond(enough | (limit <= nms.score_threshold), lambda: found, otherwise)


def _suppress(
    boxes: tf.Tensor,
    class_scores: tf.Tensor,
    anchor: tf.Tensor,
    nms: BatchNonMaxSuppression,
    unrolled: bool = False,
) -> Found:
    """Non-maximum suppression of each class, and the best of all that is left.

    Args:
        boxes: float32 [K, 4], not cut.
        class_scores: float32 [C, K].
        anchor: int32 [K], index of each box among the anchors.
        unrolled: whether each class gets its own operation: quicker to run, slower to load.
    """
    per_class = nms.max_detections_per_class
    one_class = functools.partial(_suppress_class, boxes, nms=nms)
    if unrolled:
        kept = [one_class(scores) for scores in tf.unstack(class_scores)]
        index, score, number = (tf.stack(parts) for parts in zip(*kept, strict=True))
    else:
        types = (tf.int32, tf.float32, tf.int32)
        index, score, number = tf.map_fn(one_class, class_scores, fn_output_signature=types)
    # index and score [C, n], number [C]
    score = tf.where(tf.range(per_class) < number[:, None], score, NOTHING)
    classes = class_scores.shape[0]
    kept = tf.reshape(index, [classes * per_class])  # class after class
    score = tf.reshape(score, [classes * per_class])
    class_ids = tf.repeat(tf.range(classes), per_class)
    cut = tf.clip_by_value(tf.gather(boxes, kept), 0.0, 1.0)
    has_area = tf.reduce_prod(cut[:, 2:] - cut[:, :2], axis=-1) > 0
    score = tf.where(has_area, score, NOTHING)
    return _best(cut, score, class_ids, tf.gather(anchor, kept), nms.max_total_detections)


def _best(
    boxes: tf.Tensor, scores: tf.Tensor, class_ids: tf.Tensor, anchor: tf.Tensor, count: int
) -> Found:
    """The `count` best of all that stand (score above NOTHING), padded with zeros."""
    score, order = tf.math.top_k(scores, min(count, scores.shape[0]))
    real = score > NOTHING
    result = {
        "detection_boxes": tf.where(real[:, None], tf.gather(boxes, order), 0.0),
        "detection_scores": tf.where(real, score, 0.0),
        "detection_classes": tf.where(real, tf.cast(tf.gather(class_ids, order), tf.float32), 0.0),
        "detection_anchor_indices": tf.where(real, tf.gather(anchor, order), 0),
    }
    missing = count - score.shape[0]
    if missing:
        result = {
            name: tf.pad(value, [[0, missing]] + [[0, 0]] * (value.shape.rank - 1))
            for name, value in result.items()
        }
    return result | {"num_detections": tf.reduce_sum(tf.cast(real, tf.float32))}


def _suppress_class(
    boxes: tf.Tensor, scores: tf.Tensor, nms: BatchNonMaxSuppression
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Boxes of one class that stand: int32 [n], float32 [n], and how many of them are real."""
    count = nms.max_detections_per_class
    index, score, number = tf.raw_ops.NonMaxSuppressionV5(
        boxes=boxes,
        scores=scores,
        max_output_size=count,
        iou_threshold=nms.iou_threshold,
        score_threshold=nms.score_threshold,
        soft_nms_sigma=nms.soft_nms_sigma,
        pad_to_max_output_size=True,
    )
    return tf.ensure_shape(index, [count]), tf.ensure_shape(score, [count]), number


def _signature(nms: BatchNonMaxSuppression, scores: tf.Tensor) -> dict[str, tf.TensorSpec]:
    count = nms.max_total_detections
    return {
        "detection_boxes": tf.TensorSpec([count, 4], tf.float32),
        "detection_scores": tf.TensorSpec([count], tf.float32),
        "detection_classes": tf.TensorSpec([count], tf.float32),
        "detection_anchor_indices": tf.TensorSpec([count], tf.int32),
        "num_detections": tf.TensorSpec([], tf.float32),
        "detection_multiclass_scores": tf.TensorSpec([count, scores.shape[-1]], tf.float32),
    }
