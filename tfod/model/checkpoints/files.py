"""Where checkpoints lie: finding one from what a user wrote, naming, keeping the newest ones.

A folder of checkpoints has a text file `checkpoint` that names the latest one and all that are
kept, as `tf.train.latest_checkpoint` reads it. What is inside a checkpoint is
`checkpoint_format.py`.
"""

import glob
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf import text_format

from tfod.errors import UserError
from tfod.files import from_user, full_disk, whole_file

STATE = "checkpoint"
PART = ".part-ckpt-"
FILE_ENDING = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")
OTHER_FILES = {
    ".h5": "a Keras weights file",
    ".hdf5": "a Keras weights file",
    ".keras": "a Keras model file",
    ".pb": "a frozen graph or SavedModel",
    ".tflite": "a TFLite model",
    ".pt": "a PyTorch file",
    ".pth": "a PyTorch file",
    ".onnx": "an ONNX model",
}


def find_checkpoint(path: str | Path) -> Path:
    """Turn what a user wrote into the prefix of a checkpoint that has an index file.

    Takes the prefix (`.../ckpt-0`), one of its files, its folder, the `checkpoint` file in it, or
    the folder above it as the zoo and the exporter lay it out; with either slash.

    Raises:
        UserError: there is no checkpoint; says what is there instead.
    """
    path = from_user(path)
    folder = path.parent if path.name == STATE and path.is_file() else path
    if folder.is_dir():
        prefix = latest_checkpoint(folder) or latest_checkpoint(folder / STATE)
    else:
        prefix = path.parent / FILE_ENDING.sub("", path.name)
    if prefix is None or not checkpoint_files(prefix):
        raise UserError(_not_found(path))
    if not Path(f"{prefix}.index").is_file():
        raise UserError(
            f"{prefix}: the checkpoint is half-copied: {prefix.name}.index is missing beside "
            f"{checkpoint_files(prefix)[0].name}. Copy that file too, or use another checkpoint."
        )
    return prefix


def latest_checkpoint(folder: str | Path) -> Path | None:
    """Find the newest checkpoint of a folder, as prefix; None when there is none.

    The file `checkpoint` decides, wherever the folder was moved to since; without it, the highest
    number does.
    """
    folder = Path(folder)
    state = _read_state(folder)
    if state is not None:
        prefix = _moved_here(folder, state.model_checkpoint_path)
        if checkpoint_files(prefix):
            return prefix
    numbered = [(number_of(file.stem), file.stem) for file in folder.glob("ckpt-*.index")]
    known = sorted((number, name) for number, name in numbered if number is not None)
    return folder / known[-1][1] if known else None


def number_of(name: str) -> int | None:
    """Give N of "ckpt-N", None when the name has no number."""
    found = re.search(r"-(\d+)$", name)
    return int(found[1]) if found else None


def add_checkpoint(
    folder: Path, name: str, write: Callable[[Path], None], max_to_keep: int | None
) -> Path:
    """Write a checkpoint into a folder so that the folder can be loaded at any moment.

    The files are written under a temporary name and renamed, data before index; then the file
    `checkpoint` names them; only then the oldest are removed.

    Args:
        folder: made when missing.
        name: for example "ckpt-3".
        write: writes the files of the checkpoint to the prefix it is given.
        max_to_keep: how many checkpoints stay; None keeps all.

    Returns:
        The prefix of the new checkpoint.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    folder = Path(folder)
    kept = _kept(folder, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob(f"{PART}*"):  # of a run that was killed while writing
            shutil.rmtree(left_over, ignore_errors=True)
        part = Path(tempfile.mkdtemp(prefix=PART, dir=folder))
        try:
            write(part / name)
            for file in sorted(part.iterdir()):  # "ckpt-3.data-..." sorts before "ckpt-3.index"
                os.replace(file, folder / file.name)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except (OSError, tf.errors.OpError) as error:
        full = full_disk(error)
        why = getattr(error, "strerror", None) or error
        reason = f"the disk is full ({full})" if full else f"cannot be written ({why})"
        raise UserError(
            f"{folder / name}: {reason}; earlier checkpoints are untouched. Free some space or "
            "choose another folder, and run the same command again: it resumes."
        ) from error
    kept[name] = time.time()
    removed = [] if max_to_keep is None else list(kept)[:-max_to_keep]
    _write_state(folder, {key: when for key, when in kept.items() if key not in removed})
    for old in removed:
        prefix = _moved_here(folder, old)
        if prefix.parent == folder:  # a state file may name checkpoints of other folders
            for file in reversed(checkpoint_files(prefix)):  # the index first
                file.unlink(missing_ok=True)
    return folder / name


def checkpoint_files(prefix: Path) -> list[Path]:
    """The files of a checkpoint, data before index."""
    files = prefix.parent.glob(f"{glob.escape(prefix.name)}.*")
    return sorted(file for file in files if FILE_ENDING.search(file.name))


def _not_found(path: Path) -> str:
    remedy = (
        "Give the path of a checkpoint without its ending, for example .../checkpoint/ckpt-0, or "
        "its folder."
    )
    if (path / "saved_model.pb").is_file():
        return (
            f"{path}: a SavedModel, expected a checkpoint. Give the folder `checkpoint` beside "
            "`saved_model`; a SavedModel cannot be trained on."
        )
    if path.is_file() and path.suffix.lower() in OTHER_FILES:
        return (
            f"{path}: {OTHER_FILES[path.suffix.lower()]}, expected a TensorFlow 2 checkpoint "
            f"(ckpt-N.index and ckpt-N.data-00000-of-00001). {remedy}"
        )
    if path.is_dir():
        return (
            f"{path}: no checkpoint in this folder (no ckpt-N.index). Train first, with "
            "`tfod train NAME`, or name a checkpoint by its path, without ending."
        )
    if not path.parent.is_dir():
        return f"{path}: no such checkpoint (there is no folder {path.parent}). {remedy}"
    there = sorted(file.stem for file in path.parent.glob("*.index"))
    known = f"has {', '.join(there[-5:])}" if there else "has none"
    return f"{path}: no such checkpoint (the folder {known}). {remedy}"


def _kept(folder: Path, new: str) -> dict[str, float]:
    """Name -> time of the checkpoints the folder keeps, oldest first, without `new`."""
    state = _read_state(folder)
    if state is None:
        return {}
    names = list(state.all_model_checkpoint_paths)
    times = list(state.all_model_checkpoint_timestamps)
    times += [time.time()] * (len(names) - len(times))
    return {
        name: when
        for name, when in zip(names, times, strict=False)
        if name != new and Path(f"{_moved_here(folder, name)}.index").exists()
    }


def _read_state(folder: Path) -> Any:
    """Parse the file `checkpoint`, a CheckpointState message; None when there is no usable one."""
    if not (folder / STATE).is_file():
        return None
    proto = tf.compat.v1.train.generate_checkpoint_state_proto("/", "unknown")
    proto.Clear()
    try:
        text_format.Parse((folder / STATE).read_text(encoding="utf-8"), proto)
    except (text_format.ParseError, UnicodeDecodeError):
        return None
    return proto if proto.model_checkpoint_path else None


def _write_state(folder: Path, kept: dict[str, float]) -> None:
    names, times = list(kept), list(kept.values())
    before = _read_state(folder)
    preserved = before.last_preserved_timestamp if before is not None else times[-1]
    proto = tf.compat.v1.train.generate_checkpoint_state_proto(
        str(folder.absolute()), names[-1], names, times, preserved or times[-1]
    )
    with whole_file(folder / STATE) as temporary:
        temporary.write_text(text_format.MessageToString(proto), encoding="utf-8")


def _moved_here(folder: Path, name: str) -> Path:
    """Resolve a name of the state file; one of another machine is looked for in the folder."""
    prefix = folder / name  # an absolute name stays as it is
    if Path(f"{prefix}.index").exists():
        return prefix
    return folder / name.replace("\\", "/").rpartition("/")[2]
