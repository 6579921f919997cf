"""What the window shows while photos are taken and what keys do, with a hand-made window."""

import numpy as np
import pytest

from tfod.camera.camera import Camera
from tfod.camera.scenes import draw_scene
from tfod.camera.video import Frame, Source
from tfod.progress import Status
from tfod.steps.capture.clock import Clock, View
from tfod.steps.capture.quality import ALIKE, Judge


class Shown:
    """A window that keeps what it is shown, and presses the keys it was given, one at a time."""

    def __init__(self, *keys):
        self.keys = iter(keys)
        self.images = []

    def show(self, image, wait_ms):
        self.images.append(image)
        return next(self.keys, "")


def camera(*images):
    frames = (Frame(image, index, index / 30) for index, image in enumerate(images))
    return Camera(Source(frames, "film", fps=30.0))


def scene(index):
    return draw_scene(index, size=(120, 160))[0]


@pytest.mark.parametrize("mirror", [False, True])
def test_a_mirror_turns_the_window_and_not_the_text(mirror):
    window = Shown()
    source = camera(scene(1))
    View(source, window, mirror).show(next(source), ["a line"])
    (image,) = window.images
    below = image[40:], (scene(1)[:, ::-1] if mirror else scene(1))[40:]
    assert np.array_equal(*below)
    plain = Shown()
    View(source, plain).show(Frame(image * 0, 0, 0.0), ["a line"])
    assert np.array_equal(image[:10, :30], plain.images[0][:10, :30]), "text reads the same"


def shots(images, *keys, number=9):
    """Take photos as fast as they come; give their indices, the judge and the clock."""
    source = camera(*images)
    judge = Judge()
    clock = Clock(source, View(source, Shown(*keys)), judge)
    taken = [frame.index for frame in clock.shots("cat", 1, number, 0.0, 0.0)]
    return taken, judge, clock


def test_space_takes_a_frame_that_would_be_skipped():
    taken, judge, clock = shots([scene(1)] * 5, "", "", " ")
    assert taken == [0, 2] and clock.by_hand == 1
    assert judge.skipped[ALIKE] == 3 and clock.ended == "the video ended"


@pytest.mark.parametrize("key, ended", [("q", "you pressed q"), (None, "you closed the window")])
def test_a_key_or_a_closed_window_ends(key, ended):
    taken, _, clock = shots([scene(index) for index in range(9)], "", "", key)
    assert taken == [0, 1] and clock.ended == ended


def test_frames_that_are_all_skipped_are_mentioned_once_with_what_to_do():
    source = camera(*[scene(1)] * 800)
    status = Status()
    clock = Clock(source, View(source, None), Judge(), status)
    assert [frame.index for frame in clock.shots("cat", 1, 9, 0.0, 0.0)] == [0]
    (note,) = status.notes
    assert note.startswith("no photo for 10 s") and "min_change" in note
