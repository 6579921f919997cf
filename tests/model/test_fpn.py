"""The feature pyramid: levels, the top-down path, sizes that do not fit."""

import keras
import numpy as np
import pytest

from tfod.config.messages import SsdFeatureExtractor
from tfod.model.fpn import add_upsampled, feature_pyramid
from tfod.model.mobilenet_v2 import default_style


def pyramid(min_level=3, max_level=7, size=64, depthwise=True, explicit_padding=False):
    """Build a pyramid of depth 4 on inputs of the levels 2..5; return its maps and layers."""
    endpoints = [
        keras.Input((-(-size // 2**level), -(-size // 2**level), level)) for level in (2, 3, 4, 5)
    ]
    style = default_style(keras.random.SeedGenerator(0), False)
    extractor = SsdFeatureExtractor(
        min_depth=4, use_depthwise=depthwise, use_explicit_padding=explicit_padding
    )
    fpn = extractor.fpn
    fpn.min_level, fpn.max_level, fpn.additional_layer_depth = min_level, max_level, 4
    return feature_pyramid(endpoints, style, extractor)


@pytest.mark.parametrize(
    ("levels", "sizes", "projections", "coarse"),
    [
        ((3, 7), [8, 4, 2, 1, 1], 3, 2),
        ((2, 5), [16, 8, 4, 2], 4, 0),
        ((4, 6), [4, 2, 1], 2, 1),
        ((3, 4), [8, 4], 2, 0),
        ((5, 5), [2], 1, 0),
    ],
)
def test_levels(levels, sizes, projections, coarse):
    maps, layers = pyramid(*levels)
    assert [(value.shape[1], value.shape[3]) for value in maps] == [(size, 4) for size in sizes]
    root = "_fpn_features_generator"
    expected = {f"{root}/top_layers/0"}
    for index in range(projections - 1):
        expected |= {f"{root}/residual_blocks/{index}/0"}
        expected |= {f"{root}/conv_layers/{index}/{place}" for place in (0, 1)}
    for index in range(coarse):
        expected |= {f"_coarse_feature_layers/{index}/{place}" for place in (0, 1)}
    assert set(layers) == expected
    # the first of each list is the coarser one, its input the last backbone map of its level
    assert layers[f"{root}/top_layers/0"].kernel.shape[2] == min(levels[1], 5)


def test_plain_convolutions_without_depthwise():
    _, layers = pyramid(depthwise=False)
    convs = [layer for key, layer in layers.items() if key.endswith("conv_layers/0/0")]
    assert [type(layer) for layer in convs] == [keras.layers.Conv2D]
    assert layers["_coarse_feature_layers/0/0"].kernel.shape == (3, 3, 4, 4)
    assert not layers["_coarse_feature_layers/0/0"].use_bias


def test_adding_doubles_each_pixel():
    coarse = np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1)
    fine = np.random.default_rng(0).normal(size=(1, 4, 6, 1)).astype(np.float32)
    expected = coarse.repeat(2, axis=1).repeat(2, axis=2) + fine
    np.testing.assert_allclose(add_upsampled(coarse, fine), expected)
    cropped = add_upsampled(coarse, fine[:, :3, :5], crop=True)
    np.testing.assert_allclose(cropped, expected[:, :3, :5])


@pytest.mark.parametrize("size", [57, 96])
def test_every_size_whose_halves_fit(size):
    assert pyramid(size=size)[0][0].shape[1] == -(-size // 8)


def test_sizes_that_do_not_fit_are_a_programming_error():
    with pytest.raises(ValueError, match=r"3, 3, 4.* doubled does not fit .*5, 5, 4"):
        pyramid(size=75)
    maps, _ = pyramid(size=75, explicit_padding=True)  # which cuts instead
    assert [value.shape[1] for value in maps] == [10, 5, 3, 2, 1]
