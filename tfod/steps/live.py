"""Look at a camera with a model: boxes on the newest frame, in a window or a film.

A live camera reads in its own thread and keeps only its newest frame (`camera.py`), so what is
shown is never older than one model time and one camera interval. Of a film every frame is shown.

Run it with `tfod live NAME`.
"""

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from rich.console import Console

from tfod.camera.camera import Camera, Frame
from tfod.data.images import write_image
from tfod.detections import Detector
from tfod.errors import UserError
from tfod.show.draw import draw_detections, draw_lines
from tfod.show.film import film_writer
from tfod.show.window import ESCAPE, Window
from tfod.terminal import say
from tfod.workspace import SNAPSHOTS

REMEMBERED = 10_000  # frames that the medians are taken over
SAY_EVERY_S = 10.0


@dataclass
class LiveResult:
    """What a look at a camera gave.

    Attributes:
        frames: how many were looked at.
        seconds: from the first to the last of them, wall time.
        model_ms, age_ms: median and 95th percentile of the last 10,000 frames; the age is that of
            the frame when it was shown, since its arrival.
        detections: class name -> number of detections, over all frames.
        recording: the film, if one was asked for.
        snapshots: pictures taken with the key s.
        ended: why: "q", "Ctrl-C", "window closed", "the film ended", or what the camera said.
    """

    frames: int = 0
    seconds: float = 0.0
    model_ms: tuple[float, float] = (0.0, 0.0)
    age_ms: tuple[float, float] = (0.0, 0.0)
    detections: Counter = field(default_factory=Counter)
    recording: Path | None = None
    snapshots: list[Path] = field(default_factory=list)
    ended: str = ""

    @property
    def fps(self) -> float:
        """Frames looked at per second."""
        return (self.frames - 1) / self.seconds if self.seconds else 0.0


def live(
    detector: Detector,
    camera: Camera,
    min_score: float = 0.5,
    headless: bool = False,
    record: Path | None = None,
    frames: int | None = None,
    snapshots: Path = SNAPSHOTS,
    console: Console | None = None,
) -> LiveResult:
    """Look until the user or the camera ends it.

    In the window s takes a snapshot, q or Esc ends. Whatever ends it, the recording is kept.

    Args:
        detector: takes uint8 [H, W, 3], RGB.
        camera: open.
        min_score: detections below are not shown, 0..1.
        headless: open no window.
        record: film to write, MPEG-4 (.mp4); runs at the speed of the camera.
        frames: end after so many; None: never.
        snapshots: folder for the pictures.
        console: where progress goes; stderr when None.

    Raises:
        UserError: no screen; the film cannot be written; the camera was lost or another frame
            cannot be used (after the recording was finished).
    """
    console = console or Console(stderr=True)
    result = LiveResult(recording=record)
    failure: UserError | None = None
    with ExitStack() as stack:
        window = None if headless else stack.enter_context(Window("tfod live"))
        film = stack.enter_context(film_writer(record, camera.fps)) if record else None
        times = _Times(camera)
        try:
            for frame, drawn in _looked_at(detector, camera, min_score, times, result):
                shown = draw_lines(drawn, [times.text(frame)])
                key = window.show(shown, times.wait_ms()) if window else ""
                times.note_shown(frame)
                if film:
                    film(shown, frame.time_s if camera.live else frame.index / camera.fps)
                if key == "s":
                    result.snapshots.append(_snapshot(snapshots, drawn))
                    say(console, f"snapshot: {result.snapshots[-1]}")
                result.ended = _end(key, result.frames == frames)
                if result.ended:
                    break
                if times.is_time_to_say():
                    say(console, f"{result.frames} frames, {times.text(frame)}")
            else:
                result.ended = "the film ended"
        except KeyboardInterrupt:
            result.ended = "Ctrl-C"
        except UserError as error:
            if not result.frames:
                raise
            failure = error
        times.summarise(result)
    if failure:
        kept = f" The recording is kept in {record}." if record else ""
        raise UserError(f"{failure}{kept}") from failure
    return result


def _looked_at(
    detector: Detector, camera: Camera, min_score: float, times: "_Times", result: LiveResult
) -> Iterator[tuple[Frame, np.ndarray]]:
    """Give each frame with its detections drawn on it, uint8 [H, W, 3]; count them in `result`."""
    for frame in camera:
        times.begin(frame)
        found = detector(frame.image).above(min_score)
        times.note_model()
        result.frames += 1
        result.detections.update(found.name_of(index) for index in range(len(found)))
        yield frame, draw_detections(frame.image, found)


def _end(key: str | None, enough: bool) -> str:
    """Why to end now; empty to go on."""
    if key is None:
        return "window closed"
    if key in ("q", ESCAPE):
        return "q"
    return "enough frames" if enough else ""


class _Times:
    """The times of the frames: of the camera, of the model, and the age when shown.

    The first frame pays for the tracing of the model and does not count.
    """

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.model_ms: deque[float] = deque(maxlen=REMEMBERED)
        self.age_ms: deque[float] = deque(maxlen=REMEMBERED)
        self.arrivals: deque[tuple[int, float]] = deque(maxlen=30)  # index, time_s
        self.first_shown_s: float | None = None
        self.shown_s = self.begun_s = self.said_s = time.perf_counter()
        self.last_model_ms = 0.0

    def begin(self, frame: Frame) -> None:
        """The model begins to look at a frame."""
        self.begun_s = time.perf_counter()
        self.arrivals.append((frame.index, frame.time_s))

    def note_model(self) -> None:
        """The model has looked at the frame."""
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
        """Milliseconds since the frame arrived; one of a film arrives when it is read."""
        if self.camera.live:
            return 1000 * self.camera.age_s(frame)
        return 1000 * (time.perf_counter() - self.begun_s)

    def text(self, frame: Frame) -> str:
        """Camera fps, model ms and age, to be written on the frame."""
        return (
            f"camera {self.camera_fps():.0f} fps   model {self.last_model_ms:.0f} ms   "
            f"age {self.age_of(frame):.0f} ms"
        )

    def camera_fps(self) -> float:
        """Frames per second that a live camera sends, measured; of a film as it states."""
        if not self.camera.live or len(self.arrivals) < 2:
            return self.camera.fps
        (first, first_s), (last, last_s) = self.arrivals[0], self.arrivals[-1]
        return (last - first) / max(last_s - first_s, 1e-6)

    def wait_ms(self) -> int:
        """How long to show a frame: a film is not shown faster than it was taken."""
        if self.camera.live:
            return 1
        used_ms = 1000 * (time.perf_counter() - self.begun_s)
        return max(1, round(1000 / self.camera.fps - used_ms))

    def is_time_to_say(self) -> bool:
        """Tell whether ten seconds have passed since this was last true."""
        due = time.perf_counter() - self.said_s >= SAY_EVERY_S
        if due:
            self.said_s = time.perf_counter()
        return due

    def summarise(self, result: LiveResult) -> None:
        """Write what was measured into the result."""
        if self.model_ms:
            result.model_ms = _median_and_p95(self.model_ms)
            result.age_ms = _median_and_p95(self.age_ms)
        if self.first_shown_s is not None:
            result.seconds = self.shown_s - self.first_shown_s


def _median_and_p95(values: Iterable[float]) -> tuple[float, float]:
    median, p95 = np.percentile(list(values), (50, 95))
    return float(median), float(p95)


def _snapshot(folder: Path, image: np.ndarray) -> Path:
    path = folder / f"{datetime.now():%Y-%m-%d_%H-%M-%S_%f}.jpg"
    write_image(path, image)
    return path
