"""Unpack an archive that may not be trusted.

Only files and folders inside one folder of the expected name come out: no links, no devices, no
name that leads elsewhere on any system, nothing twice, and no more files or bytes than agreed.
tarfile's own filter for data comes last. The archive is decompressed first and read from there, so
that its end and checksum are known to be right before anything is made of it. Whether the result
is put in place is up to the caller.
"""

import gzip
import tarfile
import tempfile
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from tfod.errors import Problem, UserError
from tfod.remedies import Remedy

GZIP, TAR, TAR_AT = b"\x1f\x8b", b"ustar", 257
MOST_MEMBERS, MOST_DEPTH, MOST_NAME = 200, 6, 100
MOST_HEADER_BYTES = 1 << 20  # of one read by tarfile: headers are read whole
CHUNK_BYTES = 1 << 20
DAMAGED = (
    *(tarfile.TarError, gzip.BadGzipFile, zlib.error),
    *(ValueError, OverflowError, RecursionError),
)
# names of devices on Windows, with any ending
DEVICES = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


class BadArchive(UserError):
    """The archive is damaged or holds what it should not; getting it again may help."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(replace(problem, remedy=Remedy.COPY_AGAIN) for problem in problems))


def looks_like(head: bytes) -> str:
    """Tell what a file is from its first 512 bytes: "gzip", "tar", "page", "empty" or "else"."""
    if head.startswith(GZIP):
        return "gzip"
    if head[TAR_AT : TAR_AT + len(TAR)] == TAR:
        return "tar"
    if not head.strip():
        return "empty"
    return "page" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "else"


def unpack(archive: Path, folder: Path, name: str, most_bytes: int) -> None:
    """Unpack what the folder `name` of an archive holds into `folder`.

    Args:
        archive: .tar.gz or .tar, with `name` as the one folder at its top.
        folder: is there and empty; may hold a part of the archive when this raises.
        name, most_bytes: of the folder; its files may hold no more together.

    Raises:
        BadArchive: it is damaged, or holds what it should not.
        OSError: the disk.
    """
    with tempfile.TemporaryFile(dir=folder) as plain, _damage(archive):
        _decompress(archive, plain, most_bytes + (MOST_MEMBERS + 2) * 4096)
        reader: Any = _ShortReads(plain)
        with tarfile.open(fileobj=reader, mode="r:", errorlevel=2) as tar:
            is_empty = True
            for member in _members(archive, tar, name, most_bytes):
                is_empty = False
                if member.name:  # else the folder itself
                    tar.extract(member, folder, set_attrs=False, filter="data")
    if is_empty:
        raise BadArchive(Problem("archive-other-content", archive, f"contains no folder {name}"))


def _members(
    archive: Path, tar: tarfile.TarFile, name: str, most_bytes: int
) -> Iterator[tarfile.TarInfo]:
    """Check the members of a tar file one by one; give them with names inside the folder `name`."""
    seen: dict[str, tuple[str, bool]] = {}
    total_bytes = count = 0
    while (member := tar.next()) is not None:
        count += 1
        if count > MOST_MEMBERS:
            what = f"contains more than {MOST_MEMBERS} files"
            raise BadArchive(Problem("archive-too-large", archive, what))
        _check_kind(archive, member)
        parts = _parts(archive, member, name)
        if parts is None:
            continue
        _keep_apart(archive, parts, member.isdir(), seen)
        total_bytes += member.size
        if total_bytes > most_bytes:
            what = f"its files are larger than {most_bytes:,} bytes"
            raise BadArchive(Problem("archive-too-large", archive, what))
        yield member.replace(name="/".join(parts[1:]), deep=False)


def _decompress(archive: Path, plain: IO[bytes], most_bytes: int) -> None:
    with open(archive, "rb") as packed:
        kind = looks_like(packed.read(512))
        packed.seek(0)
        if kind not in ("gzip", "tar"):
            what = {"page": "a web page", "empty": "empty"}.get(kind, "neither gzip nor tar")
            raise BadArchive(Problem("not-an-archive", archive, what, expected="a .tar.gz archive"))
        source: Any = gzip.GzipFile(fileobj=packed) if kind == "gzip" else packed
        total = 0
        while chunk := source.read(CHUNK_BYTES):
            total += len(chunk)
            if total > most_bytes:
                what = f"unpacks to more than {most_bytes:,} bytes"
                raise BadArchive(Problem("archive-too-large", archive, what))
            plain.write(chunk)
    plain.seek(0)


@contextmanager
def _damage(archive: Path) -> Iterator[None]:
    """Turn what gzip and tarfile say of a damaged archive into a BadArchive."""
    try:
        yield
    except EOFError:
        problem = Problem("archive-cut-short", archive, "incomplete: the end is missing")
        raise BadArchive(problem) from None
    except DAMAGED as error:
        what = f"damaged ({str(error) or type(error).__name__})"
        raise BadArchive(Problem("archive-damaged", archive, what)) from error


def _check_kind(archive: Path, member: tarfile.TarInfo) -> None:
    is_plain = (member.isreg() and not member.issparse()) or member.isdir()
    if not is_plain or member.size < 0:
        what = f'contains "{_shown(member)}", a link, a device or another special file'
        raise BadArchive(Problem("archive-unsafe-file", archive, what))


def _parts(archive: Path, member: tarfile.TarInfo, name: str) -> tuple[str, ...] | None:
    """Split the name of a member into safe parts, the first being `name`; None: leave it out."""
    parts = PurePosixPath(member.name).parts
    if not all(map(_is_safe, parts)) or len(parts) > MOST_DEPTH:
        what = f'contains the unsafe file name "{_shown(member)}"'
        raise BadArchive(Problem("archive-unsafe-name", archive, what))
    if not parts or parts[-1].startswith("._"):  # "./", and what macOS adds to each file
        return None
    if parts[0] != name or (len(parts) == 1 and not member.isdir()):
        what, expected = f'contains "{_shown(member)}"', f"only the folder {name}"
        raise BadArchive(Problem("archive-other-content", archive, what, expected=expected))
    return parts


def _is_safe(part: str) -> bool:
    """Whether a part of a path names the same file, and no device, on every system."""
    is_odd = any(char in '/\\:*?"<>|' or not char.isprintable() for char in part)
    is_device = part.partition(".")[0].lower() in DEVICES
    return not (is_odd or is_device or part != part.rstrip(". ") or len(part) > MOST_NAME)


def _keep_apart(
    archive: Path, parts: tuple[str, ...], is_folder: bool, seen: dict[str, tuple[str, bool]]
) -> None:
    """Refuse a path that is another one on a disk that ignores case, or file and folder at once."""
    for depth in range(1, len(parts) + 1):
        path = "/".join(parts[:depth])
        this = (path, is_folder or depth < len(parts))
        key = unicodedata.normalize("NFKC", path).casefold()
        before = seen.get(key)
        if before is not None and (before != this or not this[1]):  # a file is there once
            what = f'"{before[0]}" and "{path}" in it cannot both be unpacked'
            raise BadArchive(Problem("archive-names-collide", archive, what))
        seen[key] = this


def _shown(member: tarfile.TarInfo) -> str:
    return ascii(member.name)[1:-1][:MOST_NAME]


class _ShortReads:
    """A file that refuses to be read into memory at large: tarfile reads a header whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_HEADER_BYTES:
            raise ValueError("a header is too large")
        return self._file.read(size)
