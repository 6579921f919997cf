"""The learning rate as a function of the step, exact to the old API in float32.

`learning_rate(optimizer)` turns the `learning_rate` message of a pipeline.config into a function
that works on numbers and on tensors inside a traced step. The step is the global step before it is
incremented: the first step is 0. Source: FACTS 6; the schedules not described there follow the
comments of their fields in the old schema.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from tfod.config import messages

Step: TypeAlias = int | tf.Tensor  # global step, integer []
Schedule = Callable[[Step], tf.Tensor]


def learning_rate(optimizer: messages.Optimizer) -> Schedule:
    """Make the schedule of `train_config.optimizer`, from the step to the rate, float32 []."""
    kind = optimizer.WhichOneof("optimizer")
    assert kind is not None, "train_config.optimizer is empty"
    message: messages.LearningRate = getattr(optimizer, kind).learning_rate
    match message.WhichOneof("learning_rate"):
        case "cosine_decay_learning_rate":
            return _cosine(message.cosine_decay_learning_rate)
        case "exponential_decay_learning_rate":
            return _exponential(message.exponential_decay_learning_rate)
        case "manual_step_learning_rate":
            return _manual_step(message.manual_step_learning_rate)
    return _constant(message.constant_learning_rate)


def _constant(config: messages.ConstantLearningRate) -> Schedule:
    return lambda step: tf.constant(config.learning_rate, tf.float32)


def _cosine(config: messages.CosineDecayLearningRate) -> Schedule:
    """Rise linearly during the warm-up, hold, then fall along half a cosine to 0."""
    base, warmup_rate = config.learning_rate_base, config.warmup_learning_rate
    warmup, total = config.warmup_steps, config.total_steps
    held = config.hold_base_rate_steps
    decay_steps = float(max(total - warmup - held, 1))
    slope = (base - warmup_rate) / max(warmup, 1)

    def schedule(step: Step) -> tf.Tensor:
        # constants in float64, tensors in float32, in this order: other orders differ in the
        # last bit from what the old API logged
        step = tf.cast(step, tf.float32)
        rate = 0.5 * base * (1 + tf.cos(math.pi * (step - warmup - held) / decay_steps))
        if held > 0:
            rate = tf.where(step > warmup + held, rate, base)
        rate = tf.where(step < warmup, slope * step + warmup_rate, rate)
        return tf.where(step > total, 0.0, rate)

    return schedule


def _exponential(config: messages.ExponentialDecayLearningRate) -> Schedule:
    """Burn in at a constant rate, then multiply by decay_factor every decay_steps."""
    initial = config.initial_learning_rate
    burnin_rate = config.burnin_learning_rate or initial

    def schedule(step: Step) -> tf.Tensor:
        step = tf.cast(step, tf.float32)
        decays = (step - config.burnin_steps) / config.decay_steps
        if config.staircase:
            decays = tf.floor(decays)
        rate = initial * tf.pow(tf.constant(config.decay_factor, tf.float32), decays)
        rate = tf.where(step < config.burnin_steps, burnin_rate, rate)
        return tf.maximum(rate, config.min_learning_rate)

    return schedule


def _manual_step(config: messages.ManualStepLearningRate) -> Schedule:
    """Change to the next rate at each step of the schedule; warm up towards the first change."""
    steps = [change.step for change in config.schedule]
    rates = [config.initial_learning_rate, *(change.learning_rate for change in config.schedule)]
    table, changes = rates, steps
    if config.warmup:
        slope = (rates[1] - rates[0]) / steps[0]
        table = [rates[0] + slope * step for step in range(steps[0])] + rates[1:]
        changes = [*range(1, steps[0] + 1), *steps[1:]]
    values = np.array(table, np.float32)
    boundaries = np.array(changes, np.int64)

    def schedule(step: Step) -> tf.Tensor:
        passed = tf.cast(step, tf.int64) >= boundaries
        return tf.gather(values, tf.math.count_nonzero(passed))

    return schedule
