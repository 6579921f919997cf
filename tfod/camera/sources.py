"""What frames can come from, besides webcams and drawn scenes: a video file, a stream, a folder.

Each function opens one kind of source and gives a `Source`, or raises a `UserError`. Threads,
stalls and the choice between the kinds are in `camera.py`.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from tfod.camera.video import (
    Frame,
    Frames,
    Source,
    live_frames,
    rgb,
    silence_opencv,
    stated_count,
    stated_fps,
    video_frames,
)
from tfod.errors import Problem, UserError, refusal
from tfod.listing import IMAGE_SUFFIXES, files_below
from tfod.remedies import Remedy
from tfod.words import plural

FOLDER_FPS = 2.0  # images of a folder, as a video
OPEN_TIMEOUT_S = 10.0

# "?token=x", and "/user=me&password=x" without a question mark, as some recorders have it
_SECRETS = re.compile(
    r"([\w%.-]*(?:pass|pwd|token|secret|key|auth|login|user)[\w%.-]*=)[^&#]+", re.IGNORECASE
)


def stream(url: str, timeout_s: float) -> Source:
    """Open an HTTP or RTSP address; a video of known length there is read like a file."""
    shown = without_login(url)
    silence_opencv()
    options = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_TIMEOUT_S * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(timeout_s * 1000) + 500,  # camera.py notices first
    ]  # fmt: skip
    video = cv2.VideoCapture(url, cv2.CAP_FFMPEG, options)
    if not video.isOpened():
        what = f"no video could be opened within {OPEN_TIMEOUT_S:.0f} s"
        raise refusal("stream-not-opened", shown, what, remedy=Remedy.CHECK_CONNECTION)
    fps, count, remedy = stated_fps(video), stated_count(video), Remedy.CHECK_CONNECTION
    if count is None:
        return Source(live_frames(video), shown, live=True, fps=fps, remedy=remedy)
    return Source(
        video_frames(video), shown, fps=fps, frame_count=count, may_break=True, remedy=remedy
    )


def video_file(path: Path) -> Source:
    """Open a video file."""
    silence_opencv()
    video = cv2.VideoCapture(str(path))
    if not video.isOpened():
        what = "FFmpeg cannot read this as a video"
        remedy = Remedy.COPY_AGAIN
        raise refusal(
            "not-a-video", path, what, got=plural(path.stat().st_size, "byte"), remedy=remedy
        )
    return Source(
        video_frames(video), str(path), fps=stated_fps(video), frame_count=stated_count(video)
    )


def image_folder(path: Path) -> Source:
    """Take the images of a folder and of the folders in it, or one image, as a video."""
    images = [path] if path.is_file() else files_below(path, IMAGE_SUFFIXES, natural=True)
    if not images:
        what = "no images found"
        expected = " ".join(IMAGE_SUFFIXES)
        raise refusal("no-images", path, what, expected=expected, remedy=Remedy.CHOOSE_FOLDER)
    frames = _image_frames(path.parent if path.is_file() else path, images)
    return Source(
        frames, str(path), fps=FOLDER_FPS, frame_count=len(images), remedy=Remedy.REPLACE_FILE
    )


def _image_frames(folder: Path, files: Sequence[Path]) -> Frames:
    damaged: list[Problem] = []  # reported at the end, so that none holds up those after it
    for index, path in enumerate(files):
        data = np.frombuffer(path.read_bytes(), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
        if image is None:
            damaged.append(
                Problem(
                    "image-unreadable",
                    path,
                    "this image cannot be read",
                    remedy=Remedy.REPLACE_FILE,
                )
            )
            continue
        file = path.relative_to(folder).as_posix()
        yield Frame(rgb(image), index, index / FOLDER_FPS, file=file)
    if damaged:
        raise UserError(*damaged, heading=f"damaged images in {folder}")


def without_login(url: str) -> str:
    """Give an address without user, password, and values that look like one; others as they are."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    if "@" in rest:  # up to the last one: a password may hold @ and / itself
        rest = f"***@{rest.rpartition('@')[2]}"
    return f"{scheme}://" + _SECRETS.sub(r"\1***", rest)
