"""Capture photos of each class from a camera: `tfod capture`, `capture_images.py`.

Every photo is a file of its own from the moment it is taken, so whatever ends a session, what was
captured stays. A synthetic camera knows its boxes, and then the XML is written too.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console

from tfod import paths
from tfod.camera import Camera, CameraLost, Frame
from tfod.data.images import write_image
from tfod.data.voc import Example, write_voc
from tfod.draw import draw_lines
from tfod.errors import UserError
from tfod.terminal import say
from tfod.window import ESCAPE, Window

FLASH_MS = 150  # how long a shot is shown
SAID_FROM_S = 0.5  # photos that come quicker are not told one by one
_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # of Windows, the strictest


@dataclass
class CaptureResult:
    """What a session captured.

    Attributes:
        folder: where the photos are.
        images: class name -> photos taken this time.
        labelled: whether the XML was written too.
        ended: why it ended early: "q", "window closed", "Ctrl-C", "the film ended", or "" when it
            did not.
    """

    folder: Path
    images: dict[str, int] = field(default_factory=dict)
    labelled: bool = False
    ended: str = ""

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {count}" for name, count in self.images.items())
        return f"{sum(self.images.values())} photos ({counts})"


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
) -> CaptureResult:
    """Take `number` photos of each class, one every `every_s` seconds.

    In the window the space bar takes one at once, q or Esc ends. Photos are numbered on from what
    the session has; nothing is overwritten. Of a film or a synthetic camera its own time counts.

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

    Raises:
        UserError: class names or a session name that cannot be; no screen; the camera is gone
            (what was captured stays).
    """
    console = console or Console(stderr=True)
    file_names = _file_names(classes, number)
    for flag, seconds in (("--every", every_s), ("--countdown", countdown_s)):
        if not seconds >= 0:
            raise UserError(f"{flag} {seconds:g}: expected 0 or more seconds.")
    folder = images_dir / _session(session)
    result = CaptureResult(folder, dict.fromkeys(classes, 0))
    with ExitStack() as stack:
        window = None if headless else stack.enter_context(Window("tfod capture"))
        frames = _Clock(camera, window)
        try:
            for name in classes:
                say(console, f"{name}: {number} photos, one every {every_s:g} s")
                for frame in frames.shots(name, number, every_s, countdown_s):
                    _save(folder, file_names[name], frame)
                    result.labelled = frame.boxes is not None
                    result.images[name] += 1
                    if every_s >= SAID_FROM_S or result.images[name] == number:
                        say(console, f"  {name} {result.images[name]} of {number}")
                if frames.ended:
                    break
        except KeyboardInterrupt:
            frames.ended = "Ctrl-C"
        except CameraLost as error:
            raise UserError(
                f"{error} {result} are kept in {folder}; go on with --session {folder.name}."
            ) from error
    result.ended = frames.ended
    return result


class _Clock:
    """Takes frames from the camera until the next photo is due, and shows them."""

    def __init__(self, camera: Camera, window: Window | None) -> None:
        self.camera = camera
        self.window = window
        self.ended = ""

    def shots(self, name: str, number: int, every_s: float, countdown_s: float) -> Iterator[Frame]:
        """Give `number` frames at their times, fewer when the user or the film ends it."""
        taken, due_s, key = 0, None, ""
        for frame in self.camera:
            if due_s is None:
                due_s = frame.time_s + countdown_s
            left_s = due_s - frame.time_s
            # a key pressed while the last shot was shown counts too
            key = key or self._show(frame, f"{name} {taken + 1} of {number}", left_s)
            if self._ends(key):
                return
            if left_s > 0 and key != " ":
                key = ""
                continue
            yield frame
            taken, due_s = taken + 1, frame.time_s + every_s
            key = self.window.show(255 - frame.image, FLASH_MS) if self.window else ""
            if self._ends(key) or taken == number:
                return
        self.ended = "the film ended"

    def _ends(self, key: str | None) -> bool:
        if key is None:
            self.ended = "window closed"
        elif key in ("q", ESCAPE):
            self.ended = "q"
        return bool(self.ended)

    def _show(self, frame: Frame, text: str, left_s: float) -> str | None:
        if self.window is None:
            return ""
        line = f"{text}   {max(left_s, 0):.1f} s   space: now   q: end"
        image = draw_lines(frame.image, [line])
        wait_ms = 1 if self.camera.live else round(1000 / self.camera.fps)
        return self.window.show(image, wait_ms)


def _file_names(classes: Sequence[str], number: int) -> dict[str, str]:
    """Class name -> how its files begin, on every system."""
    if number < 1:
        raise UserError(f"--number {number}: expected at least 1.")
    names = {}
    for name in classes:
        file_name = _NOT_IN_FILE_NAMES.sub("_", name).strip(" .")
        if not file_name:
            raise UserError(f'--classes: "{name}" cannot be a class name. Use letters.')
        if file_name.casefold() in (other.casefold() for other in names.values()):
            raise UserError(
                f'--classes: the files of "{name}" would be called like those of another class. '
                "Choose another name."
            )
        names[name] = file_name
    if not names:
        raise UserError("--classes: none given. Name them: --classes Mask No-mask.")
    return names


def _session(name: str | None) -> str:
    if name is None:
        return datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    unseen = name.startswith(".") or name in ("train", "test")  # by split
    if unseen or _NOT_IN_FILE_NAMES.search(name) or not name.strip(" ."):
        raise UserError(
            f'--session: "{name}" cannot be the name of a session folder. Begin with a letter or '
            'digit, not "train" or "test".'
        )
    return name


def _save(folder: Path, file_name: str, frame: Frame) -> Path:
    """Write a frame under the next free number, with its XML when its boxes are known."""
    path = folder / f"{file_name}_{_next_number(folder, file_name)}.jpg"
    write_image(path, frame.image)
    if frame.boxes is not None:
        height, width = frame.image.shape[:2]
        write_voc(
            path.with_suffix(".xml"),
            Example(path, height, width, boxes=frame.boxes, names=frame.names or ()),
        )
    return path


def _next_number(folder: Path, file_name: str) -> int:
    pattern = re.compile(re.escape(file_name) + r"_(\d+)\.\w+", re.IGNORECASE)
    there = folder.iterdir() if folder.is_dir() else ()
    numbers = [int(match[1]) for path in there if (match := pattern.fullmatch(path.name))]
    return max(numbers, default=0) + 1
