"""How a training run starts: its config, device and first weights, and what it keeps of them."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from tfod.class_numbers import agree, check_new_names, check_rename
from tfod.config import apply_overrides, check_config, config_text, parse_config
from tfod.config.comments import with_comments_of
from tfod.config.files import resolve_paths
from tfod.config.messages import TrainConfig, TrainEvalPipelineConfig
from tfod.config.reading import read_with_text
from tfod.data.batches.augment import AUGMENTATIONS
from tfod.errors import UserError, refusal
from tfod.files import replace_file
from tfod.labels import LabelMap, read_fitting_label_map
from tfod.locks import only_one
from tfod.model.checkpoints.files import find_checkpoint, latest_checkpoint
from tfod.model.checkpoints.format import Checkpoint, read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.checkpoints.save import KEPT, restore_training
from tfod.model.ssd import SSD
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.train.optimizer import Optimizer
from tfod.steps.train.schedule import batch_size_note
from tfod.words import plural
from tfod.workspace import Workspace

LOCK = ".training.lock"


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


def alone_in(model_dir: Path) -> AbstractContextManager[None]:
    """Keep other trainings out of a model folder meanwhile; a killed one keeps nobody out.

    Raises:
        UserError: another one is running there.
    """
    if not os.access(model_dir, os.W_OK):  # what cannot be written is refused later, in words
        return nullcontext()
    what = "another training of this model is running"
    return only_one(
        model_dir / LOCK, refusal("already-training", model_dir, what, remedy=Remedy.WAIT)
    )


def newest(model_dir: Path) -> Checkpoint | None:
    """Read the newest checkpoint of a model folder; None when there is none."""
    prefix = latest_checkpoint(model_dir)
    return None if prefix is None else read_checkpoint(prefix)


def agreed_classes(
    config: TrainEvalPipelineConfig,
    before: Checkpoint | None,
    rename: Mapping[str, str],
    progress: Progress = SILENT,
) -> LabelMap | None:
    """The classes of the data and of the weights that the run starts from, class head and all.

    Returns:
        None when no label map names the classes of the data.

    Raises:
        UserError: a number means one class in the data and another one in the weights; the label
            map cannot be used.
    """
    path = Path(config.train_input_reader.label_map_path)
    if not path.is_file():
        check_rename(rename, None)
        return None
    resumes, num_classes = before is not None, config.model.ssd.num_classes
    data = read_fitting_label_map(path, num_classes, names_twice=resumes)
    checkpoint, how = config.train_config.fine_tune_checkpoint, fine_tune_type(config.train_config)
    if before is not None:
        return agree(before.path, data, path, rename, progress)
    if checkpoint and how == "full":
        return agree(find_checkpoint(checkpoint), data, path, rename, progress)
    if rename:  # of these weights a class head is only taken when its names are the same
        check_rename(rename, find_checkpoint(checkpoint) if checkpoint else None)
        check_new_names(rename, data, path)
    return data


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
    told = f"{plural(saved, 'checkpoint')}, about {needed / 1e6:,.0f} MB, in {model_dir}"
    if free > needed:
        return told
    return f"warning: {told}, where only {free / 1e6:,.0f} MB are free"


def fine_tune_type(train_config: TrainConfig) -> str:
    """Which part to restore; an empty type means what the old API made of it (FACTS 1.5)."""
    if train_config.fine_tune_checkpoint_type:
        return train_config.fine_tune_checkpoint_type
    return "detection" if train_config.from_detection_checkpoint else "classification"


def freeze(train_config: TrainConfig, model: SSD, progress: Progress = SILENT) -> None:
    """Freeze what `freeze_variables` names, where the weights are transferred.

    The old API ignored the field, so its other ways to restore still do.
    """
    patterns = train_config.freeze_variables
    if not patterns or fine_tune_type(train_config) != "transfer":
        return
    frozen = model.freeze(patterns)
    if frozen:
        progress.note(f"frozen: {plural(len(frozen), 'layer')}, {frozen[0]} to {frozen[-1]}")
    else:
        progress.note("warning: train_config.freeze_variables names no layer, so all learn")


def keep_config(config: TrainEvalPipelineConfig, model_dir: Path, workspace: Workspace) -> None:
    """Leave the config as run in the model folder; a different one there is kept as .old, .old2."""
    path, before = model_dir / "pipeline.config", ""
    if path.exists():
        try:
            before = path.read_text("utf-8-sig")
            written = parse_config(before)
            resolve_paths(written, workspace)
            if written == config:
                return
        except (UserError, UnicodeDecodeError):
            pass  # whatever it is, it is kept
    with replace_file(path) as temporary:
        text = with_comments_of(before, config_text(config, workspace))
        temporary.write_text(text, encoding="utf-8", newline="\n")
