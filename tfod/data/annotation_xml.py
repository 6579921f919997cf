"""The elements of LabelImg's Pascal VOC XML: of a sensible size, parsed safely, with their lines.

Knows XML, nothing of boxes or images. Elements become rows in `annotation.py`.
"""

import math
import os
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError, tostring
from xml.parsers import expat

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from tfod.errors import UserError, refusal
from tfod.listing import unreadable
from tfod.remedies import Remedy

MOST_BYTES = 10_000_000
MOST_SIDE_PX = 100_000  # of an image; a larger <size> is a slip
_SIZE = ("height", "width")
PIXELS = "pixels"  # <unit> of boxes that all lie in the first pixel, and are no fractions
SUGGESTED_BY = "suggested by "  # begins <source><annotation> of boxes nobody has checked


def read_bytes(xml_path: Path) -> bytes:
    """Read an annotation file of a sensible size.

    Raises:
        UserError: it cannot be read, or is larger than 10 MB.
    """
    try:
        with open(xml_path, "rb", buffering=0) as file:
            is_small = os.fstat(file.fileno()).st_size <= MOST_BYTES
            data = file.read() if is_small else b""  # a limit given to read() would be allocated
    except OSError as error:
        raise unreadable(xml_path, error) from error
    if not is_small:
        limit = f"at most {MOST_BYTES:,} bytes"
        raise _unusable(xml_path, "too large for an annotation", expected=limit)
    return data


def parse_xml(data: bytes, xml_path: Path) -> Element:
    """Parse the bytes of an annotation; entities and foreign roots are refused.

    Raises:
        UserError: names file and line.
    """
    try:
        root = parse_bytes(data)
    except ParseError as error:
        if not data.strip():
            raise _unusable(xml_path, "the file is empty") from error
        line, column = error.position
        what = f"not XML ({str(error).split(':')[0]}, column {column + 1})"
        raise _unusable(xml_path, what, line) from error
    except DefusedXmlException as error:
        line = data[: max(data.find(b"<!ENTITY"), 0)].count(b"\n") + 1
        what = "declares XML entities, which can be harmful and are not needed here"
        raise _unusable(xml_path, what, line) from error
    except (ValueError, LookupError) as error:
        raise _unusable(xml_path, f"not XML ({error})", 1) from error
    if root.tag != "annotation":
        raise _unusable(
            xml_path, "not an annotation file", 1, expected="<annotation>", got=f"<{root.tag}>"
        )
    return root


def _unusable(xml_path: Path, what: str, line: int | None = None, **details: str) -> UserError:
    return refusal("xml-unreadable", xml_path, what, line, remedy=Remedy.REPLACE_FILE, **details)


def parse_bytes(data: bytes) -> Element:
    """Parse with defusedxml what can hold an entity, all else twice as fast in C.

    Entities are declared in a DOCTYPE. Expat reads no encoding in which that word has other bytes
    but UTF-16, which has zeros.
    """
    if b"<!DOCTYPE" in data or b"\0" in data:
        return defusedxml.ElementTree.fromstring(data)
    return ElementTree.fromstring(data)


def element_lines(root: Element, data: bytes) -> dict[Element, int]:
    """Line of each element, by a second parse."""
    parser = expat.ParserCreate()
    lines: list[int] = []
    parser.StartElementHandler = lambda *_: lines.append(parser.CurrentLineNumber)
    parser.Parse(data, True)
    return dict(zip(root.iter(), lines, strict=True))


def lines_of(root: Element, data: bytes, *tags: str) -> dict[Element, int]:
    """Line of each element of these tags: by the text where that is unmistakable.

    Else by a second parse, which takes as long as the first.
    """
    if b"<!--" in data or b"<![CDATA[" in data:
        return element_lines(root, data)
    lines: dict[Element, int] = {}
    for tag in tags:
        elements = list(root.iter(tag))
        starts = [match.start() for match in re.finditer(rb"<%s[\s>/]" % tag.encode(), data)]
        if len(starts) != len(elements):
            return element_lines(root, data)
        line, end = 1, 0
        for element, start in zip(elements, starts, strict=True):
            line += data.count(b"\n", end, start)
            lines[element], end = line, start
    return lines


def file_name(root: Element, xml_path: Path) -> str:
    """Name of the image that the XML gives, without any folder; else its own name as .jpg."""
    return without_folder(child_text(root, "filename")) or f"{xml_path.stem}.jpg"


def stated_name(xml_path: Path) -> str:
    """As `file_name`, of a file; its own name also when it cannot be read."""
    try:
        return file_name(parse_xml(read_bytes(xml_path), xml_path), xml_path)
    except UserError:  # reported when the boxes are read
        return f"{xml_path.stem}.jpg"


def without_folder(name: str) -> str:
    """The name of a file without its folders, in either slash."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def with_file_name(data: bytes, name: str) -> bytes:
    """Put another file name into an annotation; all else stays as it is but for comments."""
    root = parse_bytes(data)
    for tag in ("filename", "path"):
        node = root.find(tag)
        if node is not None:
            node.text = name
    return tostring(root, "utf-8") + b"\n"


def suggested_by(root: Element) -> str:
    """The model that drew the boxes, when no person has checked them yet; else ""."""
    text = child_text(root, "source/annotation")
    return text.removeprefix(SUGGESTED_BY) if text.startswith(SUGGESTED_BY) else ""


def stated_size(root: Element) -> tuple[int, int] | None:
    """(height, width) of <size>, or None when it is missing or no size."""
    try:
        height, width = (int(float(child_text(root, f"size/{side}"))) for side in _SIZE)
    except (ValueError, OverflowError):
        return None
    is_sensible = 0 < min(height, width) and max(height, width) <= MOST_SIDE_PX
    return (height, width) if is_sensible else None


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


def child_number(node: Element, tag: str) -> float:
    """Read a number above 0, as <area> and <score> are; 0 when there is none."""
    try:
        number = float(child_text(node, tag) or 0)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) and number > 0 else 0.0
