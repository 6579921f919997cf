"""Does one record say what a photo and its XML say: boxes, classes, pixels.

A record is what `read_records` gives: name of the feature -> list of values.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from tfod.data.scan import Photo
from tfod.labels import LabelMap

SAME = 1e-3  # of the image: a box that differs by less was only rounded
OVER_EDGE = 1e-3


def file_name(record: dict[str, list]) -> str:
    """The name of the image without any folder."""
    names = record.get("image/filename") or record.get("image/source_id") or [b""]
    return names[0].decode("utf-8", "surrogateescape").replace("\\", "/").rsplit("/", 1)[-1]


def boxes_of(record: dict[str, list]) -> np.ndarray:
    """The boxes of a record: float32 [N, 4]; sides of unequal number give NaN."""
    sides = [
        record.get(f"image/object/bbox/{side}", []) for side in ("ymin", "xmin", "ymax", "xmax")
    ]
    boxes = np.full((max(map(len, sides)), 4), np.nan, np.float32)
    for column, side in enumerate(sides):
        boxes[: len(side), column] = side
    return boxes


def are_boxes(boxes: np.ndarray) -> bool:
    """Whether all boxes lie in the image, in order and with area."""
    inside = (boxes >= -OVER_EDGE) & (boxes <= 1 + OVER_EDGE)
    return bool(inside.all() and (boxes[:, 2:] > boxes[:, :2]).all())


def wrong_class(names: Sequence[str], numbers: Sequence[int], labels: LabelMap | None) -> str:
    """The first class that the label map does not have under this name and number, or ""."""
    if labels is None:
        return ""
    if names and numbers and len(names) != len(numbers):
        return f"{len(names)} class names, {len(numbers)} class numbers"
    unknown = [f'"{name}"' for name in names if name not in labels.ids]
    if not names:
        unknown = [f"number {number}" for number in numbers if number not in labels.names]
    if unknown:
        return f"{unknown[0]} is not in the label map"
    for name, number in zip(names, numbers, strict=False):
        if labels.ids[name] != number:
            return f'"{name}" has number {number}, in the label map {labels.ids[name]}'
    return ""


def difference(boxes: np.ndarray, names: Sequence[str], photo: Photo) -> str:
    """Say how the boxes of a record, in any order, differ from an annotation; "" if they do not."""
    if photo.example is None:
        return "the annotation cannot be used"
    ours = photo.example.names
    if len(boxes) != len(ours) or len(names) != len(boxes):
        return f"{len(boxes)} boxes, {len(ours)} in {photo.xml_path}"
    if sorted(names) != sorted(ours):
        other = sorted(set(names) ^ set(ours)) or sorted(set(ours))
        return f"other classes than {photo.xml_path} ({', '.join(other)})"
    far = np.abs(photo.example.boxes[:, None] - np.clip(boxes, 0, 1)[None]).max(axis=-1, initial=0)
    same_name = np.array(ours, object)[:, None] == np.array(names, object)[None]
    same = (far <= SAME) & same_name  # [ours, theirs]
    for row in same:
        if not row.any():
            return f"a box has another position than in {photo.xml_path}"
        same[:, row.argmax()] = False  # each of theirs stands for one of ours
    return ""


def has_pixels(encoded: bytes, photo: Photo) -> bool:
    """Whether a record holds the bytes of the image file; unknown counts as yes."""
    if photo.sha256 is None or photo.header is None or not photo.header.plain:
        return True
    return hashlib.sha256(encoded).digest() == photo.sha256
