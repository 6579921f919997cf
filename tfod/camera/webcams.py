"""Webcams: one opened by its number, and a list of those this system has.

Linux knows their names; elsewhere the first numbers are tried. To be listed, each is opened once
for its size.
"""

import os
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import cv2

from tfod.camera.video import (
    PAUSE_S,
    Hiccups,
    Images,
    Source,
    images_of,
    live_frames,
    silence_opencv,
    stated_fps,
)
from tfod.errors import UserError, refusal
from tfod.remedies import Advice, Remedy
from tfod.words import natural_key

NUMBERS_TRIED = 6  # where the system has no list
GROUP = "video"  # of Linux: who is in it may open a webcam
NO_ACCESS = f"no permission to open it: sudo usermod -aG {GROUP} $USER, then log in again"
NOT_OPENED = "cannot be opened, another program may be using it"
_BACKENDS = {"win32": "DSHOW", "darwin": "AVFOUNDATION", "linux": "V4L2"}


@dataclass(frozen=True)
class Webcam:
    """A webcam of this system.

    Attributes:
        index: its number, as `open_camera` takes it.
        name: what the system calls it, "" where it has no names.
        width: of its pictures, in pixels; 0 when it cannot be opened.
        height: the same.
        fps: frames per second that it states.
        problem: why it cannot be opened, "" when it can.
    """

    index: int
    name: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    problem: str = ""

    def __str__(self) -> str:
        figures = self.problem or f"{self.width}x{self.height}, {self.fps:g} frames a second"
        return f"{self.index}  {self.name or f'camera {self.index}'}  ({figures})"


def webcam(index: int, width: int | None, height: int | None) -> Source:
    """Open a webcam by its number and ask for a size; it may give another one."""
    hiccups = Hiccups()
    video = _opened(index, width, height)

    def reopen() -> Images:
        return images_of(_opened(index, width, height), PAUSE_S)

    return Source(
        live_frames(images_of(video, PAUSE_S), reopen, hiccups),
        f"camera {index}",
        live=True,
        ends=False,
        fps=stated_fps(video),
        warms_up=True,
        remedy=Remedy.CHECK_CAMERA,
        hiccups=hiccups,
    )


def _opened(index: int, width: int | None = None, height: int | None = None) -> cv2.VideoCapture:
    """Open a webcam with the backend of this system, and ask for a size."""
    silence_opencv()
    backend = _BACKENDS.get(sys.platform, "ANY")
    video = cv2.VideoCapture(index, getattr(cv2, f"CAP_{backend}", cv2.CAP_ANY))
    if not video.isOpened():
        reason, remedy = _reason(index)
        what = f"cannot be opened (tried {backend}, number {index}; {reason})"
        raise refusal("webcam-not-opened", f"camera {index}", what, remedy=remedy)
    if width or height:  # uncompressed, most of them send large pictures at a few frames a second
        video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    for side, wish in ((cv2.CAP_PROP_FRAME_WIDTH, width), (cv2.CAP_PROP_FRAME_HEIGHT, height)):
        if wish:
            video.set(side, wish)
    video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return video


def _reason(index: int) -> tuple[str, Advice | Remedy]:
    """Why a webcam cannot be opened, as far as the system knows, and what to do."""
    if sys.platform != "linux":
        return NOT_OPENED, Remedy.CHECK_CAMERA
    device = Path(f"/dev/video{index}")
    if device.exists() and not _is_allowed(device):
        return f"{device} can be opened only by other users", Remedy.JOIN_GROUP(group=GROUP)
    devices = sorted(map(str, Path("/dev").glob("video*")), key=natural_key)
    return f"this system has {', '.join(devices) or 'no /dev/video*'}", Remedy.CHECK_CAMERA


def _is_allowed(device: Path) -> bool:
    return os.access(device, os.R_OK | os.W_OK)


def list_webcams(
    dev: Path = Path("/dev"),
    names: Path = Path("/sys/class/video4linux"),
    quiet: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> list[Webcam]:
    """Find the webcams of this system; `quiet` is entered while one is opened."""
    if sys.platform != "linux":
        tried = [_described(index, "", quiet) for index in range(NUMBERS_TRIED)]
        return [webcam for webcam in tried if not webcam.problem]
    webcams: list[Webcam] = []
    for index in _numbers(dev):
        name = _name(names, index)
        if not _is_allowed(dev / f"video{index}"):
            webcams.append(Webcam(index, name, problem=NO_ACCESS))
            continue
        described = _described(index, name, quiet)
        # a webcam has further numbers, for data about its pictures, which cannot be opened
        if not described.problem or all(described.name != other.name for other in webcams):
            webcams.append(described)
    return webcams


def _numbers(dev: Path) -> list[int]:
    matches = (re.fullmatch(r"video(\d+)", path.name) for path in dev.glob("video*"))
    return sorted(int(match[1]) for match in matches if match)


def _name(names: Path, index: int) -> str:
    try:
        return (names / f"video{index}" / "name").read_text(errors="replace").strip()
    except OSError:
        return ""


def _described(
    index: int, name: str, quiet: Callable[[], AbstractContextManager[object]]
) -> Webcam:
    """Open a webcam for its size, and close it."""
    with quiet():
        try:
            video = _opened(index)
        except UserError:
            return Webcam(index, name, problem=NOT_OPENED)
    width = int(video.get(cv2.CAP_PROP_FRAME_WIDTH))
    height = int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    fps = stated_fps(video)
    video.release()
    return Webcam(index, name, width, height, fps)
