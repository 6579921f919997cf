"""New files put among those of a folder, all or none, and what was in it before."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tfod.data.photo_folder import is_copy
from tfod.errors import Problem, UserError
from tfod.files import IMAGE_SUFFIXES, PART, disk_problems, files_in, refuse_file, whole_folder
from tfod.remedies import Remedy
from tfod.steps.convert.read_coco import find_coco
from tfod.steps.convert.read_csv import find_csv
from tfod.steps.convert.rows import PART_ORDER, DataSet
from tfod.steps.convert.take_images import LEAVE, is_in_place
from tfod.steps.convert.write import Target
from tfod.steps.convert.yolo_folder import CLASSES
from tfod.words import plural, some


@contextmanager
def added_files(folder: Path, overwrite: bool) -> Iterator[Path]:
    """Give a temporary folder; move what is in it into `folder` when the block succeeds.

    Raises:
        UserError: a file is there already (and may not be replaced), or cannot be written.
    """
    refuse_file(folder)
    if not folder.exists():
        with whole_folder(folder) as temporary:
            yield temporary
        return
    with disk_problems(folder), TemporaryDirectory(prefix=PART, dir=folder) as name:
        temporary = Path(name)
        yield temporary
        names = files_of(temporary)
        refuse_existing(folder, names, overwrite)
        _move(temporary, folder, names)


def files_of(folder: Path) -> list[Path]:
    """The files in a folder and all below it, from the folder, sorted."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def refuse_existing(folder: Path, names: Sequence[Path], overwrite: bool) -> None:
    """Make sure that no file of the user is lost.

    Raises:
        UserError: some of the names exist in the folder.
    """
    existing = [folder / name for name in names if os.path.lexists(folder / name)]
    folders = [path for path in existing if path.is_dir()]
    if folders or (existing and not overwrite):
        path, *others = folders or existing
        more = f", and {plural(len(others), 'other file')} to be written as well" if others else ""
        raise UserError(
            Problem(
                "already-exists",
                path,
                f"exists already{more}; nothing was written",
                remedy=Remedy.MOVE_AWAY if folders else Remedy.OVERWRITE(setting="overwrite"),
            )
        )


def _move(temporary: Path, folder: Path, names: Sequence[Path]) -> None:
    """Move files into their places; when one fails, put everything back as it was."""
    aside = temporary / ".replaced"
    with ExitStack() as undo:
        for name in names:
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(place):
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(place, aside / name)
                undo.callback(os.replace, aside / name, place)
            else:
                undo.callback(place.unlink, missing_ok=True)
            os.replace(temporary / name, place)
        undo.pop_all()


def refuse_split(data: DataSet, target: Target, take: str, source: Path) -> None:
    """Keep the images of others out of the folders that `split` made.

    Raises:
        UserError: images would come into one of them.
    """
    stays = take == LEAVE and target.format != "voc"
    if stays or all(is_in_place(row, target) for row in data.rows):
        return
    for part in PART_ORDER if any(data.parts) else ("",):
        folder = target.folder / target.images(part)
        if is_copy(folder):
            raise UserError(
                Problem(
                    "split-folder",
                    folder,
                    "split made this folder, and other images would get among its copies",
                    expected="a new folder",
                    remedy=Remedy.USE(value=_new_folder(target, source)),
                )
            )


def _new_folder(target: Target, source: Path) -> Path:
    """A folder next to the target with the name of the set."""
    name = (source if source.is_dir() else source.parent).resolve().name
    folder = target.folder.parent / name
    return target.folder.parent / f"{name}_{target.format}" if folder.exists() else folder


def from_before(target: Target, data: DataSet, written: Sequence[Path]) -> list[str]:
    """Say which files a conversion left that readers of its folder take together with its own.

    Args:
        target: what went where.
        data: what was written.
        written: the files that were written, from the folder.
    """
    new = {target.folder / name for name in written}
    new |= {target.folder / target.images(row.part) / row.name for row in data.rows}
    old = [path for path in _read_there(target) if path not in new]
    if not old:
        return []
    first = some([path.relative_to(target.folder).as_posix() for path in old])
    return [
        f"{plural(len(old), 'file')} from before still in {target.folder}, read with the new "
        f"ones: {first}; move away what you do not want"
    ]


def _read_there(target: Target) -> list[Path]:
    """The files in the target of a format that readers of the folder take, sorted."""
    if target.format in ("coco", "csv"):
        find = find_coco if target.format == "coco" else find_csv
        return [] if target.is_file else find(target.path)  # a file is read alone
    suffixes = [".xml"] if target.format == "voc" else [".txt", *IMAGE_SUFFIXES]
    folders = {
        target.folder / name(part) for part in PART_ORDER for name in (target.images, target.labels)
    }
    found = [
        path
        for folder in folders
        if folder.is_dir() and not is_copy(folder)
        for path in files_in(folder, suffixes)
    ]
    return sorted(path for path in found if path.name.lower() not in CLASSES)
