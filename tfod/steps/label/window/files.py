"""The files of LabelImg's window: images through Qt, boxes from XML and back, whole.

Knows no window.
"""

from pathlib import Path
from xml.etree import ElementTree

from libs.pascal_voc_io import PascalVocWriter
from PyQt5 import QtCore, QtGui

from tfod.data import annotation_xml
from tfod.data.drawn_boxes import SIDES
from tfod.errors import UserError
from tfod.files import whole_file

ROTATED = 4  # bit of a Qt transformation; 1 mirrors, 2 flips before


class Writer(PascalVocWriter):
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


def read_shapes(root, height: int, width: int, image_path: str) -> list[tuple]:
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
        box = [float(annotation_xml.child_text(bndbox, side)) for side in SIDES]
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


def read_image(path: str, default=None):
    try:
        return _reader(path).read()
    except OSError:
        return QtGui.QImage()  # LabelImg says that it is none
