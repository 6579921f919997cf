"""Stops a training run whose loss or weights are no longer finite numbers."""

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from tfod.errors import Problem, UserError, refusal
from tfod.remedies import Remedy
from tfod.steps.train.step import TOTAL
from tfod.words import some

FETCH_EVERY = 10  # steps between two looks at the device, each of which waits for it
MOST_BOXES = 3  # of an image, in a message


class _Step(NamedTuple):
    """What is kept of a step until its loss is known: tensors, still on the device."""

    number: int
    batch: Mapping[str, tf.Tensor]
    values: Mapping[str, tf.Tensor]


class Losses:
    """The losses of the last few steps, fetched from the device only when they are asked for."""

    def __init__(self, first_bad_step: tf.Variable):
        """Begin with none."""
        self._first_bad_step = first_bad_step
        self._recent: deque[_Step] = deque(maxlen=FETCH_EVERY)

    def keep(
        self, step: int, batch: Mapping[str, tf.Tensor], values: Mapping[str, tf.Tensor]
    ) -> None:
        """Keep what a step returned and the names and boxes of its batch."""
        named = {name: batch[name] for name in ("filename", "boxes", "weights")}
        self._recent.append(_Step(step, named, values))

    def fetch(self, checkpoint: Path | None) -> dict[str, float]:
        """Wait for the newest step and give its losses and learning rate.

        To be called every `FETCH_EVERY` steps at least, and before anything is saved.

        Raises:
            UserError: a loss was not finite; names its step, files and boxes.
        """
        bad_step = int(self._first_bad_step.numpy())
        if bad_step:
            step = next(step for step in self._recent if step.number == bad_step)
            raise UserError(_not_finite(step, checkpoint))
        return {name: float(value) for name, value in self._recent[-1].values.items()}


def check_weights(
    variables: Mapping[str, keras.Variable], step: int, checkpoint: Path | None
) -> None:
    """Make sure that all weights are finite before they are saved; the loss may show it later."""
    for key, variable in variables.items():
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            raise refusal(
                "weights-not-finite",
                what=f"step {step}: the weights are no longer numbers and were not saved; "
                f"the last good weights are in {_kept(checkpoint)}",
                got=key,
                remedy=Remedy.LOWER_LEARNING_RATE,
            )


def _not_finite(step: _Step, checkpoint: Path | None) -> Problem:
    losses = [
        f"{name} {float(value):g}"
        for name, value in step.values.items()
        if name.startswith("Loss/")
    ]
    boxes, weights = step.batch["boxes"].numpy(), step.batch["weights"].numpy()
    images = [
        _image(name.decode("utf-8", "replace"), boxes[row][weights[row] > 0])
        for row, name in enumerate(step.batch["filename"].numpy())
    ]
    return Problem(
        "loss-not-finite",
        what=f"step {step.number}: the loss is not a number on the images {', '.join(images)}; "
        f"the last good weights are in {_kept(checkpoint)}",
        expected=f"a finite {TOTAL}",
        got=", ".join(losses),
        remedy=Remedy.CHECK_IMAGES_OR_RATE,
    )


def _image(name: str, boxes: np.ndarray) -> str:
    """Name an image with its boxes, float32 [N, 4] (ymin, xmin, ymax, xmax), 0..1."""
    sides = ["-".join(f"{side:.3g}" for side in box) for box in boxes]
    return f"{name} ({f'boxes {some(sides, MOST_BOXES)}' if sides else 'no boxes'})"


def _kept(checkpoint: Path | None) -> Path | str:
    return checkpoint or "the checkpoint this run started from"
