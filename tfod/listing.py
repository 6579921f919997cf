"""Files found and read: text, the files of a folder, and what lies there sorted out by name."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tfod.errors import UserError, refusal
from tfod.remedies import Remedy
from tfod.words import natural_key

# file names of each format that is read; the format itself is found from the content
JPEG_SUFFIXES = (".jpg", ".jpeg", ".jfif", ".jpe")
HEIC_SUFFIXES = (".heic", ".heif", ".hif")
HEIC_READER = Remedy.INSTALL(package="pi-heif")
_READ = (*JPEG_SUFFIXES, ".png", ".bmp", ".gif", ".webp", ".avif", ".tif", ".tiff")
IMAGE_SUFFIXES = (*_READ, *(HEIC_SUFFIXES if find_spec("pi_heif") else ()))
XML_SUFFIX = ".xml"
# photos that phones and cameras write, and that are not read
UNREAD_SUFFIXES = frozenset(
    (*HEIC_SUFFIXES, ".jxl", ".jp2", ".dng", ".arw", ".cr2", ".cr3", ".nef", ".orf", ".raf", ".rw2")
).difference(IMAGE_SUFFIXES)
# what systems leave among photos
JUNK = ("thumbs.db", "ehthumbs.db", "desktop.ini")
MOST_TEXT_BYTES = 50 * 2**20


def unreadable(path: Path, error: OSError) -> UserError:
    """The error of a file or folder that is missing or cannot be read."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return refusal("not-found", path, "file not found", remedy=Remedy.CHECK_PATH)
    what = f"cannot be read ({error.strerror or error})"
    return refusal("not-readable", path, what, remedy=Remedy.CHANGE_PERMISSIONS)


def read_text(path: Path, most_bytes: int = MOST_TEXT_BYTES) -> str:
    """Read a text file: UTF-8 with or without a mark, or UTF-16; line ends become \\n.

    Args:
        path: the file.
        most_bytes: a longer file is refused before it is read.

    Raises:
        UserError: the file is missing, unreadable, too large, or no text in UTF-8; names the line.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read() if size <= most_bytes else b""
    except OSError as error:
        raise unreadable(path, error) from error
    if size > most_bytes:
        raise refusal(
            "file-too-large",
            path,
            "too large for a text file of this kind",
            expected=f"at most {most_bytes:,} bytes",
            got=f"{size:,}",
            remedy=Remedy.CHECK_PATH,
        )
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        what, line = "not a text file in UTF-8", content.count(b"\n", 0, error.start) + 1
        raise refusal("not-utf8", path, what, line, remedy=Remedy.SAVE_AS_UTF8) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def files_in(folder: Path, suffixes: Sequence[str] = (), natural: bool = False) -> list[Path]:
    """List the files of a folder, without hidden ones.

    Args:
        folder: not searched deeper.
        suffixes: in lower case, such as IMAGE_SUFFIXES; upper and lower case count as equal. All
            files when empty.
        natural: sort image_2 before image_10; by code points otherwise, as records always were.

    Raises:
        UserError: there is no such folder, or it cannot be read.
    """
    return _files(Path(folder), suffixes, natural, deep=False)


def files_below(folder: Path, suffixes: Sequence[str] = (), natural: bool = False) -> list[Path]:
    """List as `files_in` the files of a folder and of all folders in it but links and hidden ones.

    Raises:
        UserError: there is no such folder, or one in it cannot be read.
    """
    return _files(Path(folder), suffixes, natural, deep=True)


def _files(folder: Path, suffixes: Sequence[str], natural: bool, deep: bool) -> list[Path]:
    places = _places(str(folder), "", suffixes, deep)
    return [folder / place for place in sorted(places, key=natural_key if natural else None)]


def _places(folder: str, inside: str, suffixes: Sequence[str], deep: bool) -> Iterator[str]:
    """The files below a folder as strings, which is much faster than as paths."""
    for entry in _entries(folder):
        name = entry.name
        if name[0] == ".":
            continue
        if deep and entry.is_dir(follow_symlinks=False):
            yield from _places(entry.path, f"{inside}{name}/", suffixes, deep)
        elif not suffixes or os.path.splitext(name)[1].lower() in suffixes:
            if _is(entry.is_file):
                yield inside + name


def _is(kind: Callable[[], bool]) -> bool:
    """Whether an entry is of a kind; a link that leads nowhere, or to itself, is of none."""
    try:
        return kind()
    except OSError:
        return False


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError) as error:
        what = "folder not found"
        raise refusal("no-such-folder", Path(folder), what, remedy=Remedy.CHECK_PATH) from error
    except OSError as error:
        raise unreadable(Path(folder), error) from error


@dataclass(frozen=True)
class Listing:
    """The files and folders in one folder, each sorted by name, without hidden and broken ones.

    Attributes:
        path: the folder.
        images: files that are named as images.
        annotations: XML files.
        folders: folders in it, links to folders too.
        unread: photos of a format that is not read.
    """

    path: Path
    images: tuple[Path, ...]
    annotations: tuple[Path, ...]
    folders: tuple[Path, ...]
    unread: tuple[Path, ...]


def list_folder(folder: Path) -> Listing:
    """Sort out what lies in a folder.

    Raises:
        UserError: there is no such folder, or it cannot be read.
    """
    kinds: dict[str, list[str]] = {"image": [], "xml": [], "folder": [], "unread": [], "": []}
    for entry in _entries(str(folder)):
        kinds[_kind(entry)].append(entry.name)
    del kinds[""]
    return Listing(folder, *(tuple(folder / n for n in sorted(names)) for names in kinds.values()))


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.name[0] == ".":
        return ""
    if _is(entry.is_dir):
        return "folder"
    suffix = os.path.splitext(entry.name)[1].lower()
    if suffix in UNREAD_SUFFIXES:
        return "unread"
    if suffix in IMAGE_SUFFIXES and _is(entry.is_file):
        return "image"
    return "xml" if suffix == XML_SUFFIX and _is(entry.is_file) else ""


def is_called_image(path: Path) -> bool:
    """Whether a file is named as an image, of a format that is read or of any other."""
    suffix = path.suffix.lower()
    return suffix in IMAGE_SUFFIXES or suffix in UNREAD_SUFFIXES


def holds_images(folder: Path) -> bool:
    """Whether there is an image in a folder or below it."""
    return any(
        os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES
        for _, _, names in os.walk(folder)
        for name in names
    )


def is_junk(path: Path) -> bool:
    """Whether no step reads it and no person made it: of the system or an editor."""
    if path.name[0] == ".":
        return True
    return path.is_file() and (path.name.lower() in JUNK or path.name.endswith("~"))
