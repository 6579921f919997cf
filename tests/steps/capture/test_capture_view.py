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
        self.images, self.texts = [], []

    def show(self, image, wait_ms, above, below):
        self.images.append(image)
        self.texts += above
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
    assert np.array_equal(image, scene(1)[:, ::-1] if mirror else scene(1))
    assert window.texts == ["a line"], "the window writes it over what is mirrored"
    black = Frame(image * 0, 0, 0.0)
    plain = Shown()
    for view in (View(source, window, mirror), View(source, plain)):
        view.show(black, [], "7")
    assert np.array_equal(window.images[-1], plain.images[0]), "the big figure reads the same"


def test_the_last_seconds_are_counted_down_in_a_big_figure():
    """Nine seconds of frames, one each second: the figure is as high as a third of the picture."""
    window = Shown()
    grey = np.full((120, 160, 3), 128, np.uint8)
    frames = (Frame(grey, index, float(index)) for index in range(12))
    source = Camera(Source(frames, "film", fps=1.0))
    clock = Clock(source, View(source, window), Judge(0, 0))
    shots = clock.shots("cat", 1, 1, 2.0, 11.0)
    assert [frame.index for frame in shots] == [11]
    heights = [
        rows.max() - rows.min() if len(rows := np.nonzero(image.min(axis=2) > 200)[0]) else 0
        for image in window.images
    ]
    assert heights[:2] == [0, 0] and heights[-1] == 0, "not yet; the photo is taken"
    assert all(25 <= height <= 40 for height in heights[2:-1]), heights
    assert len({image.tobytes() for image in window.images[2:-1]}) == 9


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
