"""New files put among those of a folder, all or none; images copied or linked."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tfod.errors import refusal
from tfod.files import PART, disk_problems, refuse_file, whole_folder
from tfod.progress import Progress
from tfod.remedies import Remedy
from tfod.steps.convert.rows import Row
from tfod.words import plural

COPY, LINK = "copy", "link"


@contextmanager
def added_files(folder: Path, names: Sequence[Path], overwrite: bool) -> Iterator[Path]:
    """Give a temporary folder; move what is in it into `folder` when the block succeeds.

    Args:
        folder: new, or one that holds other files.
        names: files that will come, which are looked for before the long work.
        overwrite: replace those that exist.

    Raises:
        UserError: a file exists already (and may not be replaced), or cannot be written.
    """
    refuse_file(folder)
    _refuse_existing(folder, names, overwrite)
    if not folder.exists():
        with whole_folder(folder) as temporary:
            yield temporary
        return
    with disk_problems(folder), TemporaryDirectory(prefix=PART, dir=folder) as name:
        temporary = Path(name)
        yield temporary
        files = sorted(path for path in temporary.rglob("*") if path.is_file())
        names = [path.relative_to(temporary) for path in files]
        _refuse_existing(folder, names, overwrite)
        _move(temporary, folder, names)


def _refuse_existing(folder: Path, names: Sequence[Path], overwrite: bool) -> None:
    """Make sure that no file of the user is lost."""
    existing = [folder / name for name in names if os.path.lexists(folder / name)]
    folders = [path for path in existing if path.is_dir()]
    if folders or (existing and not overwrite):
        path, *others = folders or existing
        more = f", and {plural(len(others), 'other file')} that would be written" if others else ""
        remedy = Remedy.MOVE_AWAY() if folders else Remedy.OVERWRITE(setting="overwrite")
        what = f"already exists{more}; nothing was written"
        raise refusal("already-exists", path, what, remedy=remedy)


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


def take_images(rows: Sequence[Row], take: str, folder: Path, progress: Progress) -> None:
    """Copy images into a folder, or link them: second names of the same files, if the disk can."""
    for row in progress.track(rows, "copying images"):
        copy = folder / row.place
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            (os.link if take == LINK else shutil.copyfile)(os.path.realpath(row.image), copy)
        except OSError:
            if take != LINK:
                raise
            shutil.copyfile(row.image, copy)  # another disk, or one without such links
