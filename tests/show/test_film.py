import os
import signal

import cv2
import numpy as np
import pytest
from refusals import raises_problem

from tfod.camera.camera import open_camera
from tfod.show.film import film_writer

RED, GREEN, BLUE = (200, 30, 30), (30, 180, 40), (40, 50, 210)


@pytest.fixture(autouse=True, params=["opencv", "pyav"])
def encoder(request, monkeypatch):
    """With the extra `film` and without it."""
    if request.param == "opencv":
        monkeypatch.setattr("tfod.show.encoders.find_spec", lambda name: None)
    else:
        pytest.importorskip("av", reason="needs the extra `film`")
    return request.param


def plain(colour, height=48, width=64):
    return np.full((height, width, 3), colour, np.uint8)


def read(path):
    with open_camera(str(path)) as camera:
        return camera.fps, camera.frame_count, [frame.image for frame in camera]


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "new" / "film.mp4"
    with film_writer(path, 12.5) as write:
        for index, colour in enumerate((RED, GREEN, BLUE)):
            write(plain(colour), index / 12.5)
    fps, count, images = read(path)
    assert fps == pytest.approx(12.5) and count == 3
    for image, colour in zip(images, (RED, GREEN, BLUE), strict=True):
        assert image.shape == (48, 64, 3)
        np.testing.assert_allclose(image.reshape(-1, 3).mean(axis=0), colour, atol=6)
    assert os.listdir(path.parent) == ["film.mp4"]


def test_the_format_is_one_that_browsers_play_where_the_extra_is_there(tmp_path, encoder):
    path = tmp_path / "a.mp4"
    with film_writer(path, 29.97) as write:
        for index in range(3):
            write(plain(RED), index / 29.97)
    data = path.read_bytes()
    assert (b"avc1" in data) == (encoder == "pyav")
    if encoder == "pyav":
        assert data.index(b"moov") < data.index(b"mdat"), "it plays before it is loaded whole"


@pytest.mark.parametrize("size", [(33, 47), (32, 31), (2, 2)])
def test_odd_sizes(tmp_path, size):
    with film_writer(tmp_path / "a.mp4", 30) as write:
        write(plain(RED, *size), 0.0)
    assert read(tmp_path / "a.mp4")[2][0].shape[:2] == (size[0] // 2 * 2, size[1] // 2 * 2)


def test_the_film_runs_at_the_speed_of_what_was_filmed(tmp_path):
    times_s = [5.0, 5.1, 5.12, 5.13, 5.9, 6.0]  # begins anywhere, bunches up, has a gap
    with film_writer(tmp_path / "a.mp4", 10) as write:
        for time_s, level in zip(times_s, range(0, 240, 40), strict=True):
            write(plain((level,) * 3), time_s)
    levels = [round(image.mean() / 40) for image in read(tmp_path / "a.mp4")[2]]
    assert len(levels) == 11  # one second, both ends included
    assert levels == [0, 1, *[4] * 8, 5]


def test_frames_of_another_size_are_scaled_into_the_film(tmp_path):
    with film_writer(tmp_path / "a.mp4", 10) as write:
        write(plain(RED, 48, 64), 0.0)
        write(plain(GREEN, 480, 320), 0.1)
    _, count, images = read(tmp_path / "a.mp4")
    assert count == 2 and images[1].shape == (48, 64, 3)
    np.testing.assert_allclose(images[1][24, 32], GREEN, atol=12)
    assert images[1][:, :10].mean() < 12 and images[1][:, -10:].mean() < 12


def test_no_frame_no_film(tmp_path):
    with raises_problem("no-frame-to-write"), film_writer(tmp_path / "a.mp4", 30):
        pass
    assert not os.listdir(tmp_path)


def test_an_error_leaves_nothing_and_keeps_what_was_there(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), film_writer(path, 30) as write:
        write(plain(RED), 0.0)
        raise ZeroDivisionError
    assert path.read_bytes() == b"before" and os.listdir(tmp_path) == ["a.mp4"]


def test_other_endings_are_refused_before_anything_is_filmed(tmp_path):
    with raises_problem("not-mp4", where="a.avi"), film_writer(tmp_path / "a.avi", 30):
        pytest.fail("began")
    assert not os.listdir(tmp_path)


def test_a_full_disk_is_reported_and_leaves_no_half_film(tmp_path, encoder):
    resource = pytest.importorskip("resource", reason="limits of POSIX")
    noise = np.random.default_rng(0).integers(0, 256, (30, 120, 160, 3), np.uint8)
    path = tmp_path / "a.mp4"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with (
            raises_problem(
                "video-incomplete" if encoder == "opencv" else "disk-full", remedy="free-space"
            ),
            film_writer(path, 30) as write,
        ):
            for index, image in enumerate(noise):
                write(image, index / 30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert not os.listdir(tmp_path)


def test_the_frames_given_are_not_changed(tmp_path):
    image = plain(BLUE)
    image.flags.writeable = False
    with film_writer(tmp_path / "a.mp4", 30) as write:
        write(image[:, ::-1], 0.0)
    assert cv2.VideoCapture(str(tmp_path / "a.mp4")).get(cv2.CAP_PROP_FRAME_WIDTH) == 64
