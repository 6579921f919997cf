"""Batch norm: both statistics, frozen, half precision."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfod.model.batch_norm import BatchNorm

MAPS = np.random.default_rng(0).normal(3.0, 2.0, (2, 3, 4, 5)).astype(np.float32)


def made(**options):
    layer = BatchNorm(momentum=0.9, epsilon=0.01, **options)
    layer.build(MAPS.shape)
    for number, variable in enumerate(layer.variables):
        variable.assign(np.linspace(0.5, 1.5, 5) + 0.1 * number)
    return layer


def test_training_normalises_with_the_biased_and_keeps_the_unbiased_variance():
    layer = made()
    mean, variance = MAPS.mean((0, 1, 2)), MAPS.var((0, 1, 2))
    old_mean, old_variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    outputs = tf.function(layer)(MAPS, training=True)
    expected = (MAPS - mean) / np.sqrt(variance + 0.01) * layer.gamma.numpy() + layer.beta.numpy()
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.9 * old_mean + 0.1 * mean, rtol=1e-5)
    unbiased = variance * 24 / 23
    np.testing.assert_allclose(
        layer.moving_variance.numpy(), 0.9 * old_variance + 0.1 * unbiased, rtol=1e-5
    )


@pytest.mark.parametrize(("frozen", "training"), [(False, False), (True, True)])
def test_moving_statistics_are_used_and_kept(frozen, training):
    layer = made(frozen=frozen)
    mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    with tf.GradientTape() as tape:
        outputs = layer(MAPS, training=training)
    expected = (MAPS - mean) / np.sqrt(variance + 0.01) * layer.gamma.numpy() + layer.beta.numpy()
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    np.testing.assert_array_equal(layer.moving_mean.numpy(), mean)
    np.testing.assert_array_equal(layer.moving_variance.numpy(), variance)
    gradients = tape.gradient(outputs, [layer.gamma.value, layer.beta.value])
    np.testing.assert_allclose(gradients[1], np.full(5, 24.0), rtol=1e-5)
    assert len(layer.trainable_variables) == 2


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ({"center": False}, ["gamma", "moving_mean", "moving_variance"]),
        ({"scale": False}, ["beta", "moving_mean", "moving_variance"]),
    ],
)
def test_without_centre_or_scale(flags, names):
    layer = made(**flags)
    assert [variable.name for variable in layer.variables] == names
    outputs = layer(MAPS, training=True)
    mean, deviation = np.mean(outputs, (0, 1, 2)), np.std(outputs, (0, 1, 2))
    if "center" in flags:
        np.testing.assert_allclose(mean, 0.0, atol=1e-5)
    else:
        np.testing.assert_allclose(deviation, 1.0, rtol=1e-2)


def test_half_precision_maps_keep_float32_statistics():
    layer = BatchNorm(0.9, 0.01)
    layer.dtype_policy = keras.dtype_policies.DTypePolicy("mixed_bfloat16")
    outputs = layer(tf.cast(MAPS, tf.bfloat16), training=True)
    assert outputs.dtype == tf.bfloat16
    assert layer.moving_variance.dtype == "float32"
