"""Checks of train/, test/ and val/: what one knows of the other, and whether they are up to date.

Photos in both make the figures of an evaluation better than the model is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tfod.check.finding import Finding, Place, found
from tfod.check.folders import ALL_PARTS
from tfod.check.scan import Dataset, Photo
from tfod.data.near_duplicates import is_near, nearest
from tfod.data.stratify import MANIFEST

LEAST_TEST, MOST_TEST = 0.05, 0.5  # of the images of all parts
FEW_PARTS = 20  # images; with fewer a share says little
SAME_PX = 0.01  # two coordinates that differ by less are the same


def duplicates_across_parts(dataset: Dataset) -> list[Finding]:
    """Images of test or val that are in train too, as the same file."""
    parts = _parts(dataset)
    places = []
    for part, earlier in _with_earlier(parts):
        known = {photo.sha256: photo for photo in earlier if photo.sha256}
        for photo in parts[part]:
            if photo.sha256 in known:
                detail = f"the same as {known[photo.sha256].image_path}"
                places.append(Place(photo.image_path, None, detail))
    return found(
        "duplicate-across-parts",
        "error",
        "images are in two parts of the split, as the same file",
        "The figures of the evaluation would be those of photos the model was trained on. Delete "
        "the copies in the sessions, then run `tfod split`.",
        places,
    )


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
    bursts = f", {of_series} of them a frame of the same series" if of_series else ""
    return found(
        "near-duplicate-across-parts",
        "warning",
        f"of {total} test photos look like one that is trained on{bursts}",
        "The figures will be better than the model is elsewhere. `tfod split` keeps bursts on one "
        "side where it can; if all photos show one scene, take the test photos at another place or "
        "day and use `tfod split --by session`.",
        places,
    )


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
    remedy = "Take more photos of the class and run `tfod split`, which puts each class in both."
    return found(
        "class-not-in-test",
        "warning",
        "classes are in train but not in test or val, so nobody knows how well they are found",
        remedy,
        missing,
    ) + found(
        "class-not-in-train",
        "error",
        "classes are in test or val but not in train, so the model cannot find them",
        remedy,
        unlearned,
    )


def shares(dataset: Dataset) -> list[Finding]:
    """A part that is missing or empty, or far too small or large."""
    parts = {part: dataset.part(part) for part in ALL_PARTS}
    labelled = {part: sum(map(_is_labelled, photos)) for part, photos in parts.items()}
    if not any(parts.values()):
        return []
    places = [
        Place(dataset.folder / part, None, f"{len(parts[part])} images, none of them labelled")
        for part in ("train", "test")
        if not labelled[part]
    ]
    if places:
        what = "parts of the split have no labelled images"
        return found("part-empty", "error", what, "Run `tfod split`.", places)
    total = sum(labelled.values())
    share = labelled["test"] / total
    if total < FEW_PARTS or LEAST_TEST <= share <= MOST_TEST:
        return []
    place = Place(parts["test"][0].image_path.parent, None, f"{share:.0%} of {total} images")
    wrong = "too few to judge by" if share < LEAST_TEST else "which leaves few to train on"
    return [
        Finding(
            "test-share",
            "warning",
            labelled["test"],
            f"of {total} labelled images are in test, {wrong}",
            "Run `tfod split --test 0.2`.",
            [place],
        )
    ]


def outdated_copies(dataset: Dataset) -> list[Finding]:
    """Copies made by split that are not what the sessions hold now."""
    folders = {session.folder for session in dataset.sessions if session.is_part}
    originals = [photo for photo in dataset.photos if photo.part not in ALL_PARTS]
    if not originals or not any((folder / MANIFEST).is_file() for folder in folders):
        return []
    copies = [photo for photo in dataset.photos if photo.part in ALL_PARTS]
    original_of = _originals(copies, originals)
    edited, gone = [], []
    for copy in copies:
        original = original_of.get(copy.image_path)
        if original is None:
            gone.append(Place(copy.image_path))
        elif not _same_labels(copy, original):
            path = original.xml_path or original.image_path
            detail = f"{copy.xml_path or copy.image_path} says something else"
            edited.append(Place(path, None, detail, original.image_path))
    copied = {original.image_path for original in original_of.values()}
    added = [
        Place(photo.image_path)
        for photo in originals
        if _is_labelled(photo) and photo.image_path not in copied
    ]
    remedy = "Run `tfod split` and `tfod records`. Photos that were placed stay where they are."
    return [
        *found(
            "split-outdated",
            "warning",
            "annotations were changed after `tfod split` copied them",
            f"{remedy} If you edited the copy, do the same in the session.",
            edited,
        ),
        *found(
            "split-lacks-photos",
            "warning",
            "labelled photos of the sessions are in no part of the split",
            remedy,
            added,
        ),
        *found(
            "split-keeps-photos",
            "info",
            "copies are in the split whose original is no longer in a session",
            remedy,
            gone,
        ),
    ]


def _parts(dataset: Dataset) -> dict[str, list[Photo]]:
    """The parts that hold photos, train first."""
    parts = {part: dataset.part(part) for part in ALL_PARTS}
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
        if photo.example and _is_labelled(photo)
        for name in set(photo.example.names)
    )


def _is_labelled(photo: Photo) -> bool:
    return photo.example is not None and not photo.example.suggested_by


def _originals(copies: Sequence[Photo], originals: Sequence[Photo]) -> dict[Path, Photo]:
    """Copy -> the photo of a session it was made of: of the same name, if possible same bytes."""
    by_name: dict[str, list[Photo]] = defaultdict(list)
    for photo in originals:
        for name in (photo.image_path.name, f"{photo.part}_{photo.image_path.name}"):
            by_name[name.lower()].append(photo)
    by_content = {photo.sha256: photo for photo in originals if photo.sha256}
    found_ones: dict[Path, Photo] = {}
    for copy in copies:
        same_name = by_name.get(copy.image_path.name.lower(), [])
        same = [photo for photo in same_name if photo.sha256 == copy.sha256]
        original = same[0] if same else by_content.get(copy.sha256 or b"")
        if original is not None:
            found_ones[copy.image_path] = original
    return found_ones


def _same_labels(copy: Photo, original: Photo) -> bool:
    one, other = copy.example, original.example
    if one is None or other is None:
        return (one is None) == (other is None)
    if one.names != other.names or copy.header is None:
        return one.names == other.names
    size = max(copy.header.height_px, copy.header.width_px)
    return bool(np.allclose(one.boxes, other.boxes, rtol=0, atol=SAME_PX / size))
