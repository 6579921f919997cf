"""How a training run starts: its config, device and first weights, and what it keeps of them."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfod.config import apply_overrides, check_config, config_text, parse_config
from tfod.config.files import resolve_paths
from tfod.config.messages import TrainConfig, TrainEvalPipelineConfig
from tfod.config.reading import read_with_text
from tfod.data.batches.augment import AUGMENTATIONS
from tfod.errors import UserError
from tfod.files import whole_file
from tfod.model.checkpoints.files import latest_checkpoint
from tfod.model.checkpoints.format import Checkpoint, read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.checkpoints.save import KEPT, restore_training
from tfod.model.ssd import SSD
from tfod.progress import SILENT, Progress
from tfod.steps.train.optimizer import Optimizer
from tfod.steps.train.schedule import batch_size_note
from tfod.words import plural
from tfod.workspace import Workspace


def read_to_train(
    workspace: Workspace, path: Path, overrides: Sequence[str] = (), progress: Progress = SILENT
) -> TrainEvalPipelineConfig:
    """Read, override and check a pipeline.config."""
    config, text = read_with_text(path, workspace)
    written_for = config.train_config.batch_size
    apply_overrides(config, overrides, workspace)
    notes = check_config(config, path, AUGMENTATIONS, text)
    notes += batch_size_note(config.train_config, written_for, overrides)
    for note in notes:
        progress.note(f"note: {note}")
    return config


def newest(model_dir: Path) -> Checkpoint | None:
    """Read the newest checkpoint of a model folder; None when there is none."""
    prefix = latest_checkpoint(model_dir)
    return None if prefix is None else read_checkpoint(prefix)


def device_name() -> str:
    """Say what the run computes on, and let a GPU's memory grow as needed."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU ({plural(cpu_threads(), 'thread')}; no GPU found; TFOD_DEBUG=1 shows why)"
    for gpu in gpus:
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # already in use: set earlier in this process
            break
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "unknown")
    return f"GPU ({name})"


def cpu_threads() -> int:
    """How many threads TensorFlow splits one operation over: as set, else the CPUs it may use."""
    threads = tf.config.threading.get_intra_op_parallelism_threads()
    if threads <= 0:
        try:
            threads = int(os.environ.get("TF_NUM_INTRAOP_THREADS", ""))
        except ValueError:  # TensorFlow too goes on without
            threads = 0
    if threads > 0:
        return threads
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start(
    config: TrainEvalPipelineConfig,
    model: SSD,
    optimizer: Optimizer,
    before: Checkpoint | None,
    class_names: Mapping[int, str],
    progress: Progress = SILENT,
) -> int:
    """Give the model its first weights; return the global step it starts from.

    A checkpoint in the model folder wins over `fine_tune_checkpoint`, as in the old API.
    """
    if before is not None:
        step = restore_training(before, model, optimizer)
        progress.note(f"resumed from {before.path} at step {step}")
        return step
    path = config.train_config.fine_tune_checkpoint
    if not path:
        progress.note("starting from random weights")
        return 0
    kind = fine_tune_type(config.train_config)
    progress.note(str(restore_model(model, path, kind, class_names=class_names)))
    return 0


def disk_note(
    model: SSD, optimizer: Optimizer, model_dir: Path, steps: int, checkpoint_every: int
) -> str:
    """Say how much disk a run of so many steps takes, and warn when there is less."""
    weights, *slots = (
        sum(4 * np.prod(v.shape, dtype=np.int64) for v in variables.values())
        for variables in (model.variables_by_key, *optimizer.slots_by_name.values())
    )
    saved = min(-(-steps // checkpoint_every), KEPT)
    needed = int(saved * (weights + sum(slots)) + weights)
    free = shutil.disk_usage(model_dir).free
    told = f"{plural(saved, 'checkpoint')}, together about {needed / 1e6:,.0f} MB, in {model_dir}"
    if free > needed:
        return told
    return f"warning: {told}, where only {free / 1e6:,.0f} MB are free"


def fine_tune_type(train_config: TrainConfig) -> str:
    """Which part to restore; an empty type means what the old API made of it (FACTS 1.5)."""
    if train_config.fine_tune_checkpoint_type:
        return train_config.fine_tune_checkpoint_type
    return "detection" if train_config.from_detection_checkpoint else "classification"


def keep_config(config: TrainEvalPipelineConfig, model_dir: Path, workspace: Workspace) -> None:
    """Leave the config as run in the model folder; a different one there is kept as .old, .old2."""
    content = config_text(config, workspace).encode()

    def says_the_same(before: bytes) -> bool:
        try:
            written = parse_config(before.decode("utf-8-sig"))
        except (UserError, UnicodeDecodeError):
            return False  # whatever it is, it is kept
        resolve_paths(written, workspace)
        return written == config

    _keep(model_dir / "pipeline.config", content, says_the_same)


def keep_label_map(config: TrainEvalPipelineConfig, model_dir: Path) -> None:
    """Leave the label map next to the checkpoints, which hold only the numbers of the classes.

    A later `transfer` reads it (`restore_model`). A different one there is kept as .old, .old2.
    """
    source = Path(config.train_input_reader.label_map_path)
    if source.is_file():  # records can be read without it
        _keep(model_dir / "label_map.pbtxt", source.read_bytes(), lambda before: False)


def _keep(path: Path, content: bytes, says_the_same: Callable[[bytes], bool]) -> None:
    """Write a file; what it said before, if that was something else, gets a name of its own."""
    if path.exists():
        before = path.read_bytes()
        if before == content or says_the_same(before):
            return
        names = (path.with_name(f"{path.name}.old{number}") for number in ("", *range(2, 1000)))
        with whole_file(next(name for name in names if not name.exists())) as temporary:
            temporary.write_bytes(before)
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
