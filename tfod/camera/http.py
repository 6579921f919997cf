"""Cameras that send JPEG over HTTP: a stream of pictures in parts, or one picture at a time.

FFmpeg would read the stream too, but not say why an address gives nothing, take a cut picture for
a whole one, and see in a picture by itself a video of one frame. What is neither a stream of parts
nor a picture is left to it (`sources.py`).
"""

import http.client
import socket
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import partial

from tfod.camera.address import split_login, without_login
from tfod.camera.jpegs import MOST_BYTES, decoded, parts
from tfod.camera.reader import interruptible
from tfod.camera.video import DAMAGED, Hiccups, Images, Source, live_frames
from tfod.errors import UserError, refusal
from tfod.remedies import Remedy

POLL_S = 0.1  # between two pictures of a camera that sends one at a time


@dataclass(frozen=True)
class Answer:
    """What a server sends, and what kind of thing it says that is.

    Attributes:
        kind: the media type, "multipart/x-mixed-replace".
        length: bytes, None where it does not say.
    """

    response: http.client.HTTPResponse
    kind: str
    length: int | None


def http_camera(url: str, timeout_s: float) -> Source | int | None:
    """Open a camera that sends JPEG.

    Returns:
        The camera; for anything else the number of its bytes, None where that is not known.

    Raises:
        UserError: it cannot be reached, refuses the login, or sends a web page.
    """
    answer = interruptible(partial(_ask, url, timeout_s))
    if answer is None:
        return None
    if not _is_camera(answer):
        answer.response.close()
        return answer.length
    hiccups = Hiccups()
    frames = live_frames(
        _images(answer, url, timeout_s), partial(_reopened, url, timeout_s), hiccups
    )
    remedy = Remedy.CHECK_CONNECTION
    shown = without_login(url)
    return Source(frames, shown, live=True, ends=False, remedy=remedy, hiccups=hiccups)


def _is_camera(answer: Answer) -> bool:
    return answer.kind.startswith(("multipart/", "image/"))


def _reopened(url: str, timeout_s: float) -> Images:
    answer = _ask(url, timeout_s)
    if answer and _is_camera(answer):
        return _images(answer, url, timeout_s)
    raise refusal("stream-not-opened", without_login(url), "the server sends no pictures any more")


def _ask(url: str, timeout_s: float) -> Answer | None:
    """Ask a server for what an address gives; None when it does not speak as `http.client` does."""
    shown, remedy = without_login(url), Remedy.CHECK_CONNECTION
    address, user, password = split_login(url)
    logins = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if user or password:
        logins.add_password(None, address, user, password)
    unverified = ssl._create_unverified_context()  # cameras sign their certificates themselves
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=unverified),
        _ClosesRefusals(),
        urllib.request.HTTPBasicAuthHandler(logins),
        urllib.request.HTTPDigestAuthHandler(logins),
    )
    try:
        response = opener.open(address, timeout=timeout_s + 0.5)  # camera.py notices first
    except urllib.error.HTTPError as error:
        error.close()
        raise _refused(shown, error.code, bool(user or password)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = _why(getattr(error, "reason", error), timeout_s)
        if not why:
            return None
        raise refusal(
            "stream-not-opened", shown, f"no video could be opened: {why}", remedy=remedy
        ) from None
    kind = response.headers.get_content_type()
    if kind == "text/html":
        response.close()
        what = "this is a web page, not a video"
        raise refusal("web-page", shown, what, remedy=Remedy.USE_VIDEO_ADDRESS)
    length = response.headers.get("Content-Length", "")
    return Answer(response, kind, int(length) if length.isdecimal() else None)


class _ClosesRefusals(urllib.request.BaseHandler):
    """Closes an answer that asks for a login before the next handler asks again with it."""

    handler_order = 100

    def http_error_401(
        self, req: object, fp: http.client.HTTPResponse, code: int, msg: str, headers: object
    ) -> None:
        fp.close()


def _refused(shown: str, status: int, has_login: bool) -> UserError:
    if status in (401, 403):
        what = "the camera refuses this login" if has_login else "the camera asks for a login"
        return refusal("login-refused", shown, what, got=status, remedy=Remedy.CHECK_LOGIN)
    answer = f"{status} {http.client.responses.get(status, '')}".strip()
    what = f"no video could be opened: the server answers {answer}"
    return refusal("stream-not-opened", shown, what, remedy=Remedy.CHECK_CONNECTION)


def _why(error: object, timeout_s: float) -> str:
    """Why there is no answer, without the words of the system, which may hold the address."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "nothing answers at this port"
    if isinstance(error, socket.gaierror):
        return "no computer of this name was found"
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return "the network does not lead there"
    return ""


def _images(answer: Answer, url: str, timeout_s: float) -> Images:
    if answer.kind.startswith("image/"):
        return _polled(answer, url, timeout_s)
    return _streamed(answer.response)


def _streamed(response: http.client.HTTPResponse) -> Images:
    """The pictures of a stream until it ends or is silent for too long."""
    try:
        for part in parts(response):
            image = decoded(part)
            yield DAMAGED if image is None else image
    except (OSError, http.client.HTTPException, ValueError):
        pass  # whoever opens it again is told why
    finally:
        response.close()


def _polled(answer: Answer, url: str, timeout_s: float) -> Images:
    """One picture after the other, each asked for by itself; a miss is not the end."""
    waiting: Answer | None = answer
    while True:
        try:
            waiting = waiting or _ask(url, timeout_s)
            image = decoded(_body(waiting)) if waiting else None
            yield DAMAGED if image is None else image
        except UserError as error:
            yield error.problems[0].what
        finally:
            if waiting:
                waiting.response.close()
        waiting = None
        time.sleep(POLL_S)


def _body(answer: Answer) -> bytes:
    try:
        return answer.response.read(MOST_BYTES)
    except (OSError, http.client.HTTPException, ValueError):
        return b""
