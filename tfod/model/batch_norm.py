"""Batch normalisation with the statistics of the old API.

In training the batch is normalised with its biased variance, while the variance blended into
`moving_variance` is the unbiased one, n / (n - 1) times larger, n = B * H * W. A stock Keras 3
layer blends the biased variance and is slower: it does not use TensorFlow's fused kernel.
"""

import keras
from keras import ops

FUSED = keras.backend.backend() == "tensorflow"
if FUSED:
    import tensorflow as tf


class BatchNorm(keras.layers.Layer):
    """Normalise channels-last maps, float [B, H, W, C], over B, H and W.

    Variables, float32 [C]: `gamma` (with `scale`), `beta` (with `center`), both trainable;
    `moving_mean` and `moving_variance`, updated on each call with `training=True`:
    moving = momentum * moving + (1 - momentum) * batch.

    Args:
        momentum: the old API calls it `decay`.
        epsilon: added to the variance.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        frozen: use the moving statistics in training too, and do not update them.
    """

    def __init__(self, momentum, epsilon, center=True, scale=True, frozen=False, name=None):
        super().__init__(name=name)
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.frozen = frozen
        self.gamma = self.beta = None

    def build(self, input_shape):
        """Create the variables for maps of `input_shape`."""
        shape = (input_shape[-1],)

        def add(name, initializer, trainable):
            # float32 whatever the precision of the maps, as the fused kernel wants it
            return self.add_weight(
                name=name, shape=shape, initializer=initializer, trainable=trainable,
                dtype="float32", autocast=False,
            )  # fmt: skip

        if self.scale:
            self.gamma = add("gamma", "ones", True)
        if self.center:
            self.beta = add("beta", "zeros", True)
        self.moving_mean = add("moving_mean", "zeros", False)
        self.moving_variance = add("moving_variance", "ones", False)

    def call(self, inputs, training=False):
        """Normalise `inputs`, and update the moving statistics when training."""
        gamma = ops.ones_like(self.moving_mean) if self.gamma is None else self.gamma
        beta = ops.zeros_like(self.moving_mean) if self.beta is None else self.beta
        if not training or self.frozen:
            return _with_statistics(
                inputs, gamma, beta, self.moving_mean, self.moving_variance, self.epsilon
            )
        outputs, mean, variance = _with_batch_statistics(inputs, gamma, beta, self.epsilon)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs

    def compute_output_shape(self, input_shape):
        """Same shape as the input."""
        return input_shape


def _with_statistics(inputs, gamma, beta, mean, variance, epsilon):
    """Normalise `inputs` [B, H, W, C] with the given statistics [C]."""
    if FUSED:
        return tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=tf.convert_to_tensor(gamma), offset=tf.convert_to_tensor(beta),
            mean=tf.convert_to_tensor(mean), variance=tf.convert_to_tensor(variance),
            epsilon=epsilon, is_training=False,
        ).y  # fmt: skip
    factor = gamma * ops.rsqrt(variance + epsilon)
    outputs = ops.cast(inputs, "float32") * factor + (beta - mean * factor)
    return ops.cast(outputs, inputs.dtype)


def _with_batch_statistics(inputs, gamma, beta, epsilon):
    """Normalise `inputs` [B, H, W, C] with their own statistics.

    Returns:
        outputs [B, H, W, C], mean [C] and unbiased variance [C].
    """
    if FUSED:
        fused = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=tf.convert_to_tensor(gamma), offset=tf.convert_to_tensor(beta),
            mean=[], variance=[], epsilon=epsilon, is_training=True,
        )  # fmt: skip
        return fused.y, fused.batch_mean, fused.batch_variance
    mean, variance = ops.moments(ops.cast(inputs, "float32"), axes=(0, 1, 2))
    outputs = _with_statistics(inputs, gamma, beta, mean, variance, epsilon)
    count = ops.cast(ops.size(inputs) // inputs.shape[-1], "float32")
    unbiased = variance * count / ops.maximum(count - 1.0, 1.0)
    return outputs, ops.stop_gradient(mean), ops.stop_gradient(unbiased)
