"""Films as recorders write them: without a length, with a wrong one, and with damaged frames."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from refusals import raises_problem
from video_server import file_server, head, http_server

from tfod.camera.camera import open_camera
from tfod.camera.scenes import moving_scene
from tfod.cli import main
from tfod.cli.bars import line
from tfod.detections import Detections
from tfod.progress import Task
from tfod.steps.detect.detect import detect_files
from tfod.steps.live.live import live
from tfod.steps.live.options import LiveOptions
from tfod.workspace import Workspace

COUNT = 40
DURATION, CUES, SEGMENT = b"\x44\x89\x88", b"\x1c\x53\xbb\x6b", b"\x18\x53\x80\x67"  # of Matroska


def film(path, code="MJPG"):
    """Write forty frames of a moving scene, ten a second."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 10, (64, 48))
    if not writer.isOpened():
        pytest.skip(f"this OpenCV writes no {code}")
    for index in range(COUNT):
        writer.write(moving_scene(3 * index, size=(48, 64))[0])
    writer.release()
    return path


def without_length(path):
    """Take out of a Matroska file what a browser or a recorder that was killed does not write."""
    data = bytearray(path.read_bytes())
    at = data.index(DURATION)
    data[at : at + 11] = b"\xec\x89" + bytes(9)  # "void"
    at = data.index(SEGMENT) + len(SEGMENT)
    data[at : at + 8] = b"\x01" + b"\xff" * 7  # of unknown size
    path.write_bytes(data[: data.rindex(CUES)])
    return path


def with_length(path, seconds):
    """Let a Matroska file state another length."""
    data = bytearray(path.read_bytes())
    at = data.index(DURATION) + len(DURATION)
    data[at : at + 8] = np.array(1000 * seconds, ">f8").tobytes()
    path.write_bytes(data)
    return path


def with_damaged(path, *frames):
    """Overwrite whole frames of an AVI."""
    data = bytearray(path.read_bytes())
    begin = data.index(b"movi")
    at = [i for i in range(begin, len(data)) if data.startswith(b"00dc", i)]
    for frame in frames:
        size = int.from_bytes(data[at[frame] + 4 : at[frame] + 8], "little")
        data[at[frame] + 8 : at[frame] + 8 + size] = bytes(size)
    path.write_bytes(data)
    return path


def nothing(image):
    return Detections(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32), {}
    )


@pytest.mark.parametrize("name", ["film.mkv", "film.webm"])
def test_a_film_without_a_length_is_read_to_its_end(name, workspace, capsys):
    path = without_length(film(Path(name), "VP80" if name.endswith("webm") else "MJPG"))
    with open_camera(name) as source:
        assert source.frame_count is None and source.ends and not source.live
        assert len(list(source)) == COUNT
    words = ["capture", "--min-change", "0", "--min-sharpness", "0", "--session"]
    assert main([*words, "s", "--from", name]) == 0
    with file_server(path) as url:
        assert main([*words, "t", "--from", url]) == 0
    assert "frames:" not in capsys.readouterr().out
    for session in ("s", "t"):
        assert len(list(Path("workspace/images", session).glob("*.jpg"))) == COUNT / 10
    result = detect_files(nothing, name, "out")
    assert (result.images, result.bad_frames) == (COUNT, 0)
    with open_camera(name) as source:
        watched = live(Workspace(""), nothing, source, LiveOptions(headless=True))
    assert (watched.frames, watched.ended) == (COUNT, "the video ended")
    camera = ["--camera", name, "--classes", "a", "--number", "99", "--every", "0", "--headless"]
    assert main(["capture", *camera, "--countdown", "0", "--session", "u"]) == 0
    assert "continues" not in capsys.readouterr().out, "it would begin again"


@pytest.mark.parametrize("seconds", [1, 9])
def test_a_film_that_states_a_wrong_length_is_read_to_its_end(seconds, workspace, capsys):
    path = with_length(film(Path("film.mkv")), seconds)
    with open_camera("film.mkv") as source:
        assert source.frame_count == 10 * seconds
        assert len(list(source)) == COUNT
    words = ["--from", str(path), "--min-change", "0", "--min-sharpness", "0"]
    assert main(["capture", *words]) == 0
    said = capsys.readouterr()
    assert ("it may be damaged" in said.out) == (seconds > 4)
    assert "captured 4 photos" in said.out


def test_more_than_was_stated_is_no_negative_time_left():
    task = Task("reading", total=10)
    task.reach(30)
    assert task.left_s is None and line(task) == "reading: 30"


@pytest.mark.parametrize("damaged", [(20,), (0, 1), tuple(range(10, 25))])
def test_damaged_frames_in_the_middle_are_counted_and_left_out(damaged, workspace, capsys):
    path = with_damaged(film(Path("film.avi")), *damaged)
    whole = [index for index in range(COUNT) if index not in damaged]
    for source in (str(path), None):
        with file_server(path) as url, open_camera(source or url) as opened:
            frames = list(opened)
            assert [frame.index for frame in frames] == whole, "numbers and times stay"
            assert opened.hiccups.bad_frames == len(damaged)
    assert frames[-1].time_s == pytest.approx(3.9)
    words = ["capture", "--from", str(path), "--min-change", "0", "--min-sharpness", "0"]
    assert main([*words, "--session", "s", "--every", "1"]) == 0
    assert f"{len(damaged)} damaged frame" in capsys.readouterr().out
    assert main([*words, "--session", "t", "--every", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["bad_frames"] == len(damaged) and result["images"] == {"": len(whole)}
    found = detect_files(nothing, path, "out")
    assert (found.images, found.bad_frames) == (len(whole), len(damaged))


def test_a_film_of_a_server_that_ends_early_is_lost_also_without_a_limit_reached(workspace):
    path = film(Path("film.avi"))
    with file_server(path, share=0.5) as url, open_camera(url) as source:
        with raises_problem("camera-lost", what="the video ended early"):
            list(source)


def test_every_frame_of_a_film_of_a_server_is_given_however_slow_one_is(workspace):
    """It is read ahead by one frame in a thread, which a live camera would drop."""
    import threading

    with file_server(film(Path("film.avi"))) as url, open_camera(url) as source:
        next(source)
        threading.Event().wait(0.2)
        assert [frame.index for frame in source] == list(range(1, COUNT))


def test_a_film_behind_a_login_and_one_that_is_not_there(workspace):
    data = film(Path("film.avi")).read_bytes()

    def answer(request, number):
        if request.path != "/film.avi":
            return head(request, "text/plain", 404)
        if not request.headers.get("Authorization"):
            return head(request, "text/plain", 401, WWW_Authenticate='Basic realm="films"')
        head(request, "video/x-msvideo", Content_Length=len(data))
        request.wfile.write(data)

    with http_server(answer) as url:
        with open_camera(url.replace("//", "//me:h%23ush@") + "/film.avi") as source:
            assert len(list(source)) == COUNT
        with raises_problem("login-refused"):
            open_camera(f"{url}/film.avi")
        with raises_problem("stream-not-opened", what="404"):
            open_camera(f"{url}/other.avi")
