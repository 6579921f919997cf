"""The one scan of images and their XML: each file is read once, and what is needed is kept.

Whether an image can be read, a box fits and a size is right is decided here for label, check,
split, records and convert alike. No pixels are kept. Which files there are: `folders.py`.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from tfod.data.annotation import Annotation, read_annotation
from tfod.data.example import Example
from tfod.data.image_open import Header, read_bytes, read_header
from tfod.data.images import check_image, small_grey
from tfod.data.near_duplicates import look_of
from tfod.data.photo_folder import PhotoFolder
from tfod.data.voc import BadBox, fit
from tfod.errors import Problem, UserError
from tfod.progress import SILENT, Progress, in_order
from tfod.remedies import Remedy

# what is read of an image: nothing; its header and end marker; all of it, decoded small
LARGE_BYTES = 100_000  # of an image file; decoding a smaller one is faster without a thread
Depth = Literal["xml", "header", "image", "pixels"]


@dataclass(slots=True)
class Photo:
    """One image and its annotation, as they were found.

    Attributes:
        image_path: the image.
        xml_path: its XML, or None when it has none.
        part: "train", "test" or "val", or the title of its session.
        copied: whether it is a copy, made by split, of a photo of a session that was read too.
        annotation: what the XML says, or None when there is none or it cannot be read.
        xml_problem: why nothing in the XML can be used, or None.
        header: what the image says of itself, or None when it was not read or cannot be.
        image_problem: why the image cannot be used, or None.
        example: the boxes that can be used, or None when there are none to read. When the image
            cannot be read, <size> stands in for its size.
        lines: of the <object> of each box of the example.
        bad_boxes: the boxes that cannot be used.
        in_fractions: whether the boxes were written as 0..1 where pixels belong.
        sha256: of the image file; None unless all of it was read.
        look: uint64 [4], what the image looks like (`near_duplicates.look_of`); None likewise.
    """

    image_path: Path
    xml_path: Path | None
    part: str = ""
    copied: bool = False
    annotation: Annotation | None = None
    xml_problem: Problem | None = None
    header: Header | None = None
    image_problem: Problem | None = None
    example: Example | None = None
    lines: list[int] = field(default_factory=list)
    bad_boxes: list[BadBox] = field(default_factory=list)
    in_fractions: bool = False
    sha256: bytes | None = None
    look: np.ndarray | None = None

    @property
    def labelled(self) -> bool:
        """Whether it has an annotation that can be read and that a person made or checked."""
        return self.annotation is not None and not self.annotation.suggested_by

    @property
    def suggested(self) -> bool:
        """Whether a model drew the boxes and no person has checked them."""
        return self.annotation is not None and bool(self.annotation.suggested_by)

    @property
    def other_size(self) -> tuple[int, int] | None:
        """(height, width) that the XML states when that is not the size of the image; else None."""
        stated = self.annotation.stated_size if self.annotation else None
        if self.header is None or stated is None or stated == self.header.size:
            return None
        is_stored_size = self.header.orientation >= 5 and stated == self.header.size[::-1]
        return None if is_stored_size else stated

    @property
    def problems(self) -> list[Problem]:
        """Why it cannot be trained on, usually nothing."""
        if self.image_problem is not None:
            return [self.image_problem]
        if self.xml_problem is not None:
            return [self.xml_problem]
        if self.bad_boxes or self.example is None or not self.in_fractions:
            return [bad.problem for bad in self.bad_boxes]
        height, width = self.example.height_px, self.example.width_px
        return [
            Problem(
                "box-fractions",
                self.xml_path,
                "the boxes are given as fractions of the image, not in pixels",
                got=f"all lie in the first pixel of {width}x{height} pixels",
                remedy=Remedy.WRITE_PIXELS,
            )
        ]


def scan(
    folders: Iterable[PhotoFolder], depth: Depth = "header", progress: Progress = SILENT
) -> Iterator[Photo]:
    """Read all images and XML of some folders, in their order.

    Args:
        folders: as `find_folders` gives them.
        depth: "xml": no image is opened; "header": none is decoded; "image": all are, to
            find damage; "pixels": to find duplicates too.
        progress: counts the photos.

    Yields:
        The photos. What cannot be read is a problem of the photo, not an exception.
    """
    photos = [Photo(image, xml, folder.title) for folder in folders for image, xml in folder.pairs]
    read = partial(read_photo, depth=depth, known={})
    heavy = _is_large if depth == "pixels" else None
    yield from in_order(read, photos, "reading photos", progress, heavy)


def _is_large(photo: Photo) -> bool:
    """Whether decoding the image takes longer than handing it over to a thread."""
    try:
        return os.stat(photo.image_path).st_size > LARGE_BYTES
    except OSError:
        return False


def read_photo(photo: Photo, depth: Depth, known: dict[bytes, Photo] | None = None) -> Photo:
    """Fill in what the files of a photo say; what is in `known`, by hash, is not decoded again."""
    read_xml(photo)
    try:
        if depth in ("header", "image"):
            photo.header = check_image(photo.image_path, decode=depth == "image")
        elif depth == "pixels":
            _read_pixels(photo, {} if known is None else known)
    except UserError as error:
        (photo.image_problem,) = error.problems
    if depth != "xml":
        if photo.image_problem is not None:
            with suppress(UserError):  # of a damaged image the size is often known: boxes can fit
                photo.header = read_header(photo.image_path)
        fit_boxes(photo)
    return photo


def read_xml(photo: Photo) -> None:
    """Fill in what the XML says, whatever is in the image."""
    if photo.xml_path is None:
        return
    try:
        photo.annotation = read_annotation(photo.xml_path)
    except UserError as error:
        (photo.xml_problem,) = error.problems


def fit_boxes(photo: Photo) -> None:
    """Lay the boxes on the image, whose header is known if it can be."""
    if photo.annotation is None:
        return
    header = photo.header
    size, orientation = (header.size, header.orientation) if header else (None, 1)
    try:
        fitted = fit(photo.annotation, photo.image_path, size, orientation)
    except UserError as error:
        (photo.xml_problem,) = error.problems
        return
    photo.example, photo.lines, photo.bad_boxes, photo.in_fractions = fitted


def _read_pixels(photo: Photo, known: dict[bytes, Photo]) -> None:
    data = read_bytes(photo.image_path)
    photo.sha256 = hashlib.sha256(data).digest()
    same = known.setdefault(photo.sha256, photo)
    if same.look is not None:
        photo.header, photo.look = same.header, same.look
    else:
        photo.header, grey = small_grey(data, photo.image_path)
        photo.look = look_of(grey)
