"""The feature pyramid: backbone maps to maps of equal depth, one a level.

Level l has stride 2^l. Levels up to 5 come from the backbone with a top-down path (arxiv
1612.03144), coarser ones from convolutions with stride 2 on the last of them.
"""

import keras
from keras import ops

from tfod.errors import UserError

LAST_BACKBONE_LEVEL = 5
LAST_BACKBONE_CONV = 19  # number of the backbone's last layer in the old API, for layer names


def feature_pyramid(endpoints, style, min_level, max_level, depth, depthwise, explicit_padding):
    """Make the feature maps of the levels `min_level`..`max_level`.

    Args:
        endpoints: backbone maps of the levels 2, 3, 4 and 5.
        style: how the layers are made.
        min_level: finest level, 2..5.
        max_level: coarsest level.
        depth: channels of each feature map.
        depthwise: whether 3x3 convolutions are separable.
        explicit_padding: pad before the 3x3 convolutions instead of SAME.

    Returns:
        The maps, float [B, h, w, depth], finest first; and the layers by their key below
        `model/_feature_extractor/`.

    Raises:
        UserError: levels that the backbone does not have, or sizes that do not fit.
    """
    if not 2 <= min_level <= LAST_BACKBONE_LEVEL or max_level < min_level:
        raise UserError(
            f"fpn: min_level {min_level}, max_level {max_level} cannot be built "
            "(expected 2 <= min_level <= 5 and min_level <= max_level). Use 3 and 7."
        )
    layers = {}

    def block(maps, name, key, stride):
        """3x3 convolution, batch norm, activation."""
        options = {"strides": stride}
        first = 0
        if explicit_padding:
            maps = keras.layers.ZeroPadding2D(1, name=f"{name}_fixed_padding")(maps)
            options["padding"] = "valid"
            first = 1  # the padding has the first place in the old list
        if depthwise:
            conv = style.separable(depth, 3, f"{name}_depthwise_conv", **options)
        else:
            conv = style.conv(depth, 3, f"{name}_conv", **options)
        layers[f"{key}/{first}"] = conv
        maps = conv(maps)
        norm = style.norm(f"{name}_batchnorm")
        if norm:
            layers[f"{key}/{first + 1}"] = norm
            maps = norm(maps)
        return style.activation(maps)

    def projection(maps, number, key):
        layers[key] = style.conv(depth, 1, f"projection_{number}", use_bias=True)
        return layers[key](maps)

    base = endpoints[min_level - 2 : max_level - 1]
    root = "_fpn_features_generator"
    levels = [projection(base[-1], len(base), f"{root}/top_layers/0")]
    for index, number in enumerate(range(len(base) - 1, 0, -1)):
        residual = projection(base[number - 1], number, f"{root}/residual_blocks/{index}/0")
        merged = add_upsampled(levels[0], residual, crop=explicit_padding)
        levels.insert(0, block(merged, f"smoothing_{number}", f"{root}/conv_layers/{index}", 1))
    for index in range(max_level - LAST_BACKBONE_LEVEL):
        name = f"bottom_up_Conv2d_{LAST_BACKBONE_CONV + 1 + index}"
        levels.append(block(levels[-1], name, f"_coarse_feature_layers/{index}", 2))
    return levels, layers


def add_upsampled(coarse, fine, crop=False):
    """Double `coarse` [B, h, w, C], each pixel to 2x2, and add it to `fine` [B, 2h, 2w, C].

    Args:
        coarse: maps of the coarser level.
        fine: maps of the finer level.
        crop: cut the doubled map at the bottom and right where `fine` is smaller.

    Raises:
        UserError: the sizes do not fit.
    """
    height, width, channels = coarse.shape[1:]
    if crop:
        doubled = ops.repeat(ops.repeat(coarse, 2, axis=1), 2, axis=2)
        return doubled[:, : fine.shape[1], : fine.shape[2]] + fine
    if fine.shape[1:3] != (2 * height, 2 * width):
        raise UserError(
            "image_resizer: this height and width do not fit the feature pyramid (a level of "
            f"{fine.shape[1]}x{fine.shape[2]} would get one of {2 * height}x{2 * width} added). "
            "Use multiples of 32, for example 320 or 640, or set pad_to_multiple: 32 in "
            "feature_extractor."
        )
    # adding by broadcast never makes the doubled map
    pairs = ops.reshape(fine, (-1, height, 2, width, 2, channels))
    merged = pairs + coarse[:, :, None, :, None, :]
    return ops.reshape(merged, (-1, 2 * height, 2 * width, channels))
