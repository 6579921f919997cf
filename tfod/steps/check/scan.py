"""Look at every file of a data set once, and keep what the checks need: no pixels.

Nothing is judged here but what cannot be read at all. Which files there are: `folders.py`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from tfod.data import image_open
from tfod.data.annotation_xml import AnnotationError, BoxProblem
from tfod.data.folders import Session, copies, find_sessions
from tfod.data.image_open import ImageError
from tfod.data.images import Header, check_image, read_header, small_grey
from tfod.data.near_duplicates import look
from tfod.data.voc import Example, read_leniently
from tfod.labels import LabelMap


@dataclass(slots=True)
class Photo:
    """One image and its annotation, looked at.

    Attributes:
        image_path: the image.
        xml_path: its XML, or None when it has none.
        part: "train", "test" or "val", or the name of the session's folder.
        copied: whether it is a copy, made by split, of a photo of a session that was looked at too.
        header: what the image says of itself, or None when it cannot be read.
        image_problem: why the image cannot be used, or "".
        image_kind: the same in one word (see ImageError), or "".
        example: the boxes that can be used, or None when there is no XML or nothing in it can be
            read. When the image cannot be read, <size> stands in for its size.
        xml_problem: why nothing in the XML can be read, or None.
        box_problems: the boxes that cannot be used.
        stated_name: file name of the image that the XML gives, or "" when it gives none.
        sha256: of the image file; None in a quick look.
        look: uint64 [4], what the image looks like (`near_duplicates.look`); None in a quick look.
        contrast: standard deviation of its brightness (0..255); None in a quick look.
    """

    image_path: Path
    xml_path: Path | None
    part: str
    copied: bool = False
    header: Header | None = None
    image_problem: str = ""
    image_kind: str = ""
    example: Example | None = None
    xml_problem: AnnotationError | None = None
    box_problems: list[BoxProblem] = field(default_factory=list)
    stated_name: str = ""
    sha256: bytes | None = None
    look: np.ndarray | None = None
    contrast: float | None = None

    @property
    def labelled(self) -> bool:
        """Whether it has an annotation that a person made or saw."""
        return self.example is not None and not self.example.suggested_by


@dataclass(slots=True)
class Dataset:
    """All that was looked at, and what it is to fit.

    Attributes:
        folder: as the user named it.
        photos: all images, those in sessions first, sorted by name in each folder.
        sessions: the folders, with the XML files without an image and what else lies there.
        decoded: whether every image was decoded; False after a quick look.
        label_map: the classes there should be, or None when there is no label map.
        label_map_path: where they stand.
        config: the settings of the training (as `read_config` gives them), or None.
        config_path: where they stand.
        records: the record files to compare with.
    """

    folder: Path
    photos: list[Photo] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    decoded: bool = True
    label_map: LabelMap | None = None
    label_map_path: Path | None = None
    config: Any = None
    config_path: Path | None = None
    records: list[Path] = field(default_factory=list)

    @property
    def own(self) -> list[Photo]:
        """The photos that people made and labelled, without the copies split made of them."""
        return [photo for photo in self.photos if not photo.copied]

    @property
    def orphans(self) -> list[Path]:
        """XML files without an image."""
        return [path for session in self.sessions for path in session.orphans]

    def part(self, name: str) -> list[Photo]:
        """The photos of "train", "test", "val" or of a session."""
        return [photo for photo in self.photos if photo.part == name]


def scan(folder: Path, decode: bool = True) -> Dataset:
    """Look at every image and XML of a data set.

    Args:
        folder: holds sessions, or train/ and test/, or images.
        decode: also decode every image, to find damage and duplicates.

    Raises:
        UserError: there is no such folder, or no image in it.
    """
    folder = Path(folder)
    sessions = find_sessions(folder)
    copied = copies(sessions)
    items = [(session, *pair) for session in sessions for pair in session.pairs]
    known: dict[bytes, Photo] = {}
    photos = []
    for session, image_path, xml_path in _with_bar(items):
        photo = Photo(image_path, xml_path, session.part, image_path in copied)
        if decode:
            _decode(photo, known)
        else:
            _look_at_header(photo)
        if xml_path is not None:
            _read_boxes(photo, xml_path)
        photos.append(photo)
    return Dataset(folder, photos, sessions, decode)


def _decode(photo: Photo, known: dict[bytes, Photo]) -> None:
    """Read the whole image; one with the same bytes as an earlier one is not decoded again."""
    try:
        data = image_open.read_bytes(photo.image_path)
        photo.sha256 = hashlib.sha256(data).digest()
        same = known.setdefault(photo.sha256, photo)
        if same is not photo:
            photo.header, photo.look, photo.contrast = same.header, same.look, same.contrast
            photo.image_problem, photo.image_kind = same.image_problem, same.image_kind
            return
        photo.header, grey = small_grey(data, photo.image_path)
        photo.look, photo.contrast = look(grey), float(grey.std())
    except ImageError as error:
        photo.image_problem, photo.image_kind = error.reason, error.kind
        if error.kind in ("damaged", "unusual"):
            _keep_header(photo)


def _look_at_header(photo: Photo) -> None:
    try:
        photo.header = check_image(photo.image_path, decode=False)
    except ImageError as error:
        photo.image_problem, photo.image_kind = error.reason, error.kind
        _keep_header(photo)


def _keep_header(photo: Photo) -> None:
    """Of a damaged image the size is often known, and the boxes in its XML can be read."""
    try:
        photo.header = read_header(photo.image_path)
    except ImageError:
        photo.header = None


def _read_boxes(photo: Photo, xml_path: Path) -> None:
    header = photo.header
    size = (header.height_px, header.width_px) if header else None
    try:
        photo.example, photo.box_problems = read_leniently(
            xml_path, size, header.orientation if header else 1
        )
    except AnnotationError as error:
        photo.xml_problem = error
        return
    photo.stated_name = photo.example.image_path.name
    photo.example.image_path = photo.image_path


def _with_bar(items: Sequence[tuple]) -> Iterator[tuple]:
    console = Console(stderr=True)
    bar = Progress(console=console, transient=True, disable=not console.is_terminal)
    with bar:
        yield from bar.track(items, description="checking")
