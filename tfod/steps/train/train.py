"""Fine-tune or train a detector: batches -> losses -> gradients -> checkpoints.

`train` reads top to bottom: model, start (resume, fine-tune or random), batches, loop. It writes
checkpoints and TensorBoard summaries into the model folder, in the old places under the old names.
It does not know how records are read (`tfod/data/batches`) nor what a loss is (`tfod/model`).

Run it with `tfod train NAME`.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console

from tfod.config import read_config
from tfod.config.files import missing_paths
from tfod.config.honoured import check_config
from tfod.data.batches.augment import AUGMENTATIONS
from tfod.data.batches.pipeline import train_batches
from tfod.data.records.check import record_files, record_problems
from tfod.errors import UserError
from tfod.files import check_writable
from tfod.model.checkpoints.save import latest_checkpoint, save_checkpoint
from tfod.model.ssd import SSD
from tfod.steps.train.log import TrainLog
from tfod.steps.train.optimizer import make_optimizer
from tfod.steps.train.start import class_names, device_name, keep_config, keep_label_map, start
from tfod.steps.train.stop import (
    ctrl_c_finishes_the_step,
    stop_when_loss_is_not_finite,
    stop_when_weights_are_not_finite,
)
from tfod.terminal import say
from tfod.workspace import Workspace

TOTAL = "Loss/total_loss"


@dataclass(frozen=True)
class TrainResult:
    """What a run did.

    Attributes:
        first_step, last_step: global step before and after the run.
        checkpoint: prefix of the last checkpoint, without suffix.
        losses: the four losses of the last step, under the old names.
        images_per_s: mean over the last 100 steps.
        seconds: wall time of the loop.
        interrupted: the user pressed Ctrl-C.
    """

    first_step: int
    last_step: int
    checkpoint: Path
    losses: Mapping[str, float]
    images_per_s: float
    seconds: float
    interrupted: bool


def train(
    config: Any,
    model_dir: Path,
    *,
    num_steps: int | None = None,
    checkpoint_every_n: int = 1000,
    seed: int | None = None,
    console: Console | None = None,
) -> TrainResult:
    """Train until `num_steps`, from where the model folder stands.

    Args:
        config: TrainEvalPipelineConfig, read and checked.
        model_dir: where checkpoints and summaries go; a checkpoint there is resumed.
        num_steps: global step to reach; the config's num_steps when None.
        checkpoint_every_n: steps between checkpoints; the last step is always saved.
        seed: makes weights, order and augmentation reproducible.
        console: where progress goes; stderr when None.

    Returns:
        What was done, with the path of the last checkpoint.

    Raises:
        UserError: the data, the checkpoint or the config cannot be used, or the loss is not finite.
    """
    console = console or Console(stderr=True)
    model_dir = Path(model_dir)
    last_step = _steps_to_reach(config, num_steps)
    if checkpoint_every_n < 1:
        raise UserError(
            f"--checkpoint-every is {checkpoint_every_n} steps (expected at least 1). Give more."
        )
    check_writable(model_dir)
    say(console, f"device: {device_name()}")
    if seed is not None:
        keras.utils.set_random_seed(seed)
    model = SSD(config.model.ssd, seed)
    optimizer = make_optimizer(config.train_config)
    trainable = {key: v for key, v in model.variables_by_key.items() if v.trainable}
    optimizer.build(trainable)
    first_step = start(config, model, optimizer, model_dir, console)
    if first_step >= last_step:
        raise UserError(
            f"{model_dir}: already at step {first_step}, and {last_step} were asked for. Ask for "
            f"more with --steps {first_step + 1000}, or train a new model."
        )
    order_seed = None if seed is None else seed + first_step
    batches = train_batches(
        config, model.preprocess, seed=order_seed, deterministic=seed is not None
    )
    keep_config(config, model_dir)
    keep_label_map(config, model_dir)
    if latest_checkpoint(model_dir) is None:
        save_checkpoint(model_dir, model, 0)  # ckpt-1, before the first step

    train_step = make_train_step(
        model, optimizer, trainable.values(), config.train_config.add_regularization_loss
    )

    def save(step: int, last: Path | None) -> Path:
        stop_when_weights_are_not_finite(model.variables_by_key, step, last)
        return save_checkpoint(model_dir, model, step, optimizer)

    log = TrainLog(model_dir, first_step, last_step, config.train_config.batch_size, console)
    with record_problems(record_files(config.train_input_reader)), log:
        return _loop(train_step, batches, save, checkpoint_every_n, log)


def _loop(
    train_step: Callable,
    batches: Iterable[Mapping[str, tf.Tensor]],
    save: Callable[[int, Path | None], Path],
    checkpoint_every_n: int,
    log: TrainLog,
) -> TrainResult:
    begun_s = time.perf_counter()
    checkpoint = None
    with ctrl_c_finishes_the_step(log.console) as caught:
        for step, batch in enumerate(batches, log.first_step + 1):
            result = train_step(batch, tf.constant(step - 1, tf.int64))
            values = {name: float(value) for name, value in result.items()}
            stop_when_loss_is_not_finite(values, step, batch, checkpoint)
            log.step(step, values, batch)
            stop = bool(caught) or step == log.last_step
            if stop or (step - log.first_step) % checkpoint_every_n == 0:
                checkpoint = save(step, checkpoint)
            if stop:
                break
    return TrainResult(
        first_step=log.first_step,
        last_step=step,
        checkpoint=checkpoint,
        losses={name: value for name, value in values.items() if name.startswith("Loss/")},
        images_per_s=log.images_per_s(),
        seconds=time.perf_counter() - begun_s,
        interrupted=bool(caught) and step < log.last_step,
    )


def train_from_file(
    config_path: Path, model_dir: Path, overrides: tuple[str, ...] = (), **options: Any
) -> TrainResult:
    """Read, override and check a pipeline.config, then `train` with it."""
    console = options.get("console") or Console(stderr=True)
    config = read_config(config_path, Workspace(Path()), overrides)
    for warning in check_config(config, config_path, AUGMENTATIONS):
        say(console, f"note: {warning}")
    missing_paths(config, step="resume" if latest_checkpoint(model_dir) else "train")
    class_names(config)  # a label map that does not fit is told before the work
    return train(config, model_dir, **options)


def make_train_step(
    model: SSD, optimizer: Any, trainable: Iterable[Any], add_regularization_loss: bool
) -> Any:
    """Compile one step: (batch, int64 step) -> dict of float32 scalars.

    `trainable` are the keras variables the optimizer was built with, in its order.

    The update is left out when the loss is not finite, so that the weights stay usable.
    """
    variables = [variable.value for variable in trainable]

    @tf.function(autograph=False)
    def train_step(batch: dict[str, tf.Tensor], step: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            predictions = model(batch["image"], training=True)
            losses = model.losses(predictions, batch, add_regularization_loss)
        gradients = tape.gradient(losses[TOTAL], variables)

        def update() -> tf.Tensor:
            return tf.cast(optimizer.apply(gradients, step), tf.float32)

        rate = tf.cond(tf.math.is_finite(losses[TOTAL]), update, lambda: tf.constant(np.nan))
        return {**losses, "learning_rate": rate}

    return train_step


def _steps_to_reach(config: Any, num_steps: int | None) -> int:
    steps = config.train_config.num_steps if num_steps is None else num_steps
    if steps <= 0:
        raise UserError(
            f"train_config.num_steps is {steps}, expected at least 1. Give --steps, or set "
            "num_steps in pipeline.config."
        )
    return steps
