"""Checks of train/, test/ and val/: what one knows of the other, and of the sessions now.

Photos in both make the figures of an evaluation better than the model is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tfod.data.families import families
from tfod.data.near_duplicates import is_near, nearest
from tfod.data.photo_folder import PARTS
from tfod.data.scan import Photo
from tfod.remedies import Remedy
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report

SAME_PX = 0.01  # two coordinates that differ by less are the same


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


def copies_across_parts(dataset: Dataset) -> list[Finding]:
    """Images of test or val that are, by their names, altered copies of one in train."""
    parts = _parts(dataset)
    photos = [photo for held in parts.values() for photo in held]
    names = [(str(photo.image_path.parent), photo.image_path.stem) for photo in photos]
    family = {p.image_path: of for p, of in zip(photos, families(names), strict=True)}
    places = []
    for part, earlier in _with_earlier(parts):
        same = {photo.sha256 for photo in earlier if photo.sha256}
        known = {family[photo.image_path]: photo for photo in earlier}
        for photo in parts[part]:
            other = known.get(family[photo.image_path])
            if other and photo.sha256 not in same:
                detail = f"named like a copy of {other.image_path}"
                places.append(Place(photo.image_path, None, detail))
    return report("copy-across-parts", places)


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
    of, is_one = f"(of {total}{bursts})", len(dataset.folders.sessions) == 1  # none to hold apart
    remedy = Remedy.RUN(step="capture") if is_one else None
    return report("near-duplicate-across-parts", places, remedy=remedy, of=of)


def classes_of_parts(dataset: Dataset) -> list[Finding]:
    """Classes that are in one part only."""
    parts = _parts(dataset)
    if "train" not in parts or len(parts) < 2:
        return []
    images = {part: images_of_classes(photos) for part, photos in parts.items()}
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
    places, remedy = [], None
    for part in ("train", "test"):
        photos = dataset.part(part)
        if not any(photo.labelled for photo in photos):
            folder = dataset.folders.used.get(part)
            path = folder.path if folder else dataset.folder / part
            places.append(Place(path, None, f"{len(photos)} images, none of them labelled"))
            if photos and folder and not folder.copied:
                remedy = Remedy.RUN(step="label", name=path.as_posix())
    return report("part-empty", places, remedy=remedy)


def val_for_test(dataset: Dataset) -> list[Finding]:
    """A split without labelled images for test, whose val stands for it."""
    if not dataset.folders.val_is_test:
        return []
    parts = dataset.folders.parts
    detail = f"{parts['test'].path} has no labels" if "test" in parts else ""
    return report("val-is-test", [Place(parts["val"].path, None, detail)])


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


def images_of_classes(photos: Sequence[Photo]) -> Counter[str]:
    """Count the labelled images that each class is in."""
    return Counter(
        name
        for photo in photos
        if photo.example and photo.labelled
        for name in set(photo.example.names)
    )


def outdated_copies(dataset: Dataset) -> list[Finding]:
    """Copies made by split that are not what the sessions hold now."""
    originals = [photo for photo in dataset.photos if photo.part not in PARTS]
    if not originals or not any(part.copied for part in dataset.folders.parts.values()):
        return []
    copies = [photo for photo in dataset.photos if photo.part in PARTS]
    original_of = _originals(copies, originals)
    edited, gone = [], []
    for copy in copies:
        original = original_of.get(copy.image_path)
        if original is None:
            gone.append(Place(copy.image_path))
        elif not _same_labels(copy, original):
            path = original.xml_path or original.image_path
            detail = f"{copy.xml_path or copy.image_path} has different boxes or classes"
            edited.append(Place(path, None, detail, original.image_path))
    copied = {original.image_path for original in original_of.values()}
    added = [
        Place(photo.image_path)
        for photo in originals
        if photo.labelled and photo.image_path not in copied
    ]
    lacking = report("split-lacks-photos", added)
    return report("split-outdated", edited) + lacking + report("split-keeps-photos", gone)


def photos_in_no_part(dataset: Dataset) -> list[Finding]:
    """Labelled photos of sessions that a split made by hand or by another tool leaves out."""
    if not dataset.folders.split_by_hand or not (dataset.part("train") and dataset.part("test")):
        return []
    placed = [photo for photo in dataset.photos if photo.part in PARTS]
    candidates = [p for p in dataset.photos if p.part not in PARTS and p.labelled]
    places = [Place(photo.image_path) for photo in _without_copy(candidates, placed)]
    used = dataset.folders.used
    move = Remedy.MOVE_TO(folder=[str(used[part].path) for part in ("train", "test")])
    return report("photo-in-no-part", places, remedy=move)


def _without_copy(photos: Sequence[Photo], placed: Sequence[Photo]) -> list[Photo]:
    """The photos of which none of those placed is a copy; in a quick look by their names.

    A copy has the same bytes, or looks alike and has the name in its own, as `p8_png.rf.1.jpg` of
    Roboflow does. Looks alone do not say so: frames of one burst differ as little as copies.
    """
    names = {photo.image_path.name.lower() for photo in placed}
    hashes = {photo.sha256 for photo in placed}

    def has_copy(photo: Photo) -> bool:
        if photo.sha256 is None:
            return photo.image_path.name.lower() in names
        return photo.sha256 in hashes or any(_is_changed_copy(photo, other) for other in placed)

    return [photo for photo in photos if not has_copy(photo)]


def _is_changed_copy(photo: Photo, other: Photo) -> bool:
    stem, name = photo.image_path.stem.lower(), other.image_path.stem.lower()
    before, is_in, after = name.partition(stem)
    if not is_in or before[-1:].isalnum() or after[:1].isdigit():  # Mask_10 is not Mask_1
        return False
    return photo.look is not None and other.look is not None and is_near(photo.look, other.look)


def _originals(copies: Sequence[Photo], originals: Sequence[Photo]) -> dict[Path, Photo]:
    """Copy -> the photo of a session it was made of: of the same name, if possible same bytes."""
    by_name: dict[str, list[Photo]] = defaultdict(list)
    for photo in originals:
        name = photo.image_path.name
        for copied_as in (name, f"{photo.image_path.parent.name}_{name}"):
            by_name[copied_as.lower()].append(photo)
    by_content = {photo.sha256: photo for photo in originals if photo.sha256}
    original_of: dict[Path, Photo] = {}
    for copy in copies:
        same_name = by_name[copy.image_path.name.lower()]
        same = [photo for photo in same_name if photo.sha256 == copy.sha256]
        if original := same[0] if same else by_content.get(copy.sha256 or b""):
            original_of[copy.image_path] = original
    return original_of


def _same_labels(copy: Photo, original: Photo) -> bool:
    one, other = copy.example, original.example
    if one is None or other is None:
        return (one is None) == (other is None)
    if one.names != other.names or copy.header is None:
        return one.names == other.names
    size = max(copy.header.height_px, copy.header.width_px)
    return bool(np.allclose(one.boxes, other.boxes, rtol=0, atol=SAME_PX / size))
