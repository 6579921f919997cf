"""Where checkpoints lie: finding one from what a user wrote, naming, keeping the newest ones.

What is inside a checkpoint is `format.py`, the file that names the newest one `state.py`.
"""

import glob
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from tfod.errors import Problem, UserError, refusal
from tfod.files import from_user, full_disk
from tfod.model.checkpoints.state import STATE, State, moved_here, read_state, write_state
from tfod.remedies import Remedy
from tfod.renamed import renamed_files
from tfod.words import natural_key, some

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
RENAMED = "checkpoint files have other names"
EXPECTED = "a TensorFlow 2 checkpoint (ckpt-N.index and ckpt-N.data-00000-of-00001)"


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
    files = checkpoint_files(prefix) if prefix else []
    if prefix is None or not files:
        problems = renamed_files(path.parent, path.name)
        raise UserError(*problems or [_not_found(path)], heading=RENAMED)
    if not Path(f"{prefix}.index").is_file():
        raise half_copied(prefix, [f"{prefix.name}.index"], files[0].name)
    return prefix


def latest_checkpoint(folder: str | Path) -> Path | None:
    """Find the newest checkpoint of a folder, as prefix; None when there is none.

    The file `checkpoint` decides, wherever the folder was moved to since; without it, the highest
    number does.

    Raises:
        UserError: there is a later one, but its files have other names.
    """
    folder = Path(folder)
    latest = _latest(folder, read_state(folder))
    number = -1 if latest is None else number_of(latest.name) or 0
    problems = [
        problem
        for problem in renamed_files(folder)
        if (number_of(str(problem.expected).partition(".")[0]) or 0) > number
    ]
    if problems:
        raise UserError(*problems, heading=RENAMED)
    return latest


def number_of(name: str) -> int | None:
    """Give N of "ckpt-N", None when the name has no number."""
    found = re.search(r"-(\d+)$", name)
    return int(found[1]) if found else None


def add_checkpoint(
    folder: Path, write: Callable[[Path], None], max_to_keep: int | None, number: int | None = None
) -> Path:
    """Write a checkpoint into a folder so that the folder can be loaded at any moment.

    The files are written under a temporary name and renamed, data before index; then the file
    `checkpoint` names them; only then the oldest are removed.

    Args:
        write: writes the files of the checkpoint to the prefix it is given, ".../ckpt-3".
        max_to_keep: how many checkpoints stay; None keeps all.
        number: N of ckpt-N; None: one more than that of the latest.

    Returns:
        The prefix of the new checkpoint.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    folder = Path(folder)
    state = read_state(folder)
    if number is None:
        latest = _latest(folder, state)
        number = 1 + ((number_of(latest.name) or 0) if latest else 0)
    name = f"ckpt-{number}"
    with _disk_problems(folder / name):
        _put_files(folder, name, write)
    kept = {
        other: when_s
        for other, when_s in state.kept.items()
        if other != name and Path(f"{moved_here(folder, other)}.index").exists()
    }
    kept[name] = time.time()
    removed = [] if max_to_keep is None else list(kept)[:-max_to_keep]
    kept = {other: when_s for other, when_s in kept.items() if other not in removed}
    write_state(folder, State(name, kept, state.preserved_s))
    for old in removed:
        prefix = moved_here(folder, old)
        if prefix.parent == folder:  # a state file may name checkpoints of other folders
            for file in reversed(checkpoint_files(prefix)):  # the index first
                file.unlink(missing_ok=True)
    return folder / name


def checkpoint_files(prefix: Path) -> list[Path]:
    """The files of a checkpoint, data before index."""
    files = prefix.parent.glob(f"{glob.escape(prefix.name)}.*")
    return sorted(file for file in files if FILE_ENDING.search(file.name))


def half_copied(prefix: Path, missing: Iterable[str], present: str) -> UserError:
    """Make the error of a checkpoint that lacks files next to those that are present."""
    if problems := renamed_files(prefix.parent, prefix.name):
        return UserError(*problems, heading=RENAMED)
    what = f"the checkpoint is half-copied: {present} is there, {', '.join(missing)} is not"
    return refusal("checkpoint-half-copied", prefix, what, remedy=Remedy.COPY_AGAIN)


def _not_found(path: Path) -> Problem:
    if (path / "saved_model.pb").is_file():
        what = "a SavedModel, which cannot be trained on"
        expected = 'the folder "checkpoint" next to "saved_model"'
        return Problem("not-a-checkpoint", path, what, expected=expected)
    if path.is_file() and path.suffix.lower() in OTHER_FILES:
        what = OTHER_FILES[path.suffix.lower()]
        return Problem("not-a-checkpoint", path, what, expected=EXPECTED)
    if path.is_dir():
        return Problem(
            "no-checkpoint",
            path,
            "no checkpoint in this folder",
            expected="ckpt-N.index",
            remedy=Remedy.RUN(step="train", name="NAME"),
        )
    names = sorted((file.stem for file in path.parent.glob("*.index")), key=natural_key)
    got = None if names else "no checkpoint in this folder"
    if not path.parent.is_dir():
        got = f"no folder {path.parent}"
    form = "a path without a file extension, such as .../checkpoint/ckpt-0, or its folder"
    return Problem(
        "no-checkpoint",
        path,
        "checkpoint not found",
        expected=f"one of {some(names[::-1])}" if names else form,
        got=got,
        remedy=Remedy.CHECK_PATH,
    )


@contextmanager
def _disk_problems(prefix: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        if full := full_disk(error):
            what = f"the disk is full ({full}); earlier checkpoints are untouched"
            raise refusal("disk-full", prefix, what, remedy=Remedy.FREE_SPACE) from error
        reason = getattr(error, "strerror", None) or error
        what = f"cannot be written ({reason}); earlier checkpoints are untouched"
        raise refusal("not-writable", prefix, what, remedy=Remedy.CHANGE_PERMISSIONS) from error


def _put_files(folder: Path, name: str, write: Callable[[Path], None]) -> None:
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


def _latest(folder: Path, state: State) -> Path | None:
    if state.latest:
        prefix = moved_here(folder, state.latest)
        if checkpoint_files(prefix):
            return prefix
    numbered = [(number_of(file.stem), file.stem) for file in folder.glob("ckpt-*.index")]
    known = sorted((number, name) for number, name in numbered if number is not None)
    return folder / known[-1][1] if known else None
