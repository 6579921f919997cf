"""What stops a training run before its last step: Ctrl-C, a loss or weights that are no numbers."""

import os
import signal
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console

from tfod.errors import UserError
from tfod.terminal import say


def stop_when_loss_is_not_finite(
    values: Mapping[str, float],
    step: int,
    batch: Mapping[str, tf.Tensor],
    checkpoint: Path | None,
) -> None:
    """Stop at a loss that is not a number, before it is logged.

    Args:
        values: the losses of the step.
        step: global step.
        batch: its `filename` names the images.
        checkpoint: the last one of this run.

    Raises:
        UserError: names step, losses and files.
    """
    if np.isfinite(values["Loss/total_loss"]):
        return
    losses = ", ".join(f"{name} {value:g}" for name, value in values.items() if name[:4] == "Loss")
    files = ", ".join(name.decode("utf-8", "replace") for name in batch["filename"].numpy())
    raise UserError(
        f"step {step}: the loss is not a number ({losses}) on the batch {files}. The last good "
        f"weights are in {_kept(checkpoint)}. Look at these images and their boxes; when they are "
        "right, lower the learning rate in pipeline.config and train again."
    )


def stop_when_weights_are_not_finite(
    variables: Mapping[str, Any], step: int, checkpoint: Path | None
) -> None:
    """Stop before weights that are no numbers are saved; the loss may show it a step later.

    Args:
        variables: key -> Keras variable, the whole model.
        step: global step.
        checkpoint: the last one of this run.

    Raises:
        UserError: names step and the first of the variables.
    """
    for key, variable in variables.items():
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            raise UserError(
                f"step {step}: the weights are not numbers any more (first {key}) and are not "
                f"saved. The last good weights are in {_kept(checkpoint)}. Lower the learning rate "
                "in pipeline.config and train again."
            )


def _kept(checkpoint: Path | None) -> Path | str:
    return checkpoint or "the checkpoint the run began with"


@contextmanager
def ctrl_c_finishes_the_step(console: Console) -> Iterator[list[int]]:
    """Collect SIGINT, SIGTERM and SIGHUP in a list instead of raising; a second one raises.

    SIGHUP is a terminal that was closed, or a connection to this machine that broke.
    """
    caught: list[int] = []

    def note(number: int, frame: Any) -> None:
        if number == getattr(signal, "SIGHUP", None):  # Windows has none
            _write_nowhere()
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        say(console, "stopping: finishing the step and saving; Ctrl-C again stops without saving")

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)  # `nohup` has it ignored
    try:
        before = {number: signal.signal(number, note) for number in numbers}
    except ValueError:  # not the main thread, as in a notebook server
        yield caught
        return
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_nowhere() -> None:
    """Let go of a terminal that is gone, as writing to it raises; files are written on."""
    with open(os.devnull, "w") as nowhere:
        for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
            if stat.S_ISCHR(os.fstat(stream).st_mode):
                os.dup2(nowhere.fileno(), stream)
