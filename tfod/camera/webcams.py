"""Which webcams there are: `tfod capture --list`.

Linux tells their names; elsewhere the first numbers are tried. Each is opened once for its size.
"""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2

from tfod.camera import sources as camera_sources
from tfod.errors import UserError

TRIED = 6  # numbers, where the system does not tell
NO_ACCESS = "is not yours to open: sudo usermod -aG video $USER, then log in again"


@dataclass(frozen=True)
class Webcam:
    """A webcam of this system.

    Attributes:
        index: its number, for `--camera`.
        name: what the system calls it, "" where it does not tell.
        width: of its pictures as they come without a wish, in pixels; 0 when it cannot be opened.
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


def list_webcams(
    dev: Path = Path("/dev"), names: Path = Path("/sys/class/video4linux")
) -> list[Webcam]:
    """Find the webcams of this system.

    Args:
        dev: of Linux, where the devices are.
        names: of Linux, where their names are.
    """
    if sys.platform != "linux":
        found = [_opened(index) for index in range(TRIED)]
        return [webcam for webcam in found if not webcam.problem]
    webcams = []
    for index in _numbers(dev):
        device = dev / f"video{index}"
        if not os.access(device, os.R_OK | os.W_OK):
            webcams.append(Webcam(index, _name(names, index), problem=NO_ACCESS))
            continue
        webcam = _opened(index, _name(names, index))
        # a webcam has further numbers, for data about its pictures, which cannot be opened
        if not webcam.problem or all(webcam.name != other.name for other in webcams):
            webcams.append(webcam)
    return webcams


def none_there() -> str:
    """Say that there is no webcam, and what else will do."""
    where = "no /dev/video*" if sys.platform == "linux" else f"tried the numbers 0 to {TRIED - 1}"
    return (
        f"no webcam ({where}). Plug one in, or go without: --camera takes a video file, a folder "
        "of images, an address (http://..., rtsp://...) or synthetic; --from takes photos from a "
        "film."
    )


def _numbers(dev: Path) -> list[int]:
    matches = (re.fullmatch(r"video(\d+)", path.name) for path in dev.glob("video*"))
    return sorted(int(match[1]) for match in matches if match)


def _name(names: Path, index: int) -> str:
    try:
        return (names / f"video{index}" / "name").read_text(errors="replace").strip()
    except OSError:
        return ""


def _opened(index: int, name: str = "") -> Webcam:
    """Open a webcam for its size, and keep back what the system writes on stderr of others."""
    stderr = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        video = camera_sources.open_webcam(index)
    except UserError:
        return Webcam(index, name, problem="cannot be opened, another program may use it")
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
    width = int(video.get(cv2.CAP_PROP_FRAME_WIDTH))
    height = int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    fps = camera_sources.stated_fps(video)
    video.release()
    return Webcam(index, name, width, height, fps)
