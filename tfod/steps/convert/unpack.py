"""A data set in a ZIP, unpacked: nothing of it comes outside its folder."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tfod.data.photo_folder import IMAGE_WORDS, PART_WORDS, without_year
from tfod.errors import UserError, refusal
from tfod.listing import is_junk, unreadable
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy

_LEFT = "__MACOSX"  # what macOS adds


def is_zip(path: Path) -> bool:
    """Whether a path is a ZIP by its name."""
    return path.suffix.lower() == ".zip" and path.is_file()


def unpack(path: Path, into: Path, progress: Progress = SILENT) -> Path:
    """Unpack a ZIP and give the folder, which has its name.

    Args:
        path: the ZIP.
        into: a folder that exists.
        progress: reports each file.

    Raises:
        UserError: it is damaged, has a password or an unknown compression; no space is left.
    """
    folder = into / (path.stem or "set")
    folder.mkdir()
    try:
        with zipfile.ZipFile(path) as packed:
            members = [m for m in packed.infolist() if not m.filename.startswith(_LEFT)]
            _check_space(path, sum(member.file_size for member in members), into)
            for member in progress.track(members, f"unpacking {path.name}"):
                packed.extract(member, folder)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        what = f"not a ZIP, or damaged ({error})"
        raise refusal("zip-damaged", path, what, remedy=Remedy.COPY_AGAIN) from error
    except RuntimeError as error:  # a password, or a compression that Python does not know
        what, remedy = f"cannot be unpacked ({error})", Remedy.CHOOSE_FOLDER
        expected = "a ZIP without a password, or the folder that you unpacked"
        raise refusal("zip-locked", path, what, expected=expected, remedy=remedy) from error
    except OSError as error:
        raise unreadable(path, error) from error
    return inner(folder)


@contextmanager
def named_after(path: Path, scratch: Path) -> Iterator[None]:
    """Name what is wrong with unpacked files by their places in the file that they came from."""
    try:
        yield
    except UserError as error:
        problems = (replace(one, where=_in(path, one.where, scratch)) for one in error.problems)
        raise UserError(*problems, heading=error.heading) from error


def _in(path: Path, where: Path | str | None, scratch: Path) -> Path | str | None:
    if not isinstance(where, Path) or scratch not in where.parents:
        return where
    return path.joinpath(*where.relative_to(scratch).parts[1:])


def _check_space(path: Path, needed: int, into: Path) -> None:
    free = shutil.disk_usage(into).free
    if needed > free:
        what, remedy = f"too little space in {into} to unpack it", Remedy.FREE_SPACE
        raise refusal(
            "disk-full", path, what, expected=f"{needed:,} bytes", got=free, remedy=remedy
        )


def inner(folder: Path) -> Path:
    """The folder in which a data set lies that a folder holds alone, as ZIPs often do."""
    inside = [path for path in folder.iterdir() if not is_junk(path) and path.name != _LEFT]
    is_wrapped = len(inside) == 1 and inside[0].is_dir()
    is_named = is_wrapped and without_year(inside[0].name) in (*PART_WORDS, *IMAGE_WORDS)
    return inner(inside[0]) if is_wrapped and not is_named else folder
