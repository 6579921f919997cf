"""Frames, and what OpenCV does to get them: a `VideoCapture` read as RGB frames.

How each kind of source is opened is in `sources.py` and `webcams.py`. OpenCV's BGR ends here.
"""

import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from tfod.errors import UserError
from tfod.remedies import Remedy
from tfod.words import plural

DEFAULT_FPS = 30.0  # where a source does not say
_FFMPEG_LEVEL = "OPENCV_FFMPEG_LOGLEVEL"
_FFMPEG_SILENT = "-8"  # AV_LOG_QUIET
PAUSE_S = 0.02  # after a read of a camera that failed
MOST_FAILURES = 50  # reads in a row; then it has ended
MOST_COUNTED = 1e9  # a film without a length states nonsense
RETRY_S = 0.5  # before a camera is opened again


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


@dataclass
class Hiccups:
    """What went wrong between good frames.

    Attributes:
        bad_frames: frames that arrived damaged and were left out.
        reconnections: how often a camera was opened again.
        newest: what is wrong since the last good frame, "" for nothing.
    """

    bad_frames: int = 0
    reconnections: int = 0
    newest: str = ""


def in_words(bad_frames: int, reconnections: int = 0) -> list[str]:
    """Say what went wrong between good frames, in sentences without a full stop."""
    lines = []
    if bad_frames:
        lines.append(f"{plural(bad_frames, 'damaged frame')} left out")
    if reconnections:
        lines.append(f"{plural(reconnections, 'broken connection')} opened again")
    return lines


Frames = Generator[Frame | None, None, None]  # None: nothing yet; closing it releases the source
Images = Generator[np.ndarray | str, None, None]  # [H, W, 3] RGB, or what is wrong instead
DAMAGED = "the frames that arrive are damaged"
ENDED = "the camera was unplugged or the stream ended"


@dataclass
class Source:
    """A source that is open.

    Attributes:
        frames: releases the source when it ends or is closed.
        description: the source in a few words, without its password.
        live: frames come by the clock; those nobody fetches are gone.
        ends: it is over some time, even where `frame_count` is not known.
        fps: frames per second that it states.
        frame_count: None where it is not known.
        may_break: a video over the network, whose early end is a loss.
        warms_up: a webcam, whose first frames are dark or green.
        remedy: what to do when it sends nothing.
        hiccups: counted while frames are read.
    """

    frames: Frames
    description: str
    live: bool = False
    ends: bool = True
    fps: float = DEFAULT_FPS
    frame_count: int | None = None
    may_break: bool = False
    warms_up: bool = False
    remedy: Remedy = Remedy.COPY_AGAIN
    hiccups: Hiccups = field(default_factory=Hiccups)


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


def live_frames(first: Images, reopen: Callable[[], Images], hiccups: Hiccups) -> Frames:
    """Read a camera for ever, opening it again when it ends; who waits decides when it is lost."""
    start_s, index, images = time.monotonic(), 0, first
    try:
        while True:
            for image in images:
                if isinstance(image, str):
                    hiccups.bad_frames += 1
                    hiccups.newest = image
                    yield None
                    continue
                hiccups.newest = ""
                yield Frame(image, index, time.monotonic() - start_s)
                index += 1
            hiccups.newest = ENDED
            images = yield from _reopened(reopen, hiccups)
    finally:
        images.close()


def _reopened(reopen: Callable[[], Images], hiccups: Hiccups) -> Generator[None, None, Images]:
    """Try to open a camera again until that succeeds; between the tries the reader may stop."""
    while True:
        time.sleep(RETRY_S)
        yield None
        try:
            images = reopen()
            first = next(images, None)
        except UserError as error:
            hiccups.newest = error.problems[0].what
            continue
        if first is not None:
            hiccups.reconnections += 1
            return _with_first(first, images)


def _with_first(first: np.ndarray | str, images: Images) -> Images:
    try:
        yield first
        yield from images
    finally:
        images.close()


def video_frames(video: cv2.VideoCapture, hiccups: Hiccups) -> Frames:
    """Read a video to its end, also past damaged frames; releases it."""
    fps = stated_fps(video)
    for index, image in enumerate(images_of(video)):
        if isinstance(image, str):
            hiccups.bad_frames += 1
        else:
            yield Frame(image, index, index / fps)


def images_of(video: cv2.VideoCapture, pause_s: float = 0.0) -> Images:
    """Read until many reads in a row have failed; releases it.

    OpenCV says of a damaged frame what it says of the end: that there is none. Only what comes
    after it tells which it was.
    """
    failures = 0
    try:
        while failures < MOST_FAILURES:
            image = _read(video)
            if image is None:
                failures += 1
                time.sleep(pause_s)
                continue
            yield from [DAMAGED] * failures
            failures = 0
            yield rgb(image)
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
    """The number of frames that the source states; None where it states none."""
    count = video.get(cv2.CAP_PROP_FRAME_COUNT)
    return int(count) if 0 < count < MOST_COUNTED else None
