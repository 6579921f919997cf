"""Repair the boxes of an annotation: in order, inside the image, with area, and each one once.

Coordinates are pixels, as in the file; what was not wrong is written as it was.
"""

import math
from xml.etree.ElementTree import Element

import numpy as np

from tfod.data.annotation_xml import child_text
from tfod.data.drawn_boxes import EDGE_PX, SIDES
from tfod.data.drawn_boxes import turn as turn_boxes
from tfod.steps.check.fix.change import Repair
from tfod.steps.check.fix.xml_edit import XmlText

Box = list[float]  # xmin, ymin, xmax, ymax in pixels


def is_beyond(box: Box, height: int, width: int) -> bool:
    """Whether a box reaches farther over the edge of a picture than a pixel."""
    over = (-min(box), max(box[0], box[2]) - width, max(box[1], box[3]) - height)
    return max(over) > EDGE_PX


def read_box(bndbox: Element) -> Box | None:
    """The four numbers, or None when one is missing or no number."""
    try:
        box = [float(child_text(bndbox, side)) for side in SIDES]
    except ValueError:
        return None
    return box if all(map(math.isfinite, box)) else None


def repair_boxes(repair: Repair, root: Element, frame: tuple[int, int], turn: int) -> None:
    """Swap, cut and turn the boxes; remove those without area and those there twice.

    Args:
        repair: takes the changes.
        root: the annotation.
        frame: (height, width) of the picture the boxes were drawn on.
        turn: EXIF orientation to turn them by, 1 for none.
    """
    seen: dict[tuple, int] = {}
    for node in root.findall("object"):
        bndbox = node.find("bndbox")
        box = None if bndbox is None else read_box(bndbox)
        if bndbox is None or box is None:
            continue
        name = child_text(node, "name")
        ordered = [*map(min, box[:2], box[2:]), *map(max, box[:2], box[2:])]
        cut = _cut(ordered, *frame)
        if cut[0] >= cut[2] or cut[1] >= cut[3]:
            has_area = ordered[0] < ordered[2] and ordered[1] < ordered[3]
            where = " inside the image" if has_area else ""
            check = "box-outside-image" if has_area else "box-zero-area"
            repair.add(check, node, f'removed "{name}", a box without area{where} ({_text(box)})')
            repair.xml.remove(node)
            continue
        if (name, *cut) in seen:
            line = seen[(name, *cut)]
            repair.add("box-duplicate", node, f'removed "{name}", the box of line {line} again')
            repair.xml.remove(node)
            continue
        seen[(name, *cut)] = repair.xml.line(node)
        if ordered != box:
            repair.add("box-swapped", node, f'"{name}": swapped sides put in order ({_text(box)})')
        if cut != ordered:
            check = "box-outside-image" if is_beyond(ordered, *frame) else "box-cut"
            what = f'"{name}": cut to the image, from {_text(ordered)} to {_text(cut)}'
            repair.add(check, node, what)
        _set_box(repair.xml, bndbox, box, _turned(cut, *frame, turn))


def _cut(box: Box, height: int, width: int) -> Box:
    """Cut a box to the image."""
    return [
        min(max(value, 0.0), limit) for value, limit in zip(box, (width, height) * 2, strict=True)
    ]


def _turned(box: Box, height: int, width: int, turn: int) -> Box:
    """Turn a box drawn on stored pixels of this size as EXIF orientation 5 to 8 turns them."""
    if turn < 5:
        return box
    yxyx = np.array([box], np.float64)[:, [1, 0, 3, 2]]
    ymin, xmin, ymax, xmax = turn_boxes(yxyx, turn, (height, width))[0].tolist()
    return [xmin, ymin, xmax, ymax]


def _set_box(xml: XmlText, bndbox: Element, old: Box, new: Box) -> None:
    for side, before, after in zip(SIDES, old, new, strict=True):
        if before != after:
            node = bndbox.find(side)
            assert node is not None
            xml.set_text(node, _number(after))


def _number(value: float) -> str:
    rounded = round(float(value), 6)
    return str(int(rounded)) if rounded.is_integer() else str(rounded)


def _text(box: Box) -> str:
    """A box as it stands in the file, for messages."""
    return ", ".join(f"{side} {_number(value)}" for side, value in zip(SIDES, box, strict=True))
