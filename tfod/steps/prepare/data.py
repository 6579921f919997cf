"""Split and records, made where they are missing or older than the photos and labels they hold.

Whether something is older is judged by the times of the files, so that a workspace in which
nothing changed costs a look at its folders. What a person made is left as it is: a split by hand,
the label map, the XML.
"""

import os
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from tfod.data.folders import Folders, find_folders
from tfod.data.photo_folder import MANIFEST, PhotoFolder
from tfod.data.records.file import read_records, record_pattern
from tfod.errors import Problem, UserError
from tfod.progress import Progress
from tfod.remedies import Remedy
from tfod.steps.records.records import RecordsOptions, write_parts
from tfod.steps.split.memory import read_manifest
from tfod.steps.split.split import SplitOptions, split
from tfod.words import plural, some
from tfod.workspace import Workspace

Allow = Callable[[Problem], bool]  # whether the user agrees to what a problem asks
MADE_WITH_RECORDS_S = 1.0  # records writes the label map it makes right after the last record
SAMPLE = 50  # records of a file that are looked at to tell whose it is


def holds_images(workspace: Workspace) -> bool:
    """Whether there are images in a session or a part."""
    return workspace.images.is_dir() and find_folders(workspace.images).has_images


def prepare_data(workspace: Workspace, progress: Progress, allow: Allow) -> None:
    """Make sure that the records hold what is labelled now.

    Args:
        progress: gets a note for each step that ran.
        allow: asked before records of other photos are replaced.

    Raises:
        UserError: nothing is labelled, or the data cannot be used; or the user did not agree.
    """
    train = _files(workspace.record("train"))
    if train and not holds_images(workspace):
        return  # somebody brought only records
    folders = find_folders(workspace.images, Remedy.RUN(step="capture"))
    apart = _apart(folders)
    copies = find_folders(apart) if apart and apart.is_dir() else folders
    if _split_is_due(folders, copies):
        result = split(workspace, SplitOptions(output_dir=apart), progress)
        shares = [f"{plural(n, 'photo')} for {part}" for part, n in result.images.items()]
        progress.note(f"split: {', '.join(shares)}{f', in {apart}' if apart else ''}")
        for warning in result.warnings:
            progress.note(f"note: {warning}")
        copies = find_folders(apart or workspace.images)
    folders = copies
    if folders.split_by_hand and folders.sessions:
        names = some([session.path.name for session in folders.sessions])
        progress.note(f"note: photos in no part of your split are not used: {names}")
    if not _records_are_due(workspace, folders, train):
        return
    for part, folder in folders.parts.items():
        _ask_for(workspace.record(part), folder, allow)
    written = write_parts(workspace, RecordsOptions(images_dir=apart), progress)
    images = sum(part.images for part in written.parts.values())
    boxes = sum(part.boxes for part in written.parts.values())
    progress.note(f"records: {plural(images, 'image')}, {plural(boxes, 'box')}")
    for warning in written.warnings:
        progress.note(f"note: {warning}")


def _apart(folders: Folders) -> Path | None:
    """Where a test is split off a train/ that somebody made alone; None for all else."""
    is_alone = folders.split_by_hand and folders.parts.keys() == {"train"}
    return Path(folders.split_again().arguments["output"]) if is_alone else None


def _split_is_due(folders: Folders, copies: Folders) -> bool:
    """Whether originals hold something that the copies may lack; never after a split by hand."""
    if (folders.split_by_hand and _apart(folders) is None) or not folders.originals:
        return False
    made = [part for part in copies.parts.values() if part.copied]
    if not made or "train" not in copies.parts:
        return True
    split_at = min(_time(part.path / MANIFEST) for part in made)
    is_newer = _newest(folders.originals) > split_at
    return is_newer or _is_a_session_gone(made, folders.root)


def _is_a_session_gone(made: list[PhotoFolder], root: Path) -> bool:
    """Whether the copies are of a session that is there no longer."""
    photos = [photo for part in made for photo in read_manifest(part.path).get("photos", ())]
    return not all((root / name).is_dir() for name in {photo["session"] for photo in photos})


def _records_are_due(workspace: Workspace, folders: Folders, train: list[Path]) -> bool:
    """Whether a record is missing or older than a photo, an XML or the label map."""
    if not train:
        return True
    if not folders.parts:
        return False
    labelled = [part for part, one in folders.parts.items() if any(xml for _, xml in one.pairs)]
    records = {part: _files(workspace.record(part)) for part in labelled}
    if not all(records.values()):
        return True
    written = [_time(file) for files in records.values() for file in files]
    is_map_newer = _time(workspace.label_map) > max(written) + MADE_WITH_RECORDS_S
    return is_map_newer or _newest(folders.parts.values()) > min(written)


def _ask_for(record: Path, folder: PhotoFolder, allow: Allow) -> None:
    """Ask before replacing a record that holds none of the photos of its part.

    Raises:
        UserError: the user did not agree.
    """
    files = _files(record)
    if not files:
        return
    known = {image.name for image, _ in folder.pairs}
    try:
        held = [_name(one) for one in islice(read_records(files[0]), SAMPLE)]
    except UserError:
        return  # empty or damaged: nothing to lose
    if held and not known.intersection(held):
        question = Problem(
            "record-of-others",
            record,
            f"holds other photos than {folder.path} and would be replaced",
            got=held[0],
            remedy=Remedy.OVERWRITE(setting="yes"),
        )
        if not allow(question):
            raise UserError(question)


def _name(example: dict[str, list]) -> str:
    names = example.get("image/filename") or [b""]
    return Path(names[0].decode("utf-8", "replace").replace("\\", "/")).name


def _files(record: Path) -> list[Path]:
    pattern = record_pattern(record)
    return sorted(record.parent.glob(pattern.name))


def _newest(folders: Iterable[PhotoFolder]) -> float:
    """The latest change to a file of these folders, or to which files there are; seconds."""
    paths = {path for folder in folders for path in (folder.path, folder.xml_path)}
    times = [_time(path) for path in paths]
    for path in paths:
        with os.scandir(path) as entries:
            times += [e.stat().st_mtime for e in entries if e.is_file() and e.name != MANIFEST]
    return max(times, default=0.0)


def _time(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
