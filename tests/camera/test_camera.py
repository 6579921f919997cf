import os
import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest
from refusals import raises_problem
from video_server import file_server, mjpeg_server

from tfod.camera import camera
from tfod.camera.address import without_login
from tfod.camera.camera import Camera, CameraLost, open_camera
from tfod.camera.scenes import draw_scene, moving_scene
from tfod.camera.video import Frame, Source
from tfod.remedies import Remedy
from tfod.show.film import film_writer

COLOURS = ((200, 30, 30), (30, 180, 40), (40, 50, 210))
SECRET = "hush-hush"


def plain(index, size=(48, 64)):
    return np.full((*size, 3), COLOURS[index % len(COLOURS)], np.uint8)


def refused(source, code, **fields):
    """The problem with which a source is refused."""
    with raises_problem(code, **fields) as problems:
        open_camera(source)
    assert not reading_threads(wait_s=10)
    return problems[0]


def reading_threads(wait_s=0.0):
    threads = [thread for thread in threading.enumerate() if thread.name == "camera"]
    for thread in threads:  # one whose read hangs ends by the timeout of the read
        thread.join(wait_s)
    return [thread for thread in threads if thread.is_alive()]


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film.mp4"
    with film_writer(path, 12.0) as write:
        for index in range(7):
            write(plain(index), index / 12)
    return path


def test_a_film_gives_every_frame_with_its_time_and_ends(film):
    with open_camera(str(film)) as source:
        assert not source.live and source.frame_count == 7
        assert source.fps == pytest.approx(12.0)
        assert source.description == f"{film} (64x48)"
        frames = list(source)
    assert [frame.index for frame in frames] == list(range(7))
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(7) / 12)
    for frame in frames:
        assert frame.image.dtype == np.uint8 and frame.boxes is None
        np.testing.assert_allclose(frame.image.mean(axis=(0, 1)), COLOURS[frame.index % 3], atol=6)


def test_close_twice_then_nothing_comes(film):
    for source in (str(film), "synthetic"):
        opened = open_camera(source)
        opened.close()
        opened.close()
        assert list(opened) == []


def test_a_folder_gives_its_images_in_the_order_of_numbers(tmp_path):
    (tmp_path / "inner").mkdir()
    for index, name in enumerate(["a_2.png", "a_10.jpg", "inner/b.PNG"]):
        cv2.imwrite(str(tmp_path / name), plain(index, (30, 40 + index))[:, :, ::-1])
    for name in ("notes.txt", "._a_2.png"):  # macOS leaves such files on other disks
        (tmp_path / name).write_text("no image")
    cv2.imwrite(str(tmp_path / "c_grey.png"), plain(0)[:, :, 0])
    with open_camera(str(tmp_path)) as source:
        assert source.frame_count == 4
        images = [frame.image for frame in source]
    assert [image.shape for image in images] == [(30, 40, 3), (30, 41, 3), (48, 64, 3), (30, 42, 3)]
    np.testing.assert_allclose(images[0].mean(axis=(0, 1)), COLOURS[0], atol=1)
    with open_camera(str(tmp_path / "a_10.jpg")) as source:
        assert len(list(source)) == 1


def test_a_broken_image_of_a_folder_is_named(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), plain(0))
    (tmp_path / "b.png").write_bytes(b"\x89PNG but no more")
    cv2.imwrite(str(tmp_path / "d.png"), plain(1))
    with open_camera(str(tmp_path)) as source:
        assert [next(source).index, next(source).index] == [0, 2], "it keeps no other back"
        with raises_problem("image-unreadable", where="b.png"):
            next(source)
        assert list(source) == []
    (tmp_path / "c.png").touch()
    refused(str(tmp_path / "c.png"), "image-unreadable", where="c.png")


@pytest.mark.parametrize("source", ["nowhere.mp4", "9" * 30, "-1", "", "C:\\films\\a.mp4"])
def test_what_does_not_exist_is_refused_with_what_would_do(source, workspace):
    problem = refused(source, "no-such-camera", where=source)
    assert "synthetic" in problem.expected
    assert problem.advice.action == Remedy.CHECK_PATH


def test_a_misspelt_synthetic_camera_is_recognised(workspace):
    problem = refused("sinthetic:frames=3", "no-such-camera")
    assert problem.remedy == Remedy.DID_YOU_MEAN(name="synthetic")
    with open_camera("Synthetic:frames=3") as source:
        assert source.frame_count == 3


def test_what_is_no_video_is_refused(tmp_path, film):
    (tmp_path / "text.mp4").write_text("no film")
    refused(str(tmp_path / "text.mp4"), "not-a-video", where="text.mp4")
    (tmp_path / "cut.mp4").write_bytes(film.read_bytes()[:200])
    refused(str(tmp_path / "cut.mp4"), "not-a-video", remedy=Remedy.COPY_AGAIN)
    (tmp_path / "empty").mkdir()
    refused(str(tmp_path / "empty"), "no-images", where="empty")


def test_a_webcam_that_is_not_there():
    problem = refused(61, "webcam-not-opened", where="camera 61", remedy=Remedy.CHECK_CAMERA)
    assert "number 61" in problem.what
    for name in ("61", "/dev/video61"):
        assert refused(name, "webcam-not-opened") == problem


def test_synthetic_frames_are_the_drawn_scenes():
    text = "synthetic:classes=a, b;seed=3;frames=5;size=120x160;fps=10"
    with open_camera(text) as source:
        assert (source.live, source.fps, source.frame_count) == (False, 10.0, 5)
        frames = list(source)
    assert [frame.time_s for frame in frames] == [0, 0.1, 0.2, 0.3, 0.4]
    for frame in frames:
        image, boxes, names = draw_scene(frame.index, ("a", "b"), (120, 160), 3)
        assert np.array_equal(frame.image, image) and np.array_equal(frame.boxes, boxes)
        assert frame.names == tuple(names)
    with open_camera("synthetic:scene=moving", classes=["x"]) as source:
        frame = next(source)
    assert np.array_equal(frame.image, moving_scene(0, ["x"])[0]) and set(frame.names) == {"x"}


@pytest.mark.parametrize(
    "part",
    ["size=640", "size=8x8", "frames=0", "seed=-1", "fps=nan", "classes=,", "scene=x", "speed=3"],
)
def test_synthetic_options_that_are_not_understood_are_named(part):
    problem = refused(f"synthetic:frames=3;{part}", "bad-synthetic-option", got=f'"{part}"')
    assert "synthetic:classes=a,b;seed=3" in problem.expected


def test_an_address_gives_the_newest_frame():
    with mjpeg_server(plain) as url, open_camera(url) as source:
        assert source.live and source.frame_count is None and source.description.startswith(url)
        frames = [next(source) for _ in range(4)]
        for frame in frames:
            colour = COLOURS[frame.index % 3]
            np.testing.assert_allclose(frame.image.mean(axis=(0, 1)), colour, atol=6)
        threading.Event().wait(0.3)  # a slow user: nine frames or so come and go
        late = next(source)
        assert late.index - frames[-1].index >= 4
        assert source.age_s(late) < source.age_s(frames[-1])
        assert reading_threads()
    assert not reading_threads(wait_s=10)


def test_a_stream_that_ends_is_lost():
    with mjpeg_server(plain, frames=15) as url, open_camera(url, lost_after_s=0.6) as source:
        with raises_problem("camera-lost", where=url, what="no picture for 0.6 s") as problems:
            for frame in source:
                last = frame.index
        assert last == 14 and "the server answers 503" in problems[0].what
        assert list(source) == []
    assert not reading_threads(wait_s=10)


def test_a_stream_that_stalls_is_lost():
    with mjpeg_server(plain, 15, then="stall") as url, open_camera(url, lost_after_s=0.6) as own:
        with raises_problem("camera-lost", what="no picture for 0.6 s"):
            list(own)
        own.close()
    assert not reading_threads(wait_s=10)


def test_an_address_where_nothing_comes_is_given_up_after_the_timeout(monkeypatch):
    asked = []
    video_capture = cv2.VideoCapture

    def opened(*arguments):
        asked.append(arguments)
        return video_capture(*arguments)

    monkeypatch.setattr(camera, "LOST_AFTER_S", 0.5)
    monkeypatch.setattr(cv2, "VideoCapture", opened)
    with mjpeg_server(plain, frames=0, then="stall") as url:
        with raises_problem("no-frame", where=url, remedy=Remedy.CHECK_CONNECTION):
            open_camera(url)
    refused("rtsp://127.0.0.1:9/cam", "stream-not-opened", remedy=Remedy.CHECK_CONNECTION)
    options = asked[-1][2]
    limits = dict(zip(options[::2], options[1::2], strict=True))
    assert limits[cv2.CAP_PROP_OPEN_TIMEOUT_MSEC] == 500
    assert limits[cv2.CAP_PROP_READ_TIMEOUT_MSEC] == 1000


def test_a_video_over_the_network_that_ends_early_is_lost(tmp_path, capfd):
    path = tmp_path / "film.avi"  # says at its beginning how long it is
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for index in range(60):
        writer.write(plain(index))
    writer.release()
    with file_server(path) as url, open_camera(url) as source:
        assert len(list(source)) == source.frame_count == 60
    with file_server(path, share=0.5) as url, open_camera(url) as source:
        with raises_problem("camera-lost", what="the video ended early"):
            for frame in source:
                last = frame.index
        assert 10 < last < 40
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://me:{}@127.0.0.1:9/video",
        "http://127.0.0.1:9/video?user=me&pwd={}&size=3",
        "rtsp://127.0.0.1:9/user=me&password={}&channel=1",
    ],
)
def test_a_password_is_never_shown(address, capfd):
    problem = refused(address.format(SECRET), "stream-not-opened", where="127.0.0.1:9")
    assert SECRET not in str(problem) and SECRET not in str(problem.as_dict())
    assert SECRET not in "".join(capfd.readouterr())


def test_ffmpeg_is_silent_and_the_environment_as_before(tmp_path):
    """In a process of its own: FFmpeg learns only once how much it may say."""
    (tmp_path / "text.mp4").write_text("no video, so FFmpeg complains")
    code = """
import os, sys
import cv2  # which changes it
before = dict(os.environ)
from tfod.camera.camera import open_camera
from tfod.errors import UserError
try:
    open_camera(sys.argv[1])
except UserError as error:
    print(error.codes)
assert dict(os.environ) == before
"""
    loud = "OPENCV_FFMPEG_LOGLEVEL"
    environment = {name: value for name, value in os.environ.items() if name != loud}
    command = [sys.executable, "-c", code, str(tmp_path / "text.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == ("['not-a-video']\n", "")


def test_a_password_is_not_shown_when_the_camera_is_lost(capfd):
    with mjpeg_server(plain, frames=5) as url:
        address = url.replace("//", f"//me:{SECRET}@")
        with open_camera(address, lost_after_s=0.3) as source:
            assert SECRET not in source.description
            with pytest.raises(CameraLost) as caught:
                list(source)
    assert SECRET not in str(caught.value) and SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://host/a", "rtsp://host/a"),
        ("rtsp://me:p@ss/word@host:554/a?b=1", "rtsp://***@host:554/a?b=1"),
        ("http://host/a?Token=x/y&b=1&api_key=z#c", "http://host/a?Token=***&b=1&api_key=***#c"),
        ("http://host/a?b=1&c=2", "http://host/a?b=1&c=2"),
    ],
)
def test_addresses_without_login(url, shown):
    assert without_login(url) == shown


def live(frames):
    return Camera(Source(frames, "a camera", live=True))


def test_a_live_camera_without_a_frame_is_no_camera():
    with raises_problem("no-frame", where="a camera"):
        live(frame for frame in ())
    assert not reading_threads(wait_s=10)


def test_closing_releases_the_source_in_its_own_thread():
    released = []

    def endless():
        try:
            while True:
                yield Frame(plain(0), 0, 0.0)
        finally:
            released.append(threading.current_thread().name)

    source = live(endless())
    next(source)
    source.close()
    assert released == ["camera"] and not reading_threads(wait_s=10)
