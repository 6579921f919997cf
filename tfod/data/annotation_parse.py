"""From an annotation file to its elements: of a sensible size, parsed safely, with their lines.

Knows XML, nothing of boxes or images.
"""

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from tfod.errors import UserError

MOST_BYTES = 10_000_000


class AnnotationError(UserError):
    """An annotation file that cannot be used at all.

    Attributes:
        line: where in the file, or None.
        reason: what is wrong, without file and line.
    """

    def __init__(self, xml_path: Path, line: int | None, reason: str) -> None:
        where = f"{xml_path}:{line}" if line else f"{xml_path}"
        super().__init__(f"{where}: {reason}.")
        self.line = line
        self.reason = reason


def read_bytes(xml_path: Path) -> bytes:
    """Read an annotation file of a sensible size.

    Raises:
        AnnotationError: it cannot be read, or is larger than 10 MB.
    """
    try:
        size = xml_path.stat().st_size
        if size > MOST_BYTES:
            reason = f"{size:,} bytes (limit {MOST_BYTES:,}), no annotation"
            raise AnnotationError(xml_path, None, reason)
        return xml_path.read_bytes()
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise AnnotationError(xml_path, None, reason) from error


def parse_xml(data: bytes, xml_path: Path) -> Element:
    """Parse the bytes of an annotation; entities and foreign roots are refused.

    Raises:
        AnnotationError: names file and line.
    """
    try:
        root = parse_bytes(data)
    except ParseError as error:
        if not data.strip():
            raise AnnotationError(xml_path, None, "the file is empty") from error
        line, column = error.position
        reason = f"not XML ({str(error).split(':')[0]}, column {column + 1})"
        raise AnnotationError(xml_path, line, reason) from error
    except DefusedXmlException as error:
        line = data[: max(data.find(b"<!ENTITY"), 0)].count(b"\n") + 1
        reason = "declares entities, which an annotation never needs and which can be used for harm"
        raise AnnotationError(xml_path, line, reason) from error
    except (ValueError, LookupError) as error:
        raise AnnotationError(xml_path, 1, f"not XML ({error})") from error
    if root.tag != "annotation":
        reason = f"not an annotation (<{root.tag}>, expected <annotation>)"
        raise AnnotationError(xml_path, 1, reason)
    return root


def parse_bytes(data: bytes) -> Element:
    """Parse with defusedxml what can hold an entity, all else twice as fast in C.

    Entities are declared in a DOCTYPE. Expat reads no encoding in which that word has other bytes
    but UTF-16, which has zeros.
    """
    if b"<!DOCTYPE" in data or b"\0" in data:
        return defusedxml.ElementTree.fromstring(data)
    return ElementTree.fromstring(data)


def element_lines(root: Element, data: bytes) -> dict[Element, int]:
    """Line of each element. A second parse, made only when there is something to tell."""
    parser = expat.ParserCreate()
    lines: list[int] = []
    parser.StartElementHandler = lambda *_: lines.append(parser.CurrentLineNumber)
    parser.Parse(data, True)
    return dict(zip(root.iter(), lines, strict=True))
