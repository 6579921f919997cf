"""Batch normalisation with the statistics of the old API.

In training the batch is normalised with its biased variance, while the variance blended into
`moving_variance` is the unbiased one, n / (n - 1) times larger, n = B * H * W. A stock Keras 3
layer blends the biased variance and is slower: it does not use TensorFlow's fused kernel.
"""

import keras
import tensorflow as tf
from keras import ops


class BatchNorm(keras.layers.Layer):
    """Normalise channels-last maps, float [B, H, W, C], over B, H and W.

    Variables, float32 [C]: `gamma` (with `scale`), `beta` (with `center`), both trainable;
    `moving_mean` and `moving_variance`, updated on each call with `training=True`:
    moving = momentum * moving + (1 - momentum) * batch.

    Args:
        frozen: use the moving statistics in training too, and do not update them; so does a layer
            that is not trainable.
    """

    def __init__(
        self,
        momentum: float,
        epsilon: float,
        center: bool = True,
        scale: bool = True,
        frozen: bool = False,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.momentum: float | tf.Variable = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.frozen = frozen
        self.gamma = self.beta = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the variables for maps of `input_shape`."""
        channels = input_shape[-1]
        if self.scale:
            self.gamma = self._add("gamma", channels, "ones", trainable=True)
        if self.center:
            self.beta = self._add("beta", channels, "zeros", trainable=True)
        self.moving_mean = self._add("moving_mean", channels, "zeros", trainable=False)
        self.moving_variance = self._add("moving_variance", channels, "ones", trainable=False)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Normalise `inputs`, and update the moving statistics when training."""
        gamma = ops.ones_like(self.moving_mean) if self.gamma is None else self.gamma
        beta = ops.zeros_like(self.moving_mean) if self.beta is None else self.beta
        learns = training and self.trainable and not self.frozen
        result = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.convert_to_tensor(gamma),
            offset=tf.convert_to_tensor(beta),
            mean=[] if learns else tf.convert_to_tensor(self.moving_mean),
            variance=[] if learns else tf.convert_to_tensor(self.moving_variance),
            epsilon=self.epsilon,
            is_training=learns,
        )
        if learns:  # the kernel gives the unbiased variance
            self._blend(self.moving_mean, result.batch_mean)
            self._blend(self.moving_variance, result.batch_variance)
        return result.y

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Same shape as the input."""
        return input_shape

    def _blend(self, moving: keras.Variable, batch: tf.Tensor) -> None:
        moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))

    def _add(
        self, name: str, channels: int | None, initializer: str, trainable: bool
    ) -> keras.Variable:
        # float32 whatever the precision of the maps, as the fused kernel wants it
        return self.add_weight(
            name=name,
            shape=(channels,),
            initializer=initializer,
            trainable=trainable,
            dtype="float32",
            autocast=False,
        )
