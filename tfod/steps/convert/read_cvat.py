"""CVAT for images, version 1.1: one XML for all images; read, not written.

<annotations><image name width height subset><box label xtl ytl xbr ybr rotation occluded/>
<polygon label points="x,y;x,y"/></image></annotations>, in pixels from 0; a rotation is clockwise
in degrees about the middle of the box. A project names the part of an image in `subset`.
"""

from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException

from tfod.data.annotation_xml import parse_bytes
from tfod.errors import refusal
from tfod.listing import read_text
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.convert.entries import (
    MOST_BYTES,
    Corners,
    around,
    class_name,
    coordinate,
    read_entries,
    upright,
)
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.rows import BadEntry, Box, DataSet, Row, part_of

_SIDES = ("xtl", "ytl", "xbr", "ybr")
_NO_SHAPE = ("attribute", "tag")


def read_cvat(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read CVAT's XML at a path; polygons and turned boxes become the upright boxes around them.

    Args:
        path: a file, or a folder and all below it.
        images: folder of the images; beside each file or below the folder when None.
        progress: reports each file.

    Raises:
        UserError: a folder cannot be read; what cannot be used is in `problems`.
    """
    return read_entries(path, "cvat", images, progress, _images_of, _add)


def _images_of(file: Path) -> Iterable[Element]:
    text = read_text(file, MOST_BYTES)
    start = text.find("?>") + 2 if text.startswith("<?xml") else 0  # its encoding is done with
    try:
        root = parse_bytes(text[start:].encode("utf-8"))
    except (ParseError, DefusedXmlException, ValueError) as error:
        what, line = f"not XML ({error})", getattr(error, "position", (None,))[0]
        raise refusal("not-xml", file, what, line, remedy=Remedy.COPY_AGAIN) from error
    return root.iter("image")


def _add(image: Element, row: Row, finder: ImageFinder, data: DataSet) -> None:
    name = class_name(image.get("name"), "an image without a usable name")
    row.image, row.entry = finder.find(name, row), f'image "{name}"'
    row.part = part_of(Path(image.get("subset") or "", "*")) or row.part
    sides = [coordinate(image.get(side), name) for side in ("height", "width")]
    row.stated_size = (int(sides[0]), int(sides[1]))
    for number, shape in enumerate(image, 1):
        at = f"{shape.tag} {number} of {name}"
        if shape.tag in _NO_SHAPE or shape.get("outside") == "1":
            continue
        corners = _corners(shape, at, data)
        if corners is not None:
            label = class_name(shape.get("label"), at)
            occluded = shape.get("occluded") == "1"
            row.boxes.append(Box(label, corners, entry=at, occluded=occluded))


def _corners(shape: Element, at: str, data: DataSet) -> Corners | None:
    """The box around a shape; None for one that has no area."""
    if shape.tag == "polygon":
        data.lost["polygons (each became the box around it)"] += 1
        points = [pair.split(",") for pair in (shape.get("points") or "").split(";")]
        if any(len(pair) != 2 for pair in points):
            raise BadEntry(f"{at}: no usable points", "x,y;x,y;...", shape.get("points"))
        xs, ys = zip(*([coordinate(value, at) for value in pair] for pair in points), strict=True)
        return around(xs, ys)
    if shape.tag == "mask":
        left, top, width, height = (
            coordinate(shape.get(side), at) for side in ("left", "top", "width", "height")
        )
        data.lost["masks (each became the box around it)"] += 1
        return left, top, left + width, top + height
    if shape.tag != "box":
        data.lost[f"shapes of the type {shape.tag}"] += 1
        return None
    xmin, ymin, xmax, ymax = (coordinate(shape.get(side), at) for side in _SIDES)
    degrees = coordinate(shape.get("rotation") or 0, at)
    data.lost["turned boxes (each became the upright box around it)"] += bool(degrees % 360)
    return upright((xmin, ymin, xmax, ymax), degrees)
