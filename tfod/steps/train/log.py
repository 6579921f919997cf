"""What a training run reports: its progress, and summaries for TensorBoard.

Tags and folder are those of the old API: MODEL_DIR/train with Loss/*, learning_rate,
steps_per_sec and the image train_input_images; and, of ours, images_per_sec, gradient_norm and
waiting_for_data. It knows nothing of models and records.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfod.progress import Progress
from tfod.steps.train.diagnosis import Diagnosis
from tfod.words import duration

Batch = Mapping[str, tf.Tensor]

SUMMARY_EVERY = 100  # steps, as the old API
TIMED_STEPS = 5  # after which the whole time can be told; the first one is much slower
MOST_IMAGES = 3  # in one image summary
SHORT_NAMES = {
    "Loss/classification_loss": "class",
    "Loss/localization_loss": "box",
    "Loss/total_loss": "total",
    "Loss/regularization_loss": "reg",
}


class TrainLog:
    """Reports each step; a context manager that is left when the training ends."""

    def __init__(
        self,
        model_dir: Path,
        first_step: int,
        last_step: int,
        batch_size: int,
        progress: Progress,
        diagnosis: Diagnosis | None = None,
    ):
        """Begin a report; `first_step` and `last_step` are global steps, before and after."""
        self.diagnosis = diagnosis
        self.batch_size = batch_size
        self.first_step = first_step
        self.last_step = last_step
        self.values: Mapping[str, float] = {}
        self.times_s: deque[float] = deque(maxlen=SUMMARY_EVERY + 1)
        self.writer = tf.summary.create_file_writer(str(model_dir / "train"))
        self.progress = progress
        self.task = progress.task("training", last_step, first_step)
        self.mean_ap: float | None = None  # the newest, of an evaluation
        self._paused_s = 0.0
        self._waits_s: deque[float] = deque(maxlen=SUMMARY_EVERY)

    def __enter__(self) -> "TrainLog":
        self.task.__enter__()
        self.task.reach(self.first_step, "preparing the first step")
        return self

    def __exit__(self, *error: object) -> None:
        self.task.__exit__(*error)
        self.writer.close()

    def images_per_s(self) -> float | None:
        """Mean over the last 100 steps; None before the second one."""
        if len(self.times_s) < 2:
            return None
        return self.batch_size * (len(self.times_s) - 1) / (self.times_s[-1] - self.times_s[0])

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave out of the speed what is done meanwhile."""
        begun_s = time.perf_counter()
        try:
            yield
        finally:
            self._paused_s += time.perf_counter() - begun_s

    def waited_for(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Pass batches on, and count the time it takes to get them."""
        source = iter(batches)
        while True:
            begun_s = time.perf_counter()
            batch = next(source)  # the batches never end
            self._waits_s.append(time.perf_counter() - begun_s)
            yield batch

    def step(
        self, step: int, values: Mapping[str, float] | None, batch: Mapping[str, tf.Tensor]
    ) -> None:
        """Report a finished step.

        Args:
            step: global step after the update, 1 after the first one.
            values: the losses and learning_rate, where they were fetched.
            batch: its `image` float32 [B, H, W, 3] goes into the image summary.
        """
        self.times_s.append(time.perf_counter() - self._paused_s)
        self.values = self.values if values is None else values
        self.task.reach(step, None if values is None else self._detail(values))
        if self.diagnosis:
            self.say(self.diagnosis.boxes(step, batch))
            if values is not None:
                waited = self._share_waited() if len(self.times_s) > 1 else None
                self.say(self.diagnosis.losses(step, values, waited))
        if step == self.first_step + TIMED_STEPS and step < self.last_step:
            self._tell_time(step)
        is_first = step == self.first_step + 1
        if values is not None and (is_first or step % SUMMARY_EVERY == 0 or step == self.last_step):
            self._summarise(step, values, batch)

    def say(self, texts: Iterable[str]) -> None:
        """Tell the user."""
        for text in texts:
            self.progress.note(text)

    def _share_waited(self) -> float:
        """Share of the time of the last steps in which there was no batch yet, 0 to 1."""
        waits_s = list(self._waits_s)[1 - len(self.times_s) :]
        return min(1.0, sum(waits_s) / max(self.times_s[-1] - self.times_s[0], 1e-9))

    def _detail(self, values: Mapping[str, float]) -> str:
        """The losses and the speed; first, where a narrow terminal cuts, what training lowers.

        The total holds the regularization too, which hardly changes.
        """
        losses = [f"{short} {values[n]:.3f}" for n, short in SHORT_NAMES.items() if n in values]
        rate = self.images_per_s()
        speed = [f"{rate:.1f} images/s"] if rate else []
        score = "" if self.mean_ap is None else f"mAP {self.mean_ap:.3f}"
        parts = [" ".join(losses[:2]), score, " ".join(losses[2:]), *speed]
        return "  ".join(filter(None, parts))

    def _tell_time(self, step: int) -> None:
        rate = self.images_per_s()
        assert rate is not None  # after TIMED_STEPS
        seconds = self.batch_size / rate
        left = duration(seconds * (self.last_step - step))
        self.progress.note(f"{left} to step {self.last_step}, at {seconds:.2f} s a step")

    def _summarise(
        self, step: int, values: Mapping[str, float], batch: Mapping[str, tf.Tensor]
    ) -> None:
        with self.writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
            if rate := self.images_per_s():
                tf.summary.scalar("steps_per_sec", rate / self.batch_size)
                tf.summary.scalar("images_per_sec", rate)
                tf.summary.scalar("waiting_for_data", self._share_waited())
            if step in (self.first_step + 1, self.last_step):
                image = np.asarray(batch["image"][:MOST_IMAGES])
                low, high = image.min(), image.max()
                tf.summary.image("train_input_images", (image - low) / max(high - low, 1e-6))
        self.writer.flush()
