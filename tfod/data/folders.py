"""The folders of a data set: sessions, the copies split made of them, and what else lies there.

Knows names of files, opens only an XML whose name fits no image (as `pairs.py` does).
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.pairs import UNREAD_SUFFIXES, pair_up, unread_kinds
from tfod.data.parts import PARTS, part_names
from tfod.errors import UserError
from tfod.files import IMAGE_SUFFIXES
from tfod.workspace import IMAGES

READ = (*IMAGE_SUFFIXES, ".xml")
_NUMBER = re.compile(r"_[0-9]+$")


@dataclass(slots=True)
class Session:
    """One folder of photos.

    Attributes:
        folder: the folder.
        part: "train", "test" or "val", or the name of the session ("val (session)" for a val/ that
            is one).
        pairs: its images, each with its XML or None, sorted.
        orphans: its XML files without an image.
        hidden: copies that macOS makes (._a.jpg), which nothing reads.
        broken_links: links that lead nowhere.
        deeper: folders in it that hold images, which nothing reads.
        unread: its photos of a format that is not read.
    """

    folder: Path
    part: str
    pairs: list[tuple[Path, Path | None]] = field(default_factory=list)
    orphans: list[Path] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)
    broken_links: list[Path] = field(default_factory=list)
    deeper: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)

    @property
    def is_part(self) -> bool:
        """Whether split makes a folder of this name."""
        return self.part in PARTS


def find_sessions(folder: Path) -> list[Session]:
    """Find the folder itself and the folders in it that hold images or XML; parts come last.

    Raises:
        UserError: there is no such folder, or no image in any.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is a file (expected a folder). Name the folder it is in.")
    if not folder.exists():
        meant = IMAGES / folder
        remedy = "Check the path, or capture images first: `tfod capture`."
        if meant.is_dir():
            remedy = f"Did you mean {meant}?"
        raise UserError(f"{folder}: no such folder. {remedy}")
    entries = _entries(folder)
    folders = [entry for entry in entries if entry.name[0] != "." and entry.is_dir()]
    inner = [folder / entry.name for entry in sorted(folders, key=os.DirEntry.is_symlink)]
    sessions = [_look(folder, entries, set(inner))]
    seen = {os.path.realpath(folder)}
    for path in inner:  # a link to a folder that is looked at would show every photo twice
        real = os.path.realpath(path)
        if real not in seen:
            sessions.append(_look(path, _entries(path), set()))
        seen.add(real)
    for session in sessions:  # a link back to where the images are read
        session.deeper = [path for path in session.deeper if os.path.realpath(path) not in seen]
    sessions = [
        found for found in sessions if found.pairs or found.orphans or found.deeper or found.unread
    ]
    if not any(found.pairs for found in sessions):
        kinds = ", ".join(IMAGE_SUFFIXES)
        alone = sum(len(found.orphans) for found in sessions)
        also = f", but {alone} XML files without their images" if alone else ""
        unread = unread_kinds(path for found in sessions for path in found.unread)
        also, remedy = unread or also, "Convert them to JPEG" if unread else "Check the path"
        raise UserError(
            f"{folder}: no images here or in the folders in it ({kinds}){also}. {remedy}, or "
            "capture some: `tfod capture`."
        )
    return sorted(sessions, key=lambda found: (found.is_part, found.folder != folder, found.part))


def copies(sessions: list[Session]) -> set[Path]:
    """Find the images in parts that are copies of images in sessions: same name, same size.

    Split puts the name of the session before a name that two sessions have.
    """
    originals: set[tuple[int, str]] = set()  # size, stem
    for session in sessions:
        if not session.is_part:
            originals |= {(_size(image), image.stem) for image, _ in session.pairs}
    prefixes = ("", *(f"{session.folder.name}_" for session in sessions))
    found = set()
    for session in sessions if originals else []:
        for image, _ in session.pairs if session.is_part else []:
            size = _size(image)
            stems = {image.stem, _NUMBER.sub("", image.stem)}  # split numbers what is there twice
            if any(
                (size, stem.removeprefix(prefix)) in originals
                for stem in stems
                for prefix in prefixes
                if stem.startswith(prefix)
            ):
                found.add(image)
    return found


def _look(folder: Path, entries: Sequence[os.DirEntry], known: set[Path]) -> Session:
    """Sort what one folder holds.

    Args:
        folder: the folder.
        entries: of the folder.
        known: folders in it that are looked at for themselves.
    """
    session = Session(folder, _part(Path(os.path.abspath(folder))))  # of a link its own name
    has_images = False
    annotations = []
    for entry in entries:
        suffix = os.path.splitext(entry.name)[1].lower()
        if entry.name[0] == ".":
            if entry.name[:2] == "._" and suffix in READ and entry.is_file():
                session.hidden.append(folder / entry.name)
        elif entry.is_dir():
            if folder / entry.name not in known and _holds_images(folder / entry.name):
                session.deeper.append(folder / entry.name)
        elif suffix in READ and not entry.is_file():
            session.broken_links.append(folder / entry.name)
        elif suffix in UNREAD_SUFFIXES:
            session.unread.append(folder / entry.name)
        elif suffix == ".xml":
            annotations.append(folder / entry.name)
        else:
            has_images = has_images or suffix in READ
    if has_images:
        session.pairs, session.orphans = pair_up(folder)
    else:
        session.orphans = annotations
    return session


def _part(folder: Path) -> str:
    is_session = folder.name == "val" and "val" not in part_names(folder.parent)
    return "val (session)" if is_session else folder.name


def _entries(folder: Path) -> list[os.DirEntry]:
    """What a folder holds, sorted by name; kinds are known without opening anything."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror}).") from error


def _holds_images(folder: Path) -> bool:
    return any(
        os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES
        for _, _, names in os.walk(folder)
        for name in names
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
