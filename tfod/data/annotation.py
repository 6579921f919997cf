"""What an annotation file says, as rows: a class, four numbers and some flags for each object.

Nothing is judged here but what is not a box at all; whether a box fits its image: `voc.py`.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from tfod.data.annotation_xml import (
    PIXELS,
    child_flag,
    child_number,
    child_text,
    lines_of,
    parse_xml,
    read_bytes,
    stated_size,
    suggested_by,
    without_folder,
)
from tfod.data.drawn_boxes import SIDES
from tfod.errors import Problem
from tfod.remedies import Remedy

Sides = tuple[float, float, float, float]
KNOWN = {  # elements that are read, or say nothing
    "annotation": {"folder", "filename", "path", "source", "size", "segmented", "unit", "object"},
    "object": {
        "name", "pose", "truncated", "occluded", "difficult", "bndbox", "iscrowd", "area", "score",
    },
}  # fmt: skip


class DrawnObject(NamedTuple):
    """One <object> as the file has it.

    Attributes:
        name: the class, may be empty.
        line: of the <object> in the file.
        box_line: of its <bndbox>, or of the <object> when it has none.
        xyxy_px: (xmin, ymin, xmax, ymax) in pixels, or None when it is not a box.
        problems: why it cannot be used in any image, usually none.
        difficult: a flag.
        truncated: a flag.
        occluded: a flag.
        is_crowd: a flag, of COCO: one box around many objects.
        area_px: of the object itself in square pixels; 0 when the file does not give it.
        pose: a word, may be empty.
        score: of the model that drew it, 0..1; 0 when the file does not give it.
    """

    name: str
    line: int
    box_line: int
    xyxy_px: Sides | None
    problems: tuple[Problem, ...]
    difficult: bool
    truncated: bool
    occluded: bool
    is_crowd: bool
    area_px: float
    pose: str
    score: float


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation file says, whatever image it is about.

    Attributes:
        path: the file.
        file_name: name of the image that it gives, without any folder; "" when it gives none.
        stated_size: (height, width) in pixels, or None when it gives no usable size.
        suggested_by: the model that drew the boxes when no person has checked them yet, else "".
        in_pixels: whether it says so; boxes from 0 to 1 are fractions otherwise.
        objects: one for each <object>, in their order.
        unknown: elements that nothing here holds, "<part> of <object>", one for each.
    """

    path: Path
    file_name: str = ""
    stated_size: tuple[int, int] | None = None
    suggested_by: str = ""
    in_pixels: bool = False
    objects: tuple[DrawnObject, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The class of each object."""
        return [drawn.name for drawn in self.objects]


def read_annotation(xml_path: Path) -> Annotation:
    """Read an annotation file.

    Raises:
        UserError: nothing in it can be used; names the line.
    """
    data = read_bytes(xml_path)
    root = parse_xml(data, xml_path)
    lines = lines_of(root, data, "object", "bndbox")
    nodes = [node for node in root if node.tag == "object"]
    return Annotation(
        path=xml_path,
        file_name=without_folder(child_text(root, "filename")),
        stated_size=stated_size(root),
        suggested_by=suggested_by(root),
        in_pixels=child_text(root, "unit") == PIXELS,
        objects=tuple(_drawn_object(node, xml_path, lines) for node in nodes),
        unknown=tuple(
            f"<{child.tag}> of <{node.tag}>"
            for node in (root, *nodes)
            for child in node
            if child.tag not in KNOWN[node.tag]
        ),
    )


def _drawn_object(node: Element, xml_path: Path, lines: dict[Element, int]) -> DrawnObject:
    name, line, bndbox = child_text(node, "name"), lines[node], node.find("bndbox")
    box_line = line if bndbox is None else lines[bndbox]
    box, problem = _read_box(bndbox, name)
    problems = [] if problem is None else [replace(problem, where=xml_path, line=box_line)]
    if not name:
        what = "an <object> has no <name>"
        remedy = Remedy.DRAW_AGAIN
        problems.insert(0, Problem("box-without-class", xml_path, what, line=line, remedy=remedy))
    return DrawnObject(
        name=name,
        line=line,
        box_line=box_line,
        xyxy_px=box,
        problems=tuple(problems),
        difficult=child_flag(node, "difficult"),
        truncated=child_flag(node, "truncated"),
        occluded=child_flag(node, "occluded"),
        is_crowd=child_flag(node, "iscrowd"),
        area_px=child_number(node, "area"),
        pose=child_text(node, "pose"),
        score=min(child_number(node, "score"), 1.0),
    )


def _read_box(bndbox: Element | None, name: str) -> tuple[Sides | None, Problem | None]:
    """Read the numbers of a <bndbox>, or say why there are none."""
    if bndbox is None:
        what = f'"{name}" has no <bndbox>; only rectangles can be used'
        return None, Problem("box-missing", what=what, remedy=Remedy.DRAW_AGAIN)
    box = []
    for side in SIDES:
        text = child_text(bndbox, side)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            what = f"{side} of a box is not a number"
            remedy = Remedy.DRAW_AGAIN
            return None, Problem("box-not-a-number", what=what, got=f'"{text}"', remedy=remedy)
        box.append(value)
    return (box[0], box[1], box[2], box[3]), None
