"""What lies in one folder, sorted out by name; nothing is opened."""

import os
from dataclasses import dataclass
from pathlib import Path

from tfod.files import IMAGE_SUFFIXES, unreadable

XML_SUFFIX = ".xml"
# photos that phones, cameras and browsers write, and that are not read
UNREAD_SUFFIXES = frozenset(
    [".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".jfif"]
    + [".dng", ".arw", ".cr2", ".cr3", ".nef", ".orf", ".raf", ".rw2"]
)
# what systems and programs leave among photos, and nobody misses
JUNK = ("thumbs.db", "ehthumbs.db", "desktop.ini", "classes.txt")  # the last one is LabelImg's


@dataclass(frozen=True)
class Listing:
    """The files and folders in one folder, each sorted by name.

    Attributes:
        path: the folder.
        images: files that are named as images.
        annotations: XML files.
        folders: folders in it but hidden ones, links to folders too.
        hidden: copies that macOS makes of images and XML (._a.jpg).
        broken_links: links named as images or XML that lead nowhere.
        unread: photos of a format that is not read.
    """

    path: Path
    images: tuple[Path, ...]
    annotations: tuple[Path, ...]
    folders: tuple[Path, ...]
    hidden: tuple[Path, ...]
    broken_links: tuple[Path, ...]
    unread: tuple[Path, ...]


def list_folder(folder: Path) -> Listing:
    """Sort out what lies in a folder.

    Raises:
        UserError: there is no such folder, or it cannot be read.
    """
    kinds: dict[str, list[str]] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                kinds.setdefault(_kind(entry), []).append(entry.name)
    except OSError as error:
        raise unreadable(folder, error) from error

    def paths(kind: str) -> tuple[Path, ...]:
        return tuple(folder / name for name in sorted(kinds.get(kind, ())))

    return Listing(
        folder,
        paths("image"),
        paths("xml"),
        paths("folder"),
        paths("hidden"),
        paths("broken link"),
        paths("unread"),
    )


def _kind(entry: os.DirEntry[str]) -> str:
    suffix = os.path.splitext(entry.name)[1].lower()
    is_read = suffix in IMAGE_SUFFIXES or suffix == XML_SUFFIX
    if entry.name[0] == ".":
        return "hidden" if entry.name[:2] == "._" and is_read and entry.is_file() else "ignored"
    if entry.is_dir():
        return "folder"
    if is_read and not entry.is_file():
        return "broken link"
    if suffix in UNREAD_SUFFIXES:
        return "unread"
    if not is_read:
        return "ignored"
    return "xml" if suffix == XML_SUFFIX else "image"


def holds_images(folder: Path) -> bool:
    """Whether there is an image in a folder or below it."""
    return any(
        os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES
        for _, _, names in os.walk(folder)
        for name in names
    )


def is_junk(path: Path) -> bool:
    """Whether no step reads it and no person made it: of the system, LabelImg or an editor."""
    if path.name[0] == ".":
        return True
    return path.is_file() and (path.name.lower() in JUNK or path.name.endswith("~"))
