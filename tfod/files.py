"""Outputs that are written whole or not at all, and what the disk refuses."""

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tfod.errors import UserError, refusal
from tfod.listing import unreadable
from tfod.remedies import Remedy

# full disk, full quota, larger than the file system or the user's limit allows
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# the same in words: of an error of TensorFlow nothing else is left (the last one is Windows')
FULL_WORDS = (
    *("No space left on device", "Disk quota exceeded", "File too large"),
    "There is not enough space on the disk",
)
# no permission, or a file where a folder should be, or the other way round
UNWRITABLE = (
    *(errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR),
)
PART, OLD = ".part-", ".old-"  # begin the names of what is not in place yet, or no longer


def refuse_file(path: Path) -> None:
    """Make sure that a file is not where a folder is to be made.

    Raises:
        UserError: it is.
    """
    if path.exists() and not path.is_dir():
        raise refusal(
            "file-in-the-way",
            path,
            "a file has this name",
            expected="a folder, or an unused name",
            remedy=Remedy.MOVE_AWAY,
        )


def check_writable(folder: Path) -> None:
    """Make sure that files can be made in a folder, before long work; makes the folder.

    Raises:
        UserError: they cannot.
    """
    with disk_problems(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()


def from_user(text: str | Path) -> Path:
    """Turn a path a user wrote, with either slash, into a path of this system.

    A backslash is a separator unless a file of exactly that name exists.
    """
    path = Path(text)
    if "\\" in str(text) and not path.exists():
        return Path(str(text).replace("\\", "/"))
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path next to `path`; rename it to `path` when the block succeeds.

    The folder is made when it is missing. When the block raises, nothing is left behind and a
    file that was there before is untouched.

    Raises:
        UserError: the disk is full or the folder cannot be written.
    """
    path = Path(path)
    with disk_problems(path), _new_parents(path.parent):
        temporary = path.parent / f"{PART}{secrets.token_hex(4)}{path.suffix}"
        try:  # from here on, so that Ctrl-C at any moment leaves nothing behind
            temporary.touch(exist_ok=False)  # with the rights of any new file of this user
            yield temporary
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Write a file as `whole_file` does; what was there is kept beside it as .old, .old2 ..."""
    with whole_file(path) as temporary:
        yield temporary
        if path.exists():
            names = (path.with_name(f"{path.name}.old{n}") for n in ("", *range(2, 1000)))
            with whole_file(next(name for name in names if not name.exists())) as old:
                shutil.copyfile(path, old)


@contextmanager
def _new_parents(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; those that were made are gone when the block raises."""
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # somebody else has put something there
            for path in new:
                path.rmdir()
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder next to `path`; rename it to `path` when the block succeeds.

    A folder that was at `path` is replaced, and kept when the block raises.

    Raises:
        UserError: a file is there, the disk is full or the parent folder cannot be written.
    """
    path = Path(path)
    with disk_problems(path), _new_folders(path.parent, [path.name]) as (temporary,):
        yield temporary


@contextmanager
def whole_folders(
    parent: Path, names: Sequence[str], gone: Sequence[str] = ()
) -> Iterator[dict[str, Path]]:
    """Give a temporary folder for each name; all are renamed when the block succeeds, or none.

    Args:
        parent: they will lie in it.
        names: of the folders; those that are there are replaced.
        gone: names of folders that are removed when the others are in place.

    Raises:
        UserError: as `whole_folder`.
    """
    with disk_problems(parent, names), _new_folders(parent, names, gone) as temporaries:
        yield dict(zip(names, temporaries, strict=True))


@contextmanager
def _new_folders(
    parent: Path, names: Sequence[str], gone: Sequence[str] = ()
) -> Iterator[list[Path]]:
    for name in names:
        refuse_file(parent / name)
    parent.mkdir(parents=True, exist_ok=True)
    temporaries: list[Path] = []
    try:
        for _ in names:
            temporaries.append(parent / f"{PART}{secrets.token_hex(4)}")
            temporaries[-1].mkdir()
        yield temporaries
        _put_in_place(dict(zip(names, temporaries, strict=True)), parent, gone)
    finally:
        for temporary in temporaries:
            shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(new: Mapping[str, Path], parent: Path, gone: Sequence[str]) -> None:
    """Rename folders to their names; those that were there stay when anything goes wrong."""
    before = [name for name in (*new, *gone) if (parent / name).exists()]
    aside = parent / f"{OLD}{secrets.token_hex(4)}"
    aside.mkdir()
    try:
        for name in before:
            os.replace(parent / name, aside / name)
        for name, temporary in new.items():
            os.replace(temporary, parent / name)
    except BaseException:  # on Windows when a file in it is open; or Ctrl-C
        for name, temporary in new.items():
            if not temporary.exists():
                os.replace(parent / name, temporary)
        for name in os.listdir(aside):
            os.replace(aside / name, parent / name)
        aside.rmdir()
        raise
    try:
        shutil.rmtree(aside, ignore_errors=True)
    except KeyboardInterrupt:  # all is in place, only this is left to do
        shutil.rmtree(aside, ignore_errors=True)
        raise


def full_disk(error: BaseException | None) -> str:
    """Give the reason when an error, of Python or TensorFlow, is that of a full disk; else ""."""
    if isinstance(error, OSError) and error.errno in FULL:
        return error.strerror or os.strerror(error.errno)
    return next((words for words in FULL_WORDS if words in str(error)), "")


@contextmanager
def disk_problems(path: Path, names: Sequence[str] = ()) -> Iterator[None]:
    """Turn what the disk refuses into a `UserError`: of what is written, or of what was to be read.

    Args:
        path: what is written.
        names: of the folders in `path` that are written, when the rest of it is not.
    """
    path = path if path.name else path.absolute()  # "." says little
    try:
        yield
    except Exception as error:
        # what was written inside may have said so already, of its temporary name
        reason = full_disk(error.__cause__ if isinstance(error, UserError) else error)
        if reason:
            raise refusal(
                "disk-full",
                path,
                f"the disk is full ({reason}), nothing was written",
                remedy=Remedy.FREE_SPACE,
            ) from error
        if isinstance(error, OSError) and error.errno in UNWRITABLE:
            if source := _other_file(error, [path / name for name in names] or [path]):
                raise unreadable(source, error) from error
            what = f"cannot be written ({error.strerror})"
            raise refusal("not-writable", path, what, remedy=Remedy.CHANGE_PERMISSIONS) from error
        raise


def _other_file(error: OSError, written: Sequence[Path]) -> Path | None:
    """The file that an error names when it is none of what was to be written."""
    if not isinstance(error.filename, (str, os.PathLike)):
        return None
    named = Path(os.path.abspath(error.filename))
    for path in written:
        target = Path(os.path.abspath(path))
        beside = named.relative_to(target.parent).parts if target.parent in named.parents else ()
        is_own = bool(beside) and (beside[0] == target.name or beside[0].startswith((PART, OLD)))
        if is_own or named == target.parent or named in target.parents:
            return None
    return Path(error.filename)
