"""What is skipped and what is kept: blurred frames, repeats, light, noise, other cameras."""

import cv2
import numpy as np
import pytest

from tfod.camera.camera import Camera
from tfod.camera.scenes import draw_scene, moving_scene
from tfod.camera.video import Frame, Source
from tfod.steps.capture.clock import Clock, View
from tfod.steps.capture.quality import ALIKE, BLURRED, Judge, edge_loss


def scene(index):
    return draw_scene(index, size=(240, 320))[0]


def blurred(image, px):
    return cv2.blur(image, (px, px))


def noisy(image, levels=3, seed=0):
    noise = np.random.default_rng(seed).normal(0, levels, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("index", range(4))
def test_more_blur_is_less_sharp(index):
    grey = cv2.cvtColor(scene(index), cv2.COLOR_RGB2GRAY)
    sharp, *others = [edge_loss(blurred(grey, px)) for px in (1, 5, 11, 21)]
    assert sharp > others[0] > others[1] and max(others[1:]) < sharp / 1.4


def test_a_flat_picture_has_no_edges_to_lose():
    assert edge_loss(np.full((48, 64), 90, np.uint8)) == 0
    assert Judge().measure(np.full((48, 64, 3), 90, np.uint8)).why_not == ""


def test_blurred_frames_are_told_from_sharp_ones():
    judge = Judge(min_change=0)
    for index in range(20):
        verdict = judge.measure(scene(index))
        assert not verdict.why_not, judge.reason(verdict)
        judge.keep(verdict)
    reasons = [judge.measure(blurred(scene(index), 9)).why_not for index in range(20, 40)]
    assert reasons.count(BLURRED) >= 16


def test_a_repeat_is_one_whatever_light_and_noise_do():
    judge = Judge()
    judge.keep(judge.measure(scene(1)))
    for other in (
        scene(1),
        noisy(scene(1)),
        cv2.add(scene(1), np.full((240, 320, 3), 9, np.uint8)),
    ):
        verdict = judge.measure(other)
        assert verdict.why_not == ALIKE and "% changed < 0.5%" in judge.reason(verdict)
    assert not judge.measure(scene(2)).why_not


def test_a_thing_that_moves_before_a_still_wall_is_a_change():
    judge = Judge()
    still = noisy(np.full((240, 320, 3), 120, np.uint8))
    first, second = still.copy(), still.copy()
    cv2.circle(first, (100, 100), 25, (200, 40, 40), -1)
    cv2.circle(second, (130, 100), 25, (200, 40, 40), -1)
    judge.keep(judge.measure(first))
    assert judge.measure(first).why_not == ALIKE
    assert not judge.measure(second).why_not


def test_another_class_is_compared_with_no_photo_of_this_one():
    judge = Judge()
    judge.keep(judge.measure(scene(1)))
    judge.begin_class()
    assert not judge.measure(scene(1)).why_not


def test_zero_is_off():
    judge = Judge(0, 0)
    judge.keep(judge.measure(scene(1)))
    for image in (scene(1), blurred(scene(1), 31)):
        assert judge.measure(image).why_not == ""
    assert Judge(80, 0).measure(scene(1)).why_not == ""


def test_small_frames_and_another_size():
    judge = Judge()
    judge.keep(judge.measure(scene(1)))
    assert not judge.measure(scene(1)[:50, :40]).why_not, "another size is another picture"
    assert Judge().measure(np.zeros((1, 1, 3), np.uint8)).why_not == ""


def webcam(images, fps=30.0):
    """A live camera that shows each of these, the last one for ever."""

    def frames():
        for index, image in enumerate(images):
            yield Frame(image, index, index / fps)

    source = Source(frames(), "camera 7", live=False, fps=fps, warms_up=True)
    return Camera(source)


def test_a_webcam_is_waited_for_until_its_light_has_settled():
    bright = scene(1).astype(float)
    ramp = [(bright * part).astype(np.uint8) for part in np.linspace(0, 1, 15)]
    camera = webcam([*ramp, *[scene(1)] * 40])
    clock = Clock(camera, View(camera, None), Judge())
    passed = clock.warm_up(2.0)
    assert 15 <= passed <= 25
    camera = webcam([np.zeros((48, 64, 3), np.uint8)] * 200)
    clock = Clock(camera, View(camera, None), Judge())
    assert clock.warm_up(2.0) == pytest.approx(61, abs=1), "a dark room ends the waiting too"
    assert clock.warm_up(0.0) == 0


def test_a_moving_scene_gives_its_photos():
    judge = Judge()
    kept = 0
    for index in range(0, 120, 5):
        verdict = judge.measure(moving_scene(index, size=(240, 320))[0])
        if not verdict.why_not:
            judge.keep(verdict)
            kept += 1
    assert kept >= 20
