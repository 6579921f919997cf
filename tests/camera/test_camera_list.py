"""Which webcams there are: from what Linux tells of them, and where there are none."""

import json
import os
import sys

import pytest

from tfod.camera import webcams
from tfod.camera.webcams import Webcam, list_webcams
from tfod.cli import main
from tfod.cli.terminal import stderr_kept_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="devices of Linux")


def test_devices_that_cannot_be_opened_are_named_with_the_reason(tmp_path, capfd):
    for index, name in ((10, "Built-in"), (2, "USB camera"), (3, "USB camera")):
        (tmp_path / f"video{index}").write_text("")
        (tmp_path / f"names/video{index}").mkdir(parents=True)
        (tmp_path / f"names/video{index}/name").write_text(f"{name}\n")
    (tmp_path / "videos").write_text("")
    found = list_webcams(tmp_path, tmp_path / "names", stderr_kept_back)
    assert [(webcam.index, webcam.name) for webcam in found] == [
        (2, "USB camera"),
        (10, "Built-in"),
    ]
    assert all("another program may be using it" in str(webcam) for webcam in found)
    assert capfd.readouterr().err == "", "OpenCV is kept quiet"


def test_a_device_of_others_says_how_to_be_let_in(tmp_path, monkeypatch):
    (tmp_path / "video0").write_text("")
    monkeypatch.setattr(os, "access", lambda *_: False)
    (webcam,) = list_webcams(tmp_path, tmp_path)
    assert str(webcam).startswith("0  camera 0  (no permission to open it: sudo usermod -aG video")


def test_a_webcam_in_a_line():
    assert str(Webcam(1, "USB", 1280, 720, 30.0)) == "1  USB  (1280x720, 30 frames a second)"


def test_the_command_where_there_is_none(monkeypatch, capsys):
    monkeypatch.setattr(webcams, "list_webcams", lambda quiet: [])
    assert main(["capture", "--list"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("no webcam was found") and "synthetic" in said
    assert main(["capture", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["webcams"] == []
