"""Capture photos of each class from a camera: `tfod capture`, `capture_images.py`.

Every photo is a file of its own from the moment it is taken, so whatever ends a session, what was
captured stays. A synthetic camera knows its boxes, and then the XML is written too. When a photo
is due is in `clock.py`, whether a frame is worth keeping in `quality.py`; photos
from a film are in `film.py`.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from tfod import workspace as paths
from tfod.camera.camera import Camera, CameraLost, Frame
from tfod.data.example import Example
from tfod.data.images import write_image
from tfod.data.voc import write_voc
from tfod.errors import UserError, plural
from tfod.files import refuse_file
from tfod.show.window import Window
from tfod.steps.capture.clock import Clock
from tfod.steps.capture.names import file_names, next_path, photos, session_name
from tfod.steps.capture.quality import ALIKE, BLURRED, MIN_CHANGE, MIN_SHARPNESS, Judge
from tfod.steps.capture.view import View
from tfod.terminal import say

SAID_FROM_S = 0.5  # photos that come quicker are not told one by one


@dataclass
class CaptureResult:
    """What a session captured.

    Attributes:
        folder: where the photos are.
        images: class name -> photos taken this time.
        before: class name -> photos the session had.
        skipped: why -> frames that were due and not taken.
        by_hand: photos taken with the space bar, whatever they are like.
        min_sharpness: the threshold, percent of the session's usual sharpness.
        min_change: the threshold, percent of the picture.
        labelled: whether the XML was written too.
        ended: why it ended early: "q", "window closed", "Ctrl-C", "the film ended", or "" when it
            did not.
        notes: what else there is to know: a film that may be damaged, images that are.
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
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {count}" for name, count in self.images.items() if name)
        total = plural(sum(self.images.values()), "photo")
        return f"{total} ({counts})" if counts else total

    def skipped_line(self) -> str:
        """Say what was skipped under which thresholds; "" when nothing was."""
        limits = {
            BLURRED: f"sharpness < {self.min_sharpness:g} %",
            ALIKE: f"changed < {self.min_change:g} %",
        }
        parts = [f"{count} {why} ({limits[why]})" for why, count in self.skipped.items() if count]
        return f"skipped: {', '.join(parts)}" if parts else ""


def capture(
    camera: Camera,
    classes: Sequence[str],
    number: int,
    every_s: float = 2.0,
    countdown_s: float = 3.0,
    session: str | None = None,
    images_dir: Path = paths.IMAGES,
    headless: bool = False,
    console: Console | None = None,
    min_sharpness: float = MIN_SHARPNESS,
    min_change: float = MIN_CHANGE,
    warm_up_s: float = 2.0,
    mirror: bool = False,
    flash: bool = True,
    beep: bool = False,
    again: str = "",
) -> CaptureResult:
    """Take photos of each class, one every `every_s` seconds, until there are `number` of each.

    A session that exists goes on: what it has counts, photos are numbered on, nothing is
    overwritten. A frame that is blurred or like the last photo is passed over for the next one.
    In the window the space bar takes any frame at once, q or Esc ends. Of a film or a synthetic
    camera its own time counts.

    Args:
        camera: open; read to the end of the session.
        classes: their names, in the order of capturing.
        number: photos of each class.
        every_s: seconds between two photos.
        countdown_s: seconds before the first photo of a class.
        session: name of the folder in `images_dir`; date and time when None.
        images_dir: folder of the sessions.
        headless: open no window.
        console: where progress goes; stderr when None.
        min_sharpness: least sharpness of a photo, percent of the session's usual; 0: off.
        min_change: least part of the picture, in percent, that is not as in the last photo of the
            class; 0: off.
        warm_up_s: seconds a webcam may have until its light has settled.
        mirror: show a mirror image in the window; the files are as the camera sees.
        flash: show each shot in negative for a moment.
        beep: ring the terminal's bell at each shot.
        again: the command that goes on with this session, for the message when the camera is gone.

    Raises:
        UserError: class names or a session name that cannot be; no screen; the camera is gone
            (what was captured stays).
    """
    console = console or Console(stderr=True)
    begins = file_names(classes)
    if number < 1:
        raise UserError(f"--number {number}: expected at least 1.")
    check_seconds({"--every": every_s, "--countdown": countdown_s, "--warm-up": warm_up_s})
    judge = new_judge(min_sharpness, min_change)
    folder = images_dir / session_name(session)
    refuse_file(folder)
    before = {name: len(photos(folder, begins[name])) for name in classes}
    result = CaptureResult(
        folder, dict.fromkeys(classes, 0), before, judge.skipped, 0, min_sharpness, min_change
    )
    with ExitStack() as stack:
        window = None if headless else stack.enter_context(Window("tfod capture"))
        clock = Clock(camera, View(camera, window, console, mirror, flash, beep), judge, console)
        try:
            clock.warm_up(warm_up_s)
            for name in classes:
                if not _begin(console, name, before[name], number, every_s):
                    continue
                for frame in clock.shots(name, before[name] + 1, number, every_s, countdown_s):
                    save(next_path(folder, begins[name]), frame)
                    result.labelled = frame.boxes is not None
                    result.images[name] += 1
                    there = before[name] + result.images[name]
                    if every_s >= SAID_FROM_S or there == number:
                        say(console, f"  {name} {there} of {number}")
                if clock.ended:
                    break
        except KeyboardInterrupt:
            clock.ended = "Ctrl-C"
        except CameraLost as error:
            go_on = f"`{again}`" if again else f"--session {folder.name}"
            raise UserError(
                f"{error} {result} are kept in {folder}; go on with {go_on}."
            ) from error
    result.by_hand, result.ended = clock.by_hand, clock.ended
    return result


def _begin(console: Console, name: str, there: int, number: int, every_s: float) -> bool:
    """Say what comes next; tell whether photos of this class are missing."""
    if there >= number:
        say(console, f"{name}: {plural(there, 'photo')} there, none to go")
    elif there:
        say(console, f"{name}: {plural(there, 'photo')} there, {number - there} to go")
    else:
        say(console, f"{name}: {plural(number, 'photo')}, one every {every_s:g} s")
    return there < number


def check_seconds(flags: dict[str, float]) -> None:
    """Refuse seconds below 0 and what is no number.

    Raises:
        UserError: one is.
    """
    for flag, seconds in flags.items():
        if not seconds >= 0:
            raise UserError(f"{flag} {seconds:g}: expected 0 or more seconds.")


def new_judge(min_sharpness: float, min_change: float) -> Judge:
    """Make the judge of a session.

    Raises:
        UserError: a threshold is not in 0..100.
    """
    for flag, percent in (("--min-sharpness", min_sharpness), ("--min-change", min_change)):
        if not 0 <= percent <= 100:
            raise UserError(f"{flag} {percent:g}: expected 0 to 100 percent, 0 switches it off.")
    return Judge(min_sharpness, min_change)


def save(path: Path, frame: Frame) -> None:
    """Write a frame, with its XML when its boxes are known."""
    write_image(path, frame.image)
    if frame.boxes is not None:
        height, width = frame.image.shape[:2]
        write_voc(
            path.with_suffix(".xml"),
            Example(path, height, width, boxes=frame.boxes, names=frame.names or ()),
        )
