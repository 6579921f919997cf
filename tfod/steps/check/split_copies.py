"""Checks of the parts and the sessions: do the parts hold what the sessions hold now?"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfod.data.near_duplicates import is_near
from tfod.data.photo_folder import PARTS
from tfod.data.scan import Photo
from tfod.remedies import Remedy
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report

SAME_PX = 0.01  # two coordinates that differ by less are the same


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
    return (
        report("split-outdated", edited)
        + report("split-lacks-photos", added)
        + report("split-keeps-photos", gone)
    )


def photos_in_no_part(dataset: Dataset) -> list[Finding]:
    """Labelled photos of sessions that a split made by hand or by another tool leaves out."""
    if not dataset.folders.split_by_hand or not (dataset.part("train") and dataset.part("test")):
        return []
    placed = [photo for photo in dataset.photos if photo.part in PARTS]
    candidates = [p for p in dataset.photos if p.part not in PARTS and p.labelled]
    places = [Place(photo.image_path) for photo in _without_copy(candidates, placed)]
    move = Remedy.MOVE_TO(folder=[str(dataset.folder / part) for part in ("train", "test")])
    return report("photo-in-no-part", places, remedy=move)


def _without_copy(photos: Sequence[Photo], placed: Sequence[Photo]) -> list[Photo]:
    """The photos of which none of those placed is a copy; in a quick look by their names.

    A copy has the same bytes, or looks alike and has the name in its own, as `p8_png.rf.1.jpg` of
    Roboflow does. Looks alone do not say so: frames of one burst differ as little as copies.
    """
    names = {photo.image_path.name.lower() for photo in placed}
    hashes = {photo.sha256 for photo in placed}
    left = []
    for photo in photos:
        if photo.sha256 is None:
            known = photo.image_path.name.lower() in names
        else:
            known = photo.sha256 in hashes or any(
                _is_changed_copy(photo, other) for other in placed
            )
        if not known:
            left.append(photo)
    return left


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
        for name in (
            photo.image_path.name,
            f"{photo.image_path.parent.name}_{photo.image_path.name}",
        ):
            by_name[name.lower()].append(photo)
    by_content = {photo.sha256: photo for photo in originals if photo.sha256}
    original_of: dict[Path, Photo] = {}
    for copy in copies:
        same_name = by_name.get(copy.image_path.name.lower(), [])
        same = [photo for photo in same_name if photo.sha256 == copy.sha256]
        original = same[0] if same else by_content.get(copy.sha256 or b"")
        if original is not None:
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
