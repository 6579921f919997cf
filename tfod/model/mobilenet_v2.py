"""MobileNetV2, the backbone: images to feature maps of stride 4, 8, 16 and 32.

The graph of Keras applications with the changes of the old API: SAME padding everywhere, any
depth multiplier, least number of filters. Arxiv 1801.04381.
"""

import keras

from tfod.model.hyperparams import Style

# (filters, stride) of the blocks 1..16; block 0 has 16 filters, stride 1 and no expansion
BLOCKS = (
    [(24, 2), (24, 1)]
    + [(32, 2), (32, 1), (32, 1)]
    + [(64, 2), (64, 1), (64, 1), (64, 1)]
    + [(96, 1), (96, 1), (96, 1)]
    + [(160, 2), (160, 1), (160, 1)]
    + [(320, 1)]
)
ENDPOINTS = (2, 5, 12)  # the blocks whose outputs have stride 4, 8 and 16
LAST_FILTERS = 1280


def default_style(seeds, frozen) -> Style:
    """The old API's own settings, for `override_base_feature_extractor_hyperparams: false`."""
    return Style(
        initializer=keras.initializers.TruncatedNormal(stddev=0.09, seed=seeds),
        default_initializer=keras.initializers.GlorotUniform(seeds),
        regularizer=keras.regularizers.L2(0.00002),
        batch_norm={"momentum": 0.9997, "epsilon": 0.001, "frozen": frozen},
    )


def mobilenet_v2(images, style, depth_multiplier=1.0, min_depth=0, explicit_padding=False):
    """Apply MobileNetV2 to images.

    Args:
        images: float [B, H, W, 3], normalised to -1..1.
        style: how the layers are made.
        depth_multiplier: factor on the number of filters ("alpha").
        min_depth: least number of filters of a convolution that does not expand.
        explicit_padding: pad (k - 1) // 2 before each convolution instead of SAME.

    Returns:
        The feature maps [C2, C3, C4, C5] with strides 4, 8, 16, 32; and the layers with
        weights in order, as old checkpoints number them.
    """
    layers = []

    def apply(layer, maps):
        layers.append(layer)
        return layer(maps)

    def unit(maps, name, norm_name, filters=None, kernel_size=1, stride=1, active=True):
        """Convolution (depthwise without `filters`), batch norm and activation."""
        options = {"strides": stride}
        if explicit_padding and kernel_size > 1:
            maps = keras.layers.ZeroPadding2D((kernel_size - 1) // 2, name=f"{name}_pad")(maps)
            options["padding"] = "valid"
        if filters is None:
            maps = apply(style.depthwise(kernel_size, name, **options), maps)
        else:
            maps = apply(style.conv(filters, kernel_size, name, use_bias=False, **options), maps)
        norm = style.norm(norm_name)
        maps = apply(norm, maps) if norm else maps
        return style.activation(maps) if active else maps

    def block(maps, name, filters, stride, expansion):
        """Expand 1x1, depthwise 3x3, project 1x1, and add the input where the shapes fit."""
        inputs, channels = maps, maps.shape[-1]
        if expansion > 1:
            maps = unit(maps, f"{name}_expand", f"{name}_expand_BN", expansion * channels)
        maps = unit(maps, f"{name}_depthwise", f"{name}_depthwise_BN", None, 3, stride)
        at_least = max(filters, min_depth)
        maps = unit(maps, f"{name}_project", f"{name}_project_BN", at_least, active=False)
        # before `min_depth`, as the old graph compares them
        if stride == 1 and channels == filters:
            maps = keras.layers.Add(name=f"{name}_add")([inputs, maps])
        return maps

    def scaled(filters):
        return divisible_by_8(int(filters * depth_multiplier))

    stem = max(divisible_by_8(32 * depth_multiplier), min_depth)
    maps = unit(images, "Conv1", "bn_Conv1", stem, 3, 2)
    maps = block(maps, "expanded_conv", scaled(16), 1, expansion=1)
    endpoints = []
    for number, (filters, stride) in enumerate(BLOCKS, start=1):
        maps = block(maps, f"block_{number}", scaled(filters), stride, expansion=6)
        if number in ENDPOINTS:
            endpoints.append(maps)
    last = max(divisible_by_8(LAST_FILTERS * depth_multiplier), min_depth)
    maps = unit(maps, "Conv_1", "Conv_1_bn", last)
    return [*endpoints, maps], layers


def divisible_by_8(filters: float) -> int:
    """Round to a multiple of 8, at least 8, and not below 0.9 of `filters`."""
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded
