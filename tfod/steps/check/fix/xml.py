"""Repair one annotation: boxes, <size>, <filename> and the spelling of class names.

What is repaired is what has one answer. Where <size> is that of another image, nobody knows on
which of the two the boxes were drawn: such a file is left, and it is said why. Everything that is
not repaired stays as it is to the byte. Coordinates are pixels here, as in the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from tfod.data.annotation_xml import child_text, file_name, parse_xml, stated_size
from tfod.data.drawn_boxes import drawn_unturned
from tfod.errors import UserError
from tfod.labels import LabelMap
from tfod.steps.check.classes import simple
from tfod.steps.check.fix.boxes import is_beyond, read_box, repair_boxes
from tfod.steps.check.fix.change import Change, Repair
from tfod.steps.check.fix.xml_edit import open_text


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


@dataclass(frozen=True, slots=True)
class Spelling:
    """How class names are written.

    Attributes:
        known: names that are right.
        meant: `simple` name -> the one known name that is the same so.
    """

    known: frozenset[str] = frozenset()
    meant: Mapping[str, str] = field(default_factory=dict)


def spelling(label_map: LabelMap | None) -> Spelling:
    """The spelling of a label map; without one every name is right."""
    if label_map is None:
        return Spelling()
    names = [*label_map.names.values()]
    plain = [simple(name) for name in names]
    meant = {key: name for key, name in zip(plain, names, strict=True) if plain.count(key) == 1}
    return Spelling(frozenset(label_map.ids), meant)


def repair_xml(
    data: bytes, path: Path, image: ImageNow, spelling: Spelling
) -> tuple[bytes, list[Change], list[Change]]:
    """Repair the text of an annotation.

    Args:
        data: the bytes of the file.
        path: its path, for messages.
        image: its image.
        spelling: of the class names.

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
    repair = Repair(path, xml)
    _repair_names(repair, root, spelling)
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
    repair_boxes(repair, root, frame, image.orientation if turned else 1)
    if stated != size:
        _repair_size(repair, root, size)
    return xml.result(), repair.done, repair.left


def is_clear(data: bytes, path: Path, size: tuple[int, int], orientation: int) -> bool:
    """Whether an annotation that can be changed tells on which side up its image was labelled.

    One without boxes need not tell.

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
    if open_text(data, root) is None:
        return False
    sides = (size, size[::-1]) if orientation >= 5 and size[0] != size[1] else ()
    return root.find("object") is None or stated_size(root) in sides


def _doubt(root: Element, stated: tuple[int, int] | None, size: tuple[int, int]) -> str:
    """Why the boxes may belong to an image of the size that the file states; "" when not."""
    assert stated is not None
    boxes = [box for node in root.findall("object/bndbox") if (box := read_box(node))]
    fits_image = not any(is_beyond(box, *size) for box in boxes)
    fits_stated = not any(is_beyond(box, *stated) for box in boxes)
    if not boxes or (fits_image and not fits_stated):
        return ""
    return (
        f"<size> is {stated[1]}x{stated[0]}, the image {size[1]}x{size[0]}, and the boxes "
        "may be of the one or the other. Look at them"
    )


def _repair_size(repair: Repair, root: Element, size: tuple[int, int]) -> None:
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


def _repair_filename(repair: Repair, root: Element, name: str) -> None:
    """Name the image in <filename>, and in <path> where that had the same name."""
    node = root.find("filename")
    old = file_name(root, repair.path)
    if node is None or old == name.strip() or not name.isprintable():  # bytes that are no text
        return
    repair.xml.set_text(node, name)
    repair.add(
        "name-mismatch", node, f'<filename> is now "{name}", was "{child_text(root, "filename")}"'
    )
    path = root.find("path")
    if path is not None and old and child_text(root, "path").endswith(old):
        repair.xml.set_text(path, child_text(root, "path").removesuffix(old) + name)


def _repair_names(repair: Repair, root: Element, spelling: Spelling) -> None:
    for node in root.findall("object/name"):
        old = (node.text or "").strip()
        new = spelling.meant.get(simple(old), old)
        if old not in spelling.known and new != old:
            repair.xml.set_text(node, new)
            node.text = new  # the same box under two spellings is there twice
            repair.add("class-unknown", node, f'"{old}" is now "{new}", as in the label map')
