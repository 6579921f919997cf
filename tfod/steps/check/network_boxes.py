"""The boxes of a data set as the network sees them, and which classes suffer when some are bad."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from tfod.data.scan import Photo
from tfod.steps.check.boxes import box_place
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Place
from tfod.words import some

# of the boxes, from which share on it is worth a warning that they fit no anchor; a few always do
MOST_UNFIT = 0.1
# likewise of one class: with half of its boxes unfit a class had an AP of 0 (docs/log.md)
MOST_UNFIT_OF_CLASS = 0.25
LEAST_BOXES = 5  # of a class; of fewer one alone would be a quarter
SHOWN_CLASSES = 8


class NetworkBoxes(NamedTuple):
    """The N boxes of a data set in the order of the photos.

    Attributes:
        owners: photo of each box, and its index there.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        names: object [N], the classes.
        sides_px: float32 [N, 2], (height, width) on what the network eats.
    """

    owners: list[tuple[Photo, int]]
    boxes: np.ndarray
    names: np.ndarray
    sides_px: np.ndarray

    def only(self, chosen: np.ndarray) -> "NetworkBoxes":
        """Those that are chosen, bool [N]."""
        owners = [self.owners[index] for index in np.flatnonzero(chosen)]
        return NetworkBoxes(owners, self.boxes[chosen], self.names[chosen], self.sides_px[chosen])


def collect(dataset: Dataset, size: tuple[int, int]) -> NetworkBoxes:
    """The boxes that are trained on, at (height, width) of what the network eats, px."""
    pairs = [
        (photo, photo.example)
        for photo in dataset.own
        if photo.example is not None and photo.labelled and not photo.in_fractions
    ]
    owners = [(photo, i) for photo, example in pairs for i in range(len(example.boxes))]
    empty = np.zeros((0, 4), np.float32)
    boxes = np.concatenate([empty, *(example.boxes for _, example in pairs)])
    names = np.array([name for _, example in pairs for name in example.names], object)
    return NetworkBoxes(owners, boxes, names, sides_in(boxes, size))


def sides_in(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(height, width) of boxes [N, 4] on what the network eats, in pixels: float32 [N, 2]."""
    return (boxes[:, 2:] - boxes[:, :2]) * np.array(size, np.float32)


def spoiled_classes(names: np.ndarray, bad: np.ndarray) -> list[str]:
    """The classes that suffer, when it is worth a warning.

    Those with a quarter of their boxes bad, unless they are few; all that have any, when a tenth of
    all boxes is bad.

    Args:
        names: object [N], the class of each box.
        bad: bool [N].
    """
    totals, counts = Counter(names), Counter(names[bad])
    if bad.sum() >= MOST_UNFIT * len(names):
        return [*counts]
    return [
        name
        for name, count in counts.items()
        if totals[name] >= LEAST_BOXES and count >= MOST_UNFIT_OF_CLASS * totals[name]
    ]


def worst_first(
    found: NetworkBoxes, bad: np.ndarray, spoiled: Collection[str], values: np.ndarray
) -> np.ndarray:
    """Indices of the bad boxes: those of classes that suffer first, then the lowest values."""
    others = ~np.isin(found.names, list(spoiled)) if spoiled else np.zeros(len(bad), bool)
    order = np.lexsort((values, others))
    return order[bad[order]]


def box_places(found: NetworkBoxes, chosen: np.ndarray, ious: np.ndarray | None) -> list[Place]:
    """The places of the chosen boxes, with their sizes, and IoUs if there are any."""
    places = []
    for index in chosen.tolist():
        height, width = found.sides_px[index]
        more = "" if ious is None else f", best IoU {ious[index]:.2f}"
        detail = f'"{found.names[index]}" {width:.3g}x{height:.3g} px at that size{more}'
        photo, number = found.owners[index]
        places.append(box_place(photo, [number], detail))
    return places


def share_of(names: np.ndarray, bad: np.ndarray, spoiled: Collection[str]) -> str:
    """The share of all, and the counts of classes: "4% of 90 (Mask 3 of 70, No-mask 1 of 20)".

    Classes that suffer come first, then those with the most.
    """
    totals, counts = Counter(names), Counter(names[bad]).most_common()
    counts.sort(key=lambda pair: pair[0] not in spoiled)
    classes = [f"{name} {count:,} of {totals[name]:,}" for name, count in counts]
    share = "under 1%" if bad.mean() < 0.01 else f"{bad.mean():.0%}"
    return f"{share} of {len(bad):,} ({some(classes, SHOWN_CLASSES)})"
