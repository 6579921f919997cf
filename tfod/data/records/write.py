"""Photos into the record files of one part: each image is read once, checked and written.

Which files there are, and what is done when something is wrong, is up to the caller.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tfod.data.drawn_boxes import SIDES
from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.image_open import Header, read_bytes
from tfod.data.images import check_image, encode_upright
from tfod.data.records.file import encode_example, frame
from tfod.data.scan import Photo, fit_boxes
from tfod.data.stated_sizes import SizeSeen, seen_in
from tfod.errors import Problem, UserError
from tfod.progress import SILENT, Progress, in_order

COLUMNS = ("filename", "width", "height", "class", *SIDES)  # of the tutorial's CSV


@dataclass
class Counts:
    """What went into the records of one part.

    Attributes:
        images: number of records.
        negatives: images among them without any object.
        encoded_again: images whose bytes could not be used as they are.
        cut_boxes: boxes that reached up to a pixel over the edge and were cut there.
        other_size: images whose XML states another size than they have.
        resized: those of them that may have been resized since they were labelled.
    """

    images: int = 0
    negatives: int = 0
    encoded_again: int = 0
    cut_boxes: int = 0
    other_size: int = 0
    resized: int = 0


@dataclass
class Written(Counts):
    """The counts of one part, and what else came of writing it.

    Attributes:
        boxes: class name -> number of boxes.
        sizes: of the images whose XML states another one.
        rows: of the CSV, one for each box; empty unless they are wanted.
        problems: what is wrong with photos; the files are of no use when there are any.
    """

    boxes: Counter[str] = field(default_factory=Counter)
    sizes: list[SizeSeen] = field(default_factory=list)
    rows: list[tuple] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class _Read(NamedTuple):
    """A photo whose image has been read, with all its bytes."""

    photo: Photo
    data: bytes


def write_shards(
    photos: Sequence[Photo],
    files: Sequence[Path],
    class_ids: Mapping[str, int],
    with_rows: bool = False,
    progress: Progress = SILENT,
) -> Written:
    """Write records in turn to as many files as there are, one file after the other.

    Args:
        photos: with their XML read; what is filled in is dropped when a photo is written, so that
            memory does not grow with their number.
        files: the record files.
        class_ids: class name -> 1-based id; photos with another name are checked and left out.
        with_rows: keep the rows of the CSV.
        progress: counts the photos.
    """
    written = Written()
    for number, file in enumerate(files):
        with open(file, "wb") as output:
            turn = photos[number :: len(files)]
            output.writelines(_records(turn, class_ids, written, with_rows, progress))
    return written


def check_photos(photos: Sequence[Photo], progress: Progress = SILENT) -> list[Problem]:
    """Check photos as `write_shards` does, without writing anything."""
    written = Written()
    for _ in _records(photos, {}, written, False, progress):
        pass
    return written.problems


def _records(
    photos: Sequence[Photo],
    class_ids: Mapping[str, int],
    written: Written,
    with_rows: bool,
    progress: Progress,
) -> Iterator[bytes]:
    make = partial(_make, class_ids=class_ids)
    read = map(_read, photos)
    for photo, record in in_order(make, read, "writing", progress, _is_encoded, len(photos)):
        written.problems += photo.problems
        if record:
            _count(photo, written, with_rows)
            yield record
        photo.annotation = photo.example = None


def _read(photo: Photo) -> _Read:
    """Read an image, make sure that it is whole, and lay the boxes on it."""
    try:
        data = read_bytes(photo.image_path)
        photo.header = check_image(photo.image_path, data, decode=False)
    except UserError as error:
        (photo.image_problem,) = error.problems
        return _Read(photo, b"")
    fit_boxes(photo)
    return _Read(photo, data)


def _is_encoded(read: _Read) -> bool:
    header = read.photo.header
    return header is not None and not header.plain


def _make(read: _Read, class_ids: Mapping[str, int]) -> tuple[Photo, bytes]:
    """Make the record of a photo; b"" when there is a problem or a name without an id."""
    photo, data = read
    example, header = photo.example, photo.header
    if photo.problems or example is None or header is None:
        return photo, b""
    try:
        is_known = all(name in class_ids for name in example.names)
        if header.plain or not is_known:  # all else is decoded to be encoded again
            check_image(photo.image_path, data)
        if not is_known:
            return photo, b""
        return photo, _record(example, header, data, class_ids)
    except UserError as error:  # when it had to be decoded
        (photo.image_problem,) = error.problems
        return photo, b""


def _count(photo: Photo, written: Written, with_rows: bool) -> None:
    example, header = photo.example, photo.header
    assert example is not None and header is not None
    written.images += 1
    written.negatives += not example.names
    written.boxes.update(example.names)
    written.encoded_again += not header.plain
    written.cut_boxes += int((example.outside_px > 0).sum())
    if size := seen_in(photo):
        written.sizes.append(size)
        written.other_size += 1
    if with_rows:
        written.rows += _rows(example)


def _rows(example: Example) -> list[tuple]:
    """A row per box: filename, width, height, class, xmin, ymin, xmax, ymax in pixels."""
    start = (example.image_path.name, example.width_px, example.height_px)
    boxes = zip(example.names, boxes_xyxy_px(example), strict=True)
    return [(*start, name, *box) for name, box in boxes]


def _record(example: Example, header: Header, data: bytes, class_ids: Mapping[str, int]) -> bytes:
    """Make one framed record: those keys of the old API that LabelImg's XML or COCO can fill.

    Args:
        example: the boxes, and the path of the image.
        header: of the image.
        data: all bytes of the image file.
        class_ids: class name -> 1-based id, of all names in the example.

    Raises:
        UserError: the image has to be encoded again and cannot be decoded.
    """
    encoded = data if header.plain else encode_upright(example.image_path, data)
    format_name = b"jpeg" if header.is_jpeg else b"png"
    name = os.fsencode(example.image_path.name)
    ymin, xmin, ymax, xmax = (example.boxes[:, side].tolist() for side in range(4))
    features: dict[str, tuple[type, Any]] = {
        "image/height": (int, [header.height_px]),
        "image/width": (int, [header.width_px]),
        "image/filename": (bytes, [name]),
        "image/source_id": (bytes, [name]),
        "image/key/sha256": (bytes, [hashlib.sha256(encoded).hexdigest().encode()]),
        "image/encoded": (bytes, [encoded]),
        "image/format": (bytes, [format_name]),
        "image/object/bbox/xmin": (float, xmin),
        "image/object/bbox/xmax": (float, xmax),
        "image/object/bbox/ymin": (float, ymin),
        "image/object/bbox/ymax": (float, ymax),
        "image/object/class/text": (bytes, [name.encode() for name in example.names]),
        "image/object/class/label": (int, [class_ids[name] for name in example.names]),
        "image/object/difficult": (int, example.difficult.astype(int).tolist()),
        "image/object/truncated": (int, example.truncated.astype(int).tolist()),
    }
    if example.is_crowd.any():
        features["image/object/is_crowd"] = (int, example.is_crowd.astype(int).tolist())
    if example.areas_px.any():
        features["image/object/area"] = (float, example.areas_px.tolist())
    return frame(encode_example(features))
