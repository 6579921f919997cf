"""The two losses of a detector: where the boxes are, and what they are.

Localisation is Huber (smooth L1), L2 or L1; classification is the sigmoid focal loss (Lin et al.
2017, section 3) or plain sigmoid cross-entropy. Regularisation is in `ssd.py`.
"""

from collections.abc import Mapping

import tensorflow as tf
from keras import ops

from tfod.config.messages import Loss, Ssd

CODE_SIZE = 4
LOCALIZATION = "Loss/localization_loss"
CLASSIFICATION = "Loss/classification_loss"


def detection_losses(
    box_encodings: tf.Tensor,
    class_logits: tf.Tensor,
    targets: Mapping[str, tf.Tensor],
    ssd_config: Ssd,
) -> dict[str, tf.Tensor]:
    """Localisation and classification loss of a batch, weighted and normalised.

    Args:
        box_encodings: float32 [B, A, 4], predicted codes.
        class_logits: float32 [B, A, slots].
        targets: what `targets.assign_targets` returns.

    Returns:
        Two float32 scalars under the names of the old API.
    """
    loss_config = ssd_config.loss
    per_anchor = localization_loss_per_anchor(box_encodings, targets, loss_config)
    localization = ops.sum(per_anchor) * loss_config.localization_weight
    per_anchor = classification_loss_per_anchor(class_logits, targets, loss_config)
    classification = ops.sum(per_anchor) * loss_config.classification_weight
    if ssd_config.normalize_loss_by_num_matches:
        matches = ops.maximum(ops.sum(targets["box_weights"]), 1.0)
        localization = localization / matches
        classification = classification / matches
    if ssd_config.normalize_loc_loss_by_codesize:
        localization = localization / CODE_SIZE
    return {LOCALIZATION: localization, CLASSIFICATION: classification}


def localization_loss_per_anchor(
    box_encodings: tf.Tensor, targets: Mapping[str, tf.Tensor], loss_config: Loss
) -> tf.Tensor:
    """Loss of the codes of each anchor, float32 [B, A], weighted, not normalised.

    Args:
        box_encodings: float32 [B, A, 4].
        targets: `box_targets` [B, A, 4] and `box_weights` [B, A].
    """
    wanted, weights = targets["box_targets"], targets["box_weights"]
    # a box that could not be encoded teaches nothing
    wanted = ops.where(ops.isnan(wanted), ops.stop_gradient(box_encodings), wanted)
    difference = ops.abs(box_encodings - wanted)
    kind = loss_config.localization_loss.WhichOneof("localization_loss")
    if kind == "weighted_l2":  # the old API squares the weight too
        return 0.5 * ops.sum(ops.square(difference), axis=-1) * ops.square(weights)
    if kind == "weighted_smooth_l1":
        delta = loss_config.localization_loss.weighted_smooth_l1.delta
        inside = ops.minimum(difference, delta)
        difference = inside * (difference - 0.5 * inside)
    return ops.sum(difference, axis=-1) * weights


def classification_loss_per_anchor(
    class_logits: tf.Tensor, targets: Mapping[str, tf.Tensor], loss_config: Loss
) -> tf.Tensor:
    """Loss of the classes of each anchor, float32 [B, A], weighted, not normalised.

    Args:
        class_logits: float32 [B, A, slots].
        targets: `class_targets` [B, A, slots], each 0 or 1, and `class_weights` [B, A].
    """
    wanted, weights = targets["class_targets"], targets["class_weights"]
    # y > 0 is wrong: for targets of 0 or 1, sigmoid(y) is 1 - p_t and softplus(y) is -log(p_t)
    y = class_logits * (1.0 - 2.0 * wanted)
    loss = ops.softplus(y)
    config = loss_config.classification_loss
    if config.WhichOneof("classification_loss") == "weighted_sigmoid_focal":
        focal = config.weighted_sigmoid_focal
        if focal.gamma == 2.0:
            loss = loss * ops.square(ops.sigmoid(y))
        elif focal.gamma:
            loss = loss * ops.power(ops.sigmoid(y), focal.gamma)
        if focal.HasField("alpha"):  # without it there is no balance between the two
            loss = loss * ((1.0 - focal.alpha) + wanted * (2.0 * focal.alpha - 1.0))
    return ops.sum(loss, axis=-1) * weights
