"""Files of the VGG Image Annotator, VIA 1 and 2: a project, its JSON or its CSV; read, not written.

JSON: {key: {"filename", "regions": [{"shape_attributes": {"name": "rect", "x", "y", "width",
"height"}, "region_attributes": {"class": "cat"}}]}}, in a project under "_via_img_metadata"; VIA 1
has an object of regions instead of the list. CSV: a row per region, both attributes as JSON in it.
All in pixels from 0.
"""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tfod.listing import read_text
from tfod.progress import SILENT, Progress
from tfod.steps.convert.entries import (
    MOST_BYTES,
    Corners,
    around,
    class_name,
    coordinate,
    entries,
    load,
    read_entries,
)
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.rows import BadEntry, Box, DataSet, Row

_CLASS_WORDS = ("class", "label", "name", "type", "object", "category")
_NO_AREA = ("point", "polyline")


def read_via(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read VIA's files at a path; polygons, circles and ellipses become the boxes around them.

    Args:
        path: a file, or a folder and all below it.
        images: folder of the images; beside each file or below the folder when None.
        progress: reports each file.

    Raises:
        UserError: a folder cannot be read; what cannot be used is in `problems`.
    """
    return read_entries(path, "via", images, progress, _entries_of, _add)


def _entries_of(file: Path) -> Iterable[dict[str, Any]]:
    if file.suffix.lower() == ".csv":
        return _of_table(file)
    content = load(file, dict)
    found = content.get("_via_img_metadata", content)
    return entries([*found.values()] if isinstance(found, dict) else found, "images")


def _of_table(file: Path) -> Iterable[dict[str, Any]]:
    """The rows of a CSV put together, an entry for each image."""
    found: dict[str, dict[str, Any]] = {}
    reader = csv.DictReader(io.StringIO(read_text(file, MOST_BYTES), newline=""))
    try:
        for row in reader:
            _add_row(row, reader.line_num, found)
    except csv.Error as error:
        raise BadEntry(f"line {reader.line_num}: not CSV ({error})", None, None) from error
    return found.values()


def _add_row(row: dict[str, str], line: int, found: dict[str, dict[str, Any]]) -> None:
    name = row.get("filename") or row.get("#filename")
    image = found.setdefault(str(name), {"filename": name, "regions": []})
    shape = _parsed(row.get("region_shape_attributes"), line)
    about = _parsed(row.get("region_attributes"), line)
    if shape:  # an image without regions has a row too
        image["regions"].append({"shape_attributes": shape, "region_attributes": about})


def _parsed(text: str | None, line: int) -> Any:
    try:
        return json.loads(text or "{}")
    except (RecursionError, ValueError) as error:
        raise BadEntry(f"line {line}: attributes that are not JSON", None, text) from error


def _add(entry: dict[str, Any], row: Row, finder: ImageFinder, data: DataSet) -> None:
    name = class_name(entry.get("filename"), "an entry without a usable filename")
    row.image, row.entry = finder.find(name, row), f'image "{name}"'
    regions = entry.get("regions")
    regions = [*regions.values()] if isinstance(regions, dict) else regions or []
    for number, region in enumerate(entries(regions, "regions"), 1):
        at = f"region {number} of {name}"
        (shape,) = entries([region.get("shape_attributes")], at)
        kind = str(shape.get("name"))
        if kind in _NO_AREA:
            data.lost[f"regions of the type {kind}"] += 1
            continue
        if kind != "rect":
            data.lost[f"regions of the type {kind} (each became the box around it)"] += 1
        about = region.get("region_attributes")
        row.boxes.append(Box(_class_of(about, at), _corners(shape, kind, at), entry=at))


def _class_of(about: Any, at: str) -> str:
    """The attribute that is called like a class, or the only one."""
    given = {name: value for name, value in about.items() if value} if about else {}
    called = [name for word in _CLASS_WORDS for name in given if word in name.casefold()]
    name = next(iter(called or given), None)
    if len(given) > 1 and not called:
        raise BadEntry(f"{at}: which attribute is the class?", "one called class", ", ".join(given))
    value = given.get(name)
    if isinstance(value, dict):  # of check boxes: those that are ticked
        value = next((key for key, is_ticked in value.items() if is_ticked), None)
    return class_name(value, at)


def _corners(shape: dict[str, Any], kind: str, at: str) -> Corners:
    def of(name: str) -> float:
        return coordinate(shape.get(name), at)

    if kind == "rect":
        x, y = of("x"), of("y")
        return x, y, x + of("width"), y + of("height")
    if kind in ("circle", "ellipse"):
        x, y = of("cx"), of("cy")
        rx, ry = (of("r"), of("r")) if kind == "circle" else (of("rx"), of("ry"))
        return x - rx, y - ry, x + rx, y + ry
    points = [shape.get("all_points_x"), shape.get("all_points_y")]
    if not all(isinstance(values, list) and values for values in points):
        raise BadEntry(f"{at}: no usable region", "rect, polygon, circle or ellipse", kind)
    xs, ys = ([coordinate(value, at) for value in values or ()] for values in points)
    return around(xs, ys)
