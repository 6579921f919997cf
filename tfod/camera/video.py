"""Frames, and what OpenCV does to get them: a `VideoCapture` read as RGB frames.

How each kind of source is opened is in `sources.py` and `webcams.py`. OpenCV's BGR ends here.
"""

import os
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from tfod.remedies import Remedy

DEFAULT_FPS = 30.0  # where a source does not say
_FFMPEG_LEVEL = "OPENCV_FFMPEG_LOGLEVEL"
_FFMPEG_SILENT = "-8"  # AV_LOG_QUIET
_PAUSE_S = 0.05  # after a read that failed


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a camera.

    Attributes:
        image: uint8 [H, W, 3], RGB.
        index: number of the frame in its source from 0; a live camera skips those nobody fetched.
        time_s: seconds since a live camera was opened, or the position in the video.
        boxes: synthetic scenes only: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        names: synthetic scenes only: class name of each box.
        file: images of a folder only: the file, relative to the folder.
    """

    image: np.ndarray
    index: int
    time_s: float
    boxes: np.ndarray | None = None
    names: tuple[str, ...] | None = None
    file: str = ""


Frames = Generator[Frame, None, None]  # closing it releases the source


@dataclass
class Source:
    """A source that is open.

    Attributes:
        frames: releases the source when it ends or is closed.
        description: the source in a few words, without its password.
        live: frames come by the clock; those nobody fetches are gone.
        fps: frames per second that it states.
        frame_count: None where it is not known.
        may_break: a video over the network, whose early end is a loss.
        warms_up: a webcam, whose first frames are dark or green.
        remedy: what to do when it sends nothing.
    """

    frames: Frames
    description: str
    live: bool = False
    fps: float = DEFAULT_FPS
    frame_count: int | None = None
    may_break: bool = False
    warms_up: bool = False
    remedy: Remedy = Remedy.COPY_AGAIN


def silence_opencv() -> None:
    """Keep OpenCV and FFmpeg from writing to stderr in this process: they would show a login.

    Call it before anything is opened or written.
    """
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    _silence_ffmpeg()


@cache
def _silence_ffmpeg() -> None:
    # OpenCV takes the level from the environment, once, when FFmpeg opens something for the first
    # time; there is no other way to set it
    if os.environ.get(_FFMPEG_LEVEL) is None:
        os.environ[_FFMPEG_LEVEL] = _FFMPEG_SILENT
        try:
            cv2.VideoCapture("", cv2.CAP_FFMPEG)
        finally:
            os.environ.pop(_FFMPEG_LEVEL, None)


def live_frames(video: cv2.VideoCapture, most_failures: int = 1) -> Frames:
    """Read a camera until that many reads in a row have failed; releases it."""
    start_s, index, failures = time.monotonic(), 0, 0
    pause = threading.Event()
    try:
        while failures < most_failures:
            image = _read(video)
            if image is not None:
                yield Frame(rgb(image), index, time.monotonic() - start_s)
                index, failures = index + 1, 0
            else:
                failures += 1
                pause.wait(_PAUSE_S if failures < most_failures else 0)
    finally:
        video.release()


def video_frames(video: cv2.VideoCapture) -> Frames:
    """Read a video to its end; releases it."""
    fps, index = stated_fps(video), 0
    try:
        while (image := _read(video)) is not None:
            yield Frame(rgb(image), index, index / fps)
            index += 1
    finally:
        video.release()


def _read(video: cv2.VideoCapture) -> np.ndarray | None:
    try:
        is_read, image = video.read()
    except cv2.error:  # some backends raise where others say that nothing came
        return None
    return image if is_read else None


def rgb(image: np.ndarray) -> np.ndarray:
    """Turn OpenCV's picture, [H, W] or [H, W, 3] BGR or [H, W, 4] BGRA, into [H, W, 3] RGB."""
    if image.ndim == 2 or image.shape[2] == 1:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB if image.shape[2] == 3 else cv2.COLOR_BGRA2RGB)


def stated_fps(video: cv2.VideoCapture) -> float:
    """Frames per second as the source states them, `DEFAULT_FPS` where that makes no sense."""
    fps = video.get(cv2.CAP_PROP_FPS)
    return fps if 0.1 <= fps <= 240 else DEFAULT_FPS


def stated_count(video: cv2.VideoCapture) -> int | None:
    """The number of frames that the source states; None for one without an end."""
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    return count if count > 0 else None
