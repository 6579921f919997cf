"""Frames from anything: webcam, video file, folder of images, HTTP or RTSP address, drawn scenes.

    with open_camera("0") as camera:
        for frame in camera:
            frame.image  # uint8 [H, W, 3], RGB

A live camera is read in a thread of its own that keeps only the newest frame, and must send one
every few seconds: a stream that ends or stalls is a `CameraLost`, never a wait without end. A file
ends as a `for` loop ends. This module knows nothing of windows and models; how each kind of source
is opened is in `camera_sources.py`.
"""

import re
import threading
import time
from collections.abc import Iterator, Sequence

from tfod.camera import sources as camera_sources
from tfod.camera.sources import OPEN_TIMEOUT_S, Frame, Source
from tfod.camera.synthetic import SYNTHETIC, synthetic_scenes
from tfod.errors import UserError
from tfod.files import IMAGE_SUFFIXES, from_user

__all__ = ["Camera", "CameraLost", "Frame", "open_camera"]

STALL_TIMEOUT_S = 5.0


class CameraLost(UserError):
    """A camera that worked has ended, or sends no more frames."""


class Camera:
    """An open source of frames; iterate over it, and close it or use it in `with`.

    Attributes:
        live: frames come by the clock, and those nobody fetched are gone.
        fps: frames per second that the source states, 30 where it does not.
        frame_count: how many frames there are, None where that is not known.
        warms_up: a webcam, whose first frames may be dark.
        description: the source in a few words, with its size, without its password.
        size: height and width of its first frame, in pixels.
    """

    def __init__(self, source: Source, stall_timeout_s: float, none_came: str) -> None:
        self.live = source.live
        self.fps = source.fps
        self.frame_count = source.frame_count
        self.warms_up = source.warms_up
        self.description = source.description
        self._may_break = source.may_break
        self._frames_given = 1
        self._closed = False
        self._opened_s = time.monotonic()
        self._stall_timeout_s = stall_timeout_s
        self._frames = source.frames
        self._newest = _NewestFrame(source.frames) if source.live else None
        self._first: Frame | None = self._fetch_first(none_came)
        assert self._first is not None
        height, width = self.size = self._first.image.shape[:2]
        self.description += f" ({width}x{height})"

    def _fetch_first(self, none_came: str) -> Frame:
        try:
            if self._newest:
                frame = self._newest.fetch(max(self._stall_timeout_s, OPEN_TIMEOUT_S))
            else:
                frame = next(self._frames)
        except (StopIteration, TimeoutError):
            self.close()
            raise UserError(none_came) from None
        return frame

    def __iter__(self) -> "Camera":
        return self

    def __next__(self) -> Frame:
        """Give the next frame, of a live camera the newest one, waiting for it if need be.

        Raises:
            CameraLost: a live camera ended or sent nothing for `stall_timeout_s`.
        """
        if self._closed:
            raise StopIteration
        if self._first is not None:
            # the one that opening took; a live camera may have a newer one already
            frame, self._first = self._first, None
            newer = self._newest.peek() if self._newest else None
            return newer or frame
        if not self._newest:
            return self._next_of_film()
        try:
            return self._newest.fetch(self._stall_timeout_s)
        except TimeoutError:
            raise self._lost(f"no picture for {self._stall_timeout_s:g} s") from None
        except StopIteration:
            raise self._lost("the camera was unplugged or the stream ended") from None

    def _next_of_film(self) -> Frame:
        try:
            frame = next(self._frames)
        except StopIteration:
            if self._broken_off():
                raise self._lost("the film broke off") from None
            self.close()
            raise
        except BaseException:
            self.close()
            raise
        self._frames_given = frame.index + 1
        return frame

    def _broken_off(self) -> bool:
        """Tell whether more than a second is missing (counts in films are only nearly right)."""
        missing = (self.frame_count or 0) - self._frames_given
        return self._may_break and missing > self.fps

    def _lost(self, why: str) -> CameraLost:
        after_s = time.monotonic() - self._opened_s
        self.close()
        return CameraLost(
            f"{self.description}: lost after {after_s:.0f} s ({why}). Check cable, power and "
            "network, then start again."
        )

    def age_s(self, frame: Frame) -> float:
        """Give the seconds since a frame of a live camera arrived."""
        return time.monotonic() - self._opened_s - frame.time_s

    def close(self) -> None:
        """Release the source; may be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._newest:
            self._newest.stop()
        else:
            self._frames.close()

    def __enter__(self) -> "Camera":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _NewestFrame:
    """Reads frames in a thread, and keeps the newest one until it is fetched."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames
        self._frame: Frame | None = None
        self._ended = False
        self._stopping = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, name="camera", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for frame in self._frames:
                with self._news:
                    self._frame = frame
                    self._news.notify_all()
                if self._stopping:
                    break
        finally:  # released in the thread that reads: OpenCV allows one thread at a time
            self._frames.close()
            with self._news:
                self._ended = True
                self._news.notify_all()

    def fetch(self, timeout_s: float) -> Frame:
        """Wait for a frame that was not fetched yet.

        Raises:
            TimeoutError: none came in time.
            StopIteration: there will be no more.
        """
        with self._news:
            self._news.wait_for(lambda: self._frame is not None or self._ended, timeout_s)
            frame, self._frame = self._frame, None
            if frame is not None:
                return frame
            raise StopIteration if self._ended else TimeoutError

    def peek(self) -> Frame | None:
        """Give the newest frame if there is one that was not fetched."""
        with self._news:
            frame, self._frame = self._frame, None
            return frame

    def stop(self) -> None:
        """Let the thread end; a read that hangs is left to its own timeout."""
        self._stopping = True
        self._thread.join(timeout=1.0)


def open_camera(
    source: str | int,
    width: int | None = None,
    height: int | None = None,
    stall_timeout_s: float = STALL_TIMEOUT_S,
    classes: Sequence[str] | None = None,
) -> Camera:
    """Open a source of frames and wait for its first one.

    Args:
        source: number of a webcam ("0"), video file, image, folder of images, HTTP or RTSP address
            (a login may be in it), or "synthetic", with options as in "synthetic:classes=a,b;
            seed=3;frames=100;size=360x640;fps=30;scene=moving" (each may be left out).
        width: a wish to a webcam, in pixels.
        height: a wish to a webcam, in pixels.
        stall_timeout_s: seconds without a frame after which a live camera counts as lost.
        classes: what a synthetic camera draws when its text names no classes.

    Raises:
        UserError: it cannot be opened or sends nothing; says what was tried and what to do.
    """
    text = str(source).strip()
    device = re.fullmatch(r"(?:/dev/video)?(\d{1,6})", text)
    if device:
        index = int(device[1])
        failure = camera_sources.webcam_failure(index, "opened, but sends no picture")
        return Camera(camera_sources.webcam(index, width, height), stall_timeout_s, failure)
    if text.partition(":")[0].lower() == SYNTHETIC:
        opened = synthetic_scenes(text, classes)
        return Camera(opened, stall_timeout_s, "")
    is_address = "://" in text
    opened = camera_sources.stream(text, stall_timeout_s) if is_address else _open_path(text)
    failure = f"{opened.description}: no frame could be read. Play it to see whether it is whole."
    return Camera(opened, stall_timeout_s, failure)


def _open_path(text: str) -> Source:
    path = from_user(text or "nothing given")  # Path("") would be the current folder
    if path.is_dir() or (path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES):
        return camera_sources.image_folder(path)
    if not path.is_file():
        raise UserError(
            f'"{text}": no such camera, file or folder. Give a webcam number (0), a video '
            "file, a folder of images, an address (http://..., rtsp://...), or synthetic."
        )
    return camera_sources.video_file(path)
