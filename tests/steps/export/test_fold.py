from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfod.model.batch_norm import BatchNorm
from tfod.steps.export.fold import Folded


def norm(x, epsilon=1e-3, **options):
    return BatchNorm(0.9, epsilon, **options)(x)


def convolutions(images):
    """Every convolution of the detector, one of them shared by two norms."""
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(images)
    x = layers.ReLU(6.0)(norm(x))
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = norm(x, 0.1, scale=False)
    shared = layers.Conv2D(4, 1, use_bias=False)
    return [norm(shared(x)), norm(shared(x + 1), center=False)]


def result_used_twice(images):
    x = layers.Conv2D(4, 3, use_bias=False)(images)
    return [norm(x), x]


def no_convolution(images):
    return [norm(images), norm(layers.ReLU()(images))]


@pytest.mark.parametrize(
    ("build", "norms_before", "norms_after"),
    [(convolutions, 4, 0), (result_used_twice, 1, 1), (no_convolution, 2, 2)],
)
def test_batch_norms_become_biases_and_nothing_changes(build, norms_before, norms_after):
    images = keras.Input((16, 16, 3))
    network = keras.Model(images, build(images))
    rng = np.random.default_rng(0)
    for variable in network.variables:
        variable.assign(rng.uniform(0.2, 1.2, variable.shape))
    spec = tf.TensorSpec((1, 16, 16, 3), tf.float32)
    function = tf.function(lambda x: tuple(network(x, training=False)))
    function = function.get_concrete_function(spec)
    folded = Folded(function)
    before = Counter(node.op for node in function.graph.as_graph_def().node)
    after = Counter(node.op for node in folded.graph.node)
    assert before["FusedBatchNormV3"] == norms_before
    assert after["FusedBatchNormV3"] == norms_after
    assert before["ReadVariableOp"] and not after["ReadVariableOp"]
    # no kernel is kept twice
    assert sum(weight.shape.num_elements() for weight in folded.weights) <= network.count_params()
    values = rng.normal(0, 1, (1, 16, 16, 3)).astype(np.float32)
    expected = network(values, training=False)
    for found, value in zip(tf.function(folded)(tf.constant(values)), expected, strict=True):
        np.testing.assert_allclose(found.numpy(), value.numpy(), rtol=1e-4, atol=1e-4)
