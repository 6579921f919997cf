"""Times of what `live` shows: of the model, the age of each frame, frames per second."""

import time
from collections import deque
from collections.abc import Iterable

import numpy as np

from tfod.camera.camera import Camera
from tfod.camera.video import Frame
from tfod.steps.live.options import LiveResult

REMEMBERED = 10_000  # frames that the medians are taken over
SAY_EVERY_S = 10.0


class Times:
    """Times of all frames but the first, which pays for the tracing of the model."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.model_ms: deque[float] = deque(maxlen=REMEMBERED)
        self.age_ms: deque[float] = deque(maxlen=REMEMBERED)
        self.arrivals: deque[tuple[int, float]] = deque(maxlen=30)  # index, time_s
        self.shown: deque[float] = deque(maxlen=30)  # when, s
        self.first_shown_s: float | None = None
        self.shown_s = self.begun_s = self.said_s = time.perf_counter()
        self.paused_s = 0.0
        self.last_model_ms = 0.0

    def begin(self, frame: Frame) -> None:
        """The model begins with a frame."""
        self.begun_s = time.perf_counter()
        self.arrivals.append((frame.index, frame.time_s))

    def note_model(self) -> None:
        """The model is done with the frame."""
        self.last_model_ms = 1000 * (time.perf_counter() - self.begun_s)

    def note_shown(self, frame: Frame) -> None:
        """The frame is on the screen, or would be."""
        self.shown_s = time.perf_counter()
        self.shown.append(self.shown_s)
        if self.first_shown_s is None:
            self.first_shown_s = self.shown_s
        else:
            self.model_ms.append(self.last_model_ms)
            self.age_ms.append(self.age_of(frame))

    def note_pause(self, seconds: float) -> None:
        """The user has looked at one frame for so long."""
        self.paused_s += seconds
        self.shown.clear()

    def age_of(self, frame: Frame) -> float:
        """Milliseconds since the frame arrived; one of a video arrives when it is read."""
        if self.camera.live:
            return 1000 * self.camera.age_s(frame)
        return 1000 * (time.perf_counter() - self.begun_s)

    def text(self, frame: Frame) -> str:
        """Frames per second, of the screen and of the camera, model ms and age."""
        shown = f"{_fps(enumerate(self.shown)):.0f}" if len(self.shown) > 1 else "-"
        return (
            f"shown {shown} fps | camera {self.camera_fps():.0f} fps | "
            f"model {self.last_model_ms:.0f} ms | age {self.age_of(frame):.0f} ms"
        )

    def camera_fps(self) -> float:
        """Frames per second that a live camera sends, measured; of a video as it states."""
        if not self.camera.live or len(self.arrivals) < 2:
            return self.camera.fps
        return _fps(self.arrivals)

    def wait_ms(self) -> int:
        """How long to show a frame: a video is not shown faster than it was taken."""
        if self.camera.live:
            return 1
        used_ms = 1000 * (time.perf_counter() - self.begun_s)
        return max(1, round(1000 / self.camera.fps - used_ms))

    def is_time_to_say(self) -> bool:
        """Whether ten seconds have passed since this was last true."""
        if time.perf_counter() - self.said_s < SAY_EVERY_S:
            return False
        self.said_s = time.perf_counter()
        return True

    def summarise(self, result: LiveResult) -> None:
        """Write what was measured into the result."""
        hiccups = self.camera.hiccups
        result.bad_frames, result.reconnections = hiccups.bad_frames, hiccups.reconnections
        if self.model_ms:
            result.model_ms = _median_and_p95(self.model_ms)
            result.age_ms = _median_and_p95(self.age_ms)
        if self.first_shown_s is not None:
            result.seconds = max(0.0, self.shown_s - self.first_shown_s - self.paused_s)


def _fps(numbered: Iterable[tuple[int, float]]) -> float:
    """Frames per second of frames with a number and a time in seconds."""
    (first, first_s), *_, (last, last_s) = numbered
    return (last - first) / max(last_s - first_s, 1e-6)


def _median_and_p95(values: deque[float]) -> tuple[float, float]:
    median, p95 = np.percentile(list(values), (50, 95))
    return float(median), float(p95)
