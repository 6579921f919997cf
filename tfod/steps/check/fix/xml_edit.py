"""Change single places in the text of an annotation and leave every other byte as it is.

A parser that writes the tree back would lose comments, quotes and the spaces between attributes.
This one remembers where each element stands, and the edits are cut into the text.
Knows elements and bytes, nothing of boxes.
"""

import codecs
import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element
from xml.parsers import expat
from xml.sax.saxutils import escape

_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# a start tag, whose attributes may hold ">"
_TAG_END = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*>""")


@dataclass(slots=True)
class Span:
    """Where an element stands in the text: from `start` to `end`, its inside between the tags."""

    start: int
    inside: int
    inside_end: int
    end: int


@dataclass
class XmlText:
    """The text of an annotation with the places of its elements, and the edits to make.

    Attributes:
        text: UTF-8.
        encoding: of the file.
        spans: each element -> where it stands.
        edits: (start, end, what stands there instead), in any order.
    """

    text: bytes
    encoding: str
    spans: dict[Element, Span]
    edits: list[tuple[int, int, bytes]] = field(default_factory=list)

    def line(self, node: Element) -> int:
        """The line of an element, from 1."""
        return self.text.count(b"\n", 0, self.spans[node].start) + 1

    def raw(self, node: Element) -> str:
        """What stands between the tags of an element, as it is."""
        span = self.spans[node]
        return self.text[span.inside : span.inside_end].decode()

    def set_text(self, node: Element, text: str) -> None:
        """Put other text between the tags of an element."""
        span = self.spans[node]
        if span.inside == span.end:  # <name/>
            new = f"<{node.tag}>{escape(text)}</{node.tag}>"
            self.edits.append((span.start, span.end, new.encode()))
        else:
            self.edits.append((span.inside, span.inside_end, escape(text).encode()))

    def remove(self, node: Element) -> None:
        """Remove an element and the white space before it."""
        span = self.spans[node]
        start = len(self.text[: span.start].rstrip())
        self.edits.append((start, span.end, b""))

    def insert_first(self, node: Element, markup: str) -> None:
        """Insert markup as the first child of an element, spaced as what follows."""
        inside = self.spans[node].inside
        rest = self.text[inside:]
        space = rest[: len(rest) - len(rest.lstrip())]
        self.edits.append((inside, inside, space + markup.encode()))

    def result(self) -> bytes:
        """The bytes of the file with all edits made; those inside a removed element fall away."""
        pieces, reached = [], 0
        # at one place what is inserted goes first, then the longest edit
        order = sorted(self.edits, key=lambda edit: (edit[0], edit[1] > edit[0], -edit[1]))
        for start, end, new in order:
            if start >= reached:
                pieces += [self.text[reached:start], new]
                reached = end
        pieces.append(self.text[reached:])
        return b"".join(pieces).decode().encode(self.encoding, "xmlcharrefreplace")


def open_text(data: bytes, root: Element) -> XmlText | None:
    """Find where the elements of a parsed file stand in it.

    Args:
        data: the bytes of the file.
        root: what `annotation_xml.parse_xml` made of them, so no entities are in it.

    Returns:
        The text, or None when it is in an encoding that would not be written back the same.
    """
    encoding = _BYTE_ORDER_MARKS.get(data[:2], "")
    if not encoding:
        declared = _DECLARED.match(data.removeprefix(codecs.BOM_UTF8))
        encoding = declared[1].decode() if declared else "utf-8"
    try:
        text = data.decode(encoding).encode()
        if text.decode().encode(encoding) != data:
            return None
    except (UnicodeError, LookupError):
        return None
    spans = dict(zip(root.iter(), _spans(text), strict=True))
    return XmlText(text, encoding, spans)


def _spans(text: bytes) -> list[Span]:
    """Where each element stands in UTF-8 text, in document order."""
    parser = expat.ParserCreate("utf-8")  # whatever its declaration says of the file
    spans: list[Span] = []
    open_spans: list[Span] = []

    def start(_name: str, _attributes: dict) -> None:
        begin = parser.CurrentByteIndex
        tag = _TAG_END.match(text, begin)
        assert tag is not None
        span = Span(begin, tag.end(), tag.end(), tag.end())
        spans.append(span)
        open_spans.append(span)

    def end(_name: str) -> None:
        span = open_spans.pop()
        if text[span.inside - 2 : span.inside] != b"/>":
            span.inside_end = parser.CurrentByteIndex
            span.end = text.index(b">", span.inside_end) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(text, True)
    return spans
