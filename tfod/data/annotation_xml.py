"""The elements of a LabelImg annotation: parsed safely, with lines for what is wrong.

Knows the XML and pixels as numbers, nothing of images, arrays or other files.
"""

import math
import xml.sax.handler
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml import DefusedXmlException, expatreader
from defusedxml.ElementTree import fromstring

from tfod.errors import UserError

MOST_BYTES = 10_000_000
SIDES = ("xmin", "ymin", "xmax", "ymax")
EDGE_PX = 1.0
SUGGESTED_BY = "suggested by "  # begins <source><annotation> of boxes nobody has looked at


def read_bytes(xml_path: Path) -> bytes:
    """Read an annotation file of a sensible size.

    Raises:
        UserError: it cannot be read, or is larger than 10 MB.
    """
    try:
        size = xml_path.stat().st_size
        if size > MOST_BYTES:
            raise UserError(f"{xml_path}: {size:,} bytes (limit {MOST_BYTES:,}), no annotation.")
        return xml_path.read_bytes()
    except OSError as error:
        raise UserError(f"{xml_path}: cannot be read ({error.strerror}).") from error


def parse_xml(data: bytes, xml_path: Path) -> Element:
    """Parse the bytes of an annotation; entities and foreign roots are refused.

    Raises:
        UserError: names file and line.
    """
    try:
        root = fromstring(data)
    except ParseError as error:
        line, column = error.position
        reason = str(error).split(":")[0]
        if not data.strip():
            raise UserError(f"{xml_path}: the file is empty.") from error
        raise UserError(f"{xml_path}:{line}: not XML ({reason}, column {column + 1}).") from error
    except DefusedXmlException as error:
        line = data[: max(data.find(b"<!ENTITY"), 0)].count(b"\n") + 1
        raise UserError(
            f"{xml_path}:{line}: declares entities, which an annotation never needs and which can "
            "be used for harm."
        ) from error
    except (ValueError, LookupError) as error:
        raise UserError(f"{xml_path}:1: not XML ({error}).") from error
    if root.tag != "annotation":
        raise UserError(f"{xml_path}:1: not an annotation (<{root.tag}>, expected <annotation>).")
    return root


def file_name(root: Element, xml_path: Path) -> str:
    """Name of the image that the XML gives, without any folder; else its own name as .jpg."""
    name = child_text(root, "filename").replace("\\", "/").rsplit("/", 1)[-1]
    return name or f"{xml_path.stem}.jpg"


def with_file_name(data: bytes, name: str) -> bytes:
    """Put another file name into an annotation; all else stays as it is but for comments."""
    root = fromstring(data)
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
    return (height, width) if height > 0 and width > 0 else None


def read_box(
    node: Element, height: int, width: int, problems: list[tuple[Element, str]]
) -> list[float]:
    """Read the box of an <object> in pixels, xmin ymin xmax ymax; add what is wrong.

    Args:
        node: the <object>.
        height: of the image the box was drawn on, in pixels.
        width: of the same, in pixels.
        problems: gets (element, what is wrong) of each thing wrong.
    """
    name = child_text(node, "name")
    if not name:
        problems.append((node, "<object> without a <name>"))
    bndbox = node.find("bndbox")
    if bndbox is None:
        problems.append((node, f'"{name}" has no <bndbox> (only rectangles can be used)'))
        return [0, 0, 0, 0]
    box = []
    for side in SIDES:
        text = child_text(bndbox, side)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            problems.append((bndbox, f'{side} is "{text}", expected a number'))
            return [0, 0, 0, 0]
        box.append(value)
    what = what_is_wrong(box, height, width)
    if what:
        problems.append((bndbox, what))
    return box


def what_is_wrong(box: list[float], height: int, width: int) -> str:
    """Say why (xmin, ymin, xmax, ymax) in pixels is no part of an image of this size, or ""."""
    for low, high, axis in ((0, 2, "width"), (1, 3, "height")):
        limit = width if axis == "width" else height
        name_low, name_high = f"{SIDES[low]} {box[low]:g}", f"{SIDES[high]} {box[high]:g}"
        if box[low] > box[high]:
            return f"box with swapped sides ({name_low} > {name_high})"
        if box[low] == box[high]:
            return f"box without area ({name_low} = {name_high})"
        if box[low] < -EDGE_PX or box[high] <= 0:
            worst = name_high if box[high] <= 0 else name_low
            return f"box outside the image ({worst}, smallest 0)"
        if box[high] > limit + EDGE_PX or box[low] >= limit:
            worst = name_low if box[low] >= limit else name_high
            return f"box outside the image ({worst}, {axis} {limit})"
    return ""


def child_text(node: Element, path: str) -> str:
    """Text of the first child at `path`, without space around it; "" when there is none."""
    return (node.findtext(path) or "").strip()


def child_flag(node: Element, name: str) -> bool:
    """Read 0, 1, a fraction (some write how much is hidden) or a word; unknown words are no."""
    text = child_text(node, name).lower()
    try:
        return float(text) > 0
    except ValueError:
        return text in ("true", "yes")


def child_area(node: Element) -> float:
    """Read <area>, square pixels; 0 when it is missing or no such number."""
    try:
        area = float(child_text(node, "area"))
    except ValueError:
        return 0.0
    return area if math.isfinite(area) and area > 0 else 0.0


class _Lines(xml.sax.handler.ContentHandler):
    """Collects the line of each element, in document order."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []

    def setDocumentLocator(self, locator) -> None:
        self._locator = locator

    def startElement(self, name, attrs) -> None:
        self.lines.append(self._locator.getLineNumber())


def element_lines(root: Element, data: bytes) -> dict[Element, int]:
    """Line of each element. A second, slower parse, made only when there is a problem to tell."""
    parser = expatreader.create_parser()
    handler = _Lines()
    parser.setContentHandler(handler)
    parser.parse(BytesIO(data))
    return dict(zip(root.iter(), handler.lines, strict=True))
