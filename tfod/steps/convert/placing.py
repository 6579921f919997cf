"""File names for images that come together from several folders, and files put beside others.

New files are made in a folder of their own and moved to their place when all are there; no file of
the user is written over unless that was asked for.
"""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from tfod.errors import UserError
from tfod.files import disk_problems, refuse_file, whole_folder

COPY, LINK, LEAVE = "copy", "link", "leave"
_NO_NAME = re.compile(r'[<>:"|?*\x00-\x1f]')  # what Windows has in no file name


def flat_names(images: Sequence[Path]) -> tuple[list[str], int]:
    """Give each image a file name whose stem no other has, upper and lower case alike.

    The second of two gets the name of its folder in front, or else a number behind.

    Returns:
        The names, and how many are not those of the files.
    """
    taken: set[str] = set()
    names = []
    for image in images:
        stem, suffix = _NO_NAME.sub("_", image.stem).lstrip(".") or "image", image.suffix
        free = stem
        if stem.casefold() in taken and image.parent.name:
            free = stem = f"{_NO_NAME.sub('_', image.parent.name)}_{stem}"
        number = 1
        while free.casefold() in taken:
            number += 1
            free = f"{stem}_{number}"
        taken.add(free.casefold())
        names.append(f"{free}{suffix}")
    renamed = sum(name != image.name for name, image in zip(names, images, strict=True))
    return names, renamed


def relative_names(images: Sequence[Path]) -> list[str]:
    """Name images that stay where they are: alone when unique, else from their common folder."""
    alone = [image.name for image in images]
    if len(set(alone)) == len(alone):
        return alone
    common = os.path.commonpath([image.parent.absolute() for image in images])
    return [image.absolute().relative_to(common).as_posix() for image in images]


@contextmanager
def added_files(folder: Path, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder; move what is in it into `folder` when the block succeeds.

    Raises:
        UserError: a file is there already (and `overwrite` is not set), or cannot be written.
    """
    refuse_file(folder)
    if not folder.exists():
        with whole_folder(folder) as temporary:
            yield temporary
        return
    with disk_problems(folder), TemporaryDirectory(prefix=".part-", dir=folder) as name:
        temporary = Path(name)
        yield temporary
        made = sorted(path for path in temporary.rglob("*") if path.is_file())
        names = [path.relative_to(temporary) for path in made]
        refuse_existing(folder, names, overwrite)
        _move(temporary, folder, names)


def refuse_existing(folder: Path, names: Sequence[Path], overwrite: bool = False) -> None:
    """Make sure that no file of the user is lost.

    Raises:
        UserError: some of the names exist in the folder.
    """
    there = [folder / name for name in names if os.path.lexists(folder / name)]
    folders = [path for path in there if path.is_dir()]
    if folders or (there and not overwrite):
        path = (folders or there)[0]
        more = f" and {len(there) - 1:,} more" if len(there) > 1 else ""
        raise UserError(
            f"{path}: is there already{more}, nothing was written. Name a new folder, or replace "
            "files with --overwrite."
        )


def _move(temporary: Path, folder: Path, names: Sequence[Path]) -> None:
    """Move files into their places; when one fails, put everything back as it was."""
    aside = temporary / ".replaced"
    placed: list[Path] = []
    try:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(folder / name):
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(folder / name, aside / name)
            placed.append(name)
            os.replace(temporary / name, folder / name)
    except BaseException as error:
        for name in placed:
            (folder / name).unlink(missing_ok=True)
            if os.path.lexists(aside / name):
                os.replace(aside / name, folder / name)
        if isinstance(error, OSError):
            raise UserError(
                f"{folder / name}: cannot be written ({error.strerror}), nothing was changed. "
                "Close programs that use it, or choose another folder."
            ) from error
        raise


def take_image(image: Path, copy: Path, way: str) -> None:
    """Put an image at another place.

    Args:
        image: the file.
        copy: where it is to be.
        way: "copy"; or "link", a second name of the same file where the disk can do that.
    """
    copy.parent.mkdir(parents=True, exist_ok=True)
    if way == LINK:
        try:
            os.link(image, copy)
            return
        except OSError:  # another disk, or one without such links
            pass
    shutil.copyfile(image, copy)


def same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file."""
    return one.exists() and other.exists() and one.samefile(other)


def in_folder(folder: str, name: str) -> str:
    """Join a folder and a name with a slash; the folder may be ""."""
    return str(PurePosixPath(folder, name))
