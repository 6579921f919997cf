"""How a training run starts: device, first weights, the config it leaves in the model folder."""

import shutil
from pathlib import Path
from typing import Any

import tensorflow as tf
from rich.console import Console

from tfod.config import read_config, write_config
from tfod.errors import UserError
from tfod.files import whole_file
from tfod.labels import read_fitting_label_map
from tfod.model.checkpoints.save import latest_checkpoint, restore_model, restore_training
from tfod.model.ssd import SSD
from tfod.terminal import say
from tfod.workspace import Workspace


def device_name() -> str:
    """Say what the run computes on, and let a GPU's memory grow as needed."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        threads = tf.config.threading.get_intra_op_parallelism_threads() or "all"
        return f"CPU ({threads} cores; no GPU was found, TFOD_DEBUG=1 says why)"
    for gpu in gpus:
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # already in use: set earlier in this process
            break
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unknown")
    return f"GPU ({name})"


def start(config: Any, model: SSD, optimizer: Any, model_dir: Path, console: Console) -> int:
    """Give the model its first weights; return the global step it stands at.

    A checkpoint in the model folder wins over `fine_tune_checkpoint`, as in the old API.
    """
    latest = latest_checkpoint(model_dir)
    if latest is not None:
        step, _ = restore_training(latest, model, optimizer)
        say(console, f"resumed from {latest} at step {step}")
        return step
    path = config.train_config.fine_tune_checkpoint
    if not path:
        say(console, "starting from random weights")
        return 0
    report = restore_model(
        model, path, fine_tune_type(config.train_config), class_names=class_names(config)
    )
    say(console, str(report))
    return 0


def fine_tune_type(train_config: Any) -> str:
    """The way to restore; an empty type means what the old API made of it (FACTS 1.5)."""
    if train_config.fine_tune_checkpoint_type:
        return train_config.fine_tune_checkpoint_type
    return "detection" if train_config.from_detection_checkpoint else "classification"


def class_names(config: Any) -> dict[int, str]:
    """0-based class id -> name from the training label map.

    Raises:
        UserError: the label map cannot be read, or has more classes than the model.
    """
    path = config.train_input_reader.label_map_path
    return read_fitting_label_map(path, config.model.ssd.num_classes).class_names


def keep_config(config: Any, model_dir: Path) -> None:
    """Leave the config as run in the model folder; a different one there is kept as .old, .old2."""
    path = model_dir / "pipeline.config"
    if path.exists():
        try:
            if read_config(path, Workspace(Path())) == config:
                return
        except UserError:
            pass  # whatever it is, it is kept below
        _keep_old(path)
    write_config(config, path, Workspace(Path()))


def keep_label_map(config: Any, model_dir: Path) -> None:
    """Leave the label map beside the checkpoints, which know the numbers of the classes alone.

    A later `transfer` reads it (`restore_model`). A different one there is kept as .old, .old2.
    """
    source = Path(config.train_input_reader.label_map_path)
    path = model_dir / "label_map.pbtxt"
    if not source.is_file():  # records can be read without it
        return
    if path.exists():
        if path.read_bytes() == source.read_bytes():
            return
        _keep_old(path)
    with whole_file(path) as temporary:
        shutil.copyfile(source, temporary)


def _keep_old(path: Path) -> None:
    old = (path.with_name(f"{path.name}.old{number}") for number in ("", *range(2, 1000)))
    shutil.copy2(path, next(name for name in old if not name.exists()))
