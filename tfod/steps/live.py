"""Watch a camera with a model: boxes on the newest frame, in a window or a video.

A live camera reads in its own thread and keeps only its newest frame (`camera.py`), so what is
shown is never older than one model time and one camera interval. Of a video every frame is shown.
"""

import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from tfod.camera.camera import Camera
from tfod.camera.video import Frame
from tfod.data.images import write_image
from tfod.detections import Detector
from tfod.errors import UserError
from tfod.progress import SILENT, Progress
from tfod.show.draw import draw_detections, draw_lines
from tfod.show.film import film_writer
from tfod.show.window import ESCAPE, Window
from tfod.workspace import Workspace

REMEMBERED = 10_000  # frames that the medians are taken over
SAY_EVERY_S = 10.0


@dataclass(frozen=True)
class LiveOptions:
    """How a camera is watched.

    Attributes:
        min_score: detections below are not shown, 0..1.
        headless: open no window.
        record: video to write, MPEG-4 (.mp4); runs at the speed of the camera.
        frames: end after so many; None: never.
    """

    min_score: float = 0.5
    headless: bool = False
    record: Path | None = None
    frames: int | None = None


BY_DEFAULT = LiveOptions()


@dataclass
class LiveResult:
    """What was seen.

    Attributes:
        frames: how many the model was given.
        seconds: from the first to the last of them, wall time.
        model_ms: median and 95th percentile of the last 10,000 frames.
        age_ms: the same of the time from a frame's arrival until it was shown.
        detections: class name -> number of detections, over all frames.
        snapshots: pictures taken with the key s.
        bad_frames: frames that arrived damaged and were left out.
        reconnections: how often the camera was opened again.
        ended: why: "q", "Ctrl-C", "you closed the window", "all frames shown" or "the video ended".
    """

    frames: int = 0
    seconds: float = 0.0
    model_ms: tuple[float, float] = (0.0, 0.0)
    age_ms: tuple[float, float] = (0.0, 0.0)
    detections: Counter[str] = field(default_factory=Counter)
    snapshots: list[Path] = field(default_factory=list)
    bad_frames: int = 0
    reconnections: int = 0
    ended: str = ""

    @property
    def fps(self) -> float:
        """Frames per second."""
        return (self.frames - 1) / self.seconds if self.seconds else 0.0


def live(
    workspace: Workspace,
    detector: Detector,
    camera: Camera,
    options: LiveOptions = BY_DEFAULT,
    progress: Progress = SILENT,
) -> LiveResult:
    """Detect until the user or the camera ends it.

    In the window s takes a snapshot, q or Esc ends.

    Args:
        detector: takes uint8 [H, W, 3], RGB.

    Raises:
        UserError: no screen, no video to be written, or no further frame (the recording is kept).
    """
    result, record = LiveResult(), options.record
    failure: UserError | None = None
    with ExitStack() as stack:
        window = None if options.headless else stack.enter_context(Window("live - tfod"))
        film = stack.enter_context(film_writer(record, camera.fps)) if record else None
        times = _Times(camera)
        try:
            for frame, drawn in _drawn_frames(detector, camera, options.min_score, times, result):
                shown = draw_lines(drawn, [times.text(frame)])
                key = window.show(shown, times.wait_ms()) if window else ""
                times.note_shown(frame)
                if film:
                    film(shown, frame.time_s if camera.live else frame.index / camera.fps)
                if key == "s":
                    result.snapshots.append(_snapshot(workspace.snapshots, drawn))
                    progress.note(f"snapshot: {result.snapshots[-1]}")
                result.ended = _end(key, result.frames == options.frames)
                if result.ended:
                    break
                if times.is_time_to_say():
                    progress.note(f"{result.frames} frames, {times.text(frame)}")
            else:
                result.ended = "the video ended"
        except KeyboardInterrupt:
            result.ended = "Ctrl-C"
        except UserError as error:
            if not result.frames:
                raise
            failure = error
        times.summarise(result)
    if failure:
        raise _with_recording(failure, record) if record else failure
    return result


def _with_recording(error: UserError, record: Path) -> UserError:
    """The same error that also says where the recording is."""
    first, *others = error.problems
    first = replace(first, what=f"{first.what}; the recording is kept in {record}")
    return UserError(first, *others, heading=error.heading)


def _drawn_frames(
    detector: Detector, camera: Camera, min_score: float, times: "_Times", result: LiveResult
) -> Iterator[tuple[Frame, np.ndarray]]:
    """Give each frame with its detections drawn on it, uint8 [H, W, 3]; count them in `result`."""
    for frame in camera:
        times.begin(frame)
        detections = detector(frame.image).above(min_score)
        times.note_model()
        result.frames += 1
        result.detections.update(detections.name_of(row) for row in range(len(detections)))
        yield frame, draw_detections(frame.image, detections)


def _end(key: str | None, is_enough: bool) -> str:
    """Why to end now; empty to go on."""
    if key is None:
        return "you closed the window"
    if key in ("q", ESCAPE):
        return "q"
    return "all frames shown" if is_enough else ""


class _Times:
    """Times of all frames but the first, which pays for the tracing of the model."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.model_ms: deque[float] = deque(maxlen=REMEMBERED)
        self.age_ms: deque[float] = deque(maxlen=REMEMBERED)
        self.arrivals: deque[tuple[int, float]] = deque(maxlen=30)  # index, time_s
        self.first_shown_s: float | None = None
        self.shown_s = self.begun_s = self.said_s = time.perf_counter()
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
        if self.first_shown_s is None:
            self.first_shown_s = self.shown_s
        else:
            self.model_ms.append(self.last_model_ms)
            self.age_ms.append(self.age_of(frame))

    def age_of(self, frame: Frame) -> float:
        """Milliseconds since the frame arrived; one of a video arrives when it is read."""
        if self.camera.live:
            return 1000 * self.camera.age_s(frame)
        return 1000 * (time.perf_counter() - self.begun_s)

    def text(self, frame: Frame) -> str:
        """Camera fps, model ms and age, to be written on the frame."""
        return (
            f"camera {self.camera_fps():.0f} fps | model {self.last_model_ms:.0f} ms | "
            f"age {self.age_of(frame):.0f} ms"
        )

    def camera_fps(self) -> float:
        """Frames per second that a live camera sends, measured; of a video as it states."""
        if not self.camera.live or len(self.arrivals) < 2:
            return self.camera.fps
        (first, first_s), (last, last_s) = self.arrivals[0], self.arrivals[-1]
        return (last - first) / max(last_s - first_s, 1e-6)

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
            result.seconds = self.shown_s - self.first_shown_s


def _median_and_p95(values: deque[float]) -> tuple[float, float]:
    median, p95 = np.percentile(list(values), (50, 95))
    return float(median), float(p95)


def _snapshot(folder: Path, image: np.ndarray) -> Path:
    path = folder / f"{datetime.now():%Y-%m-%d_%H-%M-%S_%f}.jpg"
    write_image(path, image)
    return path
