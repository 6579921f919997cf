"""A screen nobody sees, and a user with a keyboard in front of it, for tests."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

import numpy as np
import pytest
from PIL import ImageGrab

PATIENCE_S = 60
# the button of a window's title bar sends WM_DELETE_WINDOW; there is no title bar here
_CLOSE = """
import ctypes, sys
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XInternAtom.restype = ctypes.c_ulong
class Message(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send", ctypes.c_int),
                ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("kind", ctypes.c_ulong),
                ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("rest", ctypes.c_long * 24)]
display, window = ctypes.c_void_p(x.XOpenDisplay(None)), int(sys.argv[1])
atom = lambda name: x.XInternAtom(display, name, 0)
data = (ctypes.c_long * 5)(atom(b"WM_DELETE_WINDOW"))
message = Message(33, 0, 1, display, window, atom(b"WM_PROTOCOLS"), 32, data)
x.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
x.XCloseDisplay(display)
"""


class Desktop:
    """A running X display."""

    def __init__(self, display: str) -> None:
        self.display = display

    @property
    def environment(self) -> dict[str, str]:
        """For a process that is to open its windows here."""
        return os.environ | {"DISPLAY": self.display}

    def window(self, title: str) -> str:
        """Wait for a window and give its number."""
        deadline = time.monotonic() + PATIENCE_S
        # not --sync: that ends with an error when any window goes away while it looks
        while not (found := self._search(title)):
            assert time.monotonic() < deadline, f"no window {title}"
        return found[0]

    def size(self, window: str) -> tuple[int, int]:
        """Height and width of a window in pixels."""
        words = self._run("xdotool", "getwindowgeometry", "--shell", window).split()
        values = dict(word.split("=") for word in words)
        return int(values["HEIGHT"]), int(values["WIDTH"])

    def shows(self, title: str) -> bool:
        """Whether a window is there now."""
        return bool(self._search(title))

    def _search(self, title: str) -> list[str]:
        command = ["xdotool", "search", "--onlyvisible", "--name", title]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout.split()

    def press(self, window: str, *keys: str) -> None:
        """Press keys one after the other while the pointer is in a window."""
        self._run("xdotool", "windowfocus", window, "key", "--delay", "30", *keys)

    def press_until(self, window: str, key: str, done: Callable[[], bool]) -> None:
        """Press a key until it had its effect; a window that is just opening may miss one."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < deadline, f"the key {key} has no effect"
            with suppress(subprocess.CalledProcessError):  # the window has closed
                self.press(window, key)
            again = time.monotonic() + 2
            while not done() and time.monotonic() < again:
                time.sleep(0.02)

    def pointer(self, *words: str | int) -> None:
        """Move and press the pointer: "mousemove", x, y, "mousedown", 1, ... as xdotool has it."""
        self._run("xdotool", *map(str, words))

    def screenshot(self) -> np.ndarray:
        """What is on the screen, uint8 [H, W, 3], RGB."""
        return np.array(ImageGrab.grab(xdisplay=self.display))

    def close(self, window: str) -> None:
        """Close a window as the button in its title bar does."""
        self._run(sys.executable, "-c", _CLOSE, window)

    def _run(self, *command: str) -> str:
        options = {"env": self.environment, "check": True, "timeout": PATIENCE_S}
        return subprocess.run(command, capture_output=True, text=True, **options).stdout


class Heard(list[str]):
    """The lines of a stream, collected as they come."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self._stream = stream
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def whole(self) -> str:
        """All that was said until the stream ended."""
        self._thread.join(PATIENCE_S)
        return "".join(self)

    def _collect(self) -> None:
        for line in self._stream:
            self.append(line)


@contextmanager
def running_desktop() -> Iterator[Desktop]:
    """Start a display on a number that is free, and end it."""
    missing = [name for name in ("Xvfb", "xdotool") if not shutil.which(name)]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}, not installed here")
    reading, writing = os.pipe()
    # without -noreset the display begins anew when nobody is connected, and drops who just comes
    command = ["Xvfb", "-noreset", "-displayfd", str(writing), "-screen", "0", "1280x800x24"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()  # "" when it ended
        if not number:
            pytest.skip("Xvfb does not start here")
        yield Desktop(f":{number}")
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


def without_display() -> dict[str, str]:
    """The environment of a process that has no screen."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return {name: value for name, value in os.environ.items() if name not in screens}
