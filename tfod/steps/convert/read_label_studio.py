"""Label Studio's JSON and JSON-MIN: a list of tasks, each about one image; read, not written.

JSON: [{"data": {"image"}, "annotations": [{"result": [{"type", "value", ...}]}]}]; JSON-MIN: the
data and, in lists of other names, the values alone. A value has "x", "y", "width", "height" in
percent of the image, a "rotation" clockwise in degrees about its upper left corner, and its class
in a list that is called like its type: "rectanglelabels". Predictions are no labels.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfod.listing import is_called_image
from tfod.progress import SILENT, Progress
from tfod.steps.convert.entries import (
    Corners,
    around,
    class_name,
    coordinate,
    entries,
    load,
    read_entries,
    turned,
)
from tfod.steps.convert.find_images import ImageFinder, local_name
from tfod.steps.convert.rows import BadEntry, Box, DataSet, Row

_SHAPES = {
    "rectanglelabels": "rectangle",
    "ellipselabels": "ellipse",
    "polygonlabels": "polygon",
    "labels": "rectangle",  # of a rectangle that is classed in a second step
}


def read_label_studio(
    path: Path, images: Path | None = None, progress: Progress = SILENT
) -> DataSet:
    """Read Label Studio's files at a path; polygons and turned boxes become upright boxes.

    Args:
        path: a file, or a folder and all below it.
        images: folder of the images; beside each file or below the folder when None.
        progress: reports each file.

    Raises:
        UserError: a folder cannot be read; what cannot be used is in `problems`.
    """
    kind = "label-studio"
    return read_entries(path, kind, images, progress, lambda file: load(file, list), _add)


def _add(task: Any, row: Row, finder: ImageFinder, data: DataSet) -> None:
    (task,) = entries([task], "task")
    fields = task["data"] if isinstance(task.get("data"), dict) else task
    name = _image_of(fields)
    values, kinds = _values(task, data)
    if values is None:
        data.lost["tasks that nobody has labelled"] += 1
        return
    row.image, row.entry, row.in_shares = finder.find(name, row), f'image "{name}"', True
    for number, value in enumerate(values, 1):
        at = f"result {number} of {name}"
        kind = next((key for key in _SHAPES if isinstance(value.get(key), list)), "")
        if not kind:
            other = next((key for key in value if key.endswith("labels")), None)
            data.lost[f"results of the type {other or kinds.get(id(value)) or 'unknown'}"] += 1
            continue
        sides = value.get("original_height"), value.get("original_width")
        if all(isinstance(side, int) and side >= 1 for side in sides):
            row.stated_size = (int(sides[0] or 0), int(sides[1] or 0))
        for label in value[kind]:
            corners = _corners(value, _SHAPES[kind], row.stated_size, data, at)
            row.boxes.append(Box(class_name(label, at), corners, entry=at))


def _image_of(fields: dict[str, Any]) -> str:
    """The address of the image: the field that is called so, or the first that names one."""
    texts = [fields.get("image"), *fields.values()]
    for text in texts:
        if isinstance(text, str) and is_called_image(Path(local_name(text))):
            return text
    raise BadEntry("task without an image", "the address of an image", fields.get("image"))


def _values(task: dict[str, Any], data: DataSet) -> tuple[list[dict[str, Any]] | None, dict]:
    """The results with their sizes, or None when nobody has labelled; id of a result -> type."""
    done = task.get("annotations", task.get("completions"))
    if isinstance(task.get("data"), dict):
        done = [one for one in entries(done, "annotations") if not one.get("was_cancelled")]
        if not done:
            return None, {}
        if len(done) > 1:
            data.lost["further annotations of the same image (the newest counts)"] += len(done) - 1
        newest = max(done, key=lambda one: str(one.get("updated_at") or one.get("created_at")))
        results = entries(newest.get("result"), "result")
        values = [{**result, **_dict(result.get("value"))} for result in results]
        return values, {id(v): r.get("type") for v, r in zip(values, results, strict=True)}
    lists = [value for value in task.values() if isinstance(value, list)]
    return [one for value in lists for one in value if isinstance(one, dict)], {}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _corners(
    value: dict[str, Any], shape: str, size: tuple[int, int] | None, data: DataSet, at: str
) -> Corners:
    """The box of a value, in shares."""

    def share(name: str) -> float:
        return coordinate(value.get(name), at) / 100

    if shape == "polygon":
        data.lost["polygons (each became the box around it)"] += 1
        points = [[*_pair(point, at)] for point in value.get("points") or ()]
        if not points:
            raise BadEntry(f"{at}: no usable points", "pairs of numbers", None)
        return around([x for x, _ in points], [y for _, y in points])
    x, y = share("x"), share("y")
    degrees = coordinate(value.get("rotation") or 0, at)
    if shape == "ellipse":
        data.lost["ellipses (each became the box around it)"] += 1
        rx, ry = share("radiusX"), share("radiusY")
        return x - rx, y - ry, x + rx, y + ry
    box = (x, y, x + share("width"), y + share("height"))
    if not degrees % 360:
        return box
    if size is None:
        raise BadEntry(f"{at}: turned, and the size of the image is missing", "a size", None)
    data.lost["turned boxes (each became the upright box around it)"] += 1
    height, width = size  # a turn keeps lengths in pixels, not in shares
    in_px = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    xmin, ymin, xmax, ymax = turned(in_px, degrees, x * width, y * height)
    return xmin / width, ymin / height, xmax / width, ymax / height


def _pair(point: Any, at: str) -> Iterator[float]:
    if not isinstance(point, list) or len(point) != 2:
        raise BadEntry(f"{at}: no usable points", "pairs of numbers", None)
    return (coordinate(value, at) / 100 for value in point)
