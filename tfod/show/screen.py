"""How big the screen is, asked of the system; OpenCV cannot tell."""

import ctypes
import sys

USUAL_PX = (768, 1366)  # (height, width) of a small laptop, where the system gives no answer


def screen_size_px() -> tuple[int, int]:
    """Height and width of the screen in pixels."""
    try:
        size = _ASK.get(sys.platform, _of_x11)()
    except (OSError, AttributeError, ValueError):  # no such library or function here
        return USUAL_PX
    return size if min(size) > 0 else USUAL_PX


def open_x11() -> ctypes.CDLL:
    """Load the library of the X display.

    Raises:
        OSError: there is none.
    """
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    return x11


def _of_x11() -> tuple[int, int]:
    x11 = open_x11()
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    if not display:
        return 0, 0
    size = x11.XDisplayHeight(display, 0), x11.XDisplayWidth(display, 0)
    x11.XCloseDisplay(display)
    return size


def _of_windows() -> tuple[int, int]:
    metrics = ctypes.CDLL("user32").GetSystemMetrics
    return metrics(1), metrics(0)


def _of_macos() -> tuple[int, int]:
    graphics = ctypes.CDLL("/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics")
    graphics.CGDisplayPixelsHigh.restype = graphics.CGDisplayPixelsWide.restype = ctypes.c_size_t
    display = graphics.CGMainDisplayID()
    return graphics.CGDisplayPixelsHigh(display), graphics.CGDisplayPixelsWide(display)


_ASK = {"win32": _of_windows, "darwin": _of_macos}
