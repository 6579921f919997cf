"""What a training shows while it runs and when it ends, and the device it says it runs on."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tfod.cli.bars import TerminalProgress
from tfod.cli.train import train_lines
from tfod.device import device_name
from tfod.progress import Status
from tfod.steps.train.log import TrainLog
from tfod.steps.train.loop import TrainResult

LOSSES = {
    "Loss/localization_loss": 0.25,
    "Loss/classification_loss": 0.3125,
    "Loss/regularization_loss": 1.34,
    "Loss/total_loss": 1.9025,
}
BATCH = {"image": np.zeros((1, 8, 8, 3), np.float32)}


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def shown(folder, columns, values, monkeypatch):
    """What the terminal shows after step 12,345 of 50,000."""
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()
    with TrainLog(folder, 12_344, 50_000, 16, TerminalProgress(stream)) as log:
        log.step(12_345, values, BATCH)
    return stream.getvalue()


def test_80_columns_hold_the_class_and_box_loss_the_count_and_the_time(tmp_path, monkeypatch):
    text = shown(tmp_path, 80, LOSSES, monkeypatch)
    for part in ("training", "12345/50000", "class 0.312 box 0.250", "-:--:--"):
        assert part in text
    assert "1.34" not in text and "1.902" not in text


def test_a_wide_terminal_has_all_four(tmp_path, monkeypatch):
    text = shown(tmp_path, 120, LOSSES, monkeypatch)
    assert "class 0.312 box 0.250  total 1.903 reg 1.340" in text


def test_without_regularization_there_are_three(tmp_path):
    values = {name: value for name, value in LOSSES.items() if "regular" not in name}
    status = Status()
    with TrainLog(tmp_path, 0, 9, 1, status) as log:
        log.step(1, values, BATCH)
    assert status.current.detail == "class 0.312 box 0.250  total 1.903"


def test_the_end_names_the_losses_and_a_single_step_has_no_speed():
    result = TrainResult(0, 1, Path("ckpt-2"), LOSSES, seconds=5)
    text = "\n".join(train_lines(result, ""))
    assert result.images_per_s is None and "images/s" not in text
    for part in ("class 0.312", "box 0.250", "reg 1.340", "total 1.903"):
        assert part in text


@pytest.fixture
def on_cpu(monkeypatch):
    """No GPU is found, and nothing is set."""
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    return monkeypatch


def cpus(monkeypatch, count):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(count)), raising=False)


@pytest.mark.parametrize(("value", "said"), [("1", "1 thread;"), ("3", "3 threads;")])
def test_threads_set_outside(on_cpu, value, said):
    cpus(on_cpu, 2)
    on_cpu.setenv("TF_NUM_INTRAOP_THREADS", value)
    assert f"({said}" in device_name()


@pytest.mark.parametrize("value", ["", "0", "-1", "two"])
def test_a_value_that_tensorflow_ignores(on_cpu, value):
    cpus(on_cpu, 5)
    on_cpu.setenv("TF_NUM_INTRAOP_THREADS", value)
    assert "(5 threads;" in device_name()


def test_only_the_cpus_this_process_may_use_count(on_cpu):
    cpus(on_cpu, 1)
    assert "(1 thread;" in device_name()


def test_threads_set_in_python_win(on_cpu):
    on_cpu.setenv("TF_NUM_INTRAOP_THREADS", "3")
    on_cpu.setattr(tf.config.threading, "get_intra_op_parallelism_threads", lambda: 7)
    assert "(7 threads;" in device_name()


def test_a_system_without_affinity(on_cpu):
    on_cpu.delattr(os, "sched_getaffinity", raising=False)
    on_cpu.setattr(os, "cpu_count", lambda: 6)
    assert "(6 threads;" in device_name()
