"""Libraries of the system that installed packages need: which one is missing, and how to get it."""

import re
from types import TracebackType

from tfod.errors import Problem
from tfod.remedies import Remedy

# package as it is imported -> the packages of Debian and Ubuntu that have its libraries
SYSTEM_PACKAGES = {
    "cv2": ("libgl1", "libglib2.0-0"),
    "PyQt5": (
        *("libgl1", "libegl1", "libglib2.0-0", "libdbus-1-3", "libfontconfig1"),
        *("libxkbcommon-x11-0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1"),
        *("libxcb-randr0", "libxcb-render-util0", "libxcb-shape0", "libxcb-xinerama0"),
        "libxcb-xkb1",
    ),
}
NAMES = {"cv2": "OpenCV", "PyQt5": "the window of LabelImg (Qt)", "tensorflow": "TensorFlow"}
_MISSING = re.compile(r"([^\s:'\"]+\.so[.\d]*): cannot open shared object file")


def library_problem(message: str, package: str) -> Problem | None:
    """Name the library that a message of the loader is about.

    Args:
        message: of an exception, or the output of a process.
        package: that needs the library, as it is imported: "cv2".

    Returns:
        The problem; None when the message is about something else.
    """
    match = _MISSING.search(message)
    return None if match is None else missing_library(match[1], package)


def missing_library(library: str, package: str) -> Problem:
    """Say that a library of the system is missing, and which packages have it where known."""
    user = NAMES.get(package, package) or "a package"
    what = f"{user} needs this system library, which is missing"
    packages = SYSTEM_PACKAGES.get(package)
    remedy = Remedy.INSTALL_LIBRARY(packages=" ".join(packages)) if packages else None
    return Problem("library-missing", library, what, remedy=remedy)


def of_import(error: ImportError) -> Problem | None:
    """Name the library for want of which an import failed, and the package that needs it."""
    module = error.name or _innermost_module(error.__traceback__)
    return library_problem(str(error), module.partition(".")[0])


def _innermost_module(trace: TracebackType | None) -> str:
    """The module in which an exception was raised, the machinery of imports aside."""
    name = ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        name = name if module.startswith("importlib") else module
        trace = trace.tb_next
    return name
