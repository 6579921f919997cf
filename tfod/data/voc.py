"""Pascal VOC annotations as LabelImg writes them: `Example` <-> XML.

Reading is strict about boxes and lenient about all else: any order of elements, float coordinates,
missing or wrong <size> (the image decides), unknown elements. A box that reaches at most one pixel
over the edge is cut there; any other box that is not a proper part of the image is a problem.

Coordinates are taken as edges in pixels from 0, divided by the size of the image, as the old
generate_tfrecord.py did. No image is opened here.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from tfod.data.annotation import Annotation, DrawnObject, Sides, read_annotation
from tfod.data.annotation_xml import PIXELS, SUGGESTED_BY
from tfod.data.drawn_boxes import SIDES, drawn_unturned, fault_of, normalise, turn
from tfod.data.example import Example, boxes_xyxy_px
from tfod.errors import Problem, UserError, refusal
from tfod.files import whole_file
from tfod.remedies import Remedy

SMALL_PX = 8  # in an image of such a side a box of a pixel may be meant


class BadBox(NamedTuple):
    """A box that cannot be used.

    Attributes:
        problem: what is wrong, with file and line.
        name: the class, may be empty.
        xyxy_px: (xmin, ymin, xmax, ymax) in pixels as the file has them, or None.
    """

    problem: Problem
    name: str
    xyxy_px: Sides | None


class Fitted(NamedTuple):
    """An annotation laid on its image.

    Attributes:
        example: the boxes that can be used.
        lines: of the <object> of each of them.
        bad_boxes: what is wrong with the others, of which one may have two problems.
        in_fractions: whether the boxes were written as 0..1 where pixels belong.
    """

    example: Example
    lines: list[int]
    bad_boxes: list[BadBox]
    in_fractions: bool


def read_voc(
    xml_path: Path, image_size: tuple[int, int] | None = None, orientation: int = 1
) -> Example:
    """Read one XML file alone; the rest as for `fit`.

    Returns:
        The example; `image_path` is the file name in the XML, in the folder of the XML.

    Raises:
        UserError: the file cannot be used; every problem in it with its line.
    """
    xml_path = Path(xml_path)
    annotation = read_annotation(xml_path)
    image_path = xml_path.parent / (annotation.file_name or f"{xml_path.stem}.jpg")
    fitted = fit(annotation, image_path, image_size, orientation)
    if fitted.bad_boxes:
        problems = [bad.problem for bad in fitted.bad_boxes]
        raise UserError(*problems, heading=f"problems in {xml_path}")
    return fitted.example


def fit(
    annotation: Annotation,
    image_path: Path,
    image_size: tuple[int, int] | None = None,
    orientation: int = 1,
) -> Fitted:
    """Lay an annotation on its image: the one place where it is decided which boxes can be used.

    Args:
        annotation: as it was read.
        image_path: the image, which is not opened.
        image_size: (height, width) of the upright image in pixels; the <size> of the XML counts
            only without it.
        orientation: EXIF orientation of the image. When it swaps the sides and <size> has them
            unswapped, the boxes were drawn on the unturned pixels, and are turned with them.

    Raises:
        UserError: there is no size to lay it on.
    """
    stated_size = annotation.stated_size
    size = image_size or stated_size
    if size is None:
        what = "no usable <size>, and no image to take the size from"
        remedy = Remedy.REPLACE_FILE
        raise refusal("xml-unreadable", annotation.path, what, remedy=remedy)
    turned = drawn_unturned(size, stated_size, orientation)
    height, width = size[::-1] if turned else size
    good: list[DrawnObject] = []
    bad: list[BadBox] = []
    for drawn in annotation.objects:
        problems = _problems(drawn, annotation.path, height, width)
        bad += [BadBox(problem, drawn.name, drawn.xyxy_px) for problem in problems]
        if not problems:
            good.append(drawn)
    xyxy_px = np.array([drawn.xyxy_px for drawn in good], np.float64).reshape(-1, 4)
    boxes, outside_px = normalise(xyxy_px, height, width)
    example = Example(
        image_path=image_path,
        height_px=size[0],
        width_px=size[1],
        boxes=turn(boxes, orientation) if turned else boxes,
        names=tuple(drawn.name for drawn in good),
        difficult=np.array([drawn.difficult for drawn in good]),
        truncated=np.array([drawn.truncated for drawn in good]),
        occluded=np.array([drawn.occluded for drawn in good]),
        is_crowd=np.array([drawn.is_crowd for drawn in good]),
        areas_px=np.array([drawn.area_px for drawn in good]),
        scores=np.array([drawn.score for drawn in good]),
        poses=tuple(drawn.pose or "Unspecified" for drawn in good),
        outside_px=outside_px,
        stated_size=stated_size,
        suggested_by=annotation.suggested_by,
    )
    lines = [drawn.line for drawn in good]
    in_fractions = not annotation.in_pixels and are_fractions(xyxy_px, height, width)
    return Fitted(example, lines, bad, in_fractions)


def _problems(drawn: DrawnObject, xml_path: Path, height: int, width: int) -> list[Problem]:
    problems = list(drawn.problems)
    fault = None if drawn.xyxy_px is None else fault_of(drawn.xyxy_px, height, width)
    if fault is not None:
        problems.append(replace(fault, where=xml_path, line=drawn.box_line))
    return problems


def are_fractions(xyxy_px: np.ndarray, height: int, width: int) -> bool:
    """Whether boxes were written as 0..1 where pixels belong.

    All lie in the first pixel then, none beyond the edge, and not all sides are whole numbers, as
    those of a box around the first pixel are.

    Args:
        xyxy_px: float64 [N, 4], (xmin, ymin, xmax, ymax) as they are written.
        height: of the image in pixels.
        width: of the image in pixels.
    """
    if not len(xyxy_px) or min(height, width) <= SMALL_PX:
        return False
    inside = xyxy_px.min() >= -0.001 and xyxy_px.max() <= 1.001
    return bool(inside and (xyxy_px % 1).any())


def write_voc(path: Path, example: Example) -> None:
    """Write an example as LabelImg does, with no folder of this machine in it.

    Pixel coordinates are the shortest numbers that read back as the same float32 boxes, so whole
    where they were whole. Boxes that would be taken for fractions are said to be pixels.

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
        SubElement(source, "annotation").text = SUGGESTED_BY + example.suggested_by
    sides = {"width": example.width_px, "height": example.height_px, "depth": 3}
    _add(SubElement(root, "size"), sides)
    SubElement(root, "segmented").text = "0"
    boxes_px = boxes_xyxy_px(example)
    xyxy_px = np.array(boxes_px, np.float64).reshape(-1, 4)
    if are_fractions(xyxy_px, example.height_px, example.width_px):
        SubElement(root, "unit").text = PIXELS
    for index, box in enumerate(boxes_px):
        node = SubElement(root, "object")
        values: dict[str, object] = {"name": example.names[index], "pose": example.poses[index]}
        values["truncated"] = int(example.truncated[index])
        if example.occluded.any():  # LabelImg drops this and COCO's two below when it saves
            values["occluded"] = int(example.occluded[index])
        if example.is_crowd[index]:
            values["iscrowd"] = 1
        if example.areas_px[index]:
            values["area"] = float(example.areas_px[index])
        if example.scores[index]:
            values["score"] = f"{example.scores[index]:.4f}"
        _add(node, {**values, "difficult": int(example.difficult[index])})
        _add(SubElement(node, "bndbox"), dict(zip(SIDES, box, strict=True)))
    ElementTree.indent(root, "\t")
    with whole_file(path) as temporary:
        temporary.write_bytes(ElementTree.tostring(root, "utf-8") + b"\n")


def _add(parent: Element, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = str(value)
