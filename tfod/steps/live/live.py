"""Watch a camera with a model: boxes on the newest frame, in a window or a video.

A live camera reads in its own thread and keeps only its newest frame (`camera.py`), so what is
shown is never older than one model time and one camera interval. Of a video every frame is shown.
A photo that the user keeps becomes one of the session `from_live`, with its boxes as suggestions.
"""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from tfod.camera.camera import Camera
from tfod.camera.video import Frame
from tfod.data.example import suggested_example
from tfod.data.images import write_image
from tfod.data.voc import write_voc
from tfod.detections import Detections, Detector, MinScore
from tfod.errors import UserError
from tfod.files import refuse_file
from tfod.progress import SILENT, Progress
from tfod.runtimes.load import model_name
from tfod.runtimes.thresholds import min_score_of
from tfod.show.draw import add_lines, draw_detections
from tfod.show.film import Write, film_writer
from tfod.show.text import SEPARATOR
from tfod.show.window import ESCAPE, Window
from tfod.steps.live.options import KEYS, LiveOptions, LiveResult
from tfod.steps.live.times import Times
from tfod.words import plural
from tfod.workspace import Workspace

BY_DEFAULT = LiveOptions()
SESSION = "from_live"
SPACE = " "
THRESHOLD_STEPS = {"+": 0.05, "=": 0.05, "-": -0.05}  # = is + without the shift key
PAUSED_MS = 50


def live(
    workspace: Workspace,
    detector: Detector,
    camera: Camera,
    options: LiveOptions = BY_DEFAULT,
    progress: Progress = SILENT,
) -> LiveResult:
    """Detect until the user or the camera ends it.

    In the window s keeps the photo, + and - change the threshold, space pauses, q or Esc ends.

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
        folder = workspace.images / SESSION
        watch = _Watch(detector, camera, options, window, film, folder, progress, result)
        try:
            for frame in camera:
                watch.look_at(frame)
                if result.ended:
                    break
            else:
                result.ended = "the video ended"
        except KeyboardInterrupt:
            result.ended = "Ctrl-C"
        except UserError as error:
            if not result.frames:
                raise
            failure = error
        watch.times.summarise(result)
    if failure:
        raise _with_recording(failure, record) if record else failure
    return result


def _with_recording(error: UserError, record: Path) -> UserError:
    """The same error that also says where the recording is."""
    first, *others = error.problems
    first = replace(first, what=f"{first.what}; the recording is kept in {record}")
    return UserError(first, *others, heading=error.heading)


@dataclass
class _Watch:
    """Looks at one frame after the other and does what the user's keys say."""

    detector: Detector
    camera: Camera
    options: LiveOptions
    window: Window | None
    film: Write | None
    folder: Path  # of kept photos
    progress: Progress
    result: LiveResult

    def __post_init__(self) -> None:
        self.times = Times(self.camera)
        self.min_score = min_score_of(self.detector, self.options.min_score)

    def look_at(self, frame: Frame) -> None:
        """Detect in a frame and show it; `result.ended` says why it is to be the last."""
        if self.window and not self.result.frames:  # the first takes the model seconds
            self.window.show(frame.image, above=["the model is starting"], below=[KEYS])
        self.times.begin(frame)
        found = self.detector(frame.image)
        self.times.note_model()
        self.result.frames += 1
        counted = found.above(self.min_score)
        self.result.detections.update(counted.name_of(row) for row in range(len(counted)))
        key = self._show(frame, found, self.times.wait_ms())
        self.times.note_shown(frame)
        self._record(frame, found)
        if key == SPACE:
            self._pause(frame, found)
        else:
            self._obey(key, frame, found)
        if self.result.frames == self.options.frames:
            self.result.ended = self.result.ended or "all frames shown"
        if self.times.is_time_to_say():
            self.progress.note(f"{plural(self.result.frames, 'frame')}, {self.times.text(frame)}")

    def _drawn(self, image: np.ndarray, found: Detections) -> np.ndarray:
        shown = found.above(self.min_score)
        return draw_detections(image, shown, with_labels=not self.options.no_labels)

    def _show(self, frame: Frame, found: Detections, wait_ms: int, state: str = "") -> str | None:
        if not self.window:
            return ""
        drawn = self._drawn(self.window.fit(frame.image), found)
        above = [self._status(state or self.times.text(frame))]
        return self.window.show(drawn, wait_ms, above, below=[KEYS])

    def _status(self, text: str) -> str:
        scores = (
            self.min_score.values() if isinstance(self.min_score, Mapping) else [self.min_score]
        )
        ends = dict.fromkeys((f"{min(scores):.0%}", f"{max(scores):.0%}"))
        return f"{text}{SEPARATOR}threshold {' to '.join(ends)}"

    def _record(self, frame: Frame, found: Detections) -> None:
        if not self.film:
            return
        drawn = self._drawn(frame.image, found)
        if self.options.record_status:
            drawn = add_lines(drawn, [self._status(self.times.text(frame))])
        live_s = frame.time_s - self.times.paused_s
        self.film(drawn, live_s if self.camera.live else frame.index / self.camera.fps)

    def _pause(self, frame: Frame, found: Detections) -> None:
        """Show one frame until the user goes on or ends it."""
        begun_s = time.perf_counter()
        key: str | None = ""
        while key != SPACE and not self.result.ended:
            key = self._show(frame, found, PAUSED_MS, "paused")
            self._obey(key, frame, found)
        self.times.note_pause(time.perf_counter() - begun_s)

    def _obey(self, key: str | None, frame: Frame, found: Detections) -> None:
        if key is None:
            self.result.ended = "you closed the window"
        elif key in ("q", ESCAPE):
            self.result.ended = "q"
        elif key in THRESHOLD_STEPS:
            self.min_score = _moved(self.min_score, THRESHOLD_STEPS[key])
        elif key == "s":
            path = _keep(self.folder, frame, found.above(self.min_score), self.detector)
            self.result.saved.append(path)
            self.progress.note(f"saved: {path}")


def _moved(min_score: MinScore, by: float) -> MinScore:
    """The threshold, or that of each class, moved within 0..1."""
    if isinstance(min_score, Mapping):
        return {key: min(max(round(score + by, 2), 0.0), 1.0) for key, score in min_score.items()}
    return min(max(round(min_score + by, 2), 0.0), 1.0)


def _keep(folder: Path, frame: Frame, found: Detections, detector: Detector) -> Path:
    """Save a photo, and what was found in it as a suggestion to be checked in `label`.

    Without detections it stays unlabelled, so that it is not taken for one without objects.
    """
    refuse_file(folder)
    path = folder / f"{datetime.now():%Y-%m-%d_%H-%M-%S-%f}.jpg"
    write_image(path, frame.image)
    size_px = frame.image.shape[0], frame.image.shape[1]
    example = suggested_example(path, size_px, found, model_name(detector.path))
    if example.names:
        write_voc(path.with_suffix(".xml"), example)
    return path
