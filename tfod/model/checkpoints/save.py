"""The checkpoints of a model folder: save, resume, and by name all that the steps need of them.

The format is that of the old API under its own keys (`checkpoint_format.py`), kept in folders as it
keeps them (`checkpoint_files.py`); what a model takes from one is in `checkpoint_restore.py`.
The model is anything with `variables_by_key` (key -> Keras variable).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfod.errors import UserError
from tfod.model.checkpoints.files import add_checkpoint, latest_checkpoint, number_of
from tfod.model.checkpoints.format import Checkpoint, read_checkpoint, write_tensors
from tfod.model.checkpoints.restore import Report, model_values, restore_model

__all__ = [
    "Checkpoint",
    "Report",
    "latest_checkpoint",
    "read_checkpoint",
    "restore_model",
    "restore_training",
    "save_checkpoint",
    "save_exporter_checkpoint",
]


def restore_training(path: str | Path, model: Any, optimizer: Any) -> tuple[int, int]:
    """Continue a run: model, state of the optimiser, and where the run stood.

    Args:
        path: the model folder (its latest checkpoint) or a checkpoint, ours or of the old API.
        model: has `variables_by_key`.
        optimizer: an `Optimizer` of `steps/train`, built.

    Returns:
        The global step, and N of `ckpt-N`.

    Raises:
        UserError: it is not a training checkpoint, or of another model or optimiser. Model and
            optimiser are unchanged then.
    """
    checkpoint = read_checkpoint(path)
    stored = checkpoint.variables
    if "step" not in stored:
        raise UserError(
            f"{checkpoint.path}: has no global step, so training cannot continue from it (an "
            "exported checkpoint?). Use it as fine_tune_checkpoint of a new model."
        )
    step = int(stored["step"])
    number = number_of(checkpoint.path.name)
    if number is None:
        number = int(stored.get("save_counter", 0))
    values = model_values(checkpoint, "all")
    if step == 0 and not values:  # the old API's first checkpoint of a run from random weights
        return step, number
    slots = optimizer.slots_by_name
    wrong = [name for name in slots if set(slots[name]) != set(checkpoint.slots.get(name, {}))]
    if checkpoint.slots and wrong:
        raise UserError(
            f"{checkpoint.path}: its optimizer state ({', '.join(sorted(checkpoint.slots))}) is "
            f"not that of the optimizer in pipeline.config ({', '.join(sorted(slots))}). Put the "
            "old optimizer back, or train a new model with this as fine_tune_checkpoint."
        )
    restore_model(model, checkpoint.path, "all")
    if checkpoint.slots:
        for name, variables in slots.items():
            for key, variable in variables.items():
                variable.assign(checkpoint.slots[name][key])
    optimizer.iterations.assign(stored.get("optimizer/iter", step))
    return step, number


def save_checkpoint(
    folder: str | Path,
    model: Any,
    step: int,
    optimizer: Any | None = None,
    max_to_keep: int | None = 7,
    number: int | None = None,
) -> Path:
    """Write `ckpt-N` of a training run; the folder can be resumed from at any moment.

    Args:
        folder: the model folder, made when missing.
        model: has `variables_by_key`.
        step: global step, the number of steps taken.
        optimizer: an `Optimizer` of `steps/train`; its state is saved with the model.
        max_to_keep: older checkpoints are removed after the new one is complete; None keeps all.
        number: N; one more than the latest of the folder when None.

    Returns:
        Prefix of the checkpoint.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    folder = Path(folder)
    if number is None:
        latest = latest_checkpoint(folder)
        number = 1 + ((number_of(latest.name) or 0) if latest else 0)
    values = _values(model.variables_by_key)
    values["step"] = np.array(step, np.int64)
    values["save_counter"] = np.array(number, np.int64)
    slots = {}
    if optimizer is not None:
        values |= {f"optimizer/{name}": value for name, value in optimizer.scalars().items()}
        slots = {
            name: {key: variable.numpy() for key, variable in variables.items()}
            for name, variables in optimizer.slots_by_name.items()
        }
    return add_checkpoint(
        folder, f"ckpt-{number}", lambda prefix: write_tensors(prefix, values, slots), max_to_keep
    )


def save_exporter_checkpoint(folder: str | Path, model: Any) -> Path:
    """Write `ckpt-0` as the old exporter does: the model alone, without step and optimiser."""
    values = _values(model.variables_by_key)
    values["save_counter"] = np.array(1, np.int64)
    return add_checkpoint(
        Path(folder), "ckpt-0", lambda prefix: write_tensors(prefix, values, {}), max_to_keep=1
    )


def _values(variables: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {key: keras.ops.convert_to_numpy(value) for key, value in variables.items()}
