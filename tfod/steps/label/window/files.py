"""The files of LabelImg's window: images for Qt, boxes from XML and back, whole.

Knows no window.
"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from libs.pascal_voc_io import PascalVocWriter
from PyQt5 import QtGui

from tfod.data import images
from tfod.data.annotation import Annotation
from tfod.data.annotation_xml import parse_xml, read_bytes
from tfod.data.drawn_boxes import drawn_unturned, turn
from tfod.data.image_open import read_header
from tfod.errors import UserError
from tfod.files import whole_file

Shape = tuple[str, list[tuple[int, int]], None, None, bool]


class Writer(PascalVocWriter):
    """Writes the XML whole or not at all, with no folder of this machine in it."""

    def __init__(
        self, folder: str, name: str, size: Any, local_img_path: str | None = None
    ) -> None:
        super().__init__(folder, name, size, local_img_path=name)

    def add_bnd_box(
        self, x_min: int, y_min: int, x_max: int, y_max: int, name: str, difficult: int
    ) -> None:
        """Add a box, at least one pixel wide and high."""
        (x_min, x_max), (y_min, y_max) = _apart(x_min, x_max), _apart(y_min, y_max)
        super().add_bnd_box(x_min, y_min, x_max, y_max, name, difficult)

    def save(self, target_file: str) -> None:
        """Write the file; LabelImg's own way turns two spaces in a name into a tab."""
        root = self.gen_xml()
        self.append_objects(root)
        ElementTree.indent(root, "\t")
        with whole_file(Path(target_file)) as temporary:
            temporary.write_bytes(ElementTree.tostring(root, "utf-8") + b"\n")


def _apart(low: int, high: int) -> tuple[int, int]:
    low, high = sorted((low, high))
    return (low, high) if low < high else (max(low - 1, 0), max(low - 1, 0) + 1)


def read_shapes(
    annotation: Annotation, height_px: int, width_px: int, image_path: str
) -> list[Shape]:
    """Read the boxes as LabelImg takes them: (name, four points, no colours, difficult).

    Boxes drawn on the unturned pixels of a photo are turned with it.

    Raises:
        UserError: one of them is not a box.
    """
    orientation = read_header(Path(image_path)).orientation
    is_turned = drawn_unturned((height_px, width_px), annotation.stated_size, orientation)
    shapes: list[Shape] = []
    for drawn in annotation.objects:
        if drawn.xyxy_px is None:
            raise UserError(*drawn.problems)
        xmin, ymin, xmax, ymax = map(round, drawn.xyxy_px)
        if is_turned:
            boxes = turn(np.array([[ymin, xmin, ymax, xmax]]), orientation, (width_px, height_px))
            ymin, xmin, ymax, xmax = boxes[0].tolist()
        (xmin, xmax), (ymin, ymax) = sorted((xmin, xmax)), sorted((ymin, ymax))
        points = [(xmin, ymin), (xmax, ymin), (xmax, ymax), (xmin, ymax)]
        shapes.append((drawn.name, points, None, None, drawn.difficult))
    return shapes


def is_verified(xml_path: Path) -> bool:
    """Whether an XML that can be read carries LabelImg's mark of an image that was verified."""
    return parse_xml(read_bytes(xml_path), xml_path).get("verified") == "yes"


def read_image(path: str, default: object = None) -> QtGui.QImage:
    """Read an image upright; an empty one when it cannot be read, which LabelImg reports.

    Qt itself reads fewer formats, and shows what is left of a damaged photo.
    """
    try:
        pixels = images.read_image(Path(path))
    except UserError:
        return QtGui.QImage()
    height, width = pixels.shape[:2]
    kind = QtGui.QImage.Format.Format_RGB888
    return QtGui.QImage(pixels.tobytes(), width, height, 3 * width, kind).copy()
