"""The checkpoints of a model folder: save and resume.

The format is that of the old API under its own keys (`format.py`), kept in folders as it keeps them
(`files.py`); what a model takes from one is in `restore.py`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from tfod.errors import refusal
from tfod.model.checkpoints.files import add_checkpoint, number_of
from tfod.model.checkpoints.format import Checkpoint, read_checkpoint, write_tensors
from tfod.model.checkpoints.restore import Model, model_values, restore_model

KEPT = 7  # checkpoints of a run, as in the old API


class Optimizer(Protocol):
    """What is saved and resumed with a model."""

    @property
    def slots_by_name(self) -> Mapping[str, Mapping[str, Any]]:
        """Slot name -> key of the variable -> variable of its shape."""

    @property
    def iterations(self) -> Any:
        """Variable, int64: updates made."""

    def scalars(self) -> Mapping[str, np.ndarray]:
        """The numbers a checkpoint keeps next to the slots, by the old names."""


def restore_training(
    checkpoint: Checkpoint | str | Path, model: Model, optimizer: Optimizer
) -> int:
    """Continue a run: model and state of the optimiser; return its global step.

    Args:
        checkpoint: as it was read, or its path, or the model folder (its latest checkpoint); ours
            or of the old API.

    Raises:
        UserError: it is not a training checkpoint, or of another model or optimiser. Model and
            optimiser are unchanged then.
    """
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = read_checkpoint(checkpoint)
    stored = checkpoint.variables
    if "step" not in stored:
        what = "has no step count, so training cannot continue from it"
        expected = "a checkpoint of a training run, not of an export"
        raise refusal("checkpoint-without-step", checkpoint.path, what, expected=expected)
    step = int(stored["step"])
    if step == 0 and not model_values(checkpoint, "all"):
        return step  # the old API's first checkpoint of a run from random weights
    _check_slots(checkpoint, optimizer)
    restore_model(model, checkpoint, "all")
    if checkpoint.slots:
        for name, variables in optimizer.slots_by_name.items():
            for key, variable in variables.items():
                if key in checkpoint.slots[name]:  # it may have been frozen until now
                    variable.assign(checkpoint.slots[name][key])
    optimizer.iterations.assign(stored.get("optimizer/iter", step))
    return step


def save_checkpoint(
    folder: str | Path,
    model: Model,
    step: int,
    optimizer: Optimizer | None = None,
    max_to_keep: int | None = KEPT,
) -> Path:
    """Write `ckpt-N` of a training run; the folder can be resumed from at any moment.

    Args:
        folder: the model folder, created when missing.
        max_to_keep: older checkpoints are removed after the new one is complete; None keeps all.

    Returns:
        Prefix of the checkpoint.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    values = _values(model.variables_by_key)
    values["step"] = np.array(step, np.int64)
    slots = {}
    if optimizer is not None:
        values |= {f"optimizer/{name}": value for name, value in optimizer.scalars().items()}
        slots = {name: _values(slot) for name, slot in optimizer.slots_by_name.items()}

    def write(prefix: Path) -> None:
        counter = {"save_counter": np.array(number_of(prefix.name), np.int64)}
        write_tensors(prefix, values | counter, slots)

    return add_checkpoint(Path(folder), write, max_to_keep)


def save_exporter_checkpoint(folder: str | Path, model: Model) -> Path:
    """Write `ckpt-0` as the old exporter does: the model alone, without step and optimiser."""
    values = _values(model.variables_by_key)
    values["save_counter"] = np.array(1, np.int64)
    return add_checkpoint(
        Path(folder), lambda prefix: write_tensors(prefix, values, {}), max_to_keep=1, number=0
    )


def _check_slots(checkpoint: Checkpoint, optimizer: Optimizer) -> None:
    """Refuse a checkpoint that has the state of another optimiser; one without any is accepted."""
    stored, slots = checkpoint.slots, optimizer.slots_by_name
    if stored and not slots.keys() <= stored.keys():
        raise refusal(
            "optimizer-differs",
            checkpoint.path,
            "has the state of a different optimizer than pipeline.config",
            setting="train_config.optimizer",
            expected=", ".join(sorted(slots)),
            got=", ".join(sorted(stored)),
        )


def _values(variables: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {key: keras.ops.convert_to_numpy(value) for key, value in variables.items()}
