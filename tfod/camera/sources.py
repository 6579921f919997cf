"""What frames can come from: a webcam, a video file, a stream, a folder of images.

Each function here opens one kind of source and gives a `Source`, or raises a `UserError` that says
what was tried. Frames are RGB from here on; OpenCV's BGR is known in this module only. Threads,
stalls and the choice between the kinds are in `camera.py`, drawn scenes in `camera_synthetic.py`.
"""

import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tfod.errors import UserError, raise_together
from tfod.files import IMAGE_SUFFIXES

# Looked at once, when the first film of a process is opened or written.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

DEFAULT_FPS = 30.0  # where a source does not say
FOLDER_FPS = 2.0  # images of a folder, as a film
OPEN_TIMEOUT_S = 10.0

_WEBCAM_BACKENDS = {"win32": "DSHOW", "darwin": "AVFOUNDATION", "linux": "V4L2"}
# "?token=x", and "/user=me&password=x" without a question mark, as some recorders have it
_SECRETS = re.compile(
    r"([\w%.-]*(?:pass|pwd|token|secret|key|auth|login|user)[\w%.-]*=)[^&#]+", re.IGNORECASE
)
_FAILED_READS = 10  # a webcam may miss a picture now and then


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a camera.

    Attributes:
        image: uint8 [H, W, 3], RGB.
        index: number of the frame in its source from 0; a live camera skips those nobody fetched.
        time_s: seconds since a live camera was opened, or the place in the film.
        boxes: synthetic scenes only: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        names: synthetic scenes only: class name of each box.
        file: images of a folder only: the file, as seen from the folder.
    """

    image: np.ndarray
    index: int
    time_s: float
    boxes: np.ndarray | None = None
    names: tuple[str, ...] | None = None
    file: str = ""


@dataclass
class Source:
    """A source that is open; `frames` releases it when it ends or is closed."""

    frames: Iterator[Frame]
    description: str
    live: bool = False
    fps: float = DEFAULT_FPS
    frame_count: int | None = None
    may_break: bool = False  # a film over the network: an early end is a loss
    warms_up: bool = False  # a webcam: its first frames are dark or green


def webcam(index: int, width: int | None, height: int | None) -> Source:
    """Open a webcam by its number, and ask for a size, of which it may give another."""
    video = open_webcam(index)
    if width or height:  # uncompressed, most of them send large pictures at a few frames a second
        video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    for what, wish in ((cv2.CAP_PROP_FRAME_WIDTH, width), (cv2.CAP_PROP_FRAME_HEIGHT, height)):
        if wish:
            video.set(what, wish)
    video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    frames = _live_frames(video, _FAILED_READS)
    return Source(frames, f"camera {index}", live=True, fps=stated_fps(video), warms_up=True)


def open_webcam(index: int) -> cv2.VideoCapture:
    """Open a webcam with the backend of this system.

    Raises:
        UserError: it cannot be opened.
    """
    name = _WEBCAM_BACKENDS.get(sys.platform, "ANY")
    _silence_opencv()
    video = cv2.VideoCapture(index, getattr(cv2, f"CAP_{name}", cv2.CAP_ANY))
    if not video.isOpened():
        raise UserError(webcam_failure(index, "cannot be opened"))
    return video


def webcam_failure(index: int, what: str) -> str:
    """Say what was tried with a webcam, and what to do."""
    tried = f"tried {_WEBCAM_BACKENDS.get(sys.platform, 'every backend')}, number {index}"
    remedy = "Plug it in or close the program that uses it, try another number (`--camera 1`)"
    if sys.platform == "linux":
        devices = sorted(Path("/dev").glob("video*"), key=_natural)
        there = ", ".join(str(device) for device in devices) or "no /dev/video*"
        tried += f"; this system has {there}"
        own = Path(f"/dev/video{index}")
        if own.exists() and not os.access(own, os.R_OK | os.W_OK):
            tried += f"; {own} is not yours to open"
            remedy = "Join its group (`sudo usermod -aG video $USER`, then log in again)"
    return f"camera {index}: {what} ({tried}). {remedy}, or go without: `--camera synthetic`."


def stream(url: str, timeout_s: float) -> Source:
    """Open an HTTP or RTSP address; a film of known length there is read like a file."""
    shown = without_login(url)
    _silence_opencv()
    options = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_TIMEOUT_S * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(timeout_s * 1000) + 500,  # camera.py tells it first
    ]  # fmt: skip
    video = cv2.VideoCapture(url, cv2.CAP_FFMPEG, options)
    if not video.isOpened():
        raise UserError(
            f"{shown}: no video could be opened there (tried FFmpeg, waited up to "
            f"{OPEN_TIMEOUT_S:.0f} s). Check the address, the network and the login by opening it "
            "in a browser or VLC."
        )
    count = _frame_count(video)
    if count is None:
        return Source(_live_frames(video), shown, live=True, fps=stated_fps(video))
    fps = stated_fps(video)
    return Source(_film_frames(video), shown, fps=fps, frame_count=count, may_break=True)


def video_file(path: Path) -> Source:
    """Open a video file."""
    _silence_opencv()
    video = cv2.VideoCapture(str(path))
    if not video.isOpened():
        raise UserError(
            f"{path}: not a video that FFmpeg can read ({path.stat().st_size} bytes). Play it to "
            "see whether it is whole."
        )
    count, fps = _frame_count(video), stated_fps(video)
    return Source(_film_frames(video), str(path), fps=fps, frame_count=count)


def image_folder(path: Path) -> Source:
    """Take the images of a folder and of the folders in it as a film, in the order of names."""
    files = [path] if path.is_file() else sorted(path.rglob("*"), key=_natural)
    images = [
        file
        for file in files
        if file.suffix.lower() in IMAGE_SUFFIXES
        and (file.name[0] != "." or file == path)  # macOS leaves ._a.jpg on other disks
        and file.is_file()
    ]
    if not images:
        known = " ".join(IMAGE_SUFFIXES)
        raise UserError(f"{path}: there are no images (expected {known}). Name another folder.")
    frames = _image_frames(path.parent if path.is_file() else path, images)
    return Source(frames, str(path), fps=FOLDER_FPS, frame_count=len(images))


def without_login(url: str) -> str:
    """Give the address without user, password, and values that look like one."""
    scheme, _, rest = url.partition("://")
    if "@" in rest:  # up to the last one: a password may hold @ and / itself
        rest = f"***@{rest.rpartition('@')[2]}"
    return f"{scheme}://" + _SECRETS.sub(r"\1***", rest)


def _live_frames(video: cv2.VideoCapture, most_failures: int = 1) -> Iterator[Frame]:
    start, index, failures = time.monotonic(), 0, 0
    pause = threading.Event()
    try:
        while failures < most_failures:
            image = _read(video)
            if image is not None:
                yield Frame(_rgb(image), index, time.monotonic() - start)
                index, failures = index + 1, 0
            else:
                failures += 1
                pause.wait(0.05 if failures < most_failures else 0)
    finally:
        video.release()


def _read(video: cv2.VideoCapture) -> np.ndarray | None:
    try:
        there, image = video.read()
    except cv2.error:  # some backends raise where others say that nothing came
        return None
    return image if there else None


def _film_frames(video: cv2.VideoCapture) -> Iterator[Frame]:
    fps, index = stated_fps(video), 0
    try:
        while (image := _read(video)) is not None:
            yield Frame(_rgb(image), index, index / fps)
            index += 1
    finally:
        video.release()


def _image_frames(folder: Path, files: Sequence[Path]) -> Iterator[Frame]:
    damaged = []  # told at the end, so that none keeps back those behind it
    for index, path in enumerate(files):
        data = np.frombuffer(path.read_bytes(), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
        if image is None:
            damaged.append(f"{path}: not an image that can be read")
            continue
        file = path.relative_to(folder).as_posix()
        yield Frame(_rgb(image), index, index / FOLDER_FPS, file=file)
    raise_together(
        damaged, f"damaged images in {folder}", "Delete what is damaged or move it away."
    )


def _rgb(image: np.ndarray) -> np.ndarray:
    """OpenCV's picture, [H, W] or [H, W, 3] BGR or [H, W, 4] BGRA, as [H, W, 3] RGB."""
    if image.ndim == 2 or image.shape[2] == 1:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB if image.shape[2] == 3 else cv2.COLOR_BGRA2RGB)


def stated_fps(video: cv2.VideoCapture) -> float:
    """Frames per second as the source states them, `DEFAULT_FPS` where that makes no sense."""
    fps = video.get(cv2.CAP_PROP_FPS)
    return fps if 0.1 <= fps <= 240 else DEFAULT_FPS


def _frame_count(video: cv2.VideoCapture) -> int | None:
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    return count if count > 0 else None


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """Key that sorts frame_2 before frame_10."""
    parts = re.split(r"(\d+)", str(path).lower())
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def _silence_opencv() -> None:
    """Keep OpenCV from writing on stderr, as FFmpeg is (above): it would show the login."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
