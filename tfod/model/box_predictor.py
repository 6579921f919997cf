"""The box predictor: feature maps to box encodings and class logits of every anchor.

A tower of convolutions and two heads, whose weights all levels share; only the batch norms of
the tower are separate for each level ("weight shared convolutional box predictor").
"""

import keras
from keras import ops

from tfod.errors import UserError

BOX_CODES = 4


def box_predictor(feature_maps, config, style, anchors_per_location, class_slots):
    """Predict boxes and classes for the anchors of all levels.

    Anchor a at (y, x) of a level with width w is number (y * w + x) * A + a of that level;
    levels follow each other, finest first.

    Args:
        feature_maps: list of float [B, h, w, C], finest level first.
        config: `WeightSharedConvolutionalBoxPredictor` message.
        style: how the layers are made, from its `conv_hyperparams`.
        anchors_per_location: A.
        class_slots: number of logits of an anchor: background and classes.

    Returns:
        Box encodings float [B, anchors, 4], class logits float [B, anchors, class_slots]; and
        the layers by their key below `model/_box_predictor/`.

    Raises:
        UserError: settings that cannot be built.
    """
    _check(config)
    layers = {}
    shared = config.share_prediction_tower

    def towers(name, head):
        outputs, made = _towers(feature_maps, config, style, name, head)
        layers.update(made)
        return outputs

    box_maps = towers("PredictionTower" if shared else "BoxPredictionTower", "box_encodings")
    class_maps = box_maps
    if not shared:
        class_maps = towers("ClassPredictionTower", "class_predictions_with_background")

    box_head = _head(config, style, "BoxPredictor", anchors_per_location * BOX_CODES, 0.0)
    layers["_box_prediction_head/_box_encoder_layers/0"] = box_head
    boxes = _over_levels([box_head(maps) for maps in box_maps], BOX_CODES)
    class_head = _head(
        config, style, "ClassPredictor", anchors_per_location * class_slots,
        config.class_prediction_bias_init,
    )  # fmt: skip
    root = "_prediction_heads/class_predictions_with_background"
    layers[f"{root}/_class_predictor_layers/0"] = class_head
    logits = _over_levels([class_head(maps) for maps in class_maps], class_slots)
    return boxes, logits, layers


def _towers(feature_maps, config, style, name, head):
    """Apply the tower `name` of `head` to each level; return its maps and its layers by key."""
    convs = []
    for number in range(config.num_layers_before_predictor):
        options = {"use_bias": style.batch_norm is None}
        make = style.conv
        if config.use_depthwise:
            make = style.separable
            options["pointwise"] = config.apply_conv_hyperparams_pointwise
        convs.append(make(config.depth, config.kernel_size, f"{name}_conv2d_{number}", **options))
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


def _head(config, style, name, filters, bias):
    """Make the last convolution of a head, with a constant initial bias."""
    options = {"use_bias": True, "bias_initializer": keras.initializers.Constant(bias)}
    if not config.use_depthwise:
        return style.conv(filters, config.kernel_size, name, **options)
    ruled = config.apply_conv_hyperparams_to_heads
    return style.separable(
        filters, config.kernel_size, name, pointwise=ruled, depthwise=ruled, **options
    )


def _over_levels(levels, codes):
    """Join maps [B, h, w, A * codes] of all levels to [B, anchors, codes]."""
    rows = [maps.shape[1] * maps.shape[2] * maps.shape[3] // codes for maps in levels]
    flat = [ops.reshape(maps, (-1, count, codes)) for maps, count in zip(levels, rows, strict=True)]
    return ops.concatenate(flat, axis=1) if len(flat) > 1 else flat[0]


def _check(config):
    """Refuse what cannot be built."""
    if config.box_code_size != BOX_CODES:
        raise UserError(
            f"box_predictor: box_code_size {config.box_code_size} is not supported (expected 4). "
            "Remove the line."
        )
    if config.num_layers_before_predictor > 0 and config.depth < 1:
        raise UserError(
            f"box_predictor: depth {config.depth} makes no layer (expected at least 1). "
            "Set depth, for example 128."
        )
    if config.kernel_size < 1:
        raise UserError(
            f"box_predictor: kernel_size {config.kernel_size} makes no layer (expected at least "
            "1). Use 3."
        )
