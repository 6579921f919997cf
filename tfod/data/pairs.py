"""Which image belongs to which annotation.

Knows names of files and the <filename> in an XML, nothing of boxes.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from tfod.data import annotation_xml
from tfod.errors import UserError, plural
from tfod.files import IMAGE_SUFFIXES

# photos that phones, cameras and browsers write, and that are not read
UNREAD_SUFFIXES = (
    *(".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".jfif"),
    *(".dng", ".arw", ".cr2", ".cr3", ".nef", ".orf", ".raf", ".rw2"),
)


def find_examples(folder: Path, xml_folder: Path | None = None) -> list[tuple[Path, Path | None]]:
    """Find the images in a folder, each with its XML or None, sorted by file name.

    The XML of an image has the same stem (users rename both files together, and LabelImg pairs
    them so), else it names the image in <filename>. Upper and lower case count as equal.

    Args:
        folder: the images.
        xml_folder: the annotations, when they are kept apart.

    Raises:
        UserError: a folder is missing, or holds no image.
    """
    return pair_up(folder, xml_folder)[0]


def find_orphans(folder: Path, xml_folder: Path | None = None) -> list[Path]:
    """Find the XML files that belong to no image of the folder, sorted.

    Raises:
        UserError: as `find_examples`.
    """
    return pair_up(folder, xml_folder)[1]


def pair_up(
    folder: Path, xml_folder: Path | None = None
) -> tuple[list[tuple[Path, Path | None]], list[Path]]:
    """Give what `find_examples` and what `find_orphans` find, in one go."""
    folder, xml_folder = Path(folder), Path(xml_folder or folder)
    images = [path for path in _files(folder) if path.suffix.lower() in IMAGE_SUFFIXES]
    if not images:
        kinds = ", ".join(IMAGE_SUFFIXES)
        unread = unread_kinds(_files(folder))
        remedy = f"{unread}. Convert them to JPEG." if unread else ". Check the path."
        raise UserError(f"{folder}: no images here ({kinds}){remedy}")
    annotations = [path for path in _files(xml_folder) if path.suffix.lower() == ".xml"]

    by_name = {image.name.lower(): image for image in images}
    by_stem: dict[str, list[Path]] = {}
    for image in images:
        by_stem.setdefault(image.stem.lower(), []).append(image)
    found: dict[Path, Path] = {}
    left = []
    for path in annotations:
        same_stem = by_stem.get(path.stem.lower(), [])
        if len(same_stem) > 1:  # a.jpg beside A.jpg, where the disk tells them apart
            same_stem = [image for image in same_stem if image.stem == path.stem]
        if len(same_stem) == 1 and same_stem[0] not in found:
            found[same_stem[0]] = path
        else:
            left.append(path)
    orphans = []
    for path in left:
        image = by_name.get(_stated_name(path).lower())
        if image is None or image in found:
            free = [image for image in by_stem.get(path.stem.lower(), []) if image not in found]
            image = free[0] if free else None
        if image is None:
            orphans.append(path)
        else:
            found[image] = path
    return [(image, found.get(image)) for image in images], orphans


def unread_kinds(paths: Iterable[Path]) -> str:
    """Say how many files are photos of a format that is not read, after "no images"; "" if none."""
    kinds = [path.suffix.lower() for path in paths if path.suffix.lower() in UNREAD_SUFFIXES]
    names = ", ".join(sorted(set(kinds)))
    return (
        f", but {plural(len(kinds), 'photo')} of a format that is not read ({names})"
        if kinds
        else ""
    )


def _files(folder: Path) -> list[Path]:
    """The files of a folder, sorted by name; as strings, which is much faster than as paths."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.name[0] != "." and entry.is_file()]
        return [folder / name for name in sorted(names)]
    except OSError as error:
        there = not isinstance(error, (FileNotFoundError, NotADirectoryError))
        what = f"cannot be read ({error.strerror})" if there else "no such folder"
        raise UserError(f"{folder}: {what}. Check the path.") from error


def _stated_name(xml_path: Path) -> str:
    try:
        root = annotation_xml.parse_xml(annotation_xml.read_bytes(xml_path), xml_path)
    except UserError:
        return ""  # told when the file is read for its boxes, or as an orphan
    return annotation_xml.file_name(root, xml_path)
