"""Info: the facts of a bug report, on this computer and on others that are pretended."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import tensorflow as tf

import tfod
from tfod import device
from tfod.camera.webcams import Webcam
from tfod.cli import main
from tfod.steps import info as info_step


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that TensorFlow is told it has; gives what was asked of it."""
    asked = []
    one = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [one])
    monkeypatch.setattr(
        tf.config.experimental, "set_memory_growth", lambda of, on: asked.append((of, on))
    )
    details = {"device_name": "NVIDIA T4"}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda of: details)
    return asked


def test_a_gpu_takes_memory_as_it_needs_it(gpu):
    assert device.device_name() == "GPU (NVIDIA T4)"
    (one,) = gpu
    assert one[0].device_type == "GPU" and one[1] is True


def test_a_gpu_that_is_in_use_already(gpu, monkeypatch):
    def refuses(of, on):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", refuses)
    assert device.device_name() == "GPU (NVIDIA T4)"


@pytest.mark.parametrize(
    ("platform", "hidden", "driver", "libraries", "said"),
    [
        ("win32", None, True, True, "WSL2"),
        ("darwin", None, True, True, "macOS"),
        ("linux", "-1", True, True, 'CUDA_VISIBLE_DEVICES is "-1"'),
        ("linux", "", True, True, 'CUDA_VISIBLE_DEVICES is ""'),
        ("linux", "0", False, True, "no NVIDIA driver"),
        ("linux", None, True, False, "tensorflow[and-cuda]"),
        ("linux", None, True, True, "TFOD_DEBUG=1"),
    ],
)
def test_why_there_is_no_gpu(tmp_path, monkeypatch, platform, hidden, driver, libraries, said):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if hidden is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    monkeypatch.setattr(device, "DRIVER", tmp_path if driver else tmp_path / "none")
    monkeypatch.setattr(device, "DRIVER_IN_WSL", tmp_path / "none")
    monkeypatch.setattr(device, "find_spec", lambda name: "found" if libraries else None)
    assert said in device.why_no_gpu()


def test_the_facts(workspace, monkeypatch, capsys):
    tfod.capture(
        ["a"], number=3, every=0, countdown=0, camera="synthetic", headless=True, session="s 1"
    )
    next(workspace.glob("workspace/images/s 1/*.xml")).unlink()
    (workspace / "annotations").mkdir()
    (workspace / "annotations/train.record").touch()
    model = workspace / "workspace/models/masks"
    model.mkdir(parents=True)
    for name in ("pipeline.config", "ckpt-1.index", "ckpt-2.index"):
        (model / name).touch()
    (workspace / "exported-models/masks/saved_model").mkdir(parents=True)
    webcams = [Webcam(0, "HD Camera", 1280, 720, 30.0)]
    monkeypatch.setattr(info_step, "list_webcams", lambda quiet: webcams)
    monkeypatch.setattr(info_step, "PACKAGES", ("numpy", "no-such-package"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(workspace.parent))
    capsys.readouterr()

    assert main(["info"]) == 0
    out = capsys.readouterr().out
    for line in (
        f"tfod       {tfod.__version__}, Python {sys.version.split()[0]}",
        f"packages   numpy {version('numpy')}, no-such-package missing",
        "device     CPU (2 threads; no GPU: ",
        "cameras    0  HD Camera  (1280x720, 30 frames a second)",
        "images     s 1: 3 images, 2 with XML",
        "records    train.record",
        "models     masks (2 checkpoints)",
        "exported   masks",
        f"workspace  {Path('~', workspace.name)}",
    ):
        assert line in out
    assert "GB" in out

    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["images"] == {"s 1": [3, 2]} and facts["models"] == {"masks": 2}
    assert facts["free_bytes"] > 0 and facts["cameras"][0]["name"] == "HD Camera"


def test_an_empty_folder_and_one_that_cannot_be_read(workspace, monkeypatch, capsys):
    monkeypatch.setattr(info_step, "list_webcams", lambda quiet: [])
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert "cameras    none found" in out and "models     none" in out

    def cannot(root):
        raise PermissionError(13, "Permission denied", str(root))

    (workspace / "workspace/images").mkdir(parents=True)
    monkeypatch.setattr(info_step, "find_folders", cannot)
    assert main(["info"]) == 0
    assert "Permission denied" in capsys.readouterr().out


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tfod {tfod.__version__}\n"
