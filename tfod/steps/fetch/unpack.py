"""Unpacking an archive that nobody has vouched for.

Only files and folders inside one folder of the expected name come out: no links, no devices, no
name that leads elsewhere on any system, nothing twice, and no more files or bytes than agreed.
The archive is decompressed first and read from there, so that its end and checksum are known to
be right before anything is made of it. Where the result goes, whole or not at all, is the
caller's affair.
"""

import gzip
import io
import shutil
import tarfile
import tempfile
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from tfod.errors import UserError

GZIP, TAR, TAR_AT = b"\x1f\x8b", b"ustar", 257
MOST_MEMBERS, MOST_DEPTH, MOST_NAME = 200, 6, 100
MOST_HEADER_BYTES = 1 << 20  # of one read by tarfile: headers are read whole
CHUNK_BYTES = 1 << 20
# names of devices on Windows, with any ending
DEVICES = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}
KINDS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}


class BadArchive(UserError):
    """The archive is damaged or holds what it should not; getting it again may help."""


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
        archive: .tar.gz or .tar.
        folder: is there and empty; may hold a part of the archive when this raises.
        name: the one folder at the top of the archive.
        most_bytes: most that the files may hold together.

    Raises:
        BadArchive: it is damaged, or holds what it should not.
        OSError: the disk.
    """
    with tempfile.TemporaryFile(dir=folder) as plain, _damage(archive):
        _decompress(archive, plain, most_bytes + (MOST_MEMBERS + 2) * 4096)
        reader: Any = _ShortReads(plain)
        with tarfile.open(fileobj=reader, mode="r:", errorlevel=2) as tar:
            found = _write_members(archive, tar, folder, name, most_bytes)
    if not found:
        raise _refused(archive, f"it holds no folder {name}")


def _write_members(
    archive: Path, tar: tarfile.TarFile, folder: Path, name: str, most_bytes: int
) -> int:
    """Write the members of a tar file into `folder`, one by one; give how many."""
    seen: dict[str, tuple[str, bool]] = {}
    total_bytes = count = 0
    while (member := tar.next()) is not None:
        count += 1
        if count > MOST_MEMBERS:
            raise _refused(archive, f"it holds more than {MOST_MEMBERS} files")
        parts = _parts(archive, member, name)
        if parts is None:
            continue
        _keep_apart(archive, parts, member.isdir(), seen)
        target = folder.joinpath(*parts[1:])
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        total_bytes += member.size
        if total_bytes > most_bytes:
            raise _refused(archive, f"its files are larger than {most_bytes:,} bytes")
        target.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(member)
        with open(target, "xb") as file:
            shutil.copyfileobj(source, file, CHUNK_BYTES)  # type: ignore[arg-type]
    return len(seen)


@contextmanager
def _damage(archive: Path) -> Iterator[None]:
    """Turn what gzip and tarfile say of a damaged archive into a BadArchive."""
    try:
        yield
    except EOFError:
        raise BadArchive(f"{archive}: is cut short, its end is missing.") from None
    except (
        *(tarfile.TarError, gzip.BadGzipFile, zlib.error),
        *(ValueError, OverflowError, RecursionError),
    ) as error:
        words = str(error) or type(error).__name__
        raise BadArchive(f"{archive}: is damaged ({words}).") from error


def _decompress(archive: Path, plain: IO[bytes], most_bytes: int) -> None:
    with open(archive, "rb") as packed:
        kind = looks_like(packed.read(512))
        packed.seek(0)
        if kind not in ("gzip", "tar"):
            what = {"page": "a web page", "empty": "empty"}.get(kind, "neither gzip nor tar")
            raise BadArchive(f"{archive}: is {what} (expected a .tar.gz archive).")
        source: Any = gzip.GzipFile(fileobj=packed) if kind == "gzip" else packed
        total = 0
        while chunk := source.read(CHUNK_BYTES):
            total += len(chunk)
            if total > most_bytes:
                raise _refused(archive, f"it unpacks to more than {most_bytes:,} bytes")
            plain.write(chunk)
    plain.seek(0)


def _parts(archive: Path, member: tarfile.TarInfo, name: str) -> tuple[str, ...] | None:
    """Split the name of a member into safe parts, the first being `name`; None: leave it out."""
    shown = ascii(member.name)[1:-1][:MOST_NAME]
    if member.issparse() or not (member.isreg() or member.isdir()):
        kind = KINDS.get(member.type, "a sparse file" if member.issparse() else "no file")
        raise _refused(archive, f'"{shown}" is {kind}')
    if member.size < 0:
        raise _refused(archive, f'"{shown}" has a size below 0')
    path = PurePosixPath(member.name)
    parts = path.parts
    if path.is_absolute() or ".." in parts or not all(map(_plain, parts)):
        raise _refused(archive, f'"{shown}" is no name for a file in a folder')
    if len(parts) > MOST_DEPTH:
        raise _refused(archive, f'"{shown[:40]}..." is {len(parts)} folders deep')
    if not parts or parts[-1].startswith("._"):  # "./", and what macOS adds to each file
        return None
    if parts[0] != name or (len(parts) == 1 and not member.isdir()):
        raise _refused(archive, f'it holds "{shown}" (expected only the folder {name})')
    return parts


def _plain(part: str) -> bool:
    """Whether a part of a path names the same file on every system."""
    bad = any(char in '\\:*?"<>|' or not char.isprintable() for char in part)
    device = part.partition(".")[0].lower() in DEVICES
    return not (bad or device or part != part.rstrip(". ") or len(part) > MOST_NAME)


def _keep_apart(
    archive: Path, parts: tuple[str, ...], is_folder: bool, seen: dict[str, tuple[str, bool]]
) -> None:
    """Refuse a path that is another one on a disk that ignores case, or file and folder at once."""
    for depth in range(1, len(parts) + 1):
        path = "/".join(parts[:depth])
        this = (path, is_folder or depth < len(parts))
        key = unicodedata.normalize("NFKC", path).casefold()
        before = seen.get(key)
        if before == (path, False):
            raise _refused(archive, f'"{path}" is in it twice')
        if before not in (None, this):
            raise _refused(archive, f'"{before[0]}" and "{path}" cannot both be there')
        seen[key] = this


def _refused(archive: Path, why: str) -> BadArchive:
    return BadArchive(f"{archive}: {why}. It is not unpacked.")


class _ShortReads(io.RawIOBase):
    """A file that refuses to be read into memory at large: tarfile reads a header whole."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_HEADER_BYTES:
            raise ValueError("a header of it is too large")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
