"""LabelImg's window on one session: what it would lose is kept."""

import os
import sys
import traceback
from pathlib import Path

from labelImg import labelImg
from PyQt5 import QtCore, QtWidgets

from tfod.data import annotation_xml
from tfod.errors import UserError
from tfod.files import IMAGE_SUFFIXES
from tfod.steps.label.window.files import read_shapes

NO_OBJECTS_KEY = "n"
# ways out of the session, or to files that are no PascalVOC XML
LEFT_OUT = ("Ctrl+O", "Ctrl+U", "Ctrl+R", "Ctrl+Shift+O", "Ctrl+")


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
            shapes = read_shapes(root, self.image.height(), self.image.width(), self.file_path)
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
