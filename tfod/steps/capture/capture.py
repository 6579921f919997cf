"""Capture photos of each class from a camera.

Every photo is a file of its own from the moment it is taken, so whatever ends a session, what was
captured stays. A synthetic camera knows its boxes, and then the XML is written too. When a photo
is due is in `clock.py`, whether a frame is worth keeping in `quality.py`; photos from a video are
in `film.py`.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from tfod.camera.camera import Camera, CameraLost
from tfod.camera.video import Frame, Hiccups
from tfod.data.example import Example
from tfod.data.images import write_image
from tfod.data.voc import write_voc
from tfod.files import refuse_file
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.show.window import Window
from tfod.steps.capture.clock import Clock, View
from tfod.steps.capture.names import file_names, next_path, photos, session_name
from tfod.steps.capture.options import CaptureOptions
from tfod.steps.capture.quality import ALIKE, BLURRED, MIN_CHANGE, MIN_SHARPNESS, Judge
from tfod.words import plural
from tfod.workspace import Workspace

BY_DEFAULT = CaptureOptions()
REPORTED_FROM_S = 0.5  # photos that come quicker are not reported one by one


@dataclass
class CaptureResult:
    """What a session captured.

    Attributes:
        folder: where the photos are.
        images: class name -> photos taken this time.
        before: class name -> photos the session had.
        skipped: reason -> frames that were due and not taken.
        by_hand: photos taken with the space bar, good or not.
        min_sharpness: the limit, percent of the session's usual sharpness.
        min_change: the limit, percent of the picture.
        labelled: whether the XML was written too.
        ended: why it ended early: "q", "window closed", "Ctrl-C", "the video ended", or "" when it
            did not.
        bad_frames: frames that arrived damaged and were left out.
        reconnections: how often the camera was opened again.
        notes: what else there is to know: a video that may be damaged, images that are.
    """

    folder: Path
    images: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    by_hand: int = 0
    min_sharpness: float = MIN_SHARPNESS
    min_change: float = MIN_CHANGE
    labelled: bool = False
    ended: str = ""
    bad_frames: int = 0
    reconnections: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {count}" for name, count in self.images.items() if name)
        total = plural(sum(self.images.values()), "photo")
        return f"{total} ({counts})" if counts else total

    def count(self, hiccups: Hiccups) -> None:
        """Take over what went wrong between good frames."""
        self.bad_frames, self.reconnections = hiccups.bad_frames, hiccups.reconnections

    def skipped_line(self) -> str:
        """Say what was skipped under which limits; "" when nothing was."""
        limits = {
            BLURRED: f"sharpness < {self.min_sharpness:g}%",
            ALIKE: f"changed < {self.min_change:g}%",
        }
        parts = [
            f"{count} {reason} ({limits[reason]})"
            for reason, count in self.skipped.items()
            if count
        ]
        return f"skipped: {', '.join(parts)}" if parts else ""


def capture(
    workspace: Workspace,
    camera: Camera,
    classes: Sequence[str],
    options: CaptureOptions = BY_DEFAULT,
    progress: Progress = SILENT,
) -> CaptureResult:
    """Take photos of each class, one every few seconds, until there are enough of each.

    A session that exists is continued: its photos count, numbering goes on, nothing is
    overwritten. A frame that is blurred or like the last photo is skipped for the next one.
    In the window the space bar takes any frame at once, q or Esc ends. For a video or a synthetic
    camera its own time counts.

    Raises:
        CameraLost: the camera is gone (what was captured stays).
        UserError: names of classes or a session that are not possible; no screen.
    """
    beginnings = file_names(classes, workspace.label_map)
    folder = workspace.images / session_name(options.session)
    refuse_file(folder)
    judge = Judge(options.min_sharpness, options.min_change)
    result = CaptureResult(
        folder,
        images=dict.fromkeys(classes, 0),
        before={name: len(photos(folder, beginnings[name])) for name in classes},
        skipped=judge.skipped,
        min_sharpness=options.min_sharpness,
        min_change=options.min_change,
    )
    with nullcontext() if options.headless else Window("capture - tfod") as window:
        clock = Clock(camera, View(camera, window, options.mirror), judge, progress)
        try:
            clock.warm_up(options.warm_up_s)
            for name in classes:
                if not clock.ended:
                    _capture_class(name, beginnings[name], clock, options, result)
        except KeyboardInterrupt:
            clock.ended = "Ctrl-C"
        except CameraLost as error:
            raise with_kept_photos(error, result) from error
    result.by_hand, result.ended = clock.by_hand, clock.ended
    result.count(camera.hiccups)
    return result


def _capture_class(
    name: str, beginning: str, clock: Clock, options: CaptureOptions, result: CaptureResult
) -> None:
    """Take the photos of one class that are missing; its files begin with `beginning`."""
    number, before = options.number, result.before[name]
    progress = clock.progress
    if before:
        missing = max(0, number - before) or "none"
        progress.note(f"{name}: {plural(before, 'photo')} so far, {missing} to go")
    else:
        pace = f", one every {options.every_s:g} s" if options.every_s else ""
        progress.note(f"{name}: {plural(number, 'photo')}{pace}")
    if before >= number:
        return
    for frame in clock.shots(name, before + 1, number, options.every_s, options.countdown_s):
        save(next_path(result.folder, beginning), frame)
        result.labelled = frame.boxes is not None
        result.images[name] += 1
        count = before + result.images[name]
        if options.every_s >= REPORTED_FROM_S or count == number:
            progress.note(f"  {name} {count} of {number}")


def with_kept_photos(error: CameraLost, result: CaptureResult) -> CameraLost:
    """The same error that also says which photos are kept, and to go on with the session."""
    (problem,) = error.problems
    return CameraLost(
        replace(
            problem,
            what=f"{problem.what}; {result} kept in {result.folder}",
            remedy=Remedy.RUN(step="capture", session=result.folder.name),
        )
    )


def save(path: Path, frame: Frame) -> None:
    """Write a frame, with its XML when its boxes are known."""
    write_image(path, frame.image)
    if frame.boxes is not None:
        height, width = frame.image.shape[:2]
        write_voc(
            path.with_suffix(".xml"),
            Example(path, height, width, boxes=frame.boxes, names=frame.names or ()),
        )
