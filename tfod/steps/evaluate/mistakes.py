"""What goes wrong at the thresholds: in which photos, between which classes, at which sizes.

Knows matches, nothing of pages and files.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tfod.steps.evaluate.errors import IN_WORDS, MISTAKES, Kind, missed, objects_meant
from tfod.steps.evaluate.matches import Matches

# COCO's: up to which area, px of the photo, and the same in words
SIZES = {
    "small": (32.0**2, "under 32x32 px of the photo"),
    "medium": (96.0**2, "32x32 to 96x96 px"),
    "large": (np.inf, "over 96x96 px"),
}


@dataclass(frozen=True)
class PhotoMistakes:
    """What goes wrong in a photo.

    Attributes:
        image: its index.
        counts: kind -> how often; only what occurs.
        rows: of the detections that are mistakes, int [N].
        missed: objects that are missed, int [N].
    """

    image: int
    counts: dict[Kind, int]
    rows: np.ndarray
    missed: np.ndarray

    def in_words(self) -> str:
        """Say it: "2 missed, 1 wrong class"."""
        return ", ".join(f"{count} {IN_WORDS[kind]}" for kind, count in self.counts.items())


def shown_at(matches: Matches, min_scores: np.ndarray) -> np.ndarray:
    """Say which detections count at a score for each class, float [C]: bool [D]."""
    rows = np.searchsorted(matches.class_ids, matches.class_id)
    return matches.score >= min_scores.astype(np.float32)[rows]


def worst_photos(matches: Matches, kinds: np.ndarray, is_shown: np.ndarray) -> list[PhotoMistakes]:
    """Photos in which something goes wrong, the most mistakes first, then the surest ones."""
    is_wrong = is_shown & np.isin(kinds, MISTAKES)
    is_missed = missed(matches, kinds, is_shown)
    per_image = np.bincount(matches.image[is_wrong], minlength=matches.images)
    per_image = per_image + np.bincount(matches.truth_image[is_missed], minlength=matches.images)
    surest = np.zeros(matches.images)
    np.maximum.at(surest, matches.image[is_wrong], matches.score[is_wrong])
    order = np.lexsort((-surest, -per_image))
    rows_of = _by_image(matches.image, is_wrong, matches.images)
    missed_in = _by_image(matches.truth_image, is_missed, matches.images)
    photos = []
    for image in order[per_image[order] > 0].tolist():
        rows, gone = rows_of[image], missed_in[image]
        counts = {kind: int(np.sum(kinds[rows] == kind)) for kind in MISTAKES}
        counts[Kind.MISSED] = len(gone)
        occurs = {kind: count for kind, count in counts.items() if count}
        photos.append(PhotoMistakes(image, occurs, rows, gone))
    return photos


def _by_image(image_of: np.ndarray, chosen: np.ndarray, images: int) -> list[np.ndarray]:
    """Where `chosen` is true, image by image: a list of int [N]."""
    places = np.flatnonzero(chosen)
    places = places[np.argsort(image_of[places], kind="stable")]
    return np.split(places, np.searchsorted(image_of[places], np.arange(1, images)))


def confusion(matches: Matches, kinds: np.ndarray, is_shown: np.ndarray) -> np.ndarray:
    """Count what was taken for what at IoU 0.5: int [C + 1, C + 1].

    Rows are the labelled classes, then nothing; columns the detected ones, then missed.
    """
    count = len(matches.class_ids)
    table = np.zeros((count + 1, count + 1), int)
    detected = np.searchsorted(matches.class_ids, matches.class_id)
    labelled = np.searchsorted(matches.class_ids, matches.truth_class)
    right, is_false = is_shown & (kinds == Kind.RIGHT), is_shown & np.isin(kinds, MISTAKES)
    np.add.at(table, (detected[right], detected[right]), 1)
    meant = objects_meant(matches, kinds)
    free = np.setdiff1d(np.arange(len(labelled)), matches.truth[0][right])
    confused = is_false & (kinds == Kind.WRONG_CLASS) & np.isin(meant, free)
    places = np.flatnonzero(confused)
    _, first = np.unique(meant[places], return_index=True)  # of several the surest
    confused[:] = False
    confused[places[first]] = True
    np.add.at(table, (labelled[meant[confused]], detected[confused]), 1)
    np.add.at(table, (count, detected[is_false & ~confused]), 1)
    is_met = np.zeros(len(labelled), bool)
    is_met[matches.truth[0][right]] = is_met[meant[confused]] = True
    np.add.at(table, (labelled[~is_met & ~matches.is_crowd], count), 1)
    return table


def found_by_size(matches: Matches, is_shown: np.ndarray) -> Mapping[str, tuple[int, int]]:
    """Size -> (objects, found at IoU 0.5), by the area in the photo."""
    found = matches.truth[0][is_shown & (matches.truth[0] >= 0)]
    is_found = np.isin(np.arange(len(matches.is_crowd)), found)
    sizes, above = {}, -1.0
    for name, (most, _) in SIZES.items():
        own = (matches.truth_area > above) & (matches.truth_area <= most) & ~matches.is_crowd
        sizes[name] = int(own.sum()), int((own & is_found).sum())
        above = most
    return sizes
