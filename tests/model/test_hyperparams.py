"""Hyperparams messages become initialisers, regularisers, activations and layers."""

import keras
import numpy as np
import pytest

from tfod.config import parse_config
from tfod.model.hyperparams import make_initializer, make_regularizer, make_style


def hyperparams(text=""):
    """Parse the inside of a `conv_hyperparams { }`."""
    text = "model { ssd { feature_extractor { conv_hyperparams { " + text + " } } } }"
    return parse_config(text, "test").model.ssd.feature_extractor.conv_hyperparams


def seeds():
    return keras.random.SeedGenerator(3)


@pytest.mark.parametrize(
    ("text", "mean", "deviation", "largest"),
    [
        ("random_normal_initializer { mean: 1 stddev: 0.5 }", 1.0, 0.5, 9.0),
        ("truncated_normal_initializer { stddev: 0.1 }", 0.0, 0.088, 0.2),
        ("variance_scaling_initializer { }", 0.0, (2 / 200) ** 0.5, 2 * (2 / 200) ** 0.5 / 0.87),
        (
            "variance_scaling_initializer { factor: 3 uniform: true mode: FAN_OUT }",
            0.0,
            (3 / 100) ** 0.5,
            (9 / 100) ** 0.5,
        ),
        ("", 0.0, (2 / 300) ** 0.5, (6 / 300) ** 0.5),
    ],
)
def test_initializers(text, mean, deviation, largest):
    make = make_initializer(hyperparams(f"initializer {{ {text} }}").initializer, seeds())
    values = np.asarray(make((200, 100)))
    assert values.mean() == pytest.approx(mean, abs=0.02)
    assert values.std() == pytest.approx(deviation, rel=0.03)
    assert np.abs(values - mean).max() <= largest * 1.01
    assert not np.array_equal(values, make((200, 100)))  # each kernel draws its own


def test_l2_pulls_with_weight_times_kernel():
    regularizer = make_regularizer(
        hyperparams("regularizer { l2_regularizer { weight: 0.5 } }").regularizer
    )
    assert float(regularizer(np.array([1.0, 2.0], np.float32))) == pytest.approx(0.25 * 5)
    regularizer = make_regularizer(
        hyperparams("regularizer { l1_regularizer { weight: 0.5 } }").regularizer
    )
    assert float(regularizer(np.array([-1.0, 2.0], np.float32))) == pytest.approx(1.5)
    assert make_regularizer(hyperparams().regularizer) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NONE", [-2.0, 3.0, 8.0]),
        ("RELU", [0.0, 3.0, 8.0]),
        ("RELU_6", [0.0, 3.0, 6.0]),
        ("SWISH", [-0.2384, 2.8577, 7.9973]),
    ],
)
def test_activations(name, expected):
    style = make_style(hyperparams(f"activation: {name}"), seeds())
    values = style.activation(np.array([-2.0, 3.0, 8.0], np.float32))
    np.testing.assert_allclose(values, expected, atol=1e-3)


def test_batch_norm_settings_reach_the_layer():
    style = make_style(
        hyperparams("batch_norm { decay: 0.9 epsilon: 0.1 center: false scale: true }"),
        seeds(),
        True,
    )
    norm = style.norm("norm")
    assert (norm.momentum, norm.epsilon) == pytest.approx((0.9, 0.1))
    assert (norm.center, norm.scale, norm.frozen) == (False, True, True)
    assert style.use_bias  # nothing else can shift the maps
    assert make_style(hyperparams(), seeds()).norm("norm") is None
    assert not make_style(hyperparams("batch_norm { }"), seeds()).use_bias


def test_pointwise_kernels_keep_the_default():
    text = (
        "regularizer { l2_regularizer { } } initializer { random_normal_initializer { mean: 9 } }"
    )
    style = make_style(hyperparams(text), seeds())
    plain, ruled = style.separable(4, 3, "a"), style.separable(4, 3, "b", pointwise=True)
    for layer in (plain, ruled):
        layer.build((1, 8, 8, 2))
        assert layer.depthwise_kernel.regularizer is not None
        assert np.mean(layer.depthwise_kernel.numpy()) > 7
    assert plain.pointwise_kernel.regularizer is None
    assert abs(np.mean(plain.pointwise_kernel.numpy())) < 1
    assert ruled.pointwise_kernel.regularizer is not None
    assert np.mean(ruled.pointwise_kernel.numpy()) > 7
