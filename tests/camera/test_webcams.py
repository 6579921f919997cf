"""Webcams that stutter, start late, or drop from the bus and come back."""

import numpy as np
import pytest
from refusals import raises_problem

from tfod.camera import reader, video, webcams
from tfod.camera.camera import open_camera

GOOD = np.full((48, 64, 3), 90, np.uint8)


class Plug:
    """Stands for cv2.VideoCapture: one script for each time the webcam is opened.

    A script gives a picture, None for a read that fails, or "raise"; None for the whole script is
    a webcam that cannot be opened. The last one is repeated.
    """

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.opened = self.released = 0

    def __call__(self, *_):
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        self.opened += 1
        return Device(self, script)


class Device:
    def __init__(self, plug, script):
        self.plug, self.script = plug, script
        self.reads = iter(script or ())

    def isOpened(self):
        return self.script is not None

    def read(self):
        given = next(self.reads, None)
        if isinstance(given, str):
            raise webcams.cv2.error(given)
        return given is not None, given

    def get(self, _):
        return 30.0

    def set(self, *_):
        return True

    def release(self):
        self.plug.released += 1


@pytest.fixture
def plugged(monkeypatch):
    monkeypatch.setattr(video, "PAUSE_S", 0.0)
    monkeypatch.setattr(webcams, "PAUSE_S", 0.0)
    monkeypatch.setattr(video, "RETRY_S", 0.001)
    monkeypatch.setattr(reader, "STOP_S", 0.5)

    def plug(*scripts):
        stand_in = Plug(*scripts)
        monkeypatch.setattr(webcams.cv2, "VideoCapture", stand_in)
        return stand_in

    return plug


def test_reads_that_fail_now_and_then_are_counted(plugged):
    plugged([GOOD, None, GOOD, "raise", None, GOOD] * 3 + [None] * 60, None)
    with open_camera(0, lost_after_s=0.2) as camera:
        with raises_problem("camera-lost", what="9 damaged frames left out"):
            list(camera)


def test_a_webcam_may_need_a_while_for_its_first_frame(plugged):
    plug = plugged([None] * 200, [None] * 30 + [GOOD] * 5)
    with open_camera(0, lost_after_s=60) as camera:
        assert next(camera).image.shape == (48, 64, 3)
    assert plug.opened >= 2


def test_a_webcam_that_drops_from_the_bus_and_comes_back_is_opened_again(plugged):
    plug = plugged([GOOD] * 3, None, None, [GOOD] * 3, None, [GOOD] * 100_000)
    with open_camera(0, lost_after_s=60) as camera:
        last = 0
        while last < 20:
            last = next(camera).index
        assert camera.hiccups.reconnections == 2 and camera.hiccups.bad_frames == 0
    assert plug.released >= 3


def test_a_webcam_that_stays_away_is_lost_and_says_why(plugged):
    plugged([GOOD] * 3, None)
    with open_camera(0, lost_after_s=0.2) as camera:
        with raises_problem("camera-lost", what="cannot be opened"):
            list(camera)
