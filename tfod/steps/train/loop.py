"""The loop of a training: steps, and from time to time a look, an evaluation, a checkpoint."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import tensorflow as tf

from tfod.errors import refusal
from tfod.model.checkpoints.best import Best
from tfod.remedies import Remedy
from tfod.steps.train.finite import FETCH_EVERY, Losses
from tfod.steps.train.log import TrainLog
from tfod.steps.train.step import TrainStep
from tfod.steps.train.validation import Validation
from tfod.words import plural

Save = Callable[[int, Path | None], Path]
Batch = Mapping[str, tf.Tensor]


@dataclass(frozen=True)
class TrainResult:
    """What a run did.

    Attributes:
        first_step, last_step: global step before and after the run; the same when the model was
            trained that far already.
        checkpoint: prefix of the last checkpoint, without suffix.
        losses: the four losses of the last step, under the old names; empty without a step.
        images_per_s: mean over the last 100 steps; None where a single step was made.
        seconds: wall time of the loop.
        interrupted: it was asked to stop before the last step.
        stopped_early: it ended before the last step, because it did not become better any more.
        best: the best checkpoint so far; None when none was measured.
    """

    first_step: int
    last_step: int
    checkpoint: Path
    losses: Mapping[str, float] = field(default_factory=dict)
    images_per_s: float | None = None
    seconds: float = 0.0
    interrupted: bool = False
    stopped_early: bool = False
    best: Best | None = None


@contextmanager
def enough_memory(shape: Sequence[int]) -> Iterator[None]:
    """Say in a sentence that a batch [B, H, W, 3] does not fit into the memory.

    Raises:
        UserError: it does not.
    """
    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        size, height, width = shape[:3]
        setting = "train_config.batch_size"
        smaller = max(1, size // 2)
        less = Remedy.SET(setting=setting, value=smaller) if size > 1 else Remedy.FREE_MEMORY
        what = f"not enough memory for {plural(size, 'photo')} of {height}x{width} in a step"
        raise refusal("out-of-memory", setting=setting, what=what, got=size, remedy=less) from error


def run_steps(
    train_step: TrainStep,
    batches: Iterable[Batch],
    save: Save,
    checkpoint_every: int,
    log: TrainLog,
    validation: Validation | None,
    stop: Callable[[], bool],
) -> TrainResult:
    """Train from the first to the last step of a log.

    Args:
        save: writes the checkpoint of a step, given the one before; returns its prefix.
        stop: asked after each step; the run saves and ends when it says so.
    """
    begun_s = time.perf_counter()
    checkpoint: Path | None = None
    losses = Losses(train_step.first_bad_step)
    is_over = is_stopped = False
    for step, batch in enumerate(log.waited_for(batches), log.first_step + 1):
        with enough_memory(batch["image"].shape):
            losses.keep(step, batch, train_step(batch, tf.constant(step - 1, tf.int64)))
        is_last, is_first = step == log.last_step, step == log.first_step + 1
        is_due = is_first or is_last or step % FETCH_EVERY == 0
        log.step(step, losses.fetch(checkpoint) if is_due else None, batch)
        is_stopped = stop()
        if validation and validation.due(step) and not is_stopped:
            losses.fetch(checkpoint)
            with log.paused():
                is_over = validation.run(step, stop)
            log.mean_ap = validation.mean_ap
            is_stopped = stop()
        is_last = is_last or is_stopped or is_over
        if is_last or (step - log.first_step) % checkpoint_every == 0:
            values = losses.fetch(checkpoint)
            checkpoint = save(step, checkpoint)
        if is_last:
            break
    assert checkpoint is not None
    return TrainResult(
        first_step=log.first_step,
        last_step=step,
        checkpoint=checkpoint,
        losses={name: value for name, value in values.items() if name.startswith("Loss/")},
        images_per_s=log.images_per_s(),
        seconds=time.perf_counter() - begun_s,
        interrupted=step < log.last_step and not is_over,
        stopped_early=is_over,
        best=validation.best if validation else None,
    )
