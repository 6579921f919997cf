"""Repair one annotation: boxes, <size>, <filename> and the spelling of class names.

What is repaired is what has one answer. Where <size> is that of another image, nobody knows on
which of the two the boxes were drawn: such a file is left, and it is said why. Everything that is
not repaired stays as it is to the byte. Coordinates are pixels here, as in the file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from tfod.check.classes import simple
from tfod.check.xml_edit import XmlText, open_text
from tfod.data.annotation_xml import EDGE_PX, SIDES, child_text, file_name, parse_xml, stated_size
from tfod.data.drawn_boxes import drawn_unturned
from tfod.errors import UserError

Box = list[float]  # xmin, ymin, xmax, ymax in pixels


@dataclass(frozen=True, slots=True)
class Change:
    """One thing repaired, or left as it was.

    Attributes:
        check: the check that finds it, as "box-outside-image".
        path: the file, under the name it had.
        line: in that file, or None.
        what: what was done, or why nothing was.
    """

    check: str
    path: Path
    line: int | None
    what: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        return f"{where}: {self.what}"


@dataclass(frozen=True, slots=True)
class ImageNow:
    """What an annotation has to fit.

    Attributes:
        name: the file name the image has or will have.
        size: (height, width) of the upright image in pixels.
        orientation: EXIF orientation of the file that is there; its pixels will be turned by it.
        unclear: nobody knows on which side up it was labelled; boxes and <size> stay as they are.
    """

    name: str
    size: tuple[int, int]
    orientation: int = 1
    unclear: bool = False


@dataclass
class _Repair:
    """An annotation being repaired."""

    path: Path
    xml: XmlText
    done: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)

    def add(self, check: str, node: Element, what: str) -> None:
        self.done.append(Change(check, self.path, self.xml.line(node), what))


def spellings(names: list[str]) -> dict[str, str]:
    """`simple` name -> name, of the class names of which no other one is the same so."""
    plain = [simple(name) for name in names]
    return {key: name for key, name in zip(plain, names, strict=True) if plain.count(key) == 1}


def repair_xml(
    data: bytes, path: Path, image: ImageNow, names: Mapping[str, str]
) -> tuple[bytes, list[Change], list[Change]]:
    """Repair the text of an annotation.

    Args:
        data: the bytes of the file.
        path: its path, for messages.
        image: its image.
        names: as `spellings` of the label map; empty: class names stay.

    Returns:
        The bytes, what was repaired, and what was left with the reason. A file that cannot be
        read is returned as it is: other checks tell of it.
    """
    try:
        root = parse_xml(data, path)
    except UserError:
        return data, [], []
    xml = open_text(data, root)
    if xml is None:
        why = "its encoding would not be written back the same. Save it as UTF-8"
        return data, [], [Change("xml-unreadable", path, 1, why)]
    repair = _Repair(path, xml)
    _repair_names(repair, root, names)
    _repair_filename(repair, root, image.name)
    if image.unclear:
        return xml.result(), repair.done, repair.left
    stated, size = stated_size(root), image.size
    turned = drawn_unturned(size, stated, image.orientation)
    frame = size[::-1] if turned else size  # of the picture the boxes were drawn on
    doubt = "" if stated in (None, frame) else _doubt(root, stated, frame)
    if doubt:
        node = root.find("size")
        line = xml.line(node) if node is not None else None
        repair.left.append(Change("size-mismatch", path, line, doubt))
        return xml.result(), repair.done, repair.left
    _repair_boxes(repair, root, frame, image.orientation if turned else 1)
    if stated != size:
        _repair_size(repair, root, size)
    return xml.result(), repair.done, repair.left


def is_clear(data: bytes, path: Path, size: tuple[int, int], orientation: int) -> bool:
    """Whether an annotation tells on which side up the image was labelled, or has no boxes.

    Args:
        data: the bytes of the file.
        path: its path.
        size: (height, width) of the upright image in pixels.
        orientation: EXIF orientation.
    """
    try:
        root = parse_xml(data, path)
    except UserError:
        return False
    sides = (size, size[::-1]) if orientation >= 5 and size[0] != size[1] else ()
    return root.find("object") is None or stated_size(root) in sides


def _doubt(root: Element, stated: tuple[int, int] | None, size: tuple[int, int]) -> str:
    """Why the boxes may belong to an image of the size that the file states; "" when not."""
    assert stated is not None
    boxes = [box for node in root.findall("object/bndbox") if (box := _box(node))]
    fits_image = not any(_beyond(box, *size) for box in boxes)
    fits_stated = not any(_beyond(box, *stated) for box in boxes)
    if not boxes or (fits_image and not fits_stated):
        return ""
    return (
        f"<size> is {stated[1]}x{stated[0]}, the image {size[1]}x{size[0]}, and the boxes "
        "may be of the one or the other. Look at them"
    )


def _beyond(box: Box, height: int, width: int) -> bool:
    over = (-min(box), max(box[0], box[2]) - width, max(box[1], box[3]) - height)
    return max(over) > EDGE_PX


def _box(bndbox: Element) -> Box | None:
    """The four numbers, or None when one is missing or no number."""
    try:
        box = [float(child_text(bndbox, side)) for side in SIDES]
    except ValueError:
        return None
    return box if all(map(math.isfinite, box)) else None


def _repair_boxes(repair: _Repair, root: Element, frame: tuple[int, int], turn: int) -> None:
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
        box = None if bndbox is None else _box(bndbox)
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
            check = "box-outside-image" if _beyond(ordered, *frame) else "box-cut"
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
    ymin, xmin, ymax, xmax = box  # transposed
    if turn in (6, 7):  # the picture is now as wide as it was high
        xmin, xmax = height - xmax, height - xmin
    if turn in (7, 8):
        ymin, ymax = width - ymax, width - ymin
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


def _repair_size(repair: _Repair, root: Element, size: tuple[int, int]) -> None:
    height, width = size
    node = root.find("size")
    if node is None:
        sides = f"<width>{width}</width><height>{height}</height><depth>3</depth>"
        repair.xml.insert_first(root, f"<size>{sides}</size>")
        repair.add("size-wrong", root, f"<size> {width}x{height} added")
        return
    for side, value in (("width", width), ("height", height)):
        child = node.find(side)
        if child is None:
            repair.xml.insert_first(node, f"<{side}>{value}</{side}>")
        elif child_text(node, side) != str(value):
            repair.xml.set_text(child, str(value))
    repair.add("size-wrong", node, f"<size> is now {width}x{height}, as the image")


def _repair_filename(repair: _Repair, root: Element, name: str) -> None:
    """Name the image in <filename>, and in <path> where that had the same name."""
    node = root.find("filename")
    old = file_name(root, repair.path)
    if node is None or old == name:
        return
    repair.xml.set_text(node, name)
    repair.add(
        "name-mismatch", node, f'<filename> is now "{name}", was "{child_text(root, "filename")}"'
    )
    path = root.find("path")
    if path is not None and old and child_text(root, "path").endswith(old):
        repair.xml.set_text(path, child_text(root, "path").removesuffix(old) + name)


def _repair_names(repair: _Repair, root: Element, names: Mapping[str, str]) -> None:
    known = set(names.values())
    for node in root.findall("object/name"):
        old = (node.text or "").strip()
        new = names.get(simple(old), old)
        if old not in known and new != old:
            repair.xml.set_text(node, new)
            repair.add("class-unknown", node, f'"{old}" is now "{new}", as in the label map')
