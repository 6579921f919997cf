"""Do the record files say what the images and their XML say now?

Records are read one at a time and without TensorFlow, so the memory stays flat. A record is that of
the photo of its file name; which photos a file is compared with, its name says: train.record with
train/. Of a file of another name only the records are looked at, not what is missing.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from tfod.data.photo_folder import PARTS
from tfod.data.records.file import read_records
from tfod.data.scan import Photo
from tfod.errors import UserError
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import MOST_PLACES, Finding, Place, report
from tfod.steps.check.record_match import (
    are_boxes,
    boxes_of,
    difference,
    file_name,
    has_pixels,
    same_objects,
    wrong_class,
)

_SHARD = re.compile(r"-(\d{5})-of-(\d{5})$")


class _Note(Protocol):
    """Notes a problem with one record: its code, a detail, the photo it is about."""

    def __call__(self, code: str, detail: str, photo: Photo | None = None) -> None: ...


class _Notes:
    """What is wrong so far: counts of all, places of the first ones, by code."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.places: dict[str, list[Place]] = defaultdict(list)

    def add(self, path: Path, code: str, detail: str, photo: Photo | None = None) -> None:
        self.counts[code] += 1
        if len(self.places[code]) < MOST_PLACES:
            image = photo.image_path if photo else None
            boxes = photo.example.boxes if photo and photo.example else None
            self.places[code].append(Place(path, None, detail, image, boxes))

    def of_record(
        self, path: Path, number: int, code: str, detail: str, photo: Photo | None = None
    ) -> None:
        self.add(path, code, f"record {number}: {detail}", photo)


def records(dataset: Dataset) -> list[Finding]:
    """Compare the record files with the images, the XML and the label map."""
    notes = _Notes()
    for files in _by_record(dataset.records):
        _compare(dataset, files, notes)
    return [
        finding
        for code, count in notes.counts.items()
        for finding in report(code, notes.places[code], count=count)
    ]


def _by_record(files: Sequence[Path]) -> list[list[Path]]:
    """Put the shards of one record together."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        groups[_SHARD.sub("", str(path))].append(path)
    return list(groups.values())


def _compare(dataset: Dataset, files: Sequence[Path], notes: _Notes) -> None:
    """Compare the files of one record with the photos they were made of."""
    part = re.split(r"[._-]", files[0].name)[0].lower()
    photos = dataset.part(part) if part in PARTS else []
    if part in PARTS and dataset.folder.name == part:  # looked at alone
        photos = dataset.photos
    if part == "val" and not photos and dataset.part("train"):
        for path in files:
            notes.add(path, "val-record-left", "")
        return
    by_name: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos or dataset.photos:
        if photo.labelled:
            by_name[photo.image_path.name].append(photo)
    seen: set[str] = set()
    whole = _has_all_shards(files, notes)
    for path in files:
        try:
            for number, record in enumerate(read_records(path), start=1):
                note = partial(notes.of_record, path, number)
                name = file_name(record)
                if name in seen:
                    note("record-twice", name)
                seen.add(name)
                _check_record(record, name, by_name.get(name, []), dataset, note)
        except UserError as error:
            whole = False
            notes.add(path, "record-unreadable", error.problems[0].sentence(""))
    if photos and whole:  # all there should be is known
        for name, group in by_name.items():
            if name not in seen:
                image = group[0].image_path
                notes.add(image, "record-missing", f"not in {files[0].name}", group[0])


def _check_record(
    record: dict[str, list], name: str, photos: Sequence[Photo], dataset: Dataset, note: _Note
) -> None:
    """Look at one record, and compare it with the photos of its name (several in sessions)."""
    encoded = b"".join(record.get("image/encoded", [])[:1])
    if not encoded:
        note("record-without-image", name)
    boxes = boxes_of(record)
    names = [text.decode("utf-8", "replace") for text in record.get("image/object/class/text", [])]
    numbers = record.get("image/object/class/label", [])
    if not are_boxes(boxes):
        note("record-box-outside", name)
    other_class = wrong_class(names, numbers, dataset.label_map)
    if other_class:
        note("record-class-number", f"{name}: {other_class}")
    if not names and dataset.label_map is not None:  # a record may hold numbers alone
        names = [dataset.label_map.names.get(number, f"class {number}") for number in numbers]
    if not photos:
        note("record-of-no-image", name)
    elif not any(same_objects(boxes, names, photo) for photo in photos):
        note("record-boxes-differ", f"{name}: {difference(boxes, names, photos[0])}", photos[0])
    elif encoded and not any(has_pixels(encoded, photo) for photo in photos):
        note("record-image-differs", name, photos[0])


def _has_all_shards(files: Sequence[Path], notes: _Notes) -> bool:
    """Whether no shard is missing; notes those that are."""
    shards = [match for path in files if (match := _SHARD.search(path.name))]
    numbers = {int(shard[1]) for shard in shards}
    missing = set(range(max((int(shard[2]) for shard in shards), default=0))) - numbers
    for number in sorted(missing):
        name = _SHARD.sub(f"-{number:05d}-of-{shards[0][2]}", files[0].name)
        notes.add(files[0].with_name(name), "record-unreadable", "the shard is missing")
    return not missing
