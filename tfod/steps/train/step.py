"""One compiled training step: batch -> losses -> gradients -> new weights."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from tfod.model.ssd import SSD
from tfod.steps.train.optimizer import Optimizer

TOTAL = "Loss/total_loss"


class TrainStep:
    """Updates a model from a batch; call it with a batch and the step.

    Whether the loss is finite is decided in the graph, at every step. From the first step whose
    loss is not, no update is made any more, so the weights stay as good as they were.

    Attributes:
        first_bad_step: int64 variable []: that step, from 1; 0 while all losses were finite.
    """

    def __init__(self, model: SSD, optimizer: Optimizer, add_regularization_loss: bool):
        """Build the optimizer for the trainable variables; the step is compiled at first use."""
        trainable = {key: v for key, v in model.variables_by_key.items() if v.trainable}
        optimizer.build(trainable)
        self.first_bad_step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._model = model
        self._optimizer = optimizer
        self._variables = [variable.value for variable in trainable.values()]
        self._add_regularization_loss = add_regularization_loss

    @tf.function(autograph=False)
    def __call__(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor) -> dict[str, tf.Tensor]:
        """Train one step.

        Args:
            batch: see `tfod/data/batches/pipeline.py`.
            step: int64 [], global step before this one.

        Returns:
            The losses under the old API's names, `gradient_norm` before clipping, and
            `learning_rate` (NaN where no update was made), float32 [].
        """
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._variables)
            predictions = self._model(batch["image"], training=True)
            losses = self._model.losses(predictions, batch, self._add_regularization_loss)
        gradients = tape.gradient(losses[TOTAL], self._variables)
        bad = self.first_bad_step.read_value()
        bad = tf.where((bad == 0) & ~tf.math.is_finite(losses[TOTAL]), step + 1, bad)
        self.first_bad_step.assign(bad)

        def update() -> tf.Tensor:
            return tf.cast(self._optimizer.apply(gradients, step), tf.float32)

        rate = tf.cond(bad == 0, update, lambda: tf.constant(np.nan))
        norm = tf.linalg.global_norm(gradients)
        return {**losses, "learning_rate": rate, "gradient_norm": norm}
