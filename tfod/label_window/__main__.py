"""Run LabelImg: `python -m tfod.label_window`, with a task as JSON in stdin.

The task: {"folder": the session, "classes": [names], "left": [names of images to begin with]}.
"""

import ctypes
import json
import os
import signal
import sys

from labelImg import labelImg
from libs import labelDialog, labelFile, settings
from PyQt5 import QtCore, QtGui, QtWidgets

from tfod.label_window.files import Writer, read_image
from tfod.label_window.window import Window

SIZE = (1280, 860)
TICK_MS = 200
# since Python 3.10 an int is no longer made of a float, so Qt refuses what LabelImg computes
OF_WHOLE_NUMBERS = (
    (QtGui.QPainter, ("drawLine", "drawRect", "drawText")),
    (QtWidgets.QAbstractSlider, ("setValue",)),
    (QtWidgets.QScrollBar, ("setValue",)),
    (QtWidgets.QSpinBox, ("setValue",)),
    (QtGui.QFont, ("setPointSize",)),
)


def take_floats() -> None:
    """Let the methods of Qt that LabelImg calls with floats round them."""
    for kind, names in OF_WHOLE_NUMBERS:
        for name in names:
            setattr(kind, name, _rounding(getattr(kind, name)))


def _rounding(method):
    def rounded(*arguments):
        return method(*(round(a) if isinstance(a, float) else a for a in arguments))

    return rounded


class Canvas(labelImg.Canvas):
    """The image with its boxes. Dragging the image emits floats."""

    scrollRequest = QtCore.pyqtSignal(float, int)


class Settings(settings.Settings):
    """Settings of this run; those of the user's LabelImg are neither read nor written."""

    def load(self) -> None:
        """Begin with autosave, names at the boxes, and a window that fits the screen."""
        screen = QtWidgets.QApplication.desktop().availableGeometry().size()
        self.data = {
            labelImg.SETTING_AUTO_SAVE: True,
            labelImg.SETTING_PAINT_LABEL: True,
            labelImg.SETTING_WIN_SIZE: screen.boundedTo(QtCore.QSize(*SIZE)),
        }

    def save(self) -> None:
        """Keep nothing."""


def _any_name():
    """A class name may have one letter only."""
    return QtGui.QRegExpValidator(QtCore.QRegExp(r"^[^ \t].*"), None)


def _check_platform() -> None:
    """Load Qt's part for X now: its loader names a missing library, Qt itself does not."""
    if sys.platform.startswith("linux") and os.environ.get("QT_QPA_PLATFORM", "xcb") == "xcb":
        folder = QtCore.QLibraryInfo.location(QtCore.QLibraryInfo.PluginsPath)
        ctypes.CDLL(os.path.join(folder, "platforms", "libqxcb.so"))


def main() -> int:
    """Open the window; return when it is closed."""
    task = json.load(sys.stdin)
    take_floats()
    labelImg.Canvas, labelImg.Settings, labelImg.read = Canvas, Settings, read_image
    labelFile.PascalVocWriter = Writer
    labelDialog.label_validator = _any_name
    _check_platform()
    app = QtWidgets.QApplication(["tfod label"])
    app.setApplicationName("tfod label")
    app.setWindowIcon(labelImg.new_icon("app"))
    window = Window(**task)
    sys.excepthook = window.tell_error
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, window.end)
    ticks = QtCore.QTimer()  # Python sees signals only while it runs
    ticks.timeout.connect(lambda: None)
    ticks.start(TICK_MS)
    window.show()
    return app.exec_()


if __name__ == "__main__":
    sys.exit(main())
