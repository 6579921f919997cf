"""Tries a training out: data, config, checkpoint, disk and a few steps, and how long it would take.

Everything happens in a folder that is removed; the model stays as it is.
"""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from tfod.class_numbers import LABEL_MAP
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.model.checkpoints.files import checkpoint_files, latest_checkpoint
from tfod.model.checkpoints.save import KEPT
from tfod.progress import SILENT, Progress, Task
from tfod.steps.train.train import TrainOptions, train
from tfod.words import duration, plural
from tfod.workspace import Workspace

STEPS = 4  # the first one compiles; the others tell the speed


@dataclass(frozen=True)
class Rehearsal:
    """What a training would be.

    Attributes:
        steps: steps that are left to make; 0 when the model is trained already.
        batch_size: images per step.
        seconds_per_step: mean of the few that were made.
        seconds: for all steps that are left, evaluations aside.
        disk_mb: what the checkpoints will take, MB.
        free_mb: what is free where they go, MB.
    """

    steps: int
    batch_size: int
    seconds_per_step: float
    seconds: float
    disk_mb: float
    free_mb: float

    def __str__(self) -> str:
        if not self.steps:
            return "already trained; nothing is left to do"
        text = (
            f"data, config, checkpoint and steps are all right: {plural(self.steps, 'step')} of "
            f"{plural(self.batch_size, 'photo')} take about {duration(self.seconds)}, at "
            f"{self.seconds_per_step:.2f} s a step; the checkpoints take {self.disk_mb:,.0f} MB"
        )
        if self.disk_mb > self.free_mb:
            text += f", but only {self.free_mb:,.0f} MB are free"
        return text


def rehearse(
    workspace: Workspace,
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    options: TrainOptions,
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> Rehearsal:
    """Make the first steps of a training elsewhere; arguments and errors are those of `train`."""
    newest = latest_checkpoint(model_dir)
    made = count(1)
    with tempfile.TemporaryDirectory(prefix="tfod-check-") as name:
        folder = Path(name)
        files = [] if newest is None else checkpoint_files(newest)
        for file in (*files, model_dir / LABEL_MAP):
            if file.is_file():
                shutil.copy2(file, folder)
        options = replace(options, evaluate_every=0)
        elsewhere, enough = _Elsewhere(progress, name), lambda: next(made) >= STEPS or stop()
        result = train(workspace, config, folder, options, elsewhere, enough)
        written = checkpoint_files(latest_checkpoint(folder) or folder)
        bytes_each = sum(file.stat().st_size for file in written)
    batch_size = config.train_config.batch_size
    steps = options.steps or config.train_config.num_steps
    left = max(0, steps - result.first_step) if result.losses else 0
    seconds = batch_size / result.images_per_s if result.images_per_s else result.seconds
    kept = min(KEPT, -(-left // options.checkpoint_every)) + 1  # and the best
    free_mb = shutil.disk_usage(model_dir).free / 1e6
    return Rehearsal(left, batch_size, seconds, seconds * left, kept * bytes_each / 1e6, free_mb)


class _Elsewhere(Progress):
    """Passes on what is reported, but for what names the folder that will be gone."""

    def __init__(self, progress: Progress, folder: str):
        self._progress, self._folder = progress, folder

    def task(self, what: str, total: int | None = None, done: int = 0) -> Task:
        return self._progress.task("trying out", STEPS)

    def note(self, text: str) -> None:
        if self._folder not in text:
            self._progress.note(text)
