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
import tensorflow as tf
from anybody import as_anybody

from tfod.config import read_config
from tfod.model.checkpoints.files import latest_checkpoint
from tfod.model.checkpoints.format import read_checkpoint
from tfod.steps.train.log import TrainLog
from tfod.workspace import Workspace

MODEL = Path("workspace/models/tiny")
KILLED = """
import os, signal, sys
from tfod.steps.train.log import TrainLog
from tfod.workspace import Workspace
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
    assert f"resumed from {MODEL}/ckpt-4 at step 8\n" in ran.err
    assert "falls to 0 at step 900 instead of 40" in ran.err
    assert ran.code == 130 and "Traceback" not in ran.err
    assert "finishing this step and saving" in ran.err
    assert "interrupted; the same command continues from step 10" in ran.out
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
    assert "finishing this step and saving" in ran.err and "Interrupted." in ran.err
    assert steps_of() == [0, 2, 5, 8, 10] and not list(MODEL.glob(".part*"))

    ran = command("train", "tiny", "--steps", "11")
    assert ran.code == 0 and f"resumed from {MODEL}/ckpt-5 at step 10\n" in ran.err
    assert steps_of() == [0, 2, 5, 8, 10, 11]


HANGS_UP = """
import signal, time
from tfod.cli.bars import TerminalProgress
from tfod.cli.interrupt import asked_to_stop
with asked_to_stop(TerminalProgress()) as stop:
    print("training", flush=True)
    while not stop():
        time.sleep(0.01)
    signal.raise_signal(signal.SIGHUP)  # once from the kernel, once from the shell
    print("step", flush=True)
signal.raise_signal(signal.SIGHUP)
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
        while b"\n" not in heard:  # the whole line: its end must not meet a closed terminal
            heard += os.read(terminal, 1000)
        os.close(terminal)  # writing to it fails from now on
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0, heard
    assert Path("saved").exists()


def test_loss_that_is_not_a_number(refused, command):
    rate = [f"--set={RATE}{name}=1e30" for name in ("learning_rate_base", "warmup_learning_rate")]
    total = f"--set={RATE}total_steps=100"
    message = refused(
        ["train", "tiny", "--steps=50", "--checkpoint-every=1", *rate, total],
        "lower the learning rate",
        besides=(f"{MODEL}/",),
    )
    assert re.match(r"step \d+: the loss is not a number .* \d\d\.jpg \(boxes ", message)
    latest = latest_checkpoint(MODEL)
    assert str(latest) in message or "this run started from" in message
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
        ("train tiny", 100_000, str(MODEL / "ckpt-3"), (f"{MODEL}/train/", f"{MODEL}/run.")),
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


def rates():
    """Step -> learning rate, as TensorBoard shows them."""
    found = {}
    for path in sorted((MODEL / "train").glob("events*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                if value.tag == "learning_rate":
                    found[event.step] = float(tf.make_ndarray(value.tensor))
    return found


@pytest.mark.parametrize("door", [None, "model_main_tf2"])
def test_more_steps_than_the_config_has_are_trained_with_a_rate(command, here, door):
    """`tfod config --steps 4` and `tfod train --steps 12`: the rate used to be 0 from step 4 on."""
    old = [f"--model_dir={MODEL}", f"--pipeline_config_path={MODEL}/pipeline.config"]
    arguments = [*old, "--num_train_steps=12"] if door else ["train", "tiny", "--steps=12"]
    ran = command(*arguments, door=door)
    assert ran.code == 0, ran.err
    assert "note: the learning rate now falls to 0 at step 12 instead of 4" in ran.err
    assert min(rates().values()) > 0 and max(rates()) == 12
    cosine = "total_steps: 12"
    assert cosine in (MODEL / "pipeline.config").read_text()

    ran = command(*arguments, door=door)
    assert ran.code == 0 and "already trained to step 12" in ran.out
    go_on = "the same command with --num_train_steps" if door else "tfod train tiny --steps"
    assert f"to continue: {go_on} 1012" in ran.out
    assert "wrote" not in ran.out and "resumed" not in ran.err
    assert "next:  tfod evaluate tiny" in ran.out or door


def test_one_rule_for_batch_size_and_learning_rate(command, here):
    """A new config fits the rate however the batch size is set; a run takes the rate as written."""
    sizes = {
        "flag": ["--batch-size=4"],
        "set": ["--set=train_config.batch_size=4"],
        "own rate": ["--set=train_config.batch_size=4", f"--set={RATE}learning_rate_base=0.05"],
        "steps": ["--batch-size=4", "--set=train_config.num_steps=500"],
    }
    for name, arguments in sizes.items():
        assert command("config", name, *arguments).code == 0
    cosines = {}
    for name in sizes:
        path = Path(f"workspace/models/{name}/pipeline.config")
        train_config = read_config(path, Workspace(".")).train_config
        assert train_config.batch_size == 4
        rate = train_config.optimizer.momentum_optimizer.learning_rate
        cosines[name] = rate.cosine_decay_learning_rate
    assert cosines["flag"] == cosines["set"]
    assert cosines["flag"].learning_rate_base == pytest.approx(0.0141)
    assert cosines["own rate"].learning_rate_base == pytest.approx(0.05)
    assert (cosines["steps"].total_steps, cosines["steps"].warmup_steps) == (500, 50)

    ran = command("train", "tiny", "--steps=3", "--set=train_config.batch_size=1")
    assert ran.code == 0
    assert (
        "the learning rate stays 0.0141 as written in the config, which suits batches of 4"
        in ran.err
    )
    assert "0.0071 would fit batches of 1" in ran.err
