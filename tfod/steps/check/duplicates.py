"""Checks of images that are the same, or nearly.

Those on both sides of a split are in `splits.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from tfod import boxes as box_sums
from tfod.data.near_duplicates import group
from tfod.data.scan import Photo
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report
from tfod.words import some

SHOWN_PARTNERS = 8
SAME_BOX = 0.8  # IoU of boxes that two people would call the same


def exact_duplicates(dataset: Dataset) -> list[Finding]:
    """Images with the same bytes; when their labels disagree, one of them is wrong."""
    copies, disagreeing = [], []
    groups: dict[bytes, list[Photo]] = defaultdict(list)
    for photo in dataset.own:
        if photo.sha256 and not photo.image_problem:
            groups[photo.sha256].append(photo)
    for first, *others in groups.values():
        for photo in others:
            copies.append(Place(photo.image_path, None, f"identical to {first.image_path}"))
            if not _agree(first, photo):
                detail = f"{_labels(photo)}, but {_labels(first)} in {first.image_path}"
                boxes = photo.example.boxes if photo.example else None
                path = photo.xml_path or photo.image_path
                disagreeing.append(Place(path, None, detail, photo.image_path, boxes))
    return report("duplicate-labels-differ", disagreeing) + report("duplicate-image", copies)


def _agree(one: Photo, other: Photo) -> bool:
    """Whether both have the same labels; an image without any does not disagree."""
    if one.example is None or other.example is None:
        return True
    if Counter(one.example.names) != Counter(other.example.names):
        return False
    if not one.example.names:
        return True
    overlap = box_sums.iou(one.example.boxes, other.example.boxes)
    same = np.array(one.example.names)[:, None] == np.array(other.example.names)[None]
    return bool(((overlap >= SAME_BOX) & same).any(axis=1).all())


def _labels(photo: Photo) -> str:
    counts = Counter(photo.example.names) if photo.example else {}
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "no boxes"


def _partners(photo: Photo, others: Sequence[Photo]) -> str:
    """Name photos that look like one; those of another folder with their paths."""
    folder, paths = photo.image_path.parent, [other.image_path for other in others]
    names = [path.name if path.parent == folder else str(path) for path in paths]
    return f"looks like {some(names, SHOWN_PARTNERS)}"


def near_duplicates(dataset: Dataset) -> list[Finding]:
    """Images that look alike: frames of a burst, and copies in another size."""
    photos = [photo for photo in dataset.own if photo.look is not None]
    if len(photos) < 2:
        return []
    groups: dict[int, list[Photo]] = defaultdict(list)
    looks = np.stack([photo.look for photo in photos if photo.look is not None])
    for number, photo in zip(group(looks).tolist(), photos, strict=True):
        groups[number].append(photo)
    alike = sorted((group for group in groups.values() if len(group) > 1), key=len, reverse=True)
    places = [Place(first.image_path, None, _partners(first, more)) for first, *more in alike]
    return report("near-duplicates", places, alike=sum(map(len, alike)), total=len(photos))
