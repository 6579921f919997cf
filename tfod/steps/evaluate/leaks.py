"""Photos of the test that look like one of the training: the figures say less than they seem to.

Compares what the records hold, as `check` and `split` compare files.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfod.config.messages import InputReader
from tfod.data.images import small_grey
from tfod.data.near_duplicates import is_near, look_of, nearest
from tfod.data.records.check import record_files
from tfod.data.records.file import read_records
from tfod.errors import UserError
from tfod.progress import SILENT, Progress
from tfod.words import plural

MOST_BYTES = 2**31  # of records; more takes too long beside an evaluation


@dataclass(frozen=True)
class Twin:
    """A photo of the test and the one of the training that it looks like.

    Attributes:
        name: of the test photo.
        train: of the training photo.
        bits: of 256 that differ; 0 also for the same file.
    """

    name: str
    train: str
    bits: int


@dataclass(frozen=True)
class Leaks:
    """What the test photos have in common with the training photos.

    Attributes:
        photos: number of test photos.
        twins: those that look like one of the training.
        is_same: the model was measured on the very records it was trained on.
    """

    photos: int = 0
    twins: tuple[Twin, ...] = ()
    is_same: bool = False

    def sentence(self) -> str:
        """What that means; "" when there is nothing to say."""
        if self.is_same:
            return "measured on the photos that it was trained on: expect less on new ones"
        if not self.twins:
            return ""
        look = "looks" if len(self.twins) == 1 else "look"
        return (
            f"{len(self.twins)} of {plural(self.photos, 'test photo')} {look} like one of the "
            "training: the figures say how well this scene was learned, not how well another "
            "one will be"
        )


def find_leaks(train: InputReader, test: InputReader, progress: Progress = SILENT) -> Leaks | None:
    """Compare test and training photos; None when there are no training records, or too many."""
    try:
        own, others = record_files(test), record_files(train)
    except UserError:
        return None  # of a model that was trained elsewhere
    try:
        return _compare(own, others, progress)
    except UserError as error:
        progress.note(f"note: test and training photos were not compared: {error.problems[0]}")
        return None


def _compare(own: list[str], others: list[str], progress: Progress) -> Leaks | None:
    if set(own) <= set(others):
        return Leaks(is_same=True)
    if sum(Path(file).stat().st_size for file in (*own, *others)) > MOST_BYTES:
        return None
    looks, names = _looks(own, "comparing test photos", progress)
    known, known_names = _looks(others, "with training photos", progress)
    if not len(looks) or not len(known):
        return None
    where, bits = nearest(looks, known)
    twins = [
        Twin(name, known_names[other], int(differ))
        for name, look, other, differ in zip(names, looks, where, bits, strict=True)
        if is_near(look, known[other])
    ]
    return Leaks(len(names), tuple(twins))


def _looks(files: list[str], what: str, progress: Progress) -> tuple[np.ndarray, list[str]]:
    """What the photos of record files look like, uint64 [N, 4], and their names."""
    seen: dict[bytes, np.ndarray] = {}
    looks, names = [], []
    for name, data in progress.track(_photos(files), what):
        key = hashlib.sha256(data).digest()
        try:
            if key not in seen:
                seen[key] = look_of(small_grey(data, Path(name))[1])
        except UserError:
            continue  # evaluate says so of a test photo, train of the others
        looks.append(seen[key])
        names.append(name)
    return np.array(looks, np.uint64).reshape(-1, 4), names


def _photos(files: list[str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the photo of each record."""
    for file in files:
        for number, features in enumerate(read_records(Path(file)), 1):
            if encoded := features.get("image/encoded"):
                (name,) = features.get("image/filename", [])[:1] or [f"record {number}".encode()]
                yield name.decode("utf-8", "replace"), encoded[0]
