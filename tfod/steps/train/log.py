"""What a training run tells: progress on the terminal, summaries for TensorBoard.

Tags and folder are those of the old API: MODEL_DIR/train with Loss/*, learning_rate,
steps_per_sec and the image train_input_images. It knows nothing of models and records.
"""

import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tfod.terminal import say

SUMMARY_EVERY = 100  # steps, as the old API
WIDE = 110  # columns of a terminal that hold all losses in the line of the bar
MOST_IMAGES = 3  # in one image summary
SHORT_NAMES = {
    "Loss/total_loss": "loss",
    "Loss/classification_loss": "class",
    "Loss/localization_loss": "box",
    "Loss/regularization_loss": "reg",
}


class TrainLog:
    """A progress bar, or plain lines where there is no terminal, and TensorBoard summaries."""

    def __init__(
        self, model_dir: Path, first_step: int, last_step: int, batch_size: int, console: Console
    ):
        self.batch_size = batch_size
        self.console = console
        self.first_step = first_step
        self.last_step = last_step
        self.begun_s = time.perf_counter()
        self.times_s: deque[float] = deque(maxlen=SUMMARY_EVERY + 1)
        self.writer = tf.summary.create_file_writer(str(model_dir / "train"))
        self.progress = Progress(
            TextColumn("training"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[losses]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.progress.add_task(
            "training", total=last_step, completed=first_step, losses="tracing the graph"
        )

    def __enter__(self) -> "TrainLog":
        self.progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.progress.stop()
        self.writer.close()

    def images_per_s(self) -> float:
        """Mean over the last 100 steps; 0 before the second one."""
        if len(self.times_s) < 2:
            return 0.0
        return self.batch_size * (len(self.times_s) - 1) / (self.times_s[-1] - self.times_s[0])

    def step(self, step: int, values: Mapping[str, float], batch: Mapping[str, Any]) -> None:
        """Note a finished step.

        Args:
            step: global step after the update, 1 after the first one.
            values: the losses and learning_rate.
            batch: its `image` float32 [B, H, W, 3] goes into the image summary.
        """
        self.times_s.append(time.perf_counter())
        losses = [
            f"{short} {values[name]:.3f}" for name, short in SHORT_NAMES.items() if name in values
        ]
        if self.console.is_terminal and self.console.width < WIDE:
            losses = losses[:1]  # so that steps and time left can be seen
        losses = " ".join(losses)
        speed = self.images_per_s()
        text = f"{losses}  {speed:.1f} images/s" if speed else losses
        self.progress.update(self.task, completed=step, losses=text)
        is_round = step % SUMMARY_EVERY == 0 or step == self.last_step
        if not self.console.is_terminal and (is_round or len(self.times_s) == 1):
            say(self.console, f"step {step} of {self.last_step}: {text}")
        if is_round or len(self.times_s) == 1:
            self._summarise(step, values, batch)

    def _summarise(self, step: int, values: Mapping[str, float], batch: Mapping[str, Any]) -> None:
        with self.writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
            if self.images_per_s():
                tf.summary.scalar("steps_per_sec", self.images_per_s() / self.batch_size)
            if step == self.last_step or len(self.times_s) == 1:
                image = np.asarray(batch["image"][:MOST_IMAGES])
                low, high = image.min(), image.max()
                tf.summary.image("train_input_images", (image - low) / max(high - low, 1e-6))
        self.writer.flush()
