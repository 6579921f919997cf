"""How photos are taken: from a camera, or from a video."""

from dataclasses import dataclass

from tfod.errors import UserError, check_at_least_1, refusal
from tfod.steps.capture.quality import MIN_CHANGE, MIN_SHARPNESS

NUMBER = 20
EVERY_S = 2.0
EVERY_FRAMES = 10


@dataclass(frozen=True)
class CaptureOptions:
    """How photos are taken with a camera.

    Attributes:
        number: photos of each class, including those the session has.
        session: name of the folder; date and time when None.
        countdown_s: seconds before the first photo of a class.
        warm_up_s: seconds a webcam may take until its light has settled.
        min_sharpness: least sharpness of a photo, percent of the session's usual; 0: off.
        min_change: least part of the picture, in percent, that differs from the last photo of the
            class; 0: off.
        headless: open no window.
        mirror: show a mirror image in the window; the files are as the camera sees.

    Raises:
        UserError: a value is out of its range.
    """

    number: int = NUMBER
    session: str | None = None
    every_s: float = EVERY_S
    countdown_s: float = 3.0
    warm_up_s: float = 2.0
    min_sharpness: float = MIN_SHARPNESS
    min_change: float = MIN_CHANGE
    headless: bool = False
    mirror: bool = False

    def __post_init__(self) -> None:
        check_at_least_1(number=self.number)
        _check_seconds("every", self.every_s)
        _check_seconds("countdown", self.countdown_s)
        _check_seconds("warm_up", self.warm_up_s)
        _check_limits(self.min_sharpness, self.min_change)


@dataclass(frozen=True)
class FilmOptions:
    """How photos are taken from a video.

    Attributes:
        session: name of the folder; that of the video when None.
        class_name: begins the names of the photos; "" when they show several classes.
        number: photos of this video in the session, including those it has; None: all.
        every: frames from one that is considered to the next.
        min_sharpness: as of `CaptureOptions`.
        min_change: as of `CaptureOptions`.

    Raises:
        UserError: a value is out of its range.
    """

    session: str | None = None
    class_name: str = ""
    number: int | None = None
    every: int = EVERY_FRAMES
    min_sharpness: float = MIN_SHARPNESS
    min_change: float = MIN_CHANGE

    def __post_init__(self) -> None:
        check_at_least_1(every=self.every, number=self.number)
        _check_limits(self.min_sharpness, self.min_change)


def _check_seconds(setting: str, seconds: float) -> None:
    if not seconds >= 0:  # nor NaN
        raise _out_of_range(setting, "0 or more seconds", seconds)


def _check_limits(min_sharpness: float, min_change: float) -> None:
    for setting, percent in (("min_sharpness", min_sharpness), ("min_change", min_change)):
        if not 0 <= percent <= 100:
            raise _out_of_range(setting, "0 to 100 percent; 0 switches it off", percent)


def _out_of_range(setting: str, expected: str, value: float) -> UserError:
    what = "out of range"
    return refusal(
        "number-out-of-range", setting=setting, what=what, expected=expected, got=f"{value:g}"
    )
