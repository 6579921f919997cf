"""Frames from anything: webcam, video file, folder of images, HTTP or RTSP address, drawn scenes.

    with open_camera("0") as camera:
        for frame in camera:
            frame.image  # uint8 [H, W, 3], RGB

A live camera is read in a thread of its own that keeps only the newest frame. A damaged frame is
counted and left out, a connection that breaks off is made again; only a camera that sends no good
frame for `LOST_AFTER_S` is a `CameraLost`. A video ends as a `for` loop ends. This module knows
nothing of windows and models; how each kind of source is opened is in `sources.py`, `http.py`,
`webcams.py` and `synthetic.py`.
"""

import re
import time
from collections.abc import Sequence

from tfod.camera import sources
from tfod.camera.address import without_login
from tfod.camera.reader import Reader
from tfod.camera.synthetic import SYNTHETIC, is_synthetic, synthetic_scenes
from tfod.camera.video import ENDED, Frame, Source, in_words
from tfod.camera.webcams import webcam
from tfod.errors import Problem, UserError, refusal
from tfod.files import from_user
from tfod.listing import is_called_image
from tfod.remedies import Remedy
from tfod.words import closest

LOST_AFTER_S = 10.0  # seconds without a frame after which a camera counts as lost


class CameraLost(UserError):
    """A camera that worked has ended, or sends no more frames."""


class Camera:
    """An open source of frames; iterate over it, and close it or use it in `with`.

    Attributes:
        live: frames come by the clock, and those nobody fetched are gone.
        ends: it is over some time; a live camera and endless drawn scenes are not.
        fps: frames per second that the source states, 30 where it does not.
        frame_count: how many frames there are, None where that is not known.
        warms_up: a webcam, whose first frames may be dark.
        description: the source in a few words, with its size, without its password.
        hiccups: damaged frames and broken connections so far.
        size: height and width of its first frame, in pixels.
    """

    def __init__(self, source: Source, lost_after_s: float | None = None) -> None:
        """Wait for the first frame."""
        self.live = source.live
        self.ends = source.ends
        self.fps = source.fps
        self.frame_count = source.frame_count
        self.warms_up = source.warms_up
        self.description = source.description
        self.hiccups = source.hiccups
        self._may_break = source.may_break
        self._frames_given = 1
        self._closed = False
        self._opened_s = time.monotonic()
        self._lost_after_s = LOST_AFTER_S if lost_after_s is None else lost_after_s
        self._frames = source.frames
        is_threaded = source.live or source.may_break
        self._reader = Reader(source.frames, every=not source.live) if is_threaded else None
        first = self._fetch_first(source.remedy)
        height, width = first.image.shape[:2]
        self.size: tuple[int, int] = height, width
        self.description += f" ({width}x{height})"
        self._first: Frame | None = first

    def _fetch_first(self, remedy: Remedy) -> Frame:
        try:
            return self._fetch()
        except (StopIteration, TimeoutError):
            self.close()
            what = f"sends no picture{self._newest_hiccup()}"
            raise refusal("no-frame", self.description, what, remedy=remedy) from None
        except BaseException:
            self.close()
            raise

    def _fetch(self) -> Frame:
        if self._reader:
            return self._reader.fetch(self._lost_after_s)
        return next(frame for frame in self._frames if frame is not None)

    def __iter__(self) -> "Camera":
        return self

    def __next__(self) -> Frame:
        """Give the next frame, of a live camera the newest one, waiting for it if need be.

        Raises:
            CameraLost: a live camera sent no good frame for `LOST_AFTER_S`, or a video over the
                network ended early.
        """
        if self._closed:
            raise StopIteration
        if self._first is not None:
            # the one that opening took; a live camera may have a newer one already
            frame, self._first = self._first, None
            newer = self._reader.peek() if self._reader and self.live else None
            return newer or frame
        try:
            frame = self._fetch()
        except TimeoutError:
            why = f"no picture for {self._lost_after_s:g} s{self._newest_hiccup()}"
            raise self._lost(why) from None
        except StopIteration:
            if self.live or self._ended_early():
                raise self._lost(ENDED if self.live else "the video ended early") from None
            self.close()
            raise
        except BaseException:
            self.close()
            raise
        self._frames_given = frame.index + 1
        return frame

    def _newest_hiccup(self) -> str:
        return f" ({self.hiccups.newest})" if self.hiccups.newest else ""

    def _ended_early(self) -> bool:
        """Whether more than a second is missing (counts in videos are only nearly right)."""
        missing = (self.frame_count or 0) - self._frames_given
        return self._may_break and missing > self.fps

    def _lost(self, why: str) -> CameraLost:
        after_s = time.monotonic() - self._opened_s
        self.close()
        why = "; ".join([why, *in_words(self.hiccups.bad_frames, self.hiccups.reconnections)])
        return CameraLost(
            Problem(
                "camera-lost",
                self.description,
                f"lost after {after_s:.0f} s: {why}",
                remedy=Remedy.CHECK_CONNECTION,
            )
        )

    def age_s(self, frame: Frame) -> float:
        """Give the seconds since a frame of a live camera arrived."""
        return time.monotonic() - self._opened_s - frame.time_s

    def close(self) -> None:
        """Release the source; may be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._reader:
            self._reader.stop()
        else:
            self._frames.close()

    def __enter__(self) -> "Camera":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_camera(
    source: str | int,
    width: int | None = None,
    height: int | None = None,
    lost_after_s: float | None = None,
    classes: Sequence[str] | None = None,
) -> Camera:
    """Open a source of frames and wait for its first one.

    Args:
        source: number of a webcam ("0"), video file, image, folder of images, HTTP or RTSP address
            (a login may be in it), or "synthetic", with options as in "synthetic:classes=a,b;
            seed=3;frames=100;size=360x640;fps=30;scene=moving" (each may be left out).
        width: a wish to a webcam, in pixels.
        height: a wish to a webcam, in pixels.
        lost_after_s: seconds without a frame after which a camera counts as lost, and that opening
            one may take; `LOST_AFTER_S` when None.

    Raises:
        UserError: it cannot be opened or sends nothing.
    """
    text = str(source).strip()
    device = re.fullmatch(r"(?:/dev/video)?(\d{1,6})", text)
    if device:
        opened = webcam(int(device[1]), width, height)
    elif is_synthetic(text):
        opened = synthetic_scenes(text, classes)
    elif "://" in text:
        opened = sources.stream(text, LOST_AFTER_S if lost_after_s is None else lost_after_s)
    else:
        opened = _open_path(text)
    return Camera(opened, lost_after_s)


def _open_path(text: str) -> Source:
    path = from_user(text or "no camera given")  # Path("") would be the current folder
    if path.is_dir() or (path.is_file() and is_called_image(path)):
        return sources.image_folder(path)
    if path.is_file():
        return sources.video_file(path)
    meant = closest(text.partition(":")[0], [SYNTHETIC])
    raise refusal(
        "no-such-camera",
        without_login(text) or '""',
        "camera, file or folder not found",
        expected="a webcam number such as 0, a video file, a folder of images, an address "
        f"(http://..., rtsp://...) or {SYNTHETIC}",
        remedy=Remedy.DID_YOU_MEAN(name=meant) if meant else Remedy.CHECK_PATH,
    )
