"""Checks of train/, test/ and val/: what one knows of the other.

Photos in both make the figures of an evaluation better than the model is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from tfod.data.near_duplicates import is_near, nearest
from tfod.data.photo_folder import PARTS
from tfod.data.scan import Photo
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report


def duplicates_across_parts(dataset: Dataset) -> list[Finding]:
    """Images of test or val that are in train too, as the same file."""
    parts = _parts(dataset)
    places = []
    for part, earlier in _with_earlier(parts):
        known = {photo.sha256: photo for photo in earlier if photo.sha256}
        for photo in parts[part]:
            if photo.sha256 in known:
                detail = f"identical to {known[photo.sha256].image_path}"
                places.append(Place(photo.image_path, None, detail))
    return report("duplicate-across-parts", places)


def near_duplicates_across_parts(dataset: Dataset) -> list[Finding]:
    """Images of test or val that look like one of train: frames of one burst, other sizes."""
    parts = _parts(dataset)
    places, total, of_series = [], 0, 0
    for part, earlier in _with_earlier(parts):
        earlier = [photo for photo in earlier if photo.look is not None]
        same = {photo.sha256 for photo in earlier}
        photos = [photo for photo in parts[part] if photo.look is not None]
        total += len(photos)
        for photo, other, bits in _nearest(photos, earlier):
            if photo.sha256 not in same:
                of_series += _series(photo) == _series(other)
                detail = f"looks like {other.image_path} ({bits} of 256 bits differ)"
                places.append(Place(photo.image_path, None, detail))
    bursts = f", {of_series} from the same series" if of_series else ""
    subject = f"(of {total}{bursts})"
    return report("near-duplicate-across-parts", places, subject=subject)


def classes_of_parts(dataset: Dataset) -> list[Finding]:
    """Classes that are in one part only."""
    parts = _parts(dataset)
    if "train" not in parts or len(parts) < 2:
        return []
    images = {part: _images_of_classes(photos) for part, photos in parts.items()}
    missing, unlearned = [], []
    for part in parts:
        folder = parts[part][0].image_path.parent
        for name, count in images["train"].items():
            if part != "train" and name not in images[part]:
                missing.append(Place(folder, None, f'no "{name}" ({count} images in train)'))
        for name, count in images[part].items():
            if name not in images["train"]:
                unlearned.append(Place(folder, None, f'"{name}" in {count} images, none in train'))
    return report("class-not-in-test", missing) + report("class-not-in-train", unlearned)


def empty_parts(dataset: Dataset) -> list[Finding]:
    """A part that is missing, or without labelled images."""
    if not _parts(dataset):
        return []
    places = []
    for part in ("train", "test"):
        photos = dataset.part(part)
        if not any(photo.labelled for photo in photos):
            folder = dataset.folders.parts.get(part)
            path = folder.path if folder else dataset.folder / part
            places.append(Place(path, None, f"{len(photos)} images, none of them labelled"))
    return report("part-empty", places)


def _parts(dataset: Dataset) -> dict[str, list[Photo]]:
    """The parts that hold photos, train first."""
    parts = {part: dataset.part(part) for part in PARTS}
    return {part: photos for part, photos in parts.items() if photos}


def _with_earlier(parts: dict[str, list[Photo]]) -> Iterable[tuple[str, list[Photo]]]:
    """Each part but the first, with the photos of the parts before it."""
    earlier: list[Photo] = []
    for part, photos in parts.items():
        if earlier:
            yield part, earlier
        earlier = earlier + photos


def _nearest(
    photos: Sequence[Photo], others: Sequence[Photo]
) -> Iterable[tuple[Photo, Photo, int]]:
    """The photos that look like one of the others, with that one and the bits between."""
    if not photos or not others:
        return
    looks = np.stack([photo.look for photo in photos if photo.look is not None])
    known = np.stack([photo.look for photo in others if photo.look is not None])
    for photo, index, bits in zip(
        photos, *map(np.ndarray.tolist, nearest(looks, known)), strict=True
    ):
        if is_near(photo.look, known[index]):
            yield photo, others[index], bits


def _series(photo: Photo) -> str:
    """The name without the number at its end, as the camera gives it to frames of a burst."""
    return re.sub(r"\d+$", "", photo.image_path.stem).lower()


def _images_of_classes(photos: Sequence[Photo]) -> Counter[str]:
    return Counter(
        name
        for photo in photos
        if photo.example and photo.labelled
        for name in set(photo.example.names)
    )
