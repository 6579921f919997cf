"""How layers are made: initialiser, regulariser, activation and batch norm of `Hyperparams`.

`Style` is what one `conv_hyperparams` message of pipeline.config says; it makes the layers of the
backbone, the feature pyramid or the predictor. As in the old API, initialiser and regulariser rule
Conv2D kernels and the depthwise part of separable convolutions; the pointwise part keeps Glorot
uniform and no regulariser.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from tfod.config.messages import Hyperparams, Initializer, Regularizer
from tfod.config.schema import enum_name
from tfod.model.batch_norm import BatchNorm

Activation = Callable[[Any], Any]

ACTIVATIONS: dict[str, Activation] = {
    "NONE": lambda maps: maps,
    "RELU": keras.ops.relu,
    "RELU_6": keras.ops.relu6,
    "SWISH": keras.ops.silu,
}


@dataclass(frozen=True)
class Style:
    """How the layers of one part of the network are made.

    Attributes:
        initializer: of kernels; draws new values each time it is called.
        default_initializer: of kernels that the config does not rule.
        regularizer: of kernels; None for none.
        activation: function of a tensor.
        batch_norm: arguments of `BatchNorm`; None for networks without.
        use_bias: whether convolutions before a batch norm have a bias.
    """

    initializer: keras.Initializer
    default_initializer: keras.Initializer
    regularizer: keras.Regularizer | None = None
    activation: Activation = keras.ops.relu6
    batch_norm: dict[str, Any] | None = None
    use_bias: bool = False

    def conv(self, filters: int, kernel_size: int, name: str, **options: Any) -> keras.Layer:
        """Make a Conv2D; `options` (strides, padding, use_bias) override padding SAME."""
        return keras.layers.Conv2D(
            filters,
            kernel_size,
            kernel_initializer=self.initializer,
            kernel_regularizer=self.regularizer,
            name=name,
            **({"padding": "same", "use_bias": self.use_bias} | options),
        )

    def depthwise(self, kernel_size: int, name: str, **options: Any) -> keras.Layer:
        """Make a DepthwiseConv2D without bias."""
        return keras.layers.DepthwiseConv2D(
            kernel_size,
            use_bias=False,
            depthwise_initializer=self.initializer,
            depthwise_regularizer=self.regularizer,
            name=name,
            **({"padding": "same"} | options),
        )

    def separable(
        self,
        filters: int,
        kernel_size: int,
        name: str,
        pointwise: bool = False,
        depthwise: bool = True,
        **options: Any,
    ) -> keras.Layer:
        """Make a SeparableConv2D.

        Args:
            pointwise: whether this style rules the pointwise kernel.
            options: strides, padding, use_bias, bias_initializer.
        """
        return keras.layers.SeparableConv2D(
            filters,
            kernel_size,
            depthwise_initializer=self.initializer if depthwise else self.default_initializer,
            depthwise_regularizer=self.regularizer if depthwise else None,
            pointwise_initializer=self.initializer if pointwise else self.default_initializer,
            pointwise_regularizer=self.regularizer if pointwise else None,
            name=name,
            **({"padding": "same", "use_bias": self.use_bias} | options),
        )

    def norm(self, name: str) -> BatchNorm | None:
        """Make a batch norm layer; None when this style has none."""
        return None if self.batch_norm is None else BatchNorm(**self.batch_norm, name=name)


def make_style(
    hyperparams: Hyperparams, seeds: keras.random.SeedGenerator, frozen: bool = False
) -> Style:
    """Read the hyperparameters of convolutions; `frozen` is `freeze_batchnorm` of the config."""
    normalizer = hyperparams.WhichOneof("normalizer_oneof")
    batch_norm = None
    if normalizer:  # on one device sync_batch_norm is the same
        norm = getattr(hyperparams, normalizer)
        batch_norm = {
            "momentum": norm.decay,
            "epsilon": norm.epsilon,
            "center": norm.center,
            "scale": norm.scale,
            "frozen": frozen,
        }
    return Style(
        initializer=make_initializer(hyperparams.initializer, seeds),
        default_initializer=keras.initializers.GlorotUniform(seeds),
        regularizer=make_regularizer(hyperparams.regularizer),
        activation=ACTIVATIONS[enum_name(hyperparams, "activation")],
        batch_norm=batch_norm,
        use_bias=not (batch_norm and batch_norm["center"]),
    )


def make_initializer(message: Initializer, seeds: keras.random.SeedGenerator) -> keras.Initializer:
    """Make the initialiser of a section; Glorot uniform when it is empty."""
    kind = message.WhichOneof("initializer_oneof")
    if kind == "truncated_normal_initializer":
        normal = message.truncated_normal_initializer
        return keras.initializers.TruncatedNormal(normal.mean, normal.stddev, seeds)
    if kind == "random_normal_initializer":
        plain = message.random_normal_initializer
        return keras.initializers.RandomNormal(plain.mean, plain.stddev, seeds)
    if kind == "variance_scaling_initializer":
        scaling = message.variance_scaling_initializer
        mode = enum_name(scaling, "mode").lower()
        distribution = "uniform" if scaling.uniform else "truncated_normal"
        return keras.initializers.VarianceScaling(scaling.factor, mode, distribution, seeds)
    return keras.initializers.GlorotUniform(seeds)


def make_regularizer(message: Regularizer) -> keras.Regularizer | None:
    """Make the regulariser of a section.

    The L2 loss of weight w is 0.5 * w * sum(k^2), so its gradient is w * k.
    """
    kind = message.WhichOneof("regularizer_oneof")
    if kind == "l2_regularizer":
        return keras.regularizers.L2(0.5 * message.l2_regularizer.weight)
    if kind == "l1_regularizer":
        return keras.regularizers.L1(message.l1_regularizer.weight)
    return None
