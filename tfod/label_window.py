"""LabelImg, made to run on today's Python and to lose nothing: the window of `tfod label`.

`python -m tfod.label_window` runs it in a process of its own, as PyQt5 is under the GPL and OpenCV
brings another Qt. It reads JSON from stdin: {"folder": the session, "classes": [names],
"left": [names of the images to begin with]}. What is changed in LabelImg is changed in this process
alone: neither the installed package nor the user's settings file is touched.
"""

import ctypes
import json
import os
import signal
import sys
import traceback
import types
from pathlib import Path
from xml.etree import ElementTree

from tfod.data import annotation_xml
from tfod.errors import UserError
from tfod.paths import IMAGE_SUFFIXES, whole_file

sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]  # may hold a "libs"
for gone in ("distutils", "distutils.spawn"):  # from Python 3.12; imported by LabelImg, never used
    sys.modules[gone] = types.ModuleType(gone)

from labelImg import labelImg  # noqa: E402 (after the stand-ins)
from libs import labelDialog, labelFile, pascal_voc_io, settings  # noqa: E402
from PyQt5 import QtCore, QtGui, QtWidgets  # noqa: E402

SIZE = (1280, 860)
TICK_MS = 200
NO_OBJECTS_KEY = "n"
# ways out of the session, or to files that are no PascalVOC XML
LEFT_OUT = ("Ctrl+O", "Ctrl+U", "Ctrl+R", "Ctrl+Shift+O", "Ctrl+")
ROTATED = 4  # bit of a Qt transformation; 1 mirrors, 2 flips before
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


class Writer(pascal_voc_io.PascalVocWriter):
    """Writes the XML whole or not at all, with no folder of this machine in it."""

    def __init__(self, folder, name, size, local_img_path=None):
        super().__init__(folder, name, size, local_img_path=name)

    def add_bnd_box(self, x_min, y_min, x_max, y_max, name, difficult):
        """Add a box, at least one pixel wide and high."""
        (x_min, x_max), (y_min, y_max) = _apart(x_min, x_max), _apart(y_min, y_max)
        super().add_bnd_box(x_min, y_min, x_max, y_max, name, difficult)

    def save(self, target_file):
        """Write the file; LabelImg's own way turns two spaces in a name into a tab."""
        root = self.gen_xml()
        self.append_objects(root)
        ElementTree.indent(root, "\t")
        with whole_file(Path(target_file)) as temporary:
            temporary.write_bytes(ElementTree.tostring(root, "utf-8") + b"\n")


def _apart(low: int, high: int) -> tuple[int, int]:
    low, high = sorted((low, high))
    return (low, high) if low < high else (max(low - 1, 0), max(low - 1, 0) + 1)


class Window(labelImg.MainWindow):
    """LabelImg's window on one session."""

    def __init__(self, folder: str, classes: list[str], left: list[str]) -> None:
        self.left = set(left)
        self.unreadable = ""  # why the XML of this image cannot be read
        self.only_looked_at = False  # a suggestion in which nothing was changed
        self.told: set[str] = set()  # errors
        super().__init__(None, classes, folder)
        self._change_menus()
        QtCore.QTimer.singleShot(0, lambda: self.import_dir_images(folder))

    def load_predefined_classes(self, classes):
        """Take the class list as it is, not a file of it."""
        self.label_hist = list(classes)

    def _change_menus(self) -> None:
        nothing = labelImg.new_action(
            self,
            f"No objects ({NO_OBJECTS_KEY})",
            self.no_objects,
            NO_OBJECTS_KEY,
            "done",
            "Nothing to find in this image: write an XML without boxes, go to the next image",
        )
        out = [self.actions.resetAll, self.actions.save_format]
        out += [a for a in self.findChildren(QtWidgets.QAction) if _keys(a) in LEFT_OUT]
        for action in out:
            action.setVisible(False)
        for mode in ("beginner", "advanced"):
            actions = [action for action in getattr(self.actions, mode) if action not in out]
            setattr(self.actions, mode, (*actions[:2], nothing, *actions[2:]))
        self.actions.editMenu = (nothing, None, *self.actions.editMenu)
        self.populate_mode_actions()
        self.actions.deleteImg.triggered.disconnect()
        self.actions.deleteImg.triggered.connect(self.ask_and_delete)

    def import_dir_images(self, folder):
        """List the images of the folder, not of folders in it; begin where work is left."""
        self.dir_name = self.last_open_dir = folder
        self.m_img_list = self.scan_all_images(folder)
        self.img_count = len(self.m_img_list)
        self.file_list_widget.clear()
        self.file_list_widget.addItems(self.m_img_list)
        names = [os.path.basename(path) for path in self.m_img_list]
        self.cur_img_idx = next((i for i, name in enumerate(names) if name in self.left), 0)
        if self.m_img_list:
            self.load_file(self.m_img_list[self.cur_img_idx])

    def scan_all_images(self, folder):
        """Find the images, in the order of their numbers."""
        paths = [path for path in Path(folder).iterdir() if path.suffix.lower() in IMAGE_SUFFIXES]
        images = [str(path) for path in paths if path.is_file() and path.name[0] != "."]
        labelImg.natural_sort(images, key=str.lower)
        return images

    def load_file(self, file_path=None):
        """Open an image; save the one before, which LabelImg forgets when the list is used."""
        if not self.may_continue():
            return False
        self.unreadable, self.only_looked_at = "", False
        if not super().load_file(file_path):
            return self._leave_out(file_path)
        self.left.discard(os.path.basename(file_path))
        prefix = os.path.basename(file_path).rpartition("_")[0]  # of photos of `tfod capture`
        if prefix in self.label_hist:
            self.prev_label_text = prefix
        return True

    def _leave_out(self, file_path) -> bool:
        """Go on to the next image; LabelImg would never get past a damaged one."""
        if file_path in self.m_img_list:
            index = self.m_img_list.index(file_path)
            del self.m_img_list[index]
            self.file_list_widget.takeItem(index)
            self.img_count = len(self.m_img_list)
            self.cur_img_idx = min(index, self.img_count - 1)
            if self.m_img_list:
                return self.load_file(self.m_img_list[self.cur_img_idx])
        return False

    def load_pascal_xml_by_filename(self, xml_path):
        """Show the boxes; what cannot be read is told and never written over."""
        if self.file_path is None or not os.path.isfile(xml_path):
            return
        try:
            root = annotation_xml.parse_xml(annotation_xml.read_bytes(Path(xml_path)), xml_path)
            shapes = _shapes(root, self.image.height(), self.image.width(), self.file_path)
        except (UserError, ValueError) as error:
            self.unreadable = f"{os.path.basename(xml_path)} cannot be read: {error}"
            self.error_message("Not shown", self.unreadable)
            return
        self.load_labels(shapes)
        self.canvas.verified = root.get("verified") == "yes"
        suggested_by = annotation_xml.suggested_by(root)
        if suggested_by:
            self.set_dirty()  # so going on saves it, without the mark
            self.only_looked_at = True
            self.status(f"Suggested by {suggested_by}: correct the boxes, then go on", 0)

    def set_dirty(self):
        """Remember that something was changed."""
        self.only_looked_at = False
        super().set_dirty()

    def save_labels(self, annotation_file_path):
        """Save; tell why it cannot be."""
        try:
            if self.unreadable:
                raise UserError(f"{self.unreadable} Correct or delete it first.")
            return super().save_labels(annotation_file_path)
        except (UserError, OSError) as error:
            self.error_message("Not saved", str(error))
            return False

    def may_continue(self):
        """Save what is not saved; ask only when that fails."""
        if self.dirty:
            self.save_file()
        return super().may_continue()

    def no_objects(self):
        """Write an XML without boxes and go on: the image is a negative, and labelled."""
        if self.file_path is None:
            return
        if self.canvas.shapes:
            self.status("There are boxes in this image. Delete them first.")
            return
        self.set_dirty()
        self.open_next_image()

    def ask_and_delete(self):
        """Delete the image and its XML, after a question."""
        path = self.file_path
        if path is None:
            return
        question = f"Delete {os.path.basename(path)} and its boxes from the disk?"
        if QtWidgets.QMessageBox.question(self, "Delete", question) == QtWidgets.QMessageBox.Yes:
            self.set_clean()
            Path(path).with_suffix(".xml").unlink(missing_ok=True)
            self.delete_image()

    def closeEvent(self, event):
        """Save; a suggestion that was only looked at stays one."""
        if self.only_looked_at:
            self.set_clean()
        super().closeEvent(event)

    def end(self, *_):
        """End as Ctrl-C or the end of `tfod label` wants it."""
        if self.dirty and not self.only_looked_at:
            self.save_file()
        QtWidgets.QApplication.exit(0)

    def tell_error(self, kind, error, trace):
        """Log an error inside LabelImg and go on; PyQt5 would end the process."""
        text = "".join(traceback.format_exception(kind, error, trace))
        if text not in self.told:
            print(text, file=sys.stderr, flush=True)
            self.told.add(text)
            self.status(f"LabelImg had a problem: {error}. Save and open the image again.", 0)


def _keys(action) -> str:
    return action.shortcut().toString()


def _shapes(root, height: int, width: int, image_path: str) -> list[tuple]:
    """Read the boxes as LabelImg takes them: (name, four points, no colours, difficult).

    Boxes drawn on the unturned pixels of a photo are turned with it.
    """
    how = int(_reader(image_path).transformation())
    turned = bool(how & ROTATED) and annotation_xml.stated_size(root) == (width, height)
    turned = turned and height != width
    shapes = []
    for node in root.iter("object"):
        bndbox = node.find("bndbox")
        if bndbox is None:
            raise UserError("it holds an object that is no box.")
        box = [float(annotation_xml.child_text(bndbox, side)) for side in annotation_xml.SIDES]
        corners = [tuple(map(round, box[:2])), tuple(map(round, box[2:]))]
        if turned:
            corners = [_turned(x, y, how, width, height) for x, y in corners]
        (x_min, x_max), (y_min, y_max) = (sorted(side) for side in zip(*corners, strict=True))
        points = [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max)]
        name = annotation_xml.child_text(node, "name")
        shapes.append((name, points, None, None, annotation_xml.child_flag(node, "difficult")))
    return shapes


def _turned(x: int, y: int, how: int, width: int, height: int) -> tuple[int, int]:
    """Turn a point as Qt turns the pixels; width and height are those of the upright image."""
    x, y = height - x if how & 1 else x, width - y if how & 2 else y
    return width - y, x


def _reader(path: str):
    """Qt's reader on the bytes of a file: the format by content, and any name."""
    buffer = QtCore.QBuffer()
    buffer.setData(Path(path).read_bytes())
    buffer.open(QtCore.QIODevice.ReadOnly)
    reader = QtGui.QImageReader(buffer)
    reader.setAutoTransform(True)
    reader.source = buffer  # kept as long as the reader
    return reader


def _read(path: str, default=None):
    try:
        return _reader(path).read()
    except OSError:
        return QtGui.QImage()  # LabelImg says that it is none


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
    labelImg.Canvas, labelImg.Settings, labelImg.read = Canvas, Settings, _read
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
