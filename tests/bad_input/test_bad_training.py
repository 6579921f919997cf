"""Training that is killed, stopped, diverges or meets a full disk, and goes on afterwards."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from anybody import as_anybody

from tfod.model.checkpoints.save import latest_checkpoint, read_checkpoint
from tfod.steps.train.log import TrainLog

MODEL = Path("workspace/models/tiny")
KILLED = """
import os, signal, sys
from tfod.steps.train.log import TrainLog
from tfod.cli import main
note = TrainLog.step
def step(self, step, values, batch):
    note(self, step, values, batch)
    if step == 9:
        os.kill(os.getpid(), signal.SIGKILL)
TrainLog.step = step
sys.exit(main(["train", "tiny", "--steps", "40", "--checkpoint-every", "3"]))
"""
RATE = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate."


@pytest.fixture
def at_step(monkeypatch):
    """Do something in the middle of training, after a step was noted."""

    def install(number, action):
        note = TrainLog.step

        def step(self, step, values, batch):
            note(self, step, values, batch)
            if step == number:
                action()

        monkeypatch.setattr(TrainLog, "step", step)

    return install


def steps_of(folder=MODEL):
    """The global step of each checkpoint, all of them whole."""
    checkpoints = [read_checkpoint(path.with_suffix("")) for path in folder.glob("ckpt-*.index")]
    return sorted(int(checkpoint.variables["step"]) for checkpoint in checkpoints)


def test_killed_stopped_and_resumed(here, command, at_step):
    """The model stands at step 2 and saves at 5 and 8; killed in step 9, that one is lost.

    The end of a rented machine is a stop too; a second one does not wait for the checkpoint.
    """
    ran = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert steps_of() == [0, 2, 5, 8]

    at_step(10, lambda: signal.raise_signal(signal.SIGINT))
    ran = command("train", "tiny", "--steps", "900")
    assert f"resumed from {MODEL}/ckpt-4 at step 8\n" in ran.err and "step 9 of 900" in ran.err
    assert ran.code == 130 and "Traceback" not in ran.err
    assert "finishing the step and saving" in ran.err
    assert "interrupted; the same command goes on from step 10" in ran.out
    assert f"wrote: {MODEL}/ckpt-5" in ran.out and "next:  tfod train tiny" in ran.out
    assert "Interrupted." not in ran.err, "it saved, and said so"
    assert steps_of() == [0, 2, 5, 8, 10]

    def twice():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)

    at_step(12, twice)
    ran = command("train", "tiny", "--steps", "900")
    assert f"resumed from {MODEL}/ckpt-5 at step 10\n" in ran.err
    assert ran.code == 130 and "Traceback" not in ran.err
    assert "finishing the step and saving" in ran.err and "Interrupted." in ran.err
    assert steps_of() == [0, 2, 5, 8, 10] and not list(MODEL.glob(".part*"))

    ran = command("train", "tiny", "--steps", "11")
    assert ran.code == 0 and f"resumed from {MODEL}/ckpt-5 at step 10\n" in ran.err
    assert steps_of() == [0, 2, 5, 8, 10, 11]


HANGS_UP = """
import sys, time
from rich.console import Console
from tfod.steps.train.stop import ctrl_c_finishes_the_step
with ctrl_c_finishes_the_step(Console(stderr=True)) as caught:
    print("training", flush=True)
    while not caught:
        time.sleep(0.01)
    print("step", flush=True)
open("saved", "w").close()
print("wrote", flush=True)
"""


def test_a_terminal_that_is_closed_lets_the_step_finish(workspace):
    pty = pytest.importorskip("pty", reason="terminals of this kind are for Unix")
    terminal, own = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", HANGS_UP], stdin=own, stdout=own, stderr=own
    ) as process:
        os.close(own)
        heard = b""
        while b"training" not in heard:
            heard += os.read(terminal, 1000)
        os.close(terminal)  # writing to it fails from now on
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0
    assert Path("saved").exists()


def test_loss_that_is_not_a_number(refused, command):
    rate = [f"--set={RATE}{name}=1e30" for name in ("learning_rate_base", "warmup_learning_rate")]
    total = f"--set={RATE}total_steps=100"
    message = refused(
        ["train", "tiny", "--steps=50", "--checkpoint-every=1", *rate, total],
        "lower the learning rate",
        besides=(f"{MODEL}/",),
    )
    assert re.match(r"step \d+: the loss is not a number .* \d\d\.jpg", message)
    latest = latest_checkpoint(MODEL)
    assert str(latest) in message or "the run began with" in message
    for path in MODEL.glob("ckpt-*.index"):
        for key, value in read_checkpoint(path.with_suffix("")).variables.items():
            assert np.isfinite(value).all(), (path, key)
    assert "1e+30" not in (MODEL / "pipeline.config.old").read_text()
    assert command("evaluate", "tiny").code == 0


@contextmanager
def files_no_larger_than(size):
    """A disk that is full for every file over so many bytes."""
    resource = pytest.importorskip("resource", reason="limits of this kind are for Unix")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("arguments", "size", "where", "besides"),
    [
        ("records", 4096, "annotations/train.record", ()),
        ("records --shards 2", 4096, "annotations/train.record-00000-of-00002", ()),
        ("split", 1024, "workspace/images", ()),
        ("config other", 1024, "workspace/models/other/pipeline.config", ()),
        ("train tiny", 100_000, str(MODEL / "ckpt-3"), (f"{MODEL}/train/",)),
        ("evaluate tiny", 2048, str(MODEL / "eval/pictures"), ()),
        ("export tiny", 1_000_000, "exported-models/tiny", ()),
    ],
)
def test_disk_that_is_full(refused, arguments, size, where, besides):
    with files_no_larger_than(size):
        message = refused(
            arguments, f"{where}", "the disk is full (File too large)", besides=besides
        )
    assert "Free some space" in message and ".part-" not in message and len(message) < 400


def test_an_earlier_export_outlives_a_full_disk(refused, model):
    with files_no_larger_than(100_000):
        message = refused("export tiny", f"{model}: the disk is full (File too large)")
    assert "Free some space" in message and ".part-" not in message and len(message) < 400


@pytest.mark.parametrize("command", ["records", "train tiny"])
def test_folder_that_cannot_be_written(here, command):
    for folder in (Path("annotations"), MODEL):
        folder.chmod(0o555)
    try:
        done = as_anybody(command, here)
    finally:
        for folder in (Path("annotations"), MODEL):
            folder.chmod(0o755)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert "cannot be written (Permission denied)" in done.stderr
