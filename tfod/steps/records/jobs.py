"""Folders of labelled images into record files, all of them or none; and what was written."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from itertools import islice
from pathlib import Path

from tfod.data.other_labels import OtherLabels, find_other_labels
from tfod.data.photo_folder import PhotoFolder
from tfod.data.records.file import remove_other_shards, shard_paths
from tfod.data.records.write import COLUMNS, Counts, Written, check_photos, write_shards
from tfod.data.scan import Photo, scan
from tfod.data.stated_sizes import in_doubt
from tfod.errors import Problem, UserError, refusal
from tfod.files import whole_file
from tfod.labels import LabelMap, read_label_map, write_label_map
from tfod.progress import Progress
from tfod.remedies import Remedy
from tfod.words import closest, plural, some, told_apart

MOST_NAMES = 5  # of classes in a message


@dataclass(kw_only=True)
class RecordsResult(Counts):
    """What was written of one folder.

    Attributes:
        files: the record files, one per shard.
        boxes: number of boxes.
        classes: class name -> number of boxes, in the order of the label map.
        unlabelled: images without an XML, left out.
        suggested: images with boxes that a model suggested and nobody has checked, left out.
        orphans: XML files without an image, left out.
        unread: names of photos of a format that is not read, left out.
        other_labels: labels in other formats of images without XML.
        csv_path: the CSV that was written, or None.
        label_map_made: the label map that was made from the classes found, or None.
    """

    files: list[Path]
    boxes: int
    classes: dict[str, int]
    unlabelled: int
    suggested: int
    orphans: int
    unread: list[str]
    other_labels: list[OtherLabels]
    csv_path: Path | None = None
    label_map_made: Path | None = None


@dataclass
class Job:
    """One folder to write: its photos, and where they go."""

    folder: PhotoFolder
    record_path: Path
    csv_path: Path | None = None
    photos: list[Photo] = field(default_factory=list)
    suggested: int = 0


def write_jobs(
    jobs: Sequence[Job], label_map: LabelMap | Path, shards: int, progress: Progress
) -> list[RecordsResult]:
    """Write record and CSV of each folder, and the label map when it is to be made: all or none.

    A new train.record next to a test.record of an earlier split would share photos with it.
    """
    for job in jobs:
        _read_annotations(job, progress)
    photos = [photo for job in jobs for photo in job.photos]
    class_ids, made = _class_ids(label_map, photos)
    problems = _unknown_classes(photos, class_ids, label_map)
    if problems or any(photo.xml_problem for photo in photos):
        _raise(jobs, problems + check_photos(photos, progress))
    all_files = [shard_paths(job.record_path, shards) for job in jobs]
    written = []
    with ExitStack() as stack:
        for job, files in zip(jobs, all_files, strict=True):
            temporary = [stack.enter_context(whole_file(file)) for file in files]
            with_rows = job.csv_path is not None
            written.append(write_shards(job.photos, temporary, class_ids, with_rows, progress))
            if job.csv_path is not None:
                _write_csv(stack.enter_context(whole_file(job.csv_path)), written[-1].rows)
        if made is not None:
            write_label_map(stack.enter_context(whole_file(made)), list(class_ids))
        _raise(jobs, [problem for one in written for problem in one.problems])
    doubts = iter(in_doubt([size for one in written for size in one.sizes]))  # of all parts
    results: list[RecordsResult] = []
    for job, files, one in zip(jobs, all_files, written, strict=True):
        remove_other_shards(job.record_path, files)
        one.resized = sum(islice(doubts, len(one.sizes)))
        results.append(_result(job, files, one, class_ids, None if results else made))
    return results


def _read_annotations(job: Job, progress: Progress) -> None:
    """Fill in the labelled photos of a job; boxes that are only suggested are left out.

    Raises:
        UserError: nothing in the folder is labelled.
    """
    labelled = replace(job.folder, pairs=tuple(pair for pair in job.folder.pairs if pair[1]))
    if not labelled.pairs:
        raise nothing_labelled(job.folder, "images without XML")
    photos = list(scan([labelled], "xml", progress))
    job.photos = [photo for photo in photos if not photo.suggested]
    job.suggested = len(photos) - len(job.photos)
    if not job.photos:
        raise nothing_labelled(job.folder, "images with boxes that a model suggested")


def nothing_labelled(folder: PhotoFolder, got: str) -> UserError:
    """The error of a folder without labels of a person, with what brings some in."""
    what, remedy = "no image is labelled", Remedy.RUN(step="label")
    if folder.part and not folder.copied:
        remedy = Remedy.RUN(step="label", name=folder.path.as_posix())
    if others := find_other_labels([folder]):
        remedy = others[0].remedy
    got = f"{len(folder.pairs):,} {got}"
    return refusal("nothing-labelled", folder.path, what, got=got, remedy=remedy)


def _class_ids(
    label_map: LabelMap | Path, photos: Sequence[Photo]
) -> tuple[dict[str, int], Path | None]:
    """Class name -> 1-based id, and the path where a label map has to be written, if any."""
    if isinstance(label_map, LabelMap):
        return label_map.ids, None
    path = Path(label_map)
    if path.exists():
        return read_label_map(path).ids, None
    names = {name for photo in photos if photo.annotation for name in photo.annotation.names}
    names.discard("")  # of a box without a class, which is a problem of its own
    ids = {name: index for index, name in enumerate(sorted(names), start=1)}
    return ids, path if ids else None


def _unknown_classes(
    photos: Sequence[Photo], class_ids: Mapping[str, int], label_map: LabelMap | Path
) -> list[Problem]:
    """Name each class that the label map lacks, once, with the nearest one it has."""
    files: dict[str, list[Path]] = {}
    for photo in photos:
        for name in dict.fromkeys(photo.annotation.names if photo.annotation else ()):
            if name and name not in class_ids and photo.xml_path:
                files.setdefault(name, []).append(photo.xml_path)
    problems = []
    for name, paths in files.items():
        near = closest(name, class_ids)
        shown, meant = told_apart(name, near or "")
        problems.append(
            Problem(
                "class-unknown",
                "the label map" if isinstance(label_map, LabelMap) else label_map,
                f"no class {shown}",
                expected=some(list(class_ids), MOST_NAMES),
                got=f"{plural(len(paths), 'file')} with it, first {paths[0].name}",
                remedy=Remedy.DID_YOU_MEAN(name=meant) if near else Remedy.ADD_CLASS,
            )
        )
    return problems


def _raise(jobs: Sequence[Job], problems: Sequence[Problem]) -> None:
    """Report what is wrong with the photos, all of it together."""
    if not problems:
        return
    copies = [job.folder.path for job in jobs if job.folder.copied]
    in_session = Remedy.CORRECT_ORIGINAL
    problems = [
        replace(problem, remedy=in_session)
        if isinstance(problem.where, Path) and problem.where.parent in copies
        else problem
        for problem in problems
    ]
    folders = " and ".join(str(job.folder.path) for job in jobs)
    raise UserError(*problems, heading=f"problems in {folders}, nothing was written")


def _write_csv(csv_path: Path, rows: Sequence[tuple]) -> None:
    import pandas as pd

    table = pd.DataFrame(rows, columns=[*COLUMNS])
    table.to_csv(csv_path, index=False, errors="surrogateescape")  # names as they are


def _result(
    job: Job, files: list[Path], written: Written, class_ids: Mapping[str, int], made: Path | None
) -> RecordsResult:
    return RecordsResult(
        files=files,
        **{count.name: getattr(written, count.name) for count in fields(Counts)},
        boxes=written.boxes.total(),
        classes={name: written.boxes[name] for name in class_ids if written.boxes[name]},
        unlabelled=sum(xml is None for _, xml in job.folder.pairs),
        suggested=job.suggested,
        orphans=len(job.folder.orphans),
        unread=[path.name for path in job.folder.unread],
        other_labels=find_other_labels([job.folder]),
        csv_path=job.csv_path,
        label_map_made=made,
    )
