"""Do the record files say what the images and their XML say now?

Records are read one at a time and without TensorFlow, so the memory stays flat. A record is that of
the photo of its file name; which photos a file is compared with, its name says: train.record with
train/. Of a file of another name only the records are looked at, not what is missing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

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
    wrong_class,
)

_SHARD = re.compile(r"-(\d{5})-of-(\d{5})$")
Note = tuple[str, str, Photo | None]  # code, detail, the photo it is about


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


def records(dataset: Dataset) -> list[Finding]:
    """Compare the record files with the images, the XML and the label map."""
    notes = _Notes()
    shards: dict[str, list[Path]] = defaultdict(list)  # of one record
    for path in dataset.records:
        shards[_SHARD.sub("", str(path))].append(path)
    for files in shards.values():
        _compare(dataset, files, notes)
    return [
        finding
        for code, count in notes.counts.items()
        for finding in report(code, notes.places[code], count=count)
    ]


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
                name = file_name(record)
                if name in seen:
                    notes.add(path, "record-twice", f"record {number}: {name}")
                seen.add(name)
                for code, detail, about in _faults(record, name, by_name.get(name, []), dataset):
                    notes.add(path, code, f"record {number}: {detail}", about)
        except UserError as error:
            whole = False
            notes.add(path, "record-unreadable", error.problems[0].sentence(""))
    for name, group in by_name.items() if photos and whole else ():  # all there should be is known
        if name not in seen:
            image = group[0].image_path
            notes.add(image, "record-missing", f"not in {files[0].name}", group[0])


def _faults(
    record: dict[str, list], name: str, photos: Sequence[Photo], dataset: Dataset
) -> Iterator[Note]:
    """What is wrong with a record, compared with the photos of its name (several in sessions)."""
    encoded = b"".join(record.get("image/encoded", [])[:1])
    if not encoded:
        yield "record-without-image", name, None
    boxes = boxes_of(record)
    names = [text.decode("utf-8", "replace") for text in record.get("image/object/class/text", [])]
    numbers = record.get("image/object/class/label", [])
    if not are_boxes(boxes):
        yield "record-box-outside", name, None
    if other_class := wrong_class(names, numbers, dataset.label_map):
        yield "record-class-number", f"{name}: {other_class}", None
    if not names and dataset.label_map is not None:  # a record may hold numbers alone
        names = [dataset.label_map.names.get(number, f"class {number}") for number in numbers]
    if not photos:
        yield "record-of-no-image", name, None
        return
    differences = [difference(boxes, names, photo) for photo in photos]
    if all(differences):
        yield "record-boxes-differ", f"{name}: {differences[0]}", photos[0]
    elif encoded and not any(has_pixels(encoded, photo) for photo in photos):
        yield "record-image-differs", name, photos[0]


def _has_all_shards(files: Sequence[Path], notes: _Notes) -> bool:
    """Whether no shard is missing; notes those that are."""
    shards = [match for path in files if (match := _SHARD.search(path.name))]
    numbers = {int(shard[1]) for shard in shards}
    missing = set(range(max((int(shard[2]) for shard in shards), default=0))) - numbers
    for number in sorted(missing):
        name = _SHARD.sub(f"-{number:05d}-of-{shards[0][2]}", files[0].name)
        notes.add(files[0].with_name(name), "record-unreadable", "the shard is missing")
    return not missing
