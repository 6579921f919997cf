"""What frames can come from, besides webcams and drawn scenes: a video file, a stream, a folder.

Each function opens one kind of source and gives a `Source`, or raises a `UserError`. Threads,
stalls and the choice between the kinds are in `camera.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from tfod.camera.address import is_cut_by_login, may_need_quotes, with_quoted_login, without_login
from tfod.camera.http import http_camera
from tfod.camera.reader import interruptible
from tfod.camera.video import (
    PAUSE_S,
    Frame,
    Frames,
    Hiccups,
    Source,
    images_of,
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


def stream(url: str, timeout_s: float) -> Source:
    """Open an HTTP or RTSP address; a video there is read like a file.

    Raises:
        UserError: it cannot be opened.
    """
    if is_cut_by_login(url):
        what = "a character in the user name or password ends the address"
        raise refusal("bad-login", without_login(url), what, remedy=Remedy.CHECK_LOGIN)
    size = None
    try:
        if url.lower().startswith(("http://", "https://")):
            camera = http_camera(url, timeout_s)
            if isinstance(camera, Source):
                return camera
            size = camera
        return _of_ffmpeg(url, timeout_s, size is not None)
    except UserError as error:
        if may_need_quotes(url):  # the likeliest reason, whatever it looks like
            raise UserError(replace(error.problems[0], remedy=Remedy.CHECK_LOGIN)) from None
        raise


def _of_ffmpeg(url: str, timeout_s: float, is_file: bool) -> Source:
    """Open what FFmpeg reads: a file when the server tells its size, or it its length."""
    shown, remedy, hiccups = without_login(url), Remedy.CHECK_CONNECTION, Hiccups()
    video = interruptible(partial(_ffmpeg, url, timeout_s))
    fps, count = stated_fps(video), stated_count(video)
    if count is not None or is_file:
        return Source(
            video_frames(video, hiccups), shown, fps=fps, frame_count=count, may_break=True,
            remedy=remedy, hiccups=hiccups,
        )  # fmt: skip
    frames = live_frames(
        images_of(video, PAUSE_S), lambda: images_of(_ffmpeg(url, timeout_s), PAUSE_S), hiccups
    )
    return Source(frames, shown, live=True, ends=False, fps=fps, remedy=remedy, hiccups=hiccups)


def _ffmpeg(url: str, timeout_s: float) -> cv2.VideoCapture:
    """Let FFmpeg open an address; of RTSP it asks for TCP first, which loses no packets."""
    silence_opencv()
    options = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(timeout_s * 1000),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(timeout_s * 1000) + 500,  # camera.py notices first
    ]  # fmt: skip
    video = cv2.VideoCapture(with_quoted_login(url), cv2.CAP_FFMPEG, options)
    if not video.isOpened():
        what, remedy = "no video could be opened", Remedy.CHECK_CONNECTION
        raise refusal("stream-not-opened", without_login(url), what, remedy=remedy)
    return video


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
    hiccups = Hiccups()
    return Source(
        video_frames(video, hiccups), str(path), fps=stated_fps(video),
        frame_count=stated_count(video), hiccups=hiccups,
    )  # fmt: skip


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
