"""LabelImg's Pascal VOC XML: read, written, and found beside its image.

`Example` is the one description of a labelled image. Reading is strict about boxes and lenient
about everything else: any order of elements, float coordinates, missing or wrong <size> (the image
decides), unknown elements. A box that reaches at most one pixel over the edge is cut there; any
other box that is not a proper part of the image is a problem, reported with file and line
(`annotation_xml.py`). Images and their XML find each other in `pairs.py`.

Coordinates are taken as edges in pixels from 0, divided by the size of the image, as the old
generate_tfrecord.py did. This module decodes no pixels.
"""

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from tfod.data import annotation_xml
from tfod.data.annotation_xml import (
    SIDES,
    AnnotationError,
    BoxProblem,
    child_area,
    child_flag,
    child_text,
    element_lines,
)
from tfod.data.drawn_boxes import drawn_unturned as drawn_unturned
from tfod.data.drawn_boxes import normalise as normalise
from tfod.data.drawn_boxes import shortest
from tfod.data.drawn_boxes import turn as turn
from tfod.data.pairs import find_examples as find_examples
from tfod.data.pairs import find_orphans as find_orphans
from tfod.errors import raise_together
from tfod.files import whole_file


def _zeros(kind: type) -> np.ndarray:
    return np.zeros(0, kind)


@dataclass(eq=False)
class Example:
    """One labelled image.

    The arrays beside `boxes` may be left out; they are then all False (0, "Unspecified").

    Attributes:
        image_path: the image file (only its name is known when the XML was read alone).
        height_px: height of the upright image.
        width_px: width of the upright image.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        names: class name of each box, N of them.
        difficult: bool [N].
        truncated: bool [N].
        occluded: bool [N].
        is_crowd: bool [N], one box around many objects (COCO).
        areas_px: float64 [N], of the object itself in square pixels; 0 = that of its box (COCO).
        poses: N words, LabelImg writes "Unspecified".
        outside_px: float32 [N], how far the box in the file reached over the edge of the image
            before it was cut there.
        stated_size: (height, width) in pixels that the XML gave, or None.
        suggested_by: the model that drew the boxes when no person has looked at them yet, else "".
            LabelImg drops this mark when it saves.
    """

    image_path: Path
    height_px: int
    width_px: int
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    names: tuple[str, ...] = ()
    difficult: np.ndarray = field(default_factory=lambda: _zeros(bool))
    truncated: np.ndarray = field(default_factory=lambda: _zeros(bool))
    occluded: np.ndarray = field(default_factory=lambda: _zeros(bool))
    is_crowd: np.ndarray = field(default_factory=lambda: _zeros(bool))
    areas_px: np.ndarray = field(default_factory=lambda: _zeros(np.float64))
    poses: tuple[str, ...] = ()
    outside_px: np.ndarray = field(default_factory=lambda: _zeros(np.float32))
    stated_size: tuple[int, int] | None = None
    suggested_by: str = ""

    def __post_init__(self) -> None:
        self.boxes = np.asarray(self.boxes, np.float32).reshape(-1, 4)
        count = len(self.boxes)
        self.names = tuple(self.names)
        self.poses = tuple(self.poses) or ("Unspecified",) * count
        for name, kind in _ARRAYS.items():
            values = np.asarray(getattr(self, name), kind)
            setattr(self, name, values if values.size else np.zeros(count, kind))
        lengths = {name: len(getattr(self, name)) for name in ("names", "poses", *_ARRAYS)}
        if set(lengths.values()) != {count}:
            raise ValueError(f"{count} boxes, but {lengths}")


_FLAGS = {"difficult": bool, "truncated": bool, "occluded": bool, "is_crowd": bool}
_ARRAYS = {**_FLAGS, "areas_px": np.float64, "outside_px": np.float32}


def read_voc(
    xml_path: Path, image_size: tuple[int, int] | None = None, orientation: int = 1
) -> Example:
    """Read one XML file.

    Args:
        xml_path: the file.
        image_size: (height, width) of the upright image in pixels; the <size> of the XML counts
            only without it.
        orientation: EXIF orientation of the image. When it swaps the sides and <size> has them
            unswapped, the boxes were drawn on the unturned pixels, and are turned with them.

    Returns:
        The example; `image_path` is the file name in the XML, in the folder of the XML.

    Raises:
        UserError: the file cannot be used; every problem in it with its line.
    """
    example, problems = scan_voc(xml_path, image_size, orientation)
    remedy = "Correct it in LabelImg or delete the file."
    raise_together(problems, f"problems in {xml_path}", remedy)
    assert example is not None
    return example


def scan_voc(
    xml_path: Path, image_size: tuple[int, int] | None = None, orientation: int = 1
) -> tuple[Example | None, list[str]]:
    """Read one XML file as `read_voc`, but give back its problems, each "file:line: what".

    The example is None when there are problems.
    """
    try:
        example, wrong = read_leniently(xml_path, image_size, orientation)
    except AnnotationError as error:
        return None, [str(error).rstrip(".")]
    problems = [f"{xml_path}:{problem.line}: {problem.text}" for problem in wrong]
    return (None if problems else example), problems


def read_leniently(
    xml_path: Path, image_size: tuple[int, int] | None = None, orientation: int = 1
) -> tuple[Example, list[BoxProblem]]:
    """Read one XML file as `read_voc`, but leave out the boxes that cannot be used, and tell them.

    Raises:
        AnnotationError: nothing in the file can be used.
    """
    xml_path = Path(xml_path)
    root, data = _root(xml_path)
    stated_size = annotation_xml.stated_size(root)
    size = image_size or stated_size
    if size is None:
        reason = "neither a usable <size> nor an image to take the size from"
        raise AnnotationError(xml_path, None, reason)
    turned = drawn_unturned(size, stated_size, orientation)
    height, width = size[::-1] if turned else size
    good, problems = annotation_xml.read_objects(root, data, height, width)
    xyxy_px = np.array([box for _, box in good], np.float64).reshape(-1, 4)
    boxes, outside_px = normalise(xyxy_px, height, width)
    nodes = [node for node, _ in good]
    example = Example(
        image_path=xml_path.parent / annotation_xml.file_name(root, xml_path),
        height_px=size[0],
        width_px=size[1],
        boxes=turn(boxes, orientation) if turned else boxes,
        names=tuple(child_text(node, "name") for node in nodes),
        difficult=np.array([child_flag(node, "difficult") for node in nodes], bool),
        truncated=np.array([child_flag(node, "truncated") for node in nodes], bool),
        occluded=np.array([child_flag(node, "occluded") for node in nodes], bool),
        is_crowd=np.array([child_flag(node, "iscrowd") for node in nodes], bool),
        areas_px=np.array([child_area(node) for node in nodes]),
        poses=tuple(child_text(node, "pose") or "Unspecified" for node in nodes),
        outside_px=outside_px,
        stated_size=stated_size,
        suggested_by=annotation_xml.suggested_by(root),
    )
    return example, problems


def box_lines(xml_path: Path, example: Example, orientation: int = 1) -> list[int]:
    """Find the line of the <object> of each box of an example that was read from this file.

    Raises:
        AnnotationError: the file cannot be read any more.
    """
    root, data = _root(xml_path)
    size = (example.height_px, example.width_px)
    turned = drawn_unturned(size, example.stated_size, orientation)
    good, _ = annotation_xml.read_objects(root, data, *(size[::-1] if turned else size))
    lines = element_lines(root, data)
    return [lines[node] for node, _ in good]


def _root(xml_path: Path) -> tuple[Element, bytes]:
    data = annotation_xml.read_bytes(xml_path)
    return annotation_xml.parse_xml(data, xml_path), data


def write_voc(path: Path, example: Example) -> None:
    """Write an example as LabelImg does, with no folder of this machine in it.

    Pixel coordinates are the shortest numbers that read back as the same float32 boxes, so whole
    where they were whole.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    name = Path(example.image_path).name
    root = Element("annotation")
    SubElement(root, "folder").text = Path(example.image_path).parent.name
    SubElement(root, "filename").text = name
    SubElement(root, "path").text = name
    source = SubElement(root, "source")
    SubElement(source, "database").text = "Unknown"
    if example.suggested_by:
        SubElement(source, "annotation").text = annotation_xml.SUGGESTED_BY + example.suggested_by
    size = SubElement(root, "size")
    sides = {"width": example.width_px, "height": example.height_px, "depth": 3}
    for side, value in sides.items():
        SubElement(size, side).text = str(value)
    SubElement(root, "segmented").text = "0"
    for index, box in enumerate(boxes_xyxy_px(example)):
        node = SubElement(root, "object")
        SubElement(node, "name").text = example.names[index]
        SubElement(node, "pose").text = example.poses[index]
        SubElement(node, "truncated").text = str(int(example.truncated[index]))
        if example.occluded.any():  # LabelImg drops this and COCO's two below when it saves
            SubElement(node, "occluded").text = str(int(example.occluded[index]))
        if example.is_crowd[index]:
            SubElement(node, "iscrowd").text = "1"
        if example.areas_px[index]:
            SubElement(node, "area").text = str(float(example.areas_px[index]))
        SubElement(node, "difficult").text = str(int(example.difficult[index]))
        bndbox = SubElement(node, "bndbox")
        for side, value in zip(SIDES, box, strict=True):
            SubElement(bndbox, side).text = str(value)
    ElementTree.indent(root, "\t")
    with whole_file(path) as temporary:
        temporary.write_bytes(ElementTree.tostring(root, "utf-8") + b"\n")


def boxes_xyxy_px(example: Example) -> list[tuple[int | float, ...]]:
    """Give each box as (xmin, ymin, xmax, ymax) in pixels, the shortest numbers that fit."""
    sizes = (example.width_px, example.height_px, example.width_px, example.height_px)
    return [
        tuple(shortest(value, size) for value, size in zip(box[[1, 0, 3, 2]], sizes, strict=True))
        for box in example.boxes
    ]
