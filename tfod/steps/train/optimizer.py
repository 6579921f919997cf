"""One update of all weights from their gradients: momentum, Adam and RMSProp of the old API.

State and constants go by the names the old API's checkpoints use, so that a run it began can be
continued. Each variable costs one fused kernel. Sources: FACTS 6 and its last section (legacy Keras
optimisers).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfod.config.messages import AdamOptimizer, MomentumOptimizer, RMSPropOptimizer, TrainConfig
from tfod.steps.train.learning_rate import learning_rate

# the config has no fields for these
BETA_1, BETA_2 = 0.9, 0.999  # of Adam
RHO = 0.9  # of RMSProp, whose `decay` is that of the rate
KERAS_EPSILON = 1e-7  # where epsilon is 0

Arguments = dict[str, Any]  # of a kernel: float, or float32 []


class Optimizer:
    """Updates weights in place; `build` it before use.

    Attributes:
        iterations: int64 variable, updates made.
        slots_by_name: slot name -> key of the variable -> float32 variable of its shape.
        variables: the variables, in the order in which `apply` takes their gradients.
    """

    def __init__(self, train_config: TrainConfig):
        self.learning_rate = learning_rate(train_config.optimizer)
        kind = train_config.optimizer.WhichOneof("optimizer")
        assert kind is not None, "train_config.optimizer is empty"
        self.kind: str = kind
        self.config = getattr(train_config.optimizer, kind)
        self._rule = RULES[kind]
        if kind == "rms_prop_optimizer" and self.config.momentum_optimizer_value == 0:
            self._rule = PLAIN_RMS_PROP
        self.clip_norm: float = train_config.gradient_clipping_by_norm
        self.iterations = tf.Variable(0, dtype=tf.int64, trainable=False, name="iter")
        self.variables: list[tf.Variable] = []
        self.slots_by_name: dict[str, dict[str, tf.Variable]] = {}

    def build(self, variables_by_key: Mapping[str, keras.Variable]) -> None:
        """Make the state, all zeros.

        Args:
            variables_by_key: key in a checkpoint -> trainable keras variable, in the order in
                which `apply` will get their gradients.
        """
        self.variables = [variable.value for variable in variables_by_key.values()]
        self.slots_by_name = {
            slot: {
                key: tf.Variable(tf.zeros_like(variable.value), trainable=False, name=slot)
                for key, variable in variables_by_key.items()
            }
            for slot in self._rule[1]
        }

    def apply(self, gradients: Sequence[tf.Tensor], step: int | tf.Tensor) -> tf.Tensor:
        """Update every variable once; works eagerly and inside a tf.function.

        Args:
            gradients: float32, one per variable, in the order given to `build`.
            step: integer [], global step before this update.

        Returns:
            The learning rate used, float32 [].
        """
        self._check(gradients)
        if self.clip_norm > 0:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm)
        rate = self._rate(step)
        kernel, slot_arguments, further_arguments = self._rule
        arguments = further_arguments(self.config, self.iterations) | {"lr": rate}
        slots = zip(*(slot.values() for slot in self.slots_by_name.values()), strict=True)
        for variable, state, gradient in zip(self.variables, slots, gradients, strict=True):
            handles = (slot.handle for slot in state)
            arguments |= dict(zip(slot_arguments.values(), handles, strict=True))
            kernel(var=variable.handle, grad=gradient, **arguments)
        self.iterations.assign_add(1)
        return rate

    def scalars(self) -> dict[str, np.ndarray]:
        """The numbers a checkpoint keeps next to the slots, by the old names."""
        numbers = {"decay": getattr(self.config, "decay", 0.0)}
        if self.kind == "adam_optimizer":
            numbers |= {"beta_1": BETA_1, "beta_2": BETA_2}
        else:
            numbers["momentum"] = self.config.momentum_optimizer_value
        if self.kind == "rms_prop_optimizer":
            numbers["rho"] = RHO
        scalars = {name: np.array(value, np.float32) for name, value in numbers.items()}
        return {"iter": self.iterations.numpy(), **scalars}

    def _rate(self, step: int | tf.Tensor) -> tf.Tensor:
        """The rate of the schedule; RMSProp divides it by 1 + decay * updates made."""
        rate = self.learning_rate(step)
        if self.kind == "rms_prop_optimizer":
            rate /= 1.0 + self.config.decay * tf.cast(self.iterations, tf.float32)
        return rate

    def _check(self, gradients: Sequence[tf.Tensor]) -> None:
        if len(gradients) != len(self.variables):
            raise ValueError(f"{len(gradients)} gradients for {len(self.variables)} variables")
        for variable, gradient in zip(self.variables, gradients, strict=True):
            if gradient is None or gradient.shape != variable.shape:
                shape = None if gradient is None else gradient.shape
                raise ValueError(f"gradient {shape} for {variable.name} {variable.shape}")


def _momentum(config: MomentumOptimizer, iterations: tf.Variable) -> Arguments:
    """accum = m * accum - rate * g; w += accum, so the slot holds the last change of w."""
    return {"momentum": config.momentum_optimizer_value}


def _adam(config: AdamOptimizer, iterations: tf.Variable) -> Arguments:
    """Adam with bias correction; epsilon outside the root (Kingma and Ba, 2015, section 2)."""
    updates = tf.cast(iterations + 1, tf.float32)
    powers = {"beta1_power": tf.pow(BETA_1, updates), "beta2_power": tf.pow(BETA_2, updates)}
    epsilon = config.epsilon or KERAS_EPSILON
    return {**powers, "beta1": BETA_1, "beta2": BETA_2, "epsilon": epsilon}


def _rms_prop(config: RMSPropOptimizer, iterations: tf.Variable) -> Arguments:
    """rms = rho * rms + (1 - rho) g^2; mom = m * mom + rate * g / sqrt(rms + eps); w -= mom."""
    plain = _plain_rms_prop(config, iterations)
    return {**plain, "momentum": config.momentum_optimizer_value}


def _plain_rms_prop(config: RMSPropOptimizer, iterations: tf.Variable) -> Arguments:
    """rms as above; w -= rate * g / (sqrt(rms) + eps)."""
    return {"rho": RHO, "epsilon": config.epsilon or KERAS_EPSILON}


def _apply_plain_rms_prop(
    var: tf.Tensor, ms: tf.Tensor, grad: tf.Tensor, lr: tf.Tensor, rho: float, epsilon: float
) -> None:
    """The kernel of RMSProp without momentum; `var` and `ms` are handles of variables."""
    before = tf.raw_ops.ReadVariableOp(resource=ms, dtype=tf.float32)
    rms = rho * before + (1.0 - rho) * tf.square(grad)
    tf.raw_ops.AssignVariableOp(resource=ms, value=rms)
    change = lr * grad / (tf.sqrt(rms) + epsilon)
    tf.raw_ops.AssignSubVariableOp(resource=var, value=change)


# kernel, {slot in a checkpoint: argument of the kernel}, further arguments of the kernel
Rule = tuple[Callable[..., Any], dict[str, str], Callable[..., Arguments]]
PLAIN_RMS_PROP: Rule = (_apply_plain_rms_prop, {"rms": "ms"}, _plain_rms_prop)
RULES: dict[str, Rule] = {
    "momentum_optimizer": (
        tf.raw_ops.ResourceApplyKerasMomentum, {"momentum": "accum"}, _momentum,
    ),
    "adam_optimizer": (tf.raw_ops.ResourceApplyAdam, {"m": "m", "v": "v"}, _adam),
    "rms_prop_optimizer": (
        tf.raw_ops.ResourceApplyRMSProp, {"rms": "ms", "momentum": "mom"}, _rms_prop,
    ),
}  # fmt: skip
