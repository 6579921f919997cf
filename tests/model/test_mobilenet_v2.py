"""The backbone: Keras' own MobileNetV2 on the same weights, widths, paddings."""

import keras
import numpy as np
import pytest

from tfod.config.messages import SsdFeatureExtractor
from tfod.model.mobilenet_v2 import default_style, divisible_by_8, mobilenet_v2


def backbone(size=64, **options):
    """Build the backbone; return the model of its endpoints and its layers with weights."""
    images = keras.Input((size, size, 3))
    endpoints, layers = mobilenet_v2(
        images, default_style(keras.random.SeedGenerator(0), False), SsdFeatureExtractor(**options)
    )
    return keras.Model(images, endpoints), layers


@pytest.mark.parametrize("multiplier", [1.0, 1.4])
def test_computes_what_keras_applications_does(multiplier):
    model, layers = backbone(depth_multiplier=multiplier)
    theirs = keras.applications.MobileNetV2(
        (64, 64, 3), alpha=multiplier, include_top=False, weights=None
    )
    their_layers = [layer for layer in theirs.layers if layer.weights]
    assert [layer.name for layer in layers] == [layer.name for layer in their_layers]
    draw = np.random.default_rng(0)
    for ours, layer in zip(layers, their_layers, strict=True):
        weights = [
            np.abs(draw.normal(1.0, 0.1, value.shape))
            if value.ndim == 1
            else draw.normal(0, (2 / np.prod(value.shape[:3])) ** 0.5, value.shape)
            for value in layer.get_weights()
        ]
        layer.set_weights(weights)
        ours.set_weights(weights)
    image = draw.uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    maps = model(image)
    expected = theirs(image)
    np.testing.assert_allclose(maps[-1], expected, atol=1e-4 * np.max(expected))


@pytest.mark.parametrize(
    ("multiplier", "min_depth", "stem", "channels"),
    [
        (1.0, 16, 32, [24, 32, 96, 1280]),
        (1.4, 16, 48, [32, 48, 136, 1792]),
        (0.75, 16, 24, [24, 24, 72, 960]),
        (0.35, 16, 16, [16, 16, 32, 448]),
        (0.35, 8, 16, [8, 16, 32, 448]),
        (0.1, 4, 8, [8, 8, 16, 128]),
    ],
)
def test_widths(multiplier, min_depth, stem, channels):
    model, layers = backbone(depth_multiplier=multiplier, min_depth=min_depth)
    assert layers[0].filters == stem
    assert [maps.shape[-1] for maps in model.outputs] == channels
    assert len(layers) == 104


@pytest.mark.parametrize(("filters", "rounded"), [(1, 8), (11.2, 16), (12, 16), (44, 48), (89, 88)])
def test_rounding_to_eight(filters, rounded):
    assert divisible_by_8(filters) == rounded


@pytest.mark.parametrize("explicit_padding", [False, True])
def test_sizes_are_halved_and_rounded_up(explicit_padding):
    model, _ = backbone(size=75, use_explicit_padding=explicit_padding)
    assert [maps.shape[1] for maps in model.outputs] == [19, 10, 5, 3]


def test_explicit_padding_pads_both_sides():
    (same, layers), (padded, others) = backbone(), backbone(use_explicit_padding=True)
    for layer, other in zip(layers, others, strict=True):
        other.set_weights(layer.get_weights())
    image = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    assert not np.allclose(same(image)[0], padded(image)[0], atol=1e-3)


def test_own_settings_of_the_old_backbone():
    _, layers = backbone()
    kernel = layers[0].kernel
    assert 2 * float(kernel.regularizer.l2) == pytest.approx(4e-5)
    assert np.abs(kernel.numpy()).max() <= 0.18  # truncated at two deviations
    assert layers[1].momentum == pytest.approx(0.9997)
