"""The learning rate as a function of the step, exact to the old API in float32.

`learning_rate(optimizer)` turns the `learning_rate` message of a pipeline.config into a function
that works on numbers and on tensors inside a traced step. The step is the global step before it is
incremented: the first step is 0. Source: FACTS 6; the schedules not described there follow the
comments of their fields in the old schema.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfod.errors import UserError

Schedule = Callable[[Any], tf.Tensor]


def learning_rate(optimizer: Any) -> Schedule:
    """Make the schedule of an `Optimizer` message.

    Args:
        optimizer: `train_config.optimizer` of a pipeline.config.

    Returns:
        A function from the step (int, or integer tensor []) to the rate, float32 [].

    Raises:
        UserError: no optimizer or schedule is set, or its numbers contradict each other.
    """
    kind = optimizer.WhichOneof("optimizer")
    if kind is None:
        raise UserError(
            "train_config.optimizer: none is set, expected momentum_optimizer, adam_optimizer or "
            "rms_prop_optimizer. Add one with its learning_rate."
        )
    message = getattr(optimizer, kind).learning_rate
    schedule = message.WhichOneof("learning_rate")
    where = f"train_config.optimizer.{kind}.learning_rate"
    if schedule is None:
        raise UserError(
            f"{where}: no schedule is set. Add cosine_decay_learning_rate, "
            "exponential_decay_learning_rate, manual_step_learning_rate or "
            "constant_learning_rate."
        )
    return SCHEDULES[schedule](getattr(message, schedule), f"{where}.{schedule}")


def _constant(config: Any, where: str) -> Schedule:
    return lambda step: tf.constant(config.learning_rate, tf.float32)


def _cosine(config: Any, where: str) -> Schedule:
    """Rise linearly during the warm-up, hold, then fall along half a cosine to 0."""
    base, warmup_rate = config.learning_rate_base, config.warmup_learning_rate
    warmup, total = config.warmup_steps, config.total_steps
    if total < warmup:
        raise UserError(
            f"{where}: total_steps is {total} and warmup_steps {warmup}; the warm-up must end "
            "before the schedule does. Lower warmup_steps or raise total_steps."
        )
    if warmup > 0 and base < warmup_rate:
        raise UserError(
            f"{where}: learning_rate_base is {base:g} and warmup_learning_rate {warmup_rate:g}; "
            "the warm-up must start at or below the base. Lower warmup_learning_rate."
        )
    held = config.hold_base_rate_steps
    decay_steps = float(max(total - warmup - held, 1))
    slope = (base - warmup_rate) / max(warmup, 1)

    def schedule(step: Any) -> tf.Tensor:
        # constants in float64, tensors in float32, in this order: other orders differ in the
        # last bit from what the old API logged
        step = tf.cast(step, tf.float32)
        rate = 0.5 * base * (1 + tf.cos(math.pi * (step - warmup - held) / decay_steps))
        if held > 0:
            rate = tf.where(step > warmup + held, rate, base)
        rate = tf.where(step < warmup, slope * step + warmup_rate, rate)
        return tf.where(step > total, 0.0, rate)

    return schedule


def _exponential(config: Any, where: str) -> Schedule:
    """Burn in at a constant rate, then multiply by decay_factor every decay_steps."""
    if config.decay_steps == 0:
        raise UserError(f"{where}: decay_steps is 0, expected at least 1. Correct it.")
    initial = config.initial_learning_rate
    burnin_rate = config.burnin_learning_rate or initial

    def schedule(step: Any) -> tf.Tensor:
        step = tf.cast(step, tf.float32)
        decays = (step - config.burnin_steps) / config.decay_steps
        if config.staircase:
            decays = tf.floor(decays)
        rate = initial * tf.pow(tf.constant(config.decay_factor, tf.float32), decays)
        rate = tf.where(step < config.burnin_steps, burnin_rate, rate)
        return tf.maximum(rate, config.min_learning_rate)

    return schedule


def _manual_step(config: Any, where: str) -> Schedule:
    """Change to the next rate at each step of the schedule; warm up towards the first change."""
    steps = [change.step for change in config.schedule]
    rates = [config.initial_learning_rate, *(change.learning_rate for change in config.schedule)]
    _check_steps(steps, where)
    table, changes = rates, steps
    if config.warmup:
        slope = (rates[1] - rates[0]) / steps[0]
        table = [rates[0] + slope * step for step in range(steps[0])] + rates[1:]
        changes = [*range(1, steps[0] + 1), *steps[1:]]
    values = np.array(table, np.float32)
    boundaries = np.array(changes, np.int64)

    def schedule(step: Any) -> tf.Tensor:
        passed = tf.cast(step, tf.int64) >= boundaries
        return tf.gather(values, tf.math.count_nonzero(passed))

    return schedule


def _check_steps(steps: Sequence[int], where: str) -> None:
    if not steps:
        raise UserError(f"{where}: no schedule. Add schedule {{ step: ... learning_rate: ... }}.")
    if steps[0] == 0:
        raise UserError(
            f"{where}: the first step is 0; initial_learning_rate already says what holds from "
            "step 0. Start the schedule later."
        )
    if any(later <= earlier for earlier, later in zip(steps, steps[1:], strict=False)):
        raise UserError(
            f"{where}: the steps are {', '.join(map(str, steps))}, expected each larger than the "
            "one before. Put them in order."
        )


SCHEDULES: dict[str, Callable[[Any, str], Schedule]] = {
    "constant_learning_rate": _constant,
    "cosine_decay_learning_rate": _cosine,
    "exponential_decay_learning_rate": _exponential,
    "manual_step_learning_rate": _manual_step,
}
