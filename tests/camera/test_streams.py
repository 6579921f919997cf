"""Streams as they are: damaged, late, cut off and back again, behind a login; and their servers."""

import base64
import json
import threading
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from refusals import raises_problem
from video_server import head, http_server

from tfod.camera import camera, http, jpegs, reader, sources, video
from tfod.camera.camera import CameraLost, open_camera
from tfod.cli import main
from tfod.remedies import Remedy

MULTIPART = "multipart/x-mixed-replace; boundary=next"
CAPTURE = "capture --classes a --every 0 --countdown 0 --headless --min-change 0 --min-sharpness 0"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Wait for no thread that hangs in a read."""
    monkeypatch.setattr(reader, "STOP_S", 0.05)


def jpeg(index, size=(48, 64)):
    """A picture whose grey says its number."""
    return cv2.imencode(".jpg", np.full((*size, 3), 10 * index % 250, np.uint8))[1].tobytes()


def number_of(image):
    return round(image.mean() / 10)


def part(data, length=None, line=b"--next\r\n", kind=b"image/jpeg", end=b"\r\n"):
    stated = b"" if length is None else b"Content-Length: %d" % length + end
    return line + b"Content-Type: " + kind + end + stated + end + data + end


def whole(index):
    data = jpeg(index)
    return part(data, len(data))


@contextmanager
def stream_of(*pieces, kind=MULTIPART, wait=None):
    """Serve these pieces in turn and keep the connection, without anything more to come."""
    over = threading.Event()

    def answer(request, number):
        head(request, kind)
        for piece in pieces:
            request.wfile.write(piece)
            over.wait(0.01)
        over.wait()

    with http_server(answer) as url:
        try:
            yield f"{url}/video"
        finally:
            over.set()


def half(data):
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    "damage",
    [half, lambda data: data[:40], lambda data: b"x" * 900, lambda data: data[:-2]],
    ids=["half", "head", "junk", "no-end"],
)
def test_a_damaged_part_in_seven_is_counted_and_left_out(damage):
    pieces = [part(damage(jpeg(i)), 900) if i % 7 == 3 else whole(i) for i in range(24)]
    with stream_of(*pieces) as url, open_camera(url, lost_after_s=0.5) as source:
        seen = []
        with raises_problem("camera-lost", what="3 damaged frames left out"):
            for frame in source:
                assert np.ptp(frame.image) <= 2, "no half picture"
                seen.append(number_of(frame.image))
        assert source.hiccups.bad_frames == 3
    assert seen == sorted(seen) and seen[-1] == 23 and not {3, 10, 17} & set(seen)


def test_only_damaged_parts_are_a_lost_camera_and_at_the_start_none():
    bad = [part(b"x" * 50)] * 3
    with stream_of(whole(0), *bad) as url, open_camera(url, lost_after_s=0.3) as source:
        with raises_problem("camera-lost", what=video.DAMAGED):
            list(source)
    with stream_of(*bad) as url, raises_problem("no-frame", what=video.DAMAGED):
        open_camera(url, lost_after_s=0.3)


DASHES = b"----next\r\n"
FORMS = {
    "no-length": [part(jpeg(i)) for i in range(4)],
    "too-short": [part(jpeg(i), 100) for i in range(4)],
    "too-long": [part(jpeg(i), 9_999) for i in range(4)],
    "line-feeds": [part(jpeg(i), line=b"--next\n", end=b"\n") for i in range(4)],
    "other-boundary": [part(jpeg(i), line=b"--other\r\n") for i in range(4)],
    "dashes": [part(jpeg(i), line=DASHES) for i in range(4)],
    "no-end-of-line": [part(jpeg(i), line=b"--next\r\n")[:-2] for i in range(4)],
    "head-first": [whole(0).removeprefix(b"--next\r\n"), *(whole(i) for i in (1, 2, 3))],
    "padded": [part(jpeg(i) + bytes(20), len(jpeg(i)) + 20) for i in range(4)],
    "with-text": [p for i in range(4) for p in (part(b"12:00", kind=b"text/plain"), whole(i))],
    "in-drops": [bytes([byte]) for i in range(4) for byte in whole(i)],
}


@pytest.mark.parametrize("form", FORMS)
def test_parts_are_told_apart_however_a_camera_writes_them(form):
    def answer(request, number):
        head(request, MULTIPART)
        for piece in FORMS[form]:
            request.wfile.write(piece)

    with http_server(answer) as url, urllib.request.urlopen(url, timeout=5) as response:
        images = [jpegs.decoded(data) for data in jpegs.parts(response)]
    assert [None if i is None else number_of(i) for i in images if i is not None][-3:] == [1, 2, 3]
    assert form == "head-first" or len(images) == 4


def test_a_part_is_given_before_the_next_one_begins():
    """Else each picture would be one interval of the camera too old."""
    with stream_of(whole(5)) as url, open_camera(url, lost_after_s=30) as source:
        assert number_of(next(source).image) == 5


@pytest.mark.parametrize("image", ["grey", "png", "padded", "turned"])
def test_pictures_of_other_kinds(image):
    colour = np.full((48, 64, 3), 100, np.uint8)
    data = {
        "grey": cv2.imencode(".jpg", colour[:, :, 0])[1].tobytes(),
        "png": cv2.imencode(".png", colour)[1].tobytes(),
        "padded": jpeg(10)[:-2] + bytes(9) + jpeg(10)[-2:],
        "turned": jpeg(10)[:2] + TURNED + jpeg(10)[2:],
    }[image]
    decoded = jpegs.decoded(data)
    assert decoded.shape == ((64, 48, 3) if image == "turned" else (48, 64, 3))
    assert number_of(decoded) == 10


# EXIF with one field: orientation 6
TURNED = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"


def test_a_stream_that_breaks_off_is_opened_again(monkeypatch):
    monkeypatch.setattr(video, "RETRY_S", 0.01)

    def answer(request, number):
        if number == 2:
            return head(request, "text/plain", status=503)
        head(request, MULTIPART)
        for index in range(3):
            request.wfile.write(whole(4 * number + index))

    with http_server(answer) as url, open_camera(url) as source:
        seen = [frame for frame, _ in zip(source, range(8), strict=False)]
        assert source.hiccups.reconnections >= 2
    assert max(number_of(frame.image) for frame in seen) >= 12
    indices = [frame.index for frame in seen]
    assert indices == sorted(set(indices)), "they are counted on"


def test_a_slow_first_frame_is_waited_for():
    ready = threading.Event()

    def answer(request, number):
        head(request, MULTIPART)
        ready.wait()
        request.wfile.write(whole(7))

    timer = threading.Timer(0.3, ready.set)
    with http_server(answer) as url:
        timer.start()
        with open_camera(url, lost_after_s=60) as source:
            assert number_of(next(source).image) == 7


def test_a_stream_that_changes_its_size(workspace):
    pieces = [part(jpeg(i, (48, 64) if i < 12 else (96, 128))) for i in range(24)]
    with stream_of(*pieces) as url, open_camera(url, lost_after_s=0.3) as source:
        seen = set()
        with pytest.raises(CameraLost):
            for frame in source:
                seen.add(frame.image.shape[:2])
    assert seen == {(48, 64), (96, 128)}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_snapshot_address_is_asked_again_and_again(chunked, monkeypatch):
    monkeypatch.setattr(http, "POLL_S", 0.001)

    def answer(request, number):
        if number == 2:
            return head(request, "text/plain", status=503)
        data = half(jpeg(number)) if number == 4 else jpeg(number)
        length = {} if chunked else {"Content_Length": 900 if number == 5 else len(data)}
        head(request, "image/jpeg", **length)
        request.wfile.write(data)

    with http_server(answer) as url, open_camera(f"{url}/shot.jpg") as source:
        assert source.live and not source.ends
        while (last := number_of(next(source).image)) < 8:
            assert last not in (2, 4)
        assert source.hiccups.bad_frames == 2, "a length that is too long does no harm"
        assert source.hiccups.reconnections == 0


def test_a_snapshot_camera_that_is_gone_is_lost(monkeypatch):
    monkeypatch.setattr(http, "POLL_S", 0.001)

    def answer(request, number):
        head(request, "image/jpeg" if number < 3 else "text/plain", 200 if number < 3 else 500)
        request.wfile.write(jpeg(number))

    with http_server(answer) as url, open_camera(f"{url}/shot.jpg", lost_after_s=0.3) as source:
        with raises_problem("camera-lost", what="the server answers 500"):
            list(source)


@pytest.mark.parametrize(
    ("status", "kind", "code", "remedy", "what"),
    [
        (401, "text/plain", "login-refused", Remedy.CHECK_LOGIN, "asks for a login"),
        (403, "text/plain", "login-refused", Remedy.CHECK_LOGIN, "asks for a login"),
        (404, "text/html", "stream-not-opened", Remedy.CHECK_CONNECTION, "404 Not Found"),
        (503, "image/jpeg", "stream-not-opened", Remedy.CHECK_CONNECTION, "503"),
        (200, "text/html; charset=x", "web-page", Remedy.USE_VIDEO_ADDRESS, "a web page"),
        (200, "application/json", "stream-not-opened", Remedy.CHECK_CONNECTION, "no video"),
    ],
)
def test_an_address_that_gives_something_else_says_what(status, kind, code, remedy, what):
    def answer(request, number):
        head(request, kind, status)
        request.wfile.write(b"<html>Welcome</html>")

    with http_server(answer) as url, raises_problem(code, where=url, what=what, remedy=remedy):
        open_camera(url)


# ------------------------------------------------------------------- logins
SECRETS = ["hush-hush", "h:ush", "h ush", "hüsh", "h@ush", "h#ush", "h/ush", "h?ush", "h%ush"]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_login_is_sent_as_it_is_meant(secret):
    wanted = base64.b64encode(f"me:{secret}".encode()).decode()

    def answer(request, number):
        if request.headers.get("Authorization") != f"Basic {wanted}":
            return head(request, "text/plain", 401, WWW_Authenticate='Basic realm="cam"')
        head(request, MULTIPART)
        request.wfile.write(whole(3))

    with http_server(answer) as url:
        quoted = urllib.request.quote(secret, safe="")
        with open_camera(url.replace("//", f"//me:{quoted}@"), lost_after_s=9) as source:
            assert number_of(next(source).image) == 3 and quoted not in source.description
        with raises_problem("login-refused", what="refuses this login"):
            open_camera(url.replace("//", f"//me:{quoted}x@"))


def test_a_login_of_the_digest_kind():
    def answer(request, number):
        given = request.headers.get("Authorization", "")
        if not given.startswith('Digest username="me", realm="cam"'):
            ask = 'Digest realm="cam", nonce="1", qop="auth"'
            return head(request, "text/plain", 401, WWW_Authenticate=ask)
        head(request, "image/jpeg")
        request.wfile.write(jpeg(3))

    with http_server(answer) as url:
        with open_camera(url.replace("//", "//me:hush@")) as source:
            assert number_of(next(source).image) == 3


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
@pytest.mark.parametrize("character", ["#", "@", "/", "?", "12#", "%"])
def test_a_character_in_a_password_gets_its_hint_and_is_shown_nowhere(
    scheme, character, workspace, capfd
):
    address = f"{scheme}://me:hu{character}sh@127.0.0.1:9/cam"
    assert main([*CAPTURE.split(), "--camera", address]) == 2
    said = capfd.readouterr()
    assert "%23 for #, %40 for @" in said.err
    assert main([*CAPTURE.split(), "--camera", address, "--json"]) == 2
    told = capfd.readouterr()
    problem = json.loads(told.out)["error"]["problems"][0]
    assert problem["remedy"]["action"] == "check-login"
    assert problem["path"].startswith(f"{scheme}://***@127.0.0.1:9")
    for text in (*said, *told):
        assert f"hu{character}" not in text and f"{character}sh" not in text


@pytest.mark.parametrize("wrong", ["me:hush@127.0.0.1:9/cam", "rtsp:/me:hush@127.0.0.1/cam"])
def test_a_password_is_not_shown_where_the_scheme_is_missing(wrong, workspace, capfd):
    words = CAPTURE.split()
    for command in ([*words, "--camera", wrong], ["capture", "--from", wrong]):
        assert main(command) == 2
        said = capfd.readouterr()
        assert "***@127.0.0.1" in said.err and "hush" not in said.err + said.out


# -------------------------------------------------------------------- Ctrl-C
@pytest.fixture
def ctrl_c_soon():
    """Press Ctrl-C once something waits; a limit that is not interrupted would never end."""
    import _thread

    timer = threading.Timer(0.3, _thread.interrupt_main)
    yield timer.start
    timer.cancel()


def test_ctrl_c_is_heard_while_a_server_says_nothing(ctrl_c_soon):
    over = threading.Event()
    with http_server(lambda request, number: over.wait() and None) as url:
        ctrl_c_soon()
        with pytest.raises(KeyboardInterrupt):
            open_camera(url, lost_after_s=1000)
        over.set()


def test_ctrl_c_is_heard_while_native_code_opens(ctrl_c_soon, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(sources, "_ffmpeg", lambda *_: over.wait())
    ctrl_c_soon()
    with pytest.raises(KeyboardInterrupt):
        open_camera("rtsp://127.0.0.1:9/cam", lost_after_s=1000)
    over.set()


def test_ctrl_c_is_heard_while_a_stream_stalls(ctrl_c_soon):
    with stream_of(whole(0)) as url, open_camera(url, lost_after_s=1000) as source:
        next(source)
        ctrl_c_soon()
        with pytest.raises(KeyboardInterrupt):
            next(source)


# ------------------------------------------------------------------ commands
def test_capture_says_what_was_damaged(workspace, capsys):
    pieces = [part(b"x" * 90, 90) if i % 2 else whole(i) for i in range(200)]
    with stream_of(*pieces) as url:
        words = [*CAPTURE.split(), "--number", "9", "--camera", url, "--session"]
        assert main([*words, "s"]) == 0
        assert "damaged frame" in capsys.readouterr().out
        assert main([*words, "t", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["bad_frames"] >= 1 and result["reconnections"] == 0
    assert len(list(Path("workspace/images/t").glob("*.jpg"))) == 9


def test_how_long_a_camera_may_be_silent_is_one_number(monkeypatch):
    monkeypatch.setattr(camera, "LOST_AFTER_S", 0.25)
    with stream_of(whole(0)) as url, open_camera(url) as source:
        with raises_problem("camera-lost", what="no picture for 0.25 s"):
            list(source)
