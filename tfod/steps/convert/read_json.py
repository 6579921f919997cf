"""JSON of LabelMe, a file for each image, and of CreateML, a list of images: read, not written.

LabelMe: {"shapes": [{"label", "points": [[x, y], ...], "shape_type"}], "imagePath", "imageHeight",
"imageWidth"}. CreateML: [{"image", "annotations": [{"label", "coordinates": {"x", "y", "width",
"height"}}]}], x and y in the middle. All in pixels from 0.
"""

import math
from pathlib import Path
from typing import Any

from tfod.listing import IMAGE_SUFFIXES
from tfod.progress import SILENT, Progress
from tfod.steps.convert.entries import (
    Corners,
    around,
    class_name,
    coordinate,
    entries,
    load,
    read_entries,
)
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.rows import BadEntry, Box, DataSet, Row, is_plain_text

_NO_AREA = ("point", "points", "line", "linestrip")


def read_labelme(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read LabelMe's files at a path; polygons and circles become the boxes around them.

    Args:
        path: a file, or a folder and all below it.
        images: folder of the images; beside each file when None.
        progress: reports each file.

    Raises:
        UserError: a folder cannot be read; what cannot be used is in `problems`.
    """
    return read_entries(
        path, "labelme", images, progress, lambda file: [load(file, dict)], _add_labelme
    )


def read_createml(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read CreateML's files at a path, as `read_labelme` does."""
    return read_entries(
        path, "createml", images, progress, lambda file: load(file, list), _add_createml
    )


def _add_labelme(entry: dict[str, Any], row: Row, finder: ImageFinder, data: DataSet) -> None:
    name = str(entry.get("imagePath") or row.file.name).replace("\\", "/").rsplit("/", 1)[-1]
    row.image = _beside(row.file, finder.find(name, row))
    sides = entry.get("imageHeight"), entry.get("imageWidth")
    if all(isinstance(side, int) and side >= 1 for side in sides):
        row.stated_size = (int(sides[0] or 0), int(sides[1] or 0))
    shapes = entry.get("shapes")
    for number, shape in enumerate(entries(shapes, "shapes"), 1):
        kind = shape.get("shape_type") or "polygon"
        if kind in _NO_AREA:
            data.lost[f"shapes of the type {kind}"] += 1
            continue
        if kind != "rectangle":
            data.lost[f"shapes of the type {kind} (each became the box around it)"] += 1
        at = f"shape {number}"
        name = class_name(shape.get("label"), at)
        row.boxes.append(Box(name, _around(shape.get("points"), kind, at), entry=at))


def _beside(file: Path, image: Path) -> Path:
    """The image that was named, or else the one that is called like the file of its labels."""
    same = (file.with_suffix(suffix) for suffix in IMAGE_SUFFIXES)
    return image if image.is_file() else next(filter(Path.is_file, same), image)


def _around(points: Any, kind: str, at: str) -> Corners:
    is_list = isinstance(points, list) and len(points) >= 2
    if not is_list or not all(isinstance(point, list) and len(point) >= 2 for point in points):
        raise BadEntry(f"{at}: no usable points", "2 or more pairs of numbers", None)
    xs, ys = ([coordinate(point[axis], at) for point in points] for axis in (0, 1))
    if kind == "circle":  # its centre and a point on it
        radius = math.hypot(xs[1] - xs[0], ys[1] - ys[0])
        return xs[0] - radius, ys[0] - radius, xs[0] + radius, ys[0] + radius
    return around(xs, ys)


def _add_createml(entry: Any, row: Row, finder: ImageFinder, data: DataSet) -> None:
    entry = entries([entry], "entry")[0]
    name = entry.get("image") or entry.get("imagefilename")
    if not isinstance(name, str) or not is_plain_text(name):
        raise BadEntry("no usable image", "the name of a file", name)
    row.image, row.entry = finder.find(name, row), f'image "{name}"'
    for number, one in enumerate(entries(entry.get("annotations"), "annotations"), 1):
        at = f"annotation {number} of {name}"
        place = one.get("coordinates")
        place = place if isinstance(place, dict) else {}
        x, y, width, height = (coordinate(place.get(k), at) for k in ("x", "y", "width", "height"))
        corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        row.boxes.append(Box(class_name(one.get("label"), at), corners, entry=at))
