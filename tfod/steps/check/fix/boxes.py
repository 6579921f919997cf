"""Repair the boxes of an annotation: in order, inside the image, with area, and each one once.

Coordinates are pixels, as in the file; what was not wrong is written as it was.
"""

import math
from collections.abc import Callable
from xml.etree.ElementTree import Element

import numpy as np

from tfod.data.annotation_xml import child_text
from tfod.data.drawn_boxes import SIDES, turn
from tfod.data.stated_sizes import is_beyond

Box = list[float]  # xmin, ymin, xmax, ymax in pixels


def read_box(bndbox: Element) -> Box | None:
    """The four numbers, or None when one is missing or not a number."""
    try:
        box = [float(child_text(bndbox, side)) for side in SIDES]
    except ValueError:
        return None
    return box if all(map(math.isfinite, box)) else None


def repair_boxes(
    root: Element,
    lines: dict[Element, int],
    frame: tuple[int, int],
    orientation: int,
    note: Callable[[str, Element, str], None],
) -> None:
    """Swap, cut and turn the boxes; remove those without area and those there twice.

    Args:
        root: the annotation, which is changed.
        lines: of its elements in the file.
        frame: (height, width) of the picture the boxes were drawn on.
        orientation: EXIF orientation to turn them by, 1 for none.
        note: called with a code, an element and what was done to it.
    """

    def remove(node: Element, code: str, why: str) -> None:
        note(code, node, f'removed "{child_text(node, "name")}", {why}')
        root.remove(node)

    line_of: dict[tuple[object, ...], int] = {}
    for node in root.findall("object"):
        bndbox = node.find("bndbox")
        box = None if bndbox is None else read_box(bndbox)
        if bndbox is None or box is None:
            continue
        name = child_text(node, "name")
        ordered = [*map(min, box[:2], box[2:]), *map(max, box[:2], box[2:])]
        limits = (*frame[::-1], *frame[::-1])
        cut = [min(max(side, 0.0), limit) for side, limit in zip(ordered, limits, strict=True)]
        if cut[0] >= cut[2] or cut[1] >= cut[3]:
            has_area = ordered[0] < ordered[2] and ordered[1] < ordered[3]
            where = " inside the image" if has_area else ""
            code = "box-outside-image" if has_area else "box-zero-area"
            remove(node, code, f"a box without area{where} ({_text(box)})")
            continue
        if (name, *cut) in line_of:
            remove(node, "box-duplicate", f"a repeat of the box on line {line_of[name, *cut]}")
            continue
        line_of[name, *cut] = lines[node]
        if ordered != box:
            note("box-swapped", node, f'"{name}": put swapped sides in order ({_text(box)})')
        if cut != ordered:
            code = "box-outside-image" if is_beyond(ordered, *frame) else "box-cut"
            note(code, node, f'"{name}": cut to the image, from {_text(ordered)} to {_text(cut)}')
        _write_box(bndbox, box, _turned(cut, frame, orientation))


def _turned(box: Box, frame: tuple[int, int], orientation: int) -> Box:
    """Turn a box drawn on stored pixels as EXIF orientation 5 to 8 turns them."""
    if orientation < 5:
        return box
    xmin, ymin, xmax, ymax = box
    turned = turn(np.array([[ymin, xmin, ymax, xmax]]), orientation, frame)
    ymin, xmin, ymax, xmax = turned[0].tolist()
    return [xmin, ymin, xmax, ymax]


def _write_box(bndbox: Element, old: Box, new: Box) -> None:
    for side, before, after in zip(SIDES, old, new, strict=True):
        node = bndbox.find(side)
        if before != after and node is not None:
            node.text = _number(after)


def _number(value: float) -> str:
    rounded = round(float(value), 6)
    return str(int(rounded)) if rounded.is_integer() else str(rounded)


def _text(box: Box) -> str:
    """A box as it stands in the file, for messages."""
    return ", ".join(f"{side} {_number(value)}" for side, value in zip(SIDES, box, strict=True))
