"""One window on the screen: shows RGB images, knows which key was pressed and if it is open.

Nothing here knows cameras or models. OpenCV draws the window.
"""

import ctypes
import os
import sys
from collections.abc import Sequence

import cv2
import numpy as np

from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.show.draw import add_lines
from tfod.show.screen import open_x11, screen_size_px

ESCAPE = "esc"
_ESCAPE_CODE = 27
_LAST_ASCII = 126
SHARE = 0.85, 0.75  # of the screen's width and height for the image: text and bars need the rest
MIN_WIDTH_PX = 640  # smaller images are enlarged, so that there is room for text
_HEADLESS = Remedy.SET(setting="headless", value=True)


def check_display() -> None:
    """Refuse to go on without a screen: OpenCV would end the whole process."""
    reason = _display_problem() if sys.platform.startswith("linux") else ""
    if reason:
        raise refusal(
            "no-screen", what=f"no screen to open a window on: {reason}", remedy=_HEADLESS
        )
    if "headless" in _window_system():
        raise refusal(
            "opencv-headless",
            what="the installed OpenCV cannot open windows",
            expected="opencv-python alone",
            got="opencv-python-headless",
            remedy=Remedy.REINSTALL(old="opencv-python-headless", new="opencv-python"),
        )


def _display_problem() -> str:
    """Why there is no X display; "" when there is one, or this OpenCV can do without."""
    display = os.environ.get("DISPLAY")
    if not display:
        if not os.environ.get("WAYLAND_DISPLAY"):
            return "neither DISPLAY nor WAYLAND_DISPLAY is set"
        # the OpenCV of PyPI brings Qt for X alone
        return "DISPLAY is not set" if "QT" in _window_system() else ""
    return "" if _answers() else f"the display {display} does not answer or refuses the connection"


def _answers() -> bool:
    """Whether the X display can be opened; Qt ends the process where it cannot."""
    try:
        x11 = open_x11()
    except OSError:  # nobody to ask
        return True
    connection = x11.XOpenDisplay(None)
    if connection:
        x11.XCloseDisplay(ctypes.c_void_p(connection))
    return bool(connection)


def _window_system() -> str:
    """The GUI line of OpenCV's build information, "headless" when there is none."""
    for line in cv2.getBuildInformation().splitlines():
        name, _, value = line.strip().partition(":")
        if name == "GUI":
            return "headless" if value.strip().upper() == "NONE" else value.strip()
    return ""


def fitted(image: np.ndarray, screen_px: tuple[int, int]) -> np.ndarray:
    """Scale an image, uint8 [H, W, 3], to fit the screen, (height, width), and to be seen well."""
    height, width = image.shape[:2]
    most = min(int(SHARE[0] * screen_px[1]) / width, int(SHARE[1] * screen_px[0]) / height)
    scale = min(most, max(1.0, MIN_WIDTH_PX / width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    if size == (width, height):
        return image
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(image, size, interpolation=way)


class Window:
    """A window with a title that fits the screen, open until closed; use it in `with`."""

    def __init__(self, title: str) -> None:
        check_display()
        self.title = title
        try:
            # GUI_NORMAL: neither a toolbar nor a menu on the right button
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        except cv2.error as error:
            raise refusal(
                "window-not-opened", what=f"no window can be opened: {error.err}", remedy=_HEADLESS
            ) from error
        self._screen_px = screen_size_px()
        self._size_px = 0, 0  # height, width

    def fit(self, image: np.ndarray) -> np.ndarray:
        """Scale an image as `show` will; what is drawn on it then keeps its size."""
        return fitted(image, self._screen_px)

    def show(
        self,
        image: np.ndarray,
        wait_ms: int = 1,
        above: Sequence[str] = (),
        below: Sequence[str] = (),
    ) -> str | None:
        """Show an image, scaled to the screen, and wait for a key.

        Args:
            image: uint8 [H, W, 3], RGB.
            wait_ms: how long to wait, at least 1.
            above: lines of text to write above it.
            below: lines of text to write below it.

        Returns:
            The key as a lower-case letter (" " for the space bar, "esc"), "" when none of these
            was pressed, None when the user has closed the window.
        """
        image = add_lines(self.fit(image), above, below, MIN_WIDTH_PX)
        before, (height, width) = self._size_px, image.shape[:2]
        if any(before) and not self._is_open():
            return None
        self._size_px = max(before[0], height), max(before[1], width)
        if self._size_px != before:
            cv2.resizeWindow(self.title, self._size_px[1], self._size_px[0])
        cv2.imshow(self.title, image[:, :, ::-1])
        # the whole code: cut to its last byte, the arrow to the left would be a q
        code = cv2.waitKeyEx(max(wait_ms, 1)) & 0xFFFF  # without the locks, which GTK adds
        if code == _ESCAPE_CODE:
            return ESCAPE
        return chr(code).lower() if code <= _LAST_ASCII else ""

    def _is_open(self) -> bool:
        try:
            return cv2.getWindowProperty(self.title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # Qt, once the last window is closed
            return False

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            cv2.destroyWindow(self.title)
        except cv2.error:  # the user has closed it
            pass
