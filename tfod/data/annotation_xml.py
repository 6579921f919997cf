"""The elements of a LabelImg annotation, with kind and line of what is wrong with a box.

Knows the XML and pixels as numbers, nothing of images or other files. Files become elements
in `annotation_parse.py`.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element, tostring

import numpy as np

from tfod.data.annotation_parse import AnnotationError as AnnotationError
from tfod.data.annotation_parse import element_lines, parse_bytes
from tfod.data.annotation_parse import parse_xml as parse_xml
from tfod.data.annotation_parse import read_bytes as read_bytes

SIDES = ("xmin", "ymin", "xmax", "ymax")
EDGE_PX = 1.0
MOST_SIDE_PX = 100_000  # of an image; a larger <size> is a slip
THIN_PX = 0.01  # float32 tells the sides of any wider box apart, in an image of that size too
SUGGESTED_BY = "suggested by "  # begins <source><annotation> of boxes nobody has looked at

BoxKind = Literal["no-name", "no-box", "no-number", "swapped", "no-area", "outside"]


@dataclass(frozen=True, slots=True)
class BoxProblem:
    """A box that cannot be used.

    Attributes:
        kind: what is wrong in one word; "no-box" is an <object> without <bndbox>.
        line: of the <bndbox>, or of the <object> where that is to be corrected.
        name: the class, may be empty.
        text: what is wrong, for people.
        xyxy_px: xmin, ymin, xmax, ymax in pixels as the file has them; None when they are none.
    """

    kind: BoxKind
    line: int
    name: str
    text: str
    xyxy_px: tuple[float, float, float, float] | None = None


class _Wrong(NamedTuple):
    """A problem before its line is known."""

    node: Element
    kind: BoxKind
    text: str
    xyxy_px: tuple[float, float, float, float] | None = None


def file_name(root: Element, xml_path: Path) -> str:
    """Name of the image that the XML gives, without any folder; else its own name as .jpg."""
    name = child_text(root, "filename").replace("\\", "/").rsplit("/", 1)[-1]
    return name or f"{xml_path.stem}.jpg"


def with_file_name(data: bytes, name: str) -> bytes:
    """Put another file name into an annotation; all else stays as it is but for comments."""
    root = parse_bytes(data)
    for tag in ("filename", "path"):
        node = root.find(tag)
        if node is not None:
            node.text = name
    return tostring(root, "utf-8") + b"\n"


def suggested_by(root: Element) -> str:
    """The model that drew the boxes, when no person has looked at them yet; else ""."""
    text = child_text(root, "source/annotation")
    return text.removeprefix(SUGGESTED_BY) if text.startswith(SUGGESTED_BY) else ""


def stated_size(root: Element) -> tuple[int, int] | None:
    """(height, width) of <size>, or None when it is missing or no size."""
    try:
        height, width = (
            int(float(child_text(root, f"size/{side}"))) for side in ("height", "width")
        )
    except (ValueError, OverflowError):
        return None
    return (
        (height, width) if 0 < min(height, width) and max(height, width) <= MOST_SIDE_PX else None
    )


def read_objects(
    root: Element, data: bytes, height: int, width: int
) -> tuple[list[tuple[Element, list[float]]], list[BoxProblem]]:
    """Read the box of every <object>.

    Args:
        root: the annotation.
        data: the bytes it was parsed from, in which lines are counted.
        height: of the image the boxes were drawn on, in pixels.
        width: of the same, in pixels.

    Returns:
        Each good <object> with its box in pixels, xmin ymin xmax ymax; and what is wrong with the
        others, of which one may have two problems.
    """
    good, wrong = [], []
    for node in root:
        if node.tag == "object":
            box, problems = _read_box(node, height, width)
            if problems:
                wrong += [(node, problem) for problem in problems]
            else:
                good.append((node, box))
    lines = element_lines(root, data) if wrong else {}
    return good, [
        BoxProblem(found.kind, lines[found.node], child_text(node, "name"), *found[2:])
        for node, found in wrong
    ]


def _read_box(node: Element, height: int, width: int) -> tuple[list[float], list[_Wrong]]:
    """Read the box of an <object>, and all that is wrong with it."""
    name = child_text(node, "name")
    wrong = [] if name else [_Wrong(node, "no-name", "<object> without a <name>")]
    bndbox = node.find("bndbox")
    if bndbox is None:
        text = f'"{name}" has no <bndbox> (only rectangles can be used)'
        return [], [*wrong, _Wrong(node, "no-box", text)]
    box = []
    for side in SIDES:
        text = child_text(bndbox, side)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            problem = _Wrong(bndbox, "no-number", f'{side} is "{text}", expected a number')
            return [], [*wrong, problem]
        box.append(value)
    kind, text = _what_is_wrong(box, height, width)
    if kind:
        wrong.append(_Wrong(bndbox, kind, text, (box[0], box[1], box[2], box[3])))
    return box, wrong


def what_is_wrong(box: list[float], height: int, width: int) -> str:
    """Say why (xmin, ymin, xmax, ymax) in pixels is no part of an image of this size, or ""."""
    return _what_is_wrong(box, height, width)[1]


def _what_is_wrong(box: list[float], height: int, width: int) -> tuple[BoxKind | None, str]:
    for low, high, axis in ((0, 2, "width"), (1, 3, "height")):
        limit = width if axis == "width" else height
        name_low, name_high = f"{SIDES[low]} {box[low]:g}", f"{SIDES[high]} {box[high]:g}"
        if box[low] > box[high]:
            return "swapped", f"box with swapped sides ({name_low} > {name_high})"
        if box[low] == box[high]:
            return "no-area", f"box without area ({name_low} = {name_high})"
        if box[low] < -EDGE_PX or box[high] <= 0:
            worst = name_high if box[high] <= 0 else name_low
            return "outside", f"box outside the image ({worst}, smallest 0)"
        if box[high] > limit + EDGE_PX or box[low] >= limit:
            worst = name_low if box[low] >= limit else name_high
            return "outside", f"box outside the image ({worst}, {axis} {limit})"
        first, last = max(box[low], 0), min(box[high], limit)
        if last - first < THIN_PX and _is_gone(first / limit, last / limit):
            return "no-area", f"box without area ({name_low}, {name_high})"
    return None, ""


def _is_gone(low: float, high: float) -> bool:
    """Whether float32 cannot tell two sides, 0..1, apart, counted from either end of the image."""
    first, last = np.float32(low), np.float32(high)
    return bool(first == last or 1 - first == 1 - last)


def child_text(node: Element, path: str) -> str:
    """Text of the first child at `path`, without space around it; "" when there is none."""
    return (node.findtext(path) or "").strip()


def child_flag(node: Element, name: str) -> bool:
    """Read 0, 1, a fraction (some write how much is hidden) or a word; unknown words are no."""
    text = child_text(node, name).lower()
    if text in ("", "0"):  # nearly all; an exception would take longer than the rest
        return False
    try:
        return float(text) > 0
    except ValueError:
        return text in ("true", "yes")


def child_area(node: Element) -> float:
    """Read <area>, square pixels; 0 when it is missing or no such number."""
    try:
        area = float(child_text(node, "area") or 0)
    except ValueError:
        return 0.0
    return area if math.isfinite(area) and area > 0 else 0.0
