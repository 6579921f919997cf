"""LabelImg's window as an application: what today's Python and Qt need, and the task it is given.

The task, JSON in stdin: {"folder": the session, "xml_folder": where new XML goes, "xml_paths":
{name of an image: its XML}, "classes": [names], "unlabelled": [names of the images to begin with]}.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from labelImg import labelImg
from libs import labelFile, settings
from PyQt5 import QtCore, QtGui, QtWidgets

from tfod.steps.label.window.files import Writer, read_image
from tfod.steps.label.window.marks import Shape
from tfod.steps.label.window.window import Window

WINDOW_SIZE_PX = (1280, 860)  # (width, height)
TICK_MS = 200
# since Python 3.10 an int is no longer made of a float, so Qt refuses what LabelImg computes
OF_WHOLE_NUMBERS = (
    (QtGui.QPainter, ("drawLine", "drawRect", "drawText")),
    (QtWidgets.QAbstractSlider, ("setValue",)),
    (QtWidgets.QScrollBar, ("setValue",)),
    (QtWidgets.QSpinBox, ("setValue",)),
    (QtGui.QFont, ("setPointSize",)),
)


def accept_floats() -> None:
    """Let the methods of Qt that LabelImg calls with floats round them."""
    for kind, names in OF_WHOLE_NUMBERS:
        for name in names:
            setattr(kind, name, _rounding(getattr(kind, name)))


def _rounding(method: Callable[..., Any]) -> Callable[..., Any]:
    def rounded(*arguments: Any) -> Any:
        return method(*(round(a) if isinstance(a, float) else a for a in arguments))

    return rounded


class Canvas(labelImg.Canvas):
    """The image with its boxes. Dragging the image emits floats."""

    scrollRequest = QtCore.pyqtSignal(float, int)


class LabelDialog(labelImg.LabelDialog):
    """The question for the class of a box."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.setWindowTitle("Class of the box")
        one_letter = QtCore.QRegExp(r"^[^ \t].*")  # LabelImg wants two or more
        self.edit.setValidator(QtGui.QRegExpValidator(one_letter, self))
        self.edit.returnPressed.connect(self.validate)  # the list of proposals takes the key


class Settings(settings.Settings):
    """Settings of this run; those of the user's LabelImg are neither read nor written."""

    def load(self) -> None:
        """Start with autosave, names at the boxes, and a window that fits the screen."""
        screen: Any = QtWidgets.QApplication.primaryScreen()
        space = screen.availableGeometry().size()
        self.data = {
            labelImg.SETTING_AUTO_SAVE: True,
            labelImg.SETTING_PAINT_LABEL: True,
            labelImg.SETTING_WIN_SIZE: space.boundedTo(QtCore.QSize(*WINDOW_SIZE_PX)),
        }

    def save(self) -> None:
        """Keep nothing."""


def check_platform() -> None:
    """Load Qt's part for X now: its loader names a missing library, Qt itself does not.

    Raises:
        OSError: it cannot be loaded.
    """
    if sys.platform.startswith("linux") and os.environ.get("QT_QPA_PLATFORM", "xcb") == "xcb":
        folder = QtCore.QLibraryInfo.location(QtCore.QLibraryInfo.PluginsPath)
        ctypes.CDLL(os.path.join(folder, "platforms", "libqxcb.so"))


def main() -> int:
    """Open the window; return when it is closed."""
    task = json.load(sys.stdin)
    accept_floats()
    labelImg.Canvas, labelImg.LabelDialog, labelImg.Settings = Canvas, LabelDialog, Settings
    labelImg.Shape = Shape
    labelImg.read, labelFile.PascalVocWriter = read_image, Writer
    check_platform()
    app = QtWidgets.QApplication(["tfod-label"])
    app.setApplicationName("tfod-label")
    app.setWindowIcon(labelImg.new_icon("app"))
    window = Window(**task)
    sys.excepthook = window.report_error
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, window.end)
    ticks = QtCore.QTimer()  # Python sees signals only while it runs
    ticks.timeout.connect(lambda: None)
    ticks.start(TICK_MS)
    window.show()
    return int(app.exec_())
