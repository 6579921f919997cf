"""The newest frame of a live camera: a thread reads, and who asks late has missed some."""

import threading

from tfod.camera.video import Frame, Frames


class NewestFrame:
    """Reads frames in a thread, and keeps the newest one until it is fetched."""

    def __init__(self, frames: Frames) -> None:
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
