"""A thread that reads a camera: who asks late gets the newest frame, or the next of a video."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tfod.camera.video import Frame, Frames
from tfod.errors import UserError

Opened = TypeVar("Opened")
STOP_S = 1.0  # that closing a camera waits for it
_SLICE_S = 0.2  # Windows hears Ctrl-C only between two waits


class Reader:
    """Reads frames in a thread, and keeps one until it is fetched."""

    def __init__(self, frames: Frames, *, every: bool = False) -> None:
        """Begin to read; with `every` no frame is replaced by a newer one."""
        self._frames = frames
        self._every = every
        self._frame: Frame | None = None
        self._error: UserError | None = None
        self._ended = False
        self._stopping = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, name="camera", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for frame in self._frames:
                if frame is not None:
                    self._put(frame)
                if self._stopping:
                    break
        except UserError as error:
            self._error = error
        finally:  # released in the thread that reads: OpenCV allows one thread at a time
            self._frames.close()
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _put(self, frame: Frame) -> None:
        with self._news:
            if self._every:
                self._news.wait_for(lambda: self._frame is None or self._stopping)
            self._frame = frame
            self._news.notify_all()

    def fetch(self, timeout_s: float) -> Frame:
        """Wait for a frame that was not fetched yet.

        Raises:
            TimeoutError: none came in time.
            StopIteration: there will be no more.
            UserError: the source said so.
        """
        due_s = time.monotonic() + timeout_s
        with self._news:
            while self._frame is None and not self._ended:
                left_s = due_s - time.monotonic()
                if left_s <= 0:
                    raise TimeoutError
                self._news.wait(min(left_s, _SLICE_S))
            frame = self._take()
            if frame is not None:
                return frame
            raise self._error or StopIteration

    def peek(self) -> Frame | None:
        """Give the newest frame if there is one that was not fetched."""
        with self._news:
            return self._take()

    def _take(self) -> Frame | None:
        frame, self._frame = self._frame, None
        self._news.notify_all()
        return frame

    def stop(self) -> None:
        """Let the thread end; a read that hangs is left to its own timeout."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        self._thread.join(STOP_S)


def interruptible(work: Callable[[], Opened]) -> Opened:
    """Do what may hang for seconds in native code, so that Ctrl-C is heard meanwhile."""
    done: list[Opened] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # handed to who waits
            failed.append(error)

    thread = threading.Thread(target=run, name="opening a camera", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_SLICE_S)
    if failed:
        raise failed[0]
    return done[0]
