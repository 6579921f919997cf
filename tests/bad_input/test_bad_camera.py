"""Cameras, screens, films and exported models that are not there, or go away."""

import ctypes.util
import sys
from pathlib import Path

import cv2
import pytest
from video_server import mjpeg_server

from tfod.camera import camera
from tfod.camera.scenes import draw_scene

CAPTURE = ["capture", "--classes", "alpha", "beta", "--headless", "--countdown=0"]


@pytest.mark.parametrize("step", [CAPTURE, ["live", "tiny", "--headless"]], ids=["capture", "live"])
def test_no_camera(refused, model, step):
    message = refused([*step, "--camera=99"], "camera 99: cannot be opened", "--camera synthetic")
    assert "number 99" in message
    refused([*step, "--camera=gone.mp4"], "gone.mp4: camera, file or folder not found")
    refused([*step, "--camera=workspace/models"], "workspace/models")
    refused([*step, "--camera=annotations/train.record"], "annotations/train.record")
    refused([*step, "--camera=synthetic:colour=red"], "colour")
    refused(
        [*step, "--camera=http://127.0.0.1:9/x"], "http://127.0.0.1:9/x: no video could be opened"
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the display of Linux")
@pytest.mark.parametrize("step", [CAPTURE[:-2], ["live", "tiny"]], ids=["capture", "live"])
def test_no_screen(refused, model, step, monkeypatch):
    monkeypatch.delenv("TFOD_HEADLESS", raising=False)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    refused([*step, "--camera=synthetic"], "no screen", "--headless")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    refused([*step, "--camera=synthetic"], "DISPLAY is not set", "Use --headless")
    if ctypes.util.find_library("X11"):
        monkeypatch.setenv("DISPLAY", ":65077")  # where nobody has one
        refused([*step, "--camera=synthetic"], "the display :65077", "--headless")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(camera, "LOST_AFTER_S", 0.5)


def scene(index):
    return draw_scene(index, ("alpha", "beta"), (90, 120))[0]


@pytest.mark.parametrize("name", [".hidden", ".", "..", "a/b", "train", " .", ""])
def test_session_that_split_would_not_find(refused, name):
    step = [*CAPTURE, "--number=1", "--camera=synthetic", f"--session={name}"]
    refused(step, f'--session: "{name}" cannot be the name of a session folder')


def test_camera_gone_while_capturing_keeps_the_photos(refused, here, impatient):
    with mjpeg_server(scene, frames=40) as address:
        message = refused(
            [*CAPTURE, "--number=500", "--every=0.2", "--session=s9", f"--camera={address}"],
            f"{address}",
            "no picture for 0.5 s",
            "--session s9",
            besides=("workspace/images/s9/",),
        )
    photos = list(Path("workspace/images/s9").glob("*.jpg"))
    assert photos and f"{len(photos)} photos" in message
    assert all(cv2.imread(str(photo)).shape == (90, 120, 3) for photo in photos)


def test_camera_gone_while_live_keeps_the_recording(refused, model, impatient):
    with mjpeg_server(scene, frames=40) as address:
        refused(
            ["live", "tiny", "--headless", "--record=film.mp4", f"--camera={address}"],
            "no picture for 0.5 s",
            "recording is kept in film.mp4",
            besides=("film.mp4",),
        )
    assert cv2.VideoCapture("film.mp4").read()[0]


def test_a_broken_image_while_live_keeps_the_recording(refused, model):
    Path("folder").mkdir()
    cv2.imwrite("folder/a.png", scene(0))
    Path("folder/b.png").write_bytes(b"\x89PNG but no more")
    refused(
        ["live", "tiny", "--headless", "--record=film.mp4", "--camera=folder"],
        "folder/b.png: this image cannot be read",
        "recording is kept in film.mp4",
        besides=("film.mp4",),
    )
    film = cv2.VideoCapture("film.mp4")
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 1 and film.read()[0]


def test_model_that_is_not_exported(refused, model):
    for step in (["live", "--headless", "--camera=synthetic"], ["detect"]):
        rest = ["workspace/images/test"] if step == ["detect"] else []
        refused([*step, "tinny", *rest], "exported-models/tinny: model not found", "mean tiny?")
        refused([*step, "workspace/images", *rest], "model not found")
    for file in (model / "saved_model/variables").iterdir():
        file.write_bytes(file.read_bytes()[:100])
    refused("detect tiny workspace/images/test", "cannot be loaded", "Run `tfod export tiny`")
    (model / "saved_model/saved_model.pb").write_bytes(b"")
    refused("detect tiny workspace/images/test", str(model / "saved_model"))
    (model / "saved_model/saved_model.pb").unlink()
    refused("detect tiny workspace/images/test", "contains no exported model")


def test_nothing_to_detect_in(refused, model, command):
    refused("detect tiny nowhere", "nowhere: image, folder or video not found")
    refused("detect tiny annotations", "annotations: no images found")
    refused("detect tiny annotations/train.record", "annotations/train.record")
    refused("detect tiny workspace/images/test --output workspace/images/test", "--output")
    images = Path("broken")
    images.mkdir()
    (images / "a.jpg").write_bytes(b"")
    refused("detect tiny broken", "broken/a.jpg: the file is empty")
    (images / "b.jpg").write_bytes(Path("workspace/images/s1/00.jpg").read_bytes())
    ran = command("detect", "tiny", "broken")
    assert ran.code == 0 and "skipped: broken/a.jpg: the file is empty" in ran.out
