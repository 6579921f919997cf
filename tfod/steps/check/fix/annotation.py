"""Repair one annotation: boxes, <size>, <filename> and the spelling of class names.

What is repaired is what has one answer. Where the boxes may belong to an image of the size that
<size> states (`stated_sizes.py`), the file is left, with the reason. A file that is repaired
is written again as UTF-8, with all its elements; comments are lost. Coordinates are pixels here, as
in the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from tfod.data.annotation_xml import child_text, element_lines, file_name, parse_xml, stated_size
from tfod.data.drawn_boxes import drawn_unturned
from tfod.errors import UserError
from tfod.labels import LabelMap
from tfod.steps.check.finding import Change
from tfod.steps.check.fix.boxes import repair_boxes
from tfod.words import likeness


@dataclass(frozen=True, slots=True)
class ImageNow:
    """What an annotation has to fit.

    Attributes:
        name: the file name the image has or will have.
        size: (height, width) of the upright image in pixels.
        orientation: EXIF orientation of the file as it is; its pixels will be turned by it.
        unclear: nobody knows which side was up when it was labelled; boxes and <size> stay.
        resized: it may have been resized since it was labelled; boxes and <size> stay.
    """

    name: str
    size: tuple[int, int]
    orientation: int = 1
    unclear: bool = False
    resized: bool = False


class Spelling(NamedTuple):
    """How class names are written: those that are right, and `likeness` -> the one meant."""

    known: frozenset[str] = frozenset()
    meant: Mapping[str, str] = MappingProxyType({})


def spelling(label_map: LabelMap | None) -> Spelling:
    """The spelling of a label map; without one every name is right."""
    if label_map is None:
        return Spelling()
    names = [*label_map.names.values()]
    plain = [likeness(name) for name in names]
    meant = {key: name for key, name in zip(plain, names, strict=True) if plain.count(key) == 1}
    return Spelling(frozenset(label_map.ids), meant)


class Repair:
    """An annotation being repaired: `root` as it is so far, what was `done`, what was `left`."""

    def __init__(self, root: Element, data: bytes, path: Path):
        self.root = root
        self.done: list[Change] = []
        self.left: list[Change] = []
        self._path = path
        self._lines = element_lines(root, data)

    def run(self, image: ImageNow, spelling: Spelling) -> None:
        """Repair all that has one answer."""
        self._repair_names(spelling)
        self._repair_file_name(image.name)
        if image.unclear:
            return
        stated = stated_size(self.root)
        turned = drawn_unturned(image.size, stated, image.orientation)
        frame = image.size[::-1] if turned else image.size  # of the picture they were drawn on
        if image.resized and stated:
            self._leave(stated, frame)
            return
        orientation = image.orientation if turned else 1
        repair_boxes(self.root, self._lines, frame, orientation, self._note)
        if stated != image.size:
            self._repair_size(*image.size)

    def _note(self, code: str, node: Element, what: str) -> None:
        self.done.append(Change(code, self._path, self._lines[node], what))

    def _leave(self, stated: tuple[int, int], size: tuple[int, int]) -> None:
        node = self.root.find("size")
        line = None if node is None else self._lines[node]
        what = (
            f"<size> is {stated[1]}x{stated[0]}, the image {size[1]}x{size[0]}, and the boxes may "
            "belong to either. Look at them"
        )
        self.left.append(Change("size-mismatch", self._path, line, what))

    def _repair_size(self, height: int, width: int) -> None:
        node = self.root.find("size")
        what = f"<size> is now {width}x{height}, like the image"
        self._note("size-wrong", self.root if node is None else node, what)
        if node is None:
            node = SubElement(self.root, "size")
        for side, value in (("width", width), ("height", height)):
            child = node.find(side)
            (SubElement(node, side) if child is None else child).text = str(value)

    def _repair_file_name(self, name: str) -> None:
        """Name the image in <filename>, and in <path> where that had the same name."""
        node = self.root.find("filename")
        old = file_name(self.root, self._path)
        if node is None or old == name.strip() or not name.isprintable():  # bytes, not text
            return
        was = child_text(self.root, "filename")
        self._note("name-mismatch", node, f'<filename> is now "{name}", was "{was}"')
        node.text = name
        path = self.root.find("path")
        if path is not None and old and child_text(self.root, "path").endswith(old):
            path.text = child_text(self.root, "path").removesuffix(old) + name

    def _repair_names(self, spelling: Spelling) -> None:
        for node in self.root.findall("object/name"):
            old = (node.text or "").strip()
            new = spelling.meant.get(likeness(old), old)
            if old not in spelling.known and new != old:
                node.text = new
                self._note("class-unknown", node, f'"{old}" is now "{new}", as in the label map')


def repair_annotation(
    data: bytes, path: Path, image: ImageNow, spelling: Spelling
) -> tuple[bytes | None, list[Change], list[Change]]:
    """Repair an annotation.

    Returns:
        The new bytes or None when nothing changes, what was repaired, and what was left with the
        reason. A file that cannot be read is left: the checks report it.
    """
    try:
        root = parse_xml(data, path)
    except UserError:
        return None, [], []
    repair = Repair(root, data, path)
    repair.run(image, spelling)
    new = tostring(root, "utf-8") + b"\n" if repair.done else None
    return new, repair.done, repair.left


def is_clear(data: bytes, path: Path, size: tuple[int, int], orientation: int) -> bool:
    """Whether an annotation says which side was up when it was labelled, or has no boxes.

    `size` is the (height, width) of the upright image in pixels.
    """
    try:
        root = parse_xml(data, path)
    except UserError:
        return False
    sides = (size, size[::-1]) if orientation >= 5 and size[0] != size[1] else ()
    return root.find("object") is None or stated_size(root) in sides
