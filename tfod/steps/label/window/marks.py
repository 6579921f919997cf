"""What LabelImg does not show by itself: which photos are done, and how sure a model was."""

import os
from collections.abc import Sequence
from typing import Any

from labelImg import labelImg
from PyQt5 import QtWidgets

from tfod.data.annotation import Annotation

_OPAQUE = 255


class Shape(labelImg.Shape):
    """A box; one that a model drew shows its score until it gets another class."""

    label: Any
    suggested = "", ""  # the class, and what to show in its place

    def paint(self, painter: Any) -> None:
        """Draw the box with its class, which is changed for the moment only.

        LabelImg gives a class a colour that shows more than half of the photo: too faint to read.
        """
        label = self.label
        self.line_color.setAlpha(_OPAQUE)
        if label == self.suggested[0]:
            self.label = self.suggested[1]
        try:
            super().paint(painter)
        finally:
            self.label = label


def show_scores(shapes: Sequence[Any], annotation: Annotation) -> None:
    """Let boxes show the scores that the annotation gives them; both have the same order."""
    for shape, drawn in zip(shapes, annotation.objects, strict=True):
        if drawn.score:
            shape.suggested = shape.label, f"{shape.label} {drawn.score:.0%}"


class FileNames(QtWidgets.QStyledItemDelegate):
    """Shows the paths of a list without their folder, which is the same for all."""

    def displayText(self, value: Any, locale: Any) -> str:
        """Give the name of a file."""
        return os.path.basename(str(value))


def tick(item: QtWidgets.QListWidgetItem) -> None:
    """Mark a photo of the list as done."""
    item.setIcon(labelImg.new_icon("done"))
