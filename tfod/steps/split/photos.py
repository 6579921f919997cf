"""The photos that split deals out: found in all sessions, looked at, and given names.

Every problem of every file is told together. Memory does not grow with the size of the photos: of
each only a hash and its look are kept.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from tfod.data import annotation_xml
from tfod.data.images import small_grey
from tfod.data.near_duplicates import WORDS, look
from tfod.data.pairs import pair_up
from tfod.data.parts import MANIFEST
from tfod.data.scan import in_order
from tfod.errors import UserError, plural, raise_together
from tfod.files import IMAGE_SUFFIXES
from tfod.terminal import quoted
from tfod.workspace import IMAGES


@dataclass
class Photo:
    """A photo to deal out.

    Attributes:
        image: the file.
        xml: its annotation, or None.
        session: name of its folder; "" for one that lies beside the sessions.
        names: class name of each box.
        sha256: hash of the image file.
        look: uint64 [4], what it looks like; None when photos are not opened.
        stem: what its copy will be called, without suffix.
    """

    image: Path
    xml: Path | None
    session: str
    names: tuple[str, ...] = ()
    sha256: str = ""
    look: np.ndarray | None = None
    stem: str = ""

    @property
    def classes(self) -> frozenset[str]:
        """The classes in it."""
        return frozenset(self.names)

    @property
    def copy_name(self) -> str:
        """What its copy will be called."""
        return f"{self.stem}{self.image.suffix}"


@dataclass(frozen=True)
class Found:
    """What the sessions hold.

    Attributes:
        photos: to deal out, in the order of sessions and file names.
        unlabelled: images without an XML, left out.
        suggested: images with boxes that only a model suggested, left out.
        orphans: XML files without an image.
        renamed: photos whose copy gets the session as prefix.
    """

    photos: list[Photo]
    unlabelled: int
    suggested: int
    orphans: int
    renamed: int


def find_photos(
    images_dir: Path, labelled_only: bool, with_looks: bool, parts: Collection[Path]
) -> Found:
    """Find the photos in a folder and in the folders in it.

    Args:
        images_dir: folder of session folders; images that lie in it directly count too.
        labelled_only: leave out what no person has labelled, and count it.
        with_looks: open the photos, to compare them.
        parts: folders that are no sessions but copies, as are those of any other split.

    Raises:
        UserError: fewer than two photos, or some that cannot be read, with all their problems.
    """
    candidates, orphans = [], 0
    for session in _sessions(images_dir, parts):
        pairs, without_image = pair_up(session)
        orphans += len(without_image)
        name = session.name if session != images_dir else ""
        candidates += [Photo(image, xml, name) for image, xml in pairs]
    unlabelled = sum(photo.xml is None for photo in candidates) if labelled_only else 0
    photos = [photo for photo in candidates if photo.xml or not labelled_only]
    read = partial(_read, with_look=with_looks)
    looked = list(in_order(read, photos, "looking at the photos", heavy=lambda _: with_looks))
    problems = [problem for problems, _ in looked for problem in problems]
    raise_together(problems, "problems in the photos", "Correct, replace or delete these files.")
    if labelled_only:
        by_person = [not suggested for _, suggested in looked]
        photos = [photo for photo, keep in zip(photos, by_person, strict=True) if keep]
    suggested = len(looked) - len(photos)
    if len(photos) < 2:
        _raise_too_few(images_dir, len(photos), labelled_only, unlabelled, suggested)
    return Found(photos, unlabelled, suggested, orphans, _give_names(photos))


def looks_of(photos: Sequence[Photo]) -> np.ndarray:
    """Stack the looks of photos: uint64 [N, 4]."""
    return np.array([photo.look for photo in photos], np.uint64).reshape(-1, WORDS)


def _sessions(images_dir: Path, parts: Collection[Path]) -> list[Path]:
    """The folder itself and the folders in it, but the parts, that hold images."""
    if not images_dir.is_dir():
        raise UserError(f"{images_dir}: no such folder. Capture images first: `tfod capture`.")
    if (images_dir / MANIFEST).is_file():
        above = images_dir.absolute().parent if images_dir == Path() else images_dir.parent
        home = quoted((above if _sessions(above, ()) else IMAGES).as_posix())
        raise UserError(
            f"{images_dir}: holds copies that an earlier split made. Give the folder of the "
            f"sessions they come from: `tfod split --images {home}`."
        )
    inner = sorted(p for p in images_dir.iterdir() if p.is_dir() and p.name[0] != ".")
    copies = {os.path.realpath(part) for part in parts}
    inner = [
        path
        for path in inner
        if os.path.realpath(path) not in copies and not os.path.isfile(path / MANIFEST)
    ]
    folders: dict[str, Path] = {}
    for folder in (images_dir, *sorted(inner, key=Path.is_symlink)):
        # a link to a folder that is there already would bring every photo twice
        folders.setdefault(os.path.realpath(folder), folder)
    return [
        folder
        for folder in sorted(folders.values(), key=lambda folder: (folder != images_dir, folder))
        if _has_images(folder)
    ]


def _has_images(folder: Path) -> bool:
    try:
        return any(map(_is_image, folder.iterdir()))
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be read ({error.strerror}). Change its permissions or move it away."
        ) from error


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file() and path.name[0] != "."


def _read(photo: Photo, with_look: bool) -> tuple[list[str], bool]:
    """Fill in what the files say; give their problems, and whether the boxes are a model's."""
    problems, suggested = [], False
    if photo.xml:
        try:
            suggested = _read_names(photo, photo.xml, problems)
        except UserError as error:
            problems.append(str(error).rstrip("."))
    try:
        data = photo.image.read_bytes()
        photo.sha256 = hashlib.sha256(data).hexdigest()
        if with_look:
            photo.look = look(small_grey(data, photo.image)[1])
    except OSError as error:
        problems.append(f"{photo.image}: cannot be read ({error.strerror})")
    except UserError as error:
        problems.append(str(error).removesuffix(" Replace or delete it.").rstrip("."))
    return problems, suggested


def _read_names(photo: Photo, xml_path: Path, problems: list[str]) -> bool:
    """Fill in the class of each box, tell those without; give whether the boxes are a model's."""
    data = annotation_xml.read_bytes(xml_path)
    root = annotation_xml.parse_xml(data, xml_path)
    objects = [node for node in root if node.tag == "object"]
    photo.names = tuple(annotation_xml.child_text(node, "name") for node in objects)
    if not all(photo.names):
        lines = annotation_xml.element_lines(root, data)
        problems += [
            f"{xml_path}:{lines[node]}: <object> without a <name>"
            for node, name in zip(objects, photo.names, strict=True)
            if not name
        ]
    return bool(annotation_xml.suggested_by(root))


def _raise_too_few(
    images_dir: Path, count: int, labelled_only: bool, unlabelled: int, suggested: int
) -> None:
    left_out = [f"{unlabelled} without XML"] if unlabelled else []
    left_out += [f"{suggested} with boxes that only a model suggested"] if suggested else []
    remedy = "Capture with `tfod capture`, label with `tfod label`, then split."
    deep = next((path.parent for path in images_dir.glob("*/*/*") if _is_image(path)), None)
    if deep and not left_out:
        remedy = f"{deep} has images, but lies too deep: move it into {images_dir}."
    raise UserError(
        f"{images_dir}: {plural(count, 'labelled ' * labelled_only + 'image')} in its folders (at "
        f"least 2 are needed{''.join(f'; {what}' for what in left_out)}). {remedy}"
    )


def _give_names(photos: Sequence[Photo]) -> int:
    """Give each photo a stem no other has; return how many got their session as prefix."""
    stems = Counter(photo.image.stem.lower() for photo in photos)
    taken: set[str] = set()
    renamed = 0
    for photo in photos:
        stem = photo.image.stem
        if stems[stem.lower()] > 1 and photo.session:
            stem = f"{photo.session}_{stem}"
        number, free = 1, stem
        while free.lower() in taken:
            number += 1
            free = f"{stem}_{number}"
        photo.stem = free
        taken.add(free.lower())
        renamed += free != photo.image.stem
    return renamed
