"""LabelImg's window on one session: what it would lose is kept.

Methods that are not private are LabelImg's own, overridden, or are called by it.
"""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from labelImg import labelImg
from PyQt5 import QtCore, QtWidgets

from tfod.data.annotation import Annotation, read_annotation
from tfod.errors import UserError
from tfod.listing import IMAGE_SUFFIXES, files_in
from tfod.steps.label.window.files import Shape, is_verified, read_shapes
from tfod.steps.label.window.marks import FileNames, show_scores, tick
from tfod.steps.label.window.menus import change_menus


class Window(labelImg.MainWindow):
    """LabelImg's window on one session; only the XML of an image is read or written with it."""

    def __init__(
        self,
        folder: str,
        xml_folder: str,
        xml_paths: Mapping[str, str],
        classes: Sequence[str],
        unlabelled: Sequence[str],
    ) -> None:
        self.xml_paths = xml_paths
        self.unlabelled = set(unlabelled)
        self.done: set[str] = set()  # names of images
        self.unreadable = ""  # why the XML of this image cannot be read
        self.is_only_seen = False  # a suggestion in which nothing was changed
        self.reported: set[str] = set()  # errors
        super().__init__(None, classes, xml_folder)
        change_menus(self)
        self.file_list_widget.setItemDelegate(FileNames(self))
        self.file_list_widget.setIconSize(QtCore.QSize(14, 14))
        QtCore.QTimer.singleShot(0, lambda: self.import_dir_images(folder))

    # the session and its images

    def load_predefined_classes(self, classes: Sequence[str]) -> None:
        """Take the class list as it is, not a file of it."""
        self.label_hist = list(classes)

    def import_dir_images(self, folder: str) -> None:
        """List the images of the folder, not of folders in it; begin where work is left."""
        self.dir_name = self.last_open_dir = folder
        self.m_img_list = self.scan_all_images(folder)
        self.img_count = len(self.m_img_list)
        self.file_list_widget.clear()
        self.file_list_widget.addItems(self.m_img_list)
        names = [os.path.basename(path) for path in self.m_img_list]
        for row, name in enumerate(names):
            if name not in self.unlabelled:
                self._mark_done(row)
        self.cur_img_idx = next((i for i, name in enumerate(names) if name in self.unlabelled), 0)
        if self.m_img_list:
            self.load_file(self.m_img_list[self.cur_img_idx])

    def scan_all_images(self, folder: str) -> list[str]:
        """Find the images, in the order of their numbers."""
        return [str(path) for path in files_in(Path(folder), IMAGE_SUFFIXES, natural=True)]

    def load_file(self, file_path: Any = None) -> bool:
        """Open an image; save the one before, which LabelImg forgets when the list is used."""
        if not self.may_continue():
            return False
        self.unreadable, self.is_only_seen = "", False
        if not super().load_file(file_path):
            return self._skip(file_path)
        self.unlabelled.discard(os.path.basename(file_path))
        prefix = os.path.basename(file_path).rpartition("_")[0]  # of photos that were captured
        if prefix in self.label_hist:
            self.prev_label_text = prefix
        return True

    def _skip(self, file_path: str) -> bool:
        """Take an image off the list and go on; LabelImg would never get past a damaged one."""
        if file_path in self.m_img_list:
            index = self.m_img_list.index(file_path)
            del self.m_img_list[index]
            self.file_list_widget.takeItem(index)
            self.img_count = len(self.m_img_list)
            self.cur_img_idx = min(index, self.img_count - 1)
            if self.m_img_list:
                return self.load_file(self.m_img_list[self.cur_img_idx])
        return False

    def _mark_done(self, row: int) -> None:
        self.done.add(os.path.basename(self.m_img_list[row]))
        tick(self.file_list_widget.item(row))

    def counter_str(self) -> str:
        """Say in the title where in the list this is, and how far the labelling is."""
        return f"{super().counter_str()}, {len(self.done)} done"

    # boxes

    def xml_path(self, image_path: str) -> str:
        """The XML of an image, where it is or where it is to be."""
        name = os.path.basename(image_path)
        new = f"{os.path.splitext(name)[0]}.xml"
        return self.xml_paths.get(name) or os.path.join(str(self.default_save_dir), new)

    def set_format(self, save_format: str) -> None:
        """Stay with XML; a text of another tool would have all that follows saved like it."""

    def change_format(self) -> None:
        """Stay with XML."""

    def show_bounding_box_from_annotation_file(self, file_path: str) -> None:
        """Show the boxes of the XML alone; what cannot be read is never written over."""
        xml_path = self.xml_path(file_path)
        if not os.path.isfile(xml_path):
            return
        try:
            annotation, shapes = self._read(file_path)
        except UserError as error:
            self.unreadable = f"The boxes of this image cannot be read. {error}"
            self.error_message("Not shown", self.unreadable)
            return
        self.load_labels(shapes)
        self.canvas.verified = is_verified(Path(xml_path))
        if annotation.suggested_by:
            show_scores(self.canvas.shapes, annotation)
            self.set_dirty()  # so going on saves it, without the mark
            self.is_only_seen = True
            self.status(
                f"Suggested by {annotation.suggested_by}: correct the boxes, then continue", 0
            )

    def set_dirty(self) -> None:
        """Remember that something was changed."""
        self.is_only_seen = False
        super().set_dirty()

    def _read(self, image_path: str) -> tuple[Annotation, list[Shape]]:
        annotation = read_annotation(Path(self.xml_path(image_path)))
        size_px = self.image.height(), self.image.width()
        return annotation, read_shapes(annotation, *size_px, image_path)

    def copy_previous_bounding_boxes(self) -> None:
        """Add the boxes of the image before to those of this one, which LabelImg would lose."""
        index = self.m_img_list.index(self.file_path) if self.file_path else 0
        before = self.m_img_list[index - 1]
        if not index or not os.path.isfile(self.xml_path(before)):
            return
        own = [*self.canvas.shapes]
        try:
            self.load_labels(self._read(before)[1])
        except UserError as error:
            self.error_message("Not copied", str(error))
            return
        if self.canvas.shapes:
            self.set_dirty()
        self.canvas.load_shapes([*own, *self.canvas.shapes])

    def no_objects(self) -> None:
        """Write an XML without boxes and go on: the image is a negative, and labelled."""
        if self.file_path is None:
            return
        if self.canvas.shapes:
            self.status("This image has boxes. Delete them first.")
            return
        self.set_dirty()
        self.open_next_image()

    # saving and deleting

    def save_labels(self, annotation_file_path: str) -> bool:
        """Save; say why when that is not possible."""
        if self.unreadable:
            text = f"{self.unreadable} Correct or delete the file first."
            self.error_message("Not saved", text)
            return False
        try:
            is_saved = bool(super().save_labels(self.xml_path(self.file_path)))
        except (UserError, OSError) as error:
            self.error_message("Not saved", str(error))
            return False
        if is_saved and self.file_path in self.m_img_list:
            self._mark_done(self.m_img_list.index(self.file_path))
        return is_saved

    def may_continue(self) -> bool:
        """Save what is not saved; ask only when that fails."""
        if self.dirty:
            self.save_file()
        return bool(super().may_continue())

    def ask_and_delete(self) -> None:
        """Delete the image and its XML, after a question."""
        path = self.file_path
        if path is None:
            return
        question = f"Delete {os.path.basename(path)} and its boxes from the disk?"
        if QtWidgets.QMessageBox.question(self, "Delete", question) == QtWidgets.QMessageBox.Yes:
            self.set_clean()
            self.done.discard(os.path.basename(path))
            for file in (self.xml_path(path), path):
                Path(file).unlink(missing_ok=True)
            if not self._skip(path):  # LabelImg would save the next one unseen
                self.close_file()

    # the end

    def closeEvent(self, event: Any) -> None:
        """Save; a suggestion that was only seen stays one."""
        if self.is_only_seen:
            self.set_clean()
        super().closeEvent(event)

    def end(self, *_: object) -> None:
        """Save and end, after Ctrl-C or when the process is asked to end."""
        if self.dirty and not self.is_only_seen:
            self.save_file()
        QtWidgets.QApplication.exit(0)

    def report_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log an error inside LabelImg and go on; PyQt5 would end the process."""
        text = "".join(traceback.format_exception(kind, error, trace))
        if text not in self.reported:
            print(text, file=sys.stderr, flush=True)
            self.reported.add(text)
            self.status(f"LabelImg had a problem: {error}. Save and open the image again.", 0)
