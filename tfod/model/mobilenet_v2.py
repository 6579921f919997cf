"""MobileNetV2, the backbone: images to feature maps of stride 4, 8, 16 and 32.

The graph of Keras applications with the changes of the old API: SAME padding everywhere, any
depth multiplier, least number of filters. Arxiv 1801.04381.
"""

from dataclasses import dataclass, field
from typing import Any

import keras

from tfod.config.messages import SsdFeatureExtractor
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


Maps = Any  # keras tensor, float [B, h, w, C]


def default_style(seeds: keras.random.SeedGenerator, frozen: bool) -> Style:
    """The old API's own settings, for `override_base_feature_extractor_hyperparams: false`."""
    return Style(
        initializer=keras.initializers.TruncatedNormal(stddev=0.09, seed=seeds),
        default_initializer=keras.initializers.GlorotUniform(seeds),
        regularizer=keras.regularizers.L2(0.00002),
        batch_norm={"momentum": 0.9997, "epsilon": 0.001, "frozen": frozen},
    )


def mobilenet_v2(
    images: Maps, style: Style, extractor: SsdFeatureExtractor
) -> tuple[list[Maps], list[keras.Layer]]:
    """Apply MobileNetV2 to images.

    Args:
        images: float [B, H, W, 3], normalised to -1..1.
        extractor: section of pipeline.config; of it `depth_multiplier` ("alpha", factor on the
            number of filters), `min_depth` (least number of filters of a convolution that does not
            expand) and `use_explicit_padding` (pad (k - 1) // 2 before each convolution instead
            of SAME).

    Returns:
        The feature maps [C2, C3, C4, C5] with strides 4, 8, 16, 32; and the layers with weights
        in order, as old checkpoints number them.
    """
    multiplier, min_depth = extractor.depth_multiplier, extractor.min_depth
    units = _Units(style, extractor.use_explicit_padding, min_depth)
    stem = max(divisible_by_8(32 * multiplier), min_depth)
    maps = units.convolve(images, "Conv1", "bn_Conv1", stem, 3, 2)
    filters = divisible_by_8(int(16 * multiplier))
    maps = units.block(maps, "expanded_conv", filters, 1, expansion=1)
    endpoints = []
    for number, (width, stride) in enumerate(BLOCKS, start=1):
        filters = divisible_by_8(int(width * multiplier))
        maps = units.block(maps, f"block_{number}", filters, stride, expansion=6)
        if number in ENDPOINTS:
            endpoints.append(maps)
    last = max(divisible_by_8(LAST_FILTERS * multiplier), min_depth)
    maps = units.convolve(maps, "Conv_1", "Conv_1_bn", last)
    return [*endpoints, maps], units.layers


@dataclass
class _Units:
    """Applies convolutions and blocks, and keeps their layers in order."""

    style: Style
    explicit_padding: bool
    min_depth: int
    layers: list[keras.Layer] = field(default_factory=list)

    def block(self, maps: Maps, name: str, filters: int, stride: int, expansion: int) -> Maps:
        """Expand 1x1, depthwise 3x3, project 1x1, and add the input where the shapes fit."""
        inputs, channels = maps, maps.shape[-1]
        if expansion > 1:
            expanded = expansion * channels
            maps = self.convolve(maps, f"{name}_expand", f"{name}_expand_BN", expanded)
        conv = self.style.depthwise(3, f"{name}_depthwise", **self._padding(3), strides=stride)
        maps = self._pad(maps, f"{name}_depthwise", 3)
        maps = self.style.activation(self._with_norm(conv, f"{name}_depthwise_BN", maps))
        conv = self.style.conv(max(filters, self.min_depth), 1, f"{name}_project", use_bias=False)
        maps = self._with_norm(conv, f"{name}_project_BN", maps)
        # before `min_depth`, as the old graph compares them
        if stride == 1 and channels == filters:
            maps = keras.layers.Add(name=f"{name}_add")([inputs, maps])
        return maps

    def convolve(
        self, maps: Maps, name: str, norm_name: str, filters: int, size: int = 1, stride: int = 1
    ) -> Maps:
        """Apply a convolution, batch norm and activation."""
        options = {"strides": stride, "use_bias": False, **self._padding(size)}
        conv = self.style.conv(filters, size, name, **options)
        maps = self._with_norm(conv, norm_name, self._pad(maps, name, size))
        return self.style.activation(maps)

    def _pad(self, maps: Maps, name: str, size: int) -> Maps:
        if not self.explicit_padding or size == 1:
            return maps
        return keras.layers.ZeroPadding2D((size - 1) // 2, name=f"{name}_pad")(maps)

    def _padding(self, size: int) -> dict[str, str]:
        return {"padding": "valid"} if self.explicit_padding and size > 1 else {}

    def _with_norm(self, conv: keras.Layer, norm_name: str, maps: Maps) -> Maps:
        norm = self.style.norm(norm_name)
        for layer in filter(None, (conv, norm)):
            self.layers.append(layer)
            maps = layer(maps)
        return maps


def divisible_by_8(filters: float) -> int:
    """Round to a multiple of 8, at least 8, and not below 0.9 of `filters`."""
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded
