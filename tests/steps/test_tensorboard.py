"""TensorBoard on a model: its tags, its page in a browser, and nothing left running."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
import tensorflow as tf
from browser import shown
from refusals import raises_problem

from tfod.cli import main
from tfod.config import write_config
from tfod.config.templates import new_config
from tfod.steps.tensorboard import tensorboard
from tfod.workspace import Workspace

MAP = "DetectionBoxes_Precision/mAP"
MOST_S = 60


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A workspace with one model, as training and evaluation leave it."""
    here = Workspace(tmp_path_factory.mktemp("board"))
    write_config(new_config(here, 2, size=96), here.model("masks") / "pipeline.config", here)
    for part, tag in (("train", "Loss/total_loss"), ("eval", MAP)):
        writer = tf.summary.create_file_writer(str(here.model("masks") / part))
        with writer.as_default(step=7):
            tf.summary.scalar(tag, 0.5)
        writer.close()
    return here


def told(address, path):
    """What TensorBoard answers; it reads the files in the background."""
    for _ in range(MOST_S):
        with urlopen(f"{address}{path}", timeout=30) as answer:
            found = json.load(answer)
        if found:
            return found
        time.sleep(1)
    raise AssertionError(f"{path}: nothing")


def started():
    """The processes that this one has started and that are running."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, after = path.read_text().rpartition(") ")
        except OSError:  # ended meanwhile
            continue
        state, parent = after.split()[:2]
        if int(parent) == os.getpid() and state != "Z":
            found.add(f"{path.parent.name} {name}")
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_tags_and_page_and_the_end(here, tmp_path):
    before = started()  # by other tests
    with tensorboard(here, "masks") as board:
        assert not board.is_empty
        assert sorted(told(board.address, "data/runs")) == ["eval", "train"]
        tags = told(board.address, "data/plugin/scalars/tags")
        assert {run: list(row) for run, row in tags.items()} == {
            "train": ["Loss/total_loss"],
            "eval": [MAP],
        }
        page = shown(board.address, tmp_path)
        assert "DetectionBoxes_Precision" in page and "total_loss" in page
        assert started() - before
        with tensorboard(here, "masks") as second:
            assert second.address != board.address
        taken = int(re.search(r":(\d+)/", board.address)[1])
        with raises_problem("port-taken", setting="port", got=taken):
            tensorboard(here, port=taken)
    board.close()
    with pytest.raises(OSError):
        urlopen(board.address, timeout=5)
    for _ in range(MOST_S):
        if not started() - before:
            break
        time.sleep(0.2)
    assert not started() - before


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_the_command_prints_its_address_and_ends_with_ctrl_c(here):
    command = [sys.executable, "-m", "tfod", "tensorboard", "--workspace", str(here.root)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        line = process.stdout.readline()
        address = re.fullmatch(r"TensorBoard: (http://localhost:\d+/)   \(Ctrl-C ends it\)\n", line)
        assert sorted(told(address[1], "data/runs")) == ["masks/eval", "masks/train"]
    finally:
        os.killpg(process.pid, signal.SIGINT)
        out, said = process.communicate(timeout=MOST_S)
    assert process.returncode == 0 and (out.strip(), said) == ("", "")


def test_what_is_refused(here, tmp_path, monkeypatch, capsys):
    with raises_problem("no-such-model"):
        tensorboard(here, "mask")
    for port in (0, -1, 70000):
        with raises_problem("number-out-of-range", setting="port"):
            tensorboard(here, port=port)
    monkeypatch.setitem(sys.modules, "tensorboard.program", None)
    with raises_problem("package-missing"):
        tensorboard(here)
    assert main(["tensorboard", "--workspace", str(here.root)]) == 2
    assert "pip install tensorboard" in capsys.readouterr().err


def test_a_port_outside_the_usual_ones_is_used(here, capsys):
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        free = probe.getsockname()[1]
    with tensorboard(here, port=free) as board:
        assert board.address == f"http://localhost:{free}/"
