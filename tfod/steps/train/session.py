"""What a training writes into run.json: all that it takes to run it again, and what came out.

The file is written at the start, at each checkpoint and at the end, so that it is right after a
power cut too: then `outcome` is still "running".
"""

import platform
import secrets
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any

import tensorflow as tf

import tfod
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.data.records.check import Records
from tfod.device import device_name
from tfod.errors import UserError
from tfod.model.checkpoints.files import find_checkpoint
from tfod.progress import Progress
from tfod.run_file import keep_in_run_file, now, sha256
from tfod.steps.train.log import TrainLog
from tfod.steps.train.loop import TrainResult
from tfod.workspace import Workspace

PACKAGES = ("tensorflow", "keras", "numpy", "protobuf")
MOST_S = 10  # that git may take


def draw_seed() -> int:
    """A seed for a training that was given none."""
    return secrets.randbits(31)


def make_repeatable() -> None:
    """Let TensorFlow build the same graph in each process, for the same sums to the last bit.

    Its graph optimizers order the terms of sums by chance. On a CPU a step costs no more without
    them, and the first one less (docs/log.md); a GPU needs them, and repeats a run only nearly.
    """
    if not tf.config.list_physical_devices("GPU"):
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


class Session:
    """One training in run.json: a context manager around the loop.

    Failing to write is a warning once the training runs; its checkpoints count more.
    """

    def __init__(self, model_dir: Path, facts: dict[str, Any], log: TrainLog, progress: Progress):
        """Begin; `facts` are those of `facts_of`."""
        self._model_dir = model_dir
        self._log = log
        self._progress = progress
        self._begun_s = time.perf_counter()
        self._item = {"begun": now(), "outcome": "running", **facts}
        self._item |= {"first_step": log.first_step, "last_step": log.first_step}

    def __enter__(self) -> "Session":
        keep_in_run_file(self._model_dir, "sessions", self._item)
        return self

    def saved(self, step: int) -> None:
        """Note that a checkpoint of this step is there."""
        losses = {n: v for n, v in self._log.values.items() if n.startswith("Loss/")}
        seconds = round(time.perf_counter() - self._begun_s, 1)
        self._item |= {"last_step": step, "seconds": seconds, "losses": losses}
        self._write()

    def done(self, result: TrainResult) -> None:
        """Note how it ended; the file is written when the block ends."""
        early = result.last_step < self._log.last_step
        stopped = "stopped early" if result.stopped_early else "stopped"
        self._item |= {"outcome": stopped if early else "finished"}
        self._item |= {"images_per_s": result.images_per_s, "best": result.best}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            codes = error.codes if isinstance(error, UserError) else [type(error).__name__]
            self._item |= {"outcome": "failed", "problem": ", ".join(codes)}
        self._item["ended"] = now()
        self._write()

    def _write(self) -> None:
        try:
            keep_in_run_file(self._model_dir, "sessions", self._item)
        except UserError as error:
            self._progress.note(f"warning: {error}")


def facts_of(
    workspace: Workspace,
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    records: Records,
    resumed: Path | None,
) -> dict[str, Any]:
    """What a run depends on besides its call and its seed.

    Args:
        resumed: the checkpoint of the model that it goes on from, if it does.
    """
    start = resumed or config.train_config.fine_tune_checkpoint
    label_map = config.train_input_reader.label_map_path
    versions = {"tfod": tfod.__version__, "python": platform.python_version()}
    return {
        "versions": versions | {name: _version(name) for name in PACKAGES},
        "system": platform.platform(),
        "device": device_name(),
        "git": git_commit(workspace.root),
        "config": _hashes(workspace, [model_dir / "pipeline.config"]),
        "photos": records.count,
        "records": _hashes(workspace, [Path(name) for name in records.files]),
        "label_map": _hashes(workspace, [Path(label_map)] if label_map else []),
        "checkpoint": _hashes(workspace, _checkpoint_files(start)),
    }


def git_commit(folder: Path) -> str | None:
    """The commit a folder is at, with "-dirty" where files differ from it; None without git."""
    commit, changed = (
        _git(folder, *words) for words in (("rev-parse", "HEAD"), ("status", "-suno"))
    )
    return f"{commit}-dirty" if commit and changed else commit or None


def _git(folder: Path, *words: str) -> str:
    """What git answers in a folder; "" where it cannot."""
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, timeout=MOST_S
        )
        return done.stdout.strip() if done.returncode == 0 else ""
    return ""


def _hashes(workspace: Workspace, files: Sequence[Path]) -> dict[str, str]:
    """Path, as the workspace writes it -> SHA-256."""
    return {workspace.relative(path): sha256(path) for path in files}


def _checkpoint_files(start: str | Path) -> list[Path]:
    if not start:
        return []
    prefix = find_checkpoint(start)
    return sorted(prefix.parent.glob(f"{prefix.name}.*"))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
