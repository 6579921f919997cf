"""The box predictor: feature maps to box encodings and class logits of every anchor.

A tower of convolutions and two heads, whose weights all levels share; only the batch norms of
the tower are separate for each level ("weight shared convolutional box predictor").
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfod.config.messages import WeightSharedConvolutionalBoxPredictor
from tfod.model.hyperparams import Style

BOX_CODES = 4
BOX_HEAD = "_box_prediction_head/_box_encoder_layers/0"
CLASSES = "class_predictions_with_background"
CLASS_HEAD = f"_prediction_heads/{CLASSES}/_class_predictor_layers/0"

Maps = Any  # keras tensor, float [B, h, w, C]
Layers = dict[str, keras.Layer]


def box_predictor(
    feature_maps: Sequence[Maps],
    config: WeightSharedConvolutionalBoxPredictor,
    style: Style,
    anchors_per_location: int,
    class_slots: int,
) -> tuple[Maps, Maps, Layers]:
    """Predict boxes and classes for the anchors of all levels.

    Anchor a at (y, x) of a level with width w is number (y * w + x) * A + a of that level;
    levels follow each other, finest first.

    Args:
        feature_maps: float [B, h, w, C], finest level first.
        anchors_per_location: A.
        class_slots: number of logits of an anchor: background and classes.

    Returns:
        Box encodings float [B, anchors, 4], class logits float [B, anchors, class_slots]; and
        the layers by their key below `model/_box_predictor/`.
    """
    if config.share_prediction_tower:
        box_maps, layers = _tower(feature_maps, config, style, "PredictionTower", "box_encodings")
        class_maps = box_maps
    else:
        box_maps, layers = _tower(
            feature_maps, config, style, "BoxPredictionTower", "box_encodings"
        )
        class_maps, others = _tower(feature_maps, config, style, "ClassPredictionTower", CLASSES)
        layers |= others
    box_head = _head(config, style, "BoxPredictor", anchors_per_location * BOX_CODES, 0.0)
    boxes = _over_levels([box_head(maps) for maps in box_maps], BOX_CODES)
    filters = anchors_per_location * class_slots
    class_head = _head(config, style, "ClassPredictor", filters, config.class_prediction_bias_init)
    logits = _over_levels([class_head(maps) for maps in class_maps], class_slots)
    return boxes, logits, layers | {BOX_HEAD: box_head, CLASS_HEAD: class_head}


def _tower(
    feature_maps: Sequence[Maps],
    config: WeightSharedConvolutionalBoxPredictor,
    style: Style,
    name: str,
    head: str,
) -> tuple[list[Maps], Layers]:
    """Apply the tower `name` of `head` to each level; return its maps and its layers by key."""
    options: dict[str, Any] = {"use_bias": style.batch_norm is None}
    make = style.conv
    if config.use_depthwise:
        make = style.separable
        options["pointwise"] = config.apply_conv_hyperparams_pointwise
    convs = [
        make(config.depth, config.kernel_size, f"{name}_conv2d_{number}", **options)
        for number in range(config.num_layers_before_predictor)
    ]
    layers = {f"_head_scope_conv_layers/{name}/{place}": conv for place, conv in enumerate(convs)}
    outputs = []
    for level, maps in enumerate(feature_maps):
        for number, conv in enumerate(convs):
            maps = conv(maps)
            norm = style.norm(f"{name}_conv2d_{number}_BatchNorm_feature_{level}")
            if norm:
                # the old list of a level is [conv, norm, activation] for each convolution
                layers[f"_base_tower_layers_for_heads/{head}/{level}/{3 * number + 1}"] = norm
                maps = norm(maps)
            maps = style.activation(maps)
        outputs.append(maps)
    return outputs, layers


def _head(
    config: WeightSharedConvolutionalBoxPredictor,
    style: Style,
    name: str,
    filters: int,
    bias: float,
) -> keras.Layer:
    """Make the last convolution of a head, with a constant initial bias."""
    options = {"use_bias": True, "bias_initializer": keras.initializers.Constant(bias)}
    if not config.use_depthwise:
        return style.conv(filters, config.kernel_size, name, **options)
    ruled = config.apply_conv_hyperparams_to_heads
    return style.separable(
        filters, config.kernel_size, name, pointwise=ruled, depthwise=ruled, **options
    )


def _over_levels(levels: Sequence[Maps], codes: int) -> Maps:
    """Join maps [B, h, w, A * codes] of all levels to [B, anchors, codes]."""
    rows = [maps.shape[1] * maps.shape[2] * maps.shape[3] // codes for maps in levels]
    flat = [ops.reshape(maps, (-1, count, codes)) for maps, count in zip(levels, rows, strict=True)]
    return ops.concatenate(flat, axis=1) if len(flat) > 1 else flat[0]
