"""Do the record files say what the images and their XML say now?

Records are read one at a time and without TensorFlow, so the memory stays flat. A record is that of
the photo of its file name; which photos a file is compared with, its name says: train.record with
train/. Of a file of another name only the records are looked at, not what is missing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tfod.data.photo_folder import PARTS
from tfod.data.records.file import read_records
from tfod.data.scan import Photo
from tfod.errors import UserError
from tfod.steps.check.finding import MOST_PLACES, Finding, Place, Severity
from tfod.steps.check.record_match import (
    are_boxes,
    boxes_of,
    difference,
    file_name,
    has_pixels,
    same_objects,
    wrong_class,
)
from tfod.steps.check.scan import Dataset

AGAIN = "Write them again: `tfod records`."
_SHARD = re.compile(r"-(\d{5})-of-(\d{5})$")

# check -> severity, what, remedy
KINDS: dict[str, tuple[Severity, str, str]] = {
    "record-unreadable": ("error", "record files are missing, cut off or damaged", AGAIN),
    "record-without-image": ("error", "records hold no image", AGAIN),
    "record-boxes-differ": ("error", "records have other boxes or classes than the XML", AGAIN),
    "record-image-differs": ("error", "records hold other pixels than the image file", AGAIN),
    "record-box-outside": (
        "error",
        "records have boxes outside the image, swapped or without area",
        "Run `tfod check --fix` on the images, then `tfod split` and `tfod records`.",
    ),
    "record-class-number": (
        "error",
        "records have class names or numbers that the label map does not have so",
        "Write them again with the right label map: `tfod records --label-map FILE`.",
    ),
    "record-of-no-image": (
        "warning",
        "records are of images that are not there, in another part, or not labelled",
        AGAIN,
    ),
    # of another beginning than the others: writing the records again does not end this one
    "val-record-left": (
        "warning",
        "record files are of an earlier split: there is no val/ now, its photos may be in train",
        "Delete them.",
    ),
    "record-missing": ("warning", "labelled images are in no record", AGAIN),
    "record-twice": ("warning", "images are in a record file twice", AGAIN),
    "record-older": ("info", "record files are older than the newest XML, but say the same", AGAIN),
}


@dataclass
class _Told:
    """What is wrong so far: counts of all, places of the first ones."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    places: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))

    def tell(self, check: str, path: Path, detail: str, photo: Photo | None = None) -> None:
        self.counts[check] += 1
        if len(self.places[check]) < MOST_PLACES:
            image = photo.image_path if photo else None
            boxes = photo.example.boxes if photo and photo.example else None
            self.places[check].append(Place(path, None, detail, image, boxes))


def records(dataset: Dataset) -> list[Finding]:
    """Compare the record files with the images, the XML and the label map."""
    told = _Told()
    for files in _by_record(dataset.records):
        _compare(dataset, files, told)
    return [
        Finding(check, severity, told.counts[check], what, remedy, told.places[check])
        for check, (severity, what, remedy) in KINDS.items()
        if told.counts[check]
    ]


def _by_record(files: Sequence[Path]) -> list[list[Path]]:
    """Put the shards of one record together."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        groups[_SHARD.sub("", str(path))].append(path)
    return list(groups.values())


def _compare(dataset: Dataset, files: Sequence[Path], told: _Told) -> None:
    """Compare the files of one record with the photos they were made of."""
    part = re.split(r"[._-]", files[0].name)[0].lower()
    photos = dataset.part(part) if part in PARTS else []
    if part == "val" and not photos and dataset.part("train"):
        for path in files:
            told.tell("val-record-left", path, "")
        return
    complete = bool(photos)  # what is not in the record is missing there
    by_name: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos or dataset.photos:
        if photo.labelled:
            by_name[photo.image_path.name].append(photo)
    seen: set[str] = set()
    before = sum(told.counts.values())
    whole = _tell_missing_shards(files, told)
    for path in files:
        try:
            for number, record in enumerate(read_records(path), start=1):
                tell = partial(_tell, told, path, number)
                name = file_name(record)
                if name in seen:
                    tell("record-twice", name)
                seen.add(name)
                _check_record(record, name, by_name.get(name, []), dataset, tell)
        except UserError as error:
            whole = False
            reason = str(error).removeprefix(f"{path}: ").split(" Write it")[0]
            told.tell("record-unreadable", path, reason)
    if complete and whole:
        for name, group in by_name.items():
            if name not in seen:
                photo = group[0]
                told.tell("record-missing", photo.image_path, f"not in {files[0].name}", photo)
    if complete and sum(told.counts.values()) == before:
        _tell_older(files, [photo for group in by_name.values() for photo in group], told)


def _tell(
    told: _Told, path: Path, number: int, check: str, detail: str, photo: Photo | None = None
) -> None:
    told.tell(check, path, f"record {number}: {detail}", photo)


def _check_record(
    record: dict[str, list],
    name: str,
    photos: Sequence[Photo],
    dataset: Dataset,
    tell: Callable[..., None],
) -> None:
    """Look at one record, and compare it with the photos of its name (several in sessions)."""
    encoded = b"".join(record.get("image/encoded", [])[:1])
    if not encoded:
        tell("record-without-image", name)
    boxes = boxes_of(record)
    names = [text.decode("utf-8", "replace") for text in record.get("image/object/class/text", [])]
    numbers = record.get("image/object/class/label", [])
    if not are_boxes(boxes):
        tell("record-box-outside", name)
    wrong = wrong_class(names, numbers, dataset.label_map)
    if wrong:
        tell("record-class-number", f"{name}: {wrong}")
    if not names and dataset.label_map is not None:  # a record may hold numbers alone
        names = [dataset.label_map.names.get(number, f"class {number}") for number in numbers]
    if not photos:
        tell("record-of-no-image", name)
        return
    if any(same_objects(boxes, names, photo) for photo in photos):
        same_pixels = (has_pixels(encoded, photo) for photo in photos)
        if encoded and not any(same_pixels):
            tell("record-image-differs", name, photos[0])
    else:
        tell("record-boxes-differ", f"{name}: {difference(boxes, names, photos[0])}", photos[0])


def _tell_missing_shards(files: Sequence[Path], told: _Told) -> bool:
    """Tell the shards that are not there; True when none is missing."""
    shards = [match for path in files if (match := _SHARD.search(path.name))]
    numbers = {int(shard[1]) for shard in shards}
    missing = set(range(max((int(shard[2]) for shard in shards), default=0))) - numbers
    for number in sorted(missing):
        name = _SHARD.sub(f"-{number:05d}-of-{shards[0][2]}", files[0].name)
        told.tell("record-unreadable", files[0].with_name(name), "the shard is missing")
    return not missing


def _tell_older(files: Sequence[Path], photos: Sequence[Photo], told: _Told) -> None:
    times = list(_modified(photo.xml_path for photo in photos if photo.xml_path))
    for path in files:
        newer = sum(time > path.stat().st_mtime for time in times)
        if newer:
            told.tell("record-older", path, f"{newer} XML files are newer")


def _modified(paths: Iterator[Path]) -> Iterator[float]:
    for path in paths:
        try:
            yield path.stat().st_mtime
        except OSError:
            continue
