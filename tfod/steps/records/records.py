"""Labelled images to TFRecord files, as generate_tfrecord.py of the tutorial made them.

    write_parts(Workspace("."))

All annotations are read first; then each image is read once, checked, and written. When anything is
wrong all problems are reported together and no file is left. Class ids are 0-based inside and
1-based in the file.
"""

from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.folders import Folders, find_folders, is_called_like_a_part
from tfod.data.other_labels import find_other_labels
from tfod.data.photo_folder import PhotoFolder, no_images, read_folder
from tfod.errors import UserError, refusal
from tfod.labels import LabelMap
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.records.jobs import Job, RecordsResult, nothing_labelled, write_jobs
from tfod.workspace import Workspace

MOST_SHARDS = 1000


@dataclass(frozen=True)
class RecordsOptions:
    """Further options of `write_records` and `write_parts`.

    Attributes:
        shards: number of files that a record is spread over, in turn.
        csv_path: of `write_records`: also write the boxes as the tutorial's CSV.
        xml_dir: of `write_records`: folder of the XML files, when they are kept apart.
        images_dir: of `write_parts`: holds the parts; the images of the workspace when None.
        output_dir: of `write_parts`: gets the records; annotations/ of the workspace when None.
        label_map: of `write_parts`: its path; in `output_dir` when None.
        with_csv: of `write_parts`: also write a CSV of each part.
    """

    shards: int = 1
    csv_path: Path | None = None
    xml_dir: Path | None = None
    images_dir: Path | None = None
    output_dir: Path | None = None
    label_map: Path | None = None
    with_csv: bool = False


@dataclass(frozen=True)
class PartsResult:
    """What was written of all parts.

    Attributes:
        parts: "train", "test" and, if there is one, "val" -> what was written of it.
        warnings: folders that were left out or have another use than their name says, in words.
    """

    parts: dict[str, RecordsResult]
    warnings: list[str] = field(default_factory=list)


def write_records(
    images_dir: Path,
    record_path: Path,
    label_map: LabelMap | Path,
    options: RecordsOptions = RecordsOptions(),
    progress: Progress = SILENT,
) -> RecordsResult:
    """Write the labelled images of a folder to one record file, sorted by file name.

    Args:
        images_dir: folder of images, each with its XML next to it.
        record_path: the file to write; with shards, `<record_path>-00000-of-00004` and so on.
        label_map: label map, or the path of one; made there from the class names found, sorted,
            when there is none.
        options: number of shards, CSV, folder of the XML.
        progress: counts the images.

    Raises:
        UserError: something in the data is wrong (all of it is reported), or nothing can be
            written.
    """
    record_path = Path(record_path)
    _check_output(record_path, options.shards)
    folder = read_folder(Path(images_dir), options.xml_dir)
    job = Job(folder, record_path, options.csv_path)
    (result,) = write_jobs([job], label_map, options.shards, progress)
    return result


def write_parts(
    workspace: Workspace, options: RecordsOptions = RecordsOptions(), progress: Progress = SILENT
) -> PartsResult:
    """Write train.record, test.record and, where there is such a part, val.record: all or none.

    A set without a test is tested with its val: test.record then holds that.

    Args:
        workspace: where images and records are.
        options: other places, number of shards, CSV.
        progress: counts the images.

    Raises:
        UserError: as `write_records`, and then no record is written.
    """
    output_dir = options.output_dir or workspace.annotations
    missing = Remedy.CHECK_PATH() if options.images_dir else Remedy.RUN(step="capture")
    folders = find_folders(options.images_dir or workspace.images, missing)
    parts, warnings = _parts(folders, options.images_dir)
    jobs = []
    for part, folder in parts.items():
        csv_path = output_dir / f"{part}.csv" if options.with_csv else None
        jobs.append(Job(folder, output_dir / f"{part}.record", csv_path))
        _check_output(jobs[-1].record_path, options.shards)
    label_map = options.label_map or output_dir / workspace.label_map.name
    results = write_jobs(jobs, label_map, options.shards, progress)
    return PartsResult(dict(zip(parts, results, strict=True)), warnings)


def _parts(folders: Folders, given: Path | None) -> tuple[dict[str, PhotoFolder], list[str]]:
    """The parts to write, and what was left out that could be taken for one.

    Raises:
        UserError: there is none for train or test.
    """
    parts = folders.used
    for part in ("train", "test"):
        if part not in parts:
            raise _missing_part(folders, part, given)
    warnings = [f"{folders.parts['val'].path} is used as test"] if folders.val_is_test else []
    warnings += [
        f"{session.path} is not part of this split and was left out: split the sessions again "
        "or rename it"
        for session in folders.sessions
        if is_called_like_a_part(session) and not all(part.copied for part in parts.values())
    ]
    val = parts.get("val")
    if val is not None and not val.has_xml:
        del parts["val"]
    used = [folder.path for folder in parts.values()]
    warnings += [
        f"{folder.path} was left out: no image in it is labelled"
        for folder in folders.parts.values()
        if folder.path not in used
    ]
    return parts, warnings


def _missing_part(folders: Folders, part: str, given: Path | None) -> UserError:
    folder = folders.root / part
    unread = [found for found in folders.found if found.path == folder]
    if unread:
        return no_images(folder, unread)
    if not folders.has_images:
        return no_images(folders.root, folders.found)
    for bare in folders.parts.values():
        if not bare.copied and not bare.has_xml and find_other_labels([bare]):
            return nothing_labelled(bare, "images without XML")
    what = "no images in it" if folder.is_dir() else "folder not found"
    return refusal("part-missing", folder, what, remedy=folders.split_again(given))


def _check_output(record_path: Path, shards: int) -> None:
    if not 1 <= shards <= MOST_SHARDS:
        expected = f"1 to {MOST_SHARDS:,}"
        what = "not a number of files"
        raise refusal(
            "number-out-of-range", what=what, setting="shards", expected=expected, got=shards
        )
    if record_path.is_dir():
        what = "this is a folder"
        remedy = Remedy.USE(value=record_path / "train.record")
        raise refusal("folder-in-the-way", record_path, what, expected="a file", remedy=remedy)
