"""Checks of the copies that split made: are they what the sessions hold now?"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfod.check.finding import Finding, Place, found
from tfod.check.scan import Dataset, Photo
from tfod.data.split.stratify import MANIFEST, PARTS

SAME_PX = 0.01  # two coordinates that differ by less are the same


def outdated_copies(dataset: Dataset) -> list[Finding]:
    """Copies made by split that are not what the sessions hold now."""
    folders = {session.folder for session in dataset.sessions if session.is_part}
    originals = [photo for photo in dataset.photos if photo.part not in PARTS]
    if not originals or not any((folder / MANIFEST).is_file() for folder in folders):
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
            detail = f"{copy.xml_path or copy.image_path} says something else"
            edited.append(Place(path, None, detail, original.image_path))
    copied = {original.image_path for original in original_of.values()}
    added = [
        Place(photo.image_path)
        for photo in originals
        if photo.labelled and photo.image_path not in copied
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
