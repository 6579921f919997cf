"""The feature pyramid: backbone maps to maps of equal depth, one a level.

Level l has stride 2^l. Levels up to 5 come from the backbone with a top-down path (arxiv
1612.03144), coarser ones from convolutions with stride 2 on the last of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
from keras import ops

from tfod.config.messages import SsdFeatureExtractor
from tfod.model.hyperparams import Style

LAST_BACKBONE_LEVEL = 5
LAST_BACKBONE_CONV = 19  # number of the backbone's last layer in the old API, for layer names
ROOT = "_fpn_features_generator"

Maps = Any  # keras tensor, float [B, h, w, C]


def feature_pyramid(
    endpoints: Sequence[Maps], style: Style, extractor: SsdFeatureExtractor
) -> tuple[list[Maps], dict[str, keras.Layer]]:
    """Make the feature maps of the levels `fpn.min_level`..`fpn.max_level`.

    Args:
        endpoints: backbone maps of the levels 2, 3, 4 and 5.

    Returns:
        The maps, float [B, h, w, depth], finest first; and the layers by their key below
        `model/_feature_extractor/`.
    """
    fpn = extractor.fpn
    base = endpoints[fpn.min_level - 2 : fpn.max_level - 1]
    pyramid = _Pyramid(style, extractor)
    levels = [pyramid.project(base[-1], len(base), f"{ROOT}/top_layers/0")]
    for index, number in enumerate(range(len(base) - 1, 0, -1)):
        fine = pyramid.project(base[number - 1], number, f"{ROOT}/residual_blocks/{index}/0")
        merged = add_upsampled(levels[0], fine, crop=extractor.use_explicit_padding)
        key = f"{ROOT}/conv_layers/{index}"
        levels.insert(0, pyramid.convolve(merged, f"smoothing_{number}", key))
    for index in range(fpn.max_level - LAST_BACKBONE_LEVEL):
        name = f"bottom_up_Conv2d_{LAST_BACKBONE_CONV + 1 + index}"
        key = f"_coarse_feature_layers/{index}"
        levels.append(pyramid.convolve(levels[-1], name, key, stride=2))
    return levels, pyramid.layers


@dataclass
class _Pyramid:
    """Applies layers of one depth, and keeps them by their key."""

    style: Style
    extractor: SsdFeatureExtractor
    layers: dict[str, keras.Layer] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """Channels of each feature map."""
        wanted = int(self.extractor.fpn.additional_layer_depth * self.extractor.depth_multiplier)
        return max(wanted, self.extractor.min_depth)

    def project(self, maps: Maps, number: int, key: str) -> Maps:
        """Bring a backbone map to the depth of the pyramid."""
        conv = self.style.conv(self.depth, 1, f"projection_{number}", use_bias=True)
        return self._apply(key, conv, maps)

    def convolve(self, maps: Maps, name: str, key: str, stride: int = 1) -> Maps:
        """Apply a 3x3 convolution, batch norm and activation."""
        options: dict[str, Any] = {"strides": stride}
        first = 0
        if self.extractor.use_explicit_padding:
            maps = keras.layers.ZeroPadding2D(1, name=f"{name}_fixed_padding")(maps)
            options["padding"] = "valid"
            first = 1  # the padding has the first place in the old list
        if self.extractor.use_depthwise:
            conv = self.style.separable(self.depth, 3, f"{name}_depthwise_conv", **options)
        else:
            conv = self.style.conv(self.depth, 3, f"{name}_conv", **options)
        maps = self._apply(f"{key}/{first}", conv, maps)
        norm = self.style.norm(f"{name}_batchnorm")
        if norm:
            maps = self._apply(f"{key}/{first + 1}", norm, maps)
        return self.style.activation(maps)

    def _apply(self, key: str, layer: keras.Layer, maps: Maps) -> Maps:
        self.layers[key] = layer
        return layer(maps)


def add_upsampled(coarse: Maps, fine: Maps, crop: bool = False) -> Maps:
    """Double `coarse` [B, h, w, C], each pixel to 2x2, and add it to `fine` [B, 2h, 2w, C].

    Args:
        crop: cut the doubled map at the bottom and right where `fine` is smaller.

    Raises:
        ValueError: the sizes do not fit (`check_config` refuses such image sizes).
    """
    height, width, channels = coarse.shape[1:]
    if crop:
        doubled = ops.repeat(ops.repeat(coarse, 2, axis=1), 2, axis=2)
        return doubled[:, : fine.shape[1], : fine.shape[2]] + fine
    if fine.shape[1:3] != (2 * height, 2 * width):
        raise ValueError(f"{coarse.shape} doubled does not fit {fine.shape}")
    # adding by broadcast never makes the doubled map
    pairs = ops.reshape(fine, (-1, height, 2, width, 2, channels))
    merged = pairs + coarse[:, :, None, :, None, :]
    return ops.reshape(merged, (-1, 2 * height, 2 * width, channels))
