"""Boxes as they were drawn, in pixels of the stored or the upright image <-> upright boxes, 0..1.

What is wrong with a box is decided here and nowhere else. Knows numbers and EXIF orientations,
nothing of files.
"""

from collections.abc import Sequence

import numpy as np

from tfod import boxes as box_sums
from tfod.errors import Problem
from tfod.remedies import Remedy

SIDES = ("xmin", "ymin", "xmax", "ymax")
EDGE_PX = 1.0  # how far a box may reach over the edge: tools that count from 1 write such boxes
THIN_PX = 0.01  # float32 tells the sides of any wider box apart, in an image of any size


def fault_of(box: Sequence[float], height: int, width: int) -> Problem | None:
    """Say why a box is not a proper part of an image; None when it is.

    Args:
        box: (xmin, ymin, xmax, ymax) in pixels.
        height: of the image in pixels.
        width: of the image in pixels.

    Returns:
        The problem, whose place is not known here.
    """
    for low, high, limit in ((0, 2, width), (1, 3, height)):
        name_low, name_high = f"{SIDES[low]} {box[low]:g}", f"{SIDES[high]} {box[high]:g}"
        if box[low] > box[high]:
            what, got = "a box has swapped sides", f"{name_low} > {name_high}"
            return Problem("box-swapped", what=what, got=got, remedy=Remedy.FIX)
        if box[low] == box[high]:
            return _without_area(name_low, name_high)
        if box[low] < -EDGE_PX or box[high] <= 0:
            return _outside(name_high if box[high] <= 0 else name_low, "0 or more")
        if box[high] > limit + EDGE_PX or box[low] >= limit:
            return _outside(name_low if box[low] >= limit else name_high, f"at most {limit}")
        first, last = max(box[low], 0), min(box[high], limit)
        if last - first < THIN_PX and _is_gone(first / limit, last / limit):
            return _without_area(name_low, name_high)
    return None


def _without_area(low: str, high: str) -> Problem:
    what = "a box has no area"
    return Problem("box-zero-area", what=what, got=f"{low}, {high}", remedy=Remedy.FIX)


def _outside(side: str, expected: str) -> Problem:
    return Problem(
        "box-outside-image",
        what="a box extends outside the image",
        expected=expected,
        got=side,
        remedy=Remedy.FIX,
    )


def _is_gone(low: float, high: float) -> bool:
    """Whether float32 cannot tell two sides, 0..1, apart, counted from either end of the image."""
    first, last = np.float32(low), np.float32(high)
    return bool(first == last or 1 - first == 1 - last)


def normalise(xyxy_px: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut boxes to the image and divide them by its size.

    Args:
        xyxy_px: float64 [N, 4], (xmin, ymin, xmax, ymax) in pixels.
        height: of the image in pixels.
        width: of the image in pixels.

    Returns:
        Boxes float32 [N, 4], and how far each reached over the edge, float64 [N], in pixels.
    """
    over_the_edge = np.concatenate([-xyxy_px[:, :2], xyxy_px[:, 2:] - [width, height]], axis=1)
    boxes = box_sums.clip(box_sums.from_xyxy_px(xyxy_px, height, width))
    return boxes, np.maximum(over_the_edge, 0).max(axis=1, initial=0)


def drawn_unturned(
    size: tuple[int, int], stated_size: tuple[int, int] | None, orientation: int
) -> bool:
    """Whether boxes were drawn on stored pixels that EXIF turns: the stated size is swapped.

    Args:
        size: (height, width) of the upright image.
        stated_size: (height, width) that the annotation gives, or None.
        orientation: EXIF orientation, 1 to 8.
    """
    return orientation >= 5 and stated_size == size[::-1] and stated_size != size


def turn(boxes: np.ndarray, orientation: int, size: tuple[float, float] = (1, 1)) -> np.ndarray:
    """Turn boxes drawn on stored pixels as EXIF orientation 5 to 8 turns the pixels.

    The four are a transposition followed by mirroring: 5 none, 6 left-right, 7 both, 8 up-down.

    Args:
        boxes: [N, 4], (ymin, xmin, ymax, xmax), in any unit.
        orientation: EXIF orientation, 5 to 8.
        size: (height, width) of the stored image in the same unit.

    Returns:
        The boxes on the upright image, same shape, order and unit.
    """
    ymin, xmin, ymax, xmax = boxes.T
    ymin, xmin, ymax, xmax = xmin, ymin, xmax, ymax
    width, height = size  # of the upright image
    if orientation in (6, 7):
        xmin, xmax = width - xmax, width - xmin
    if orientation in (7, 8):
        ymin, ymax = height - ymax, height - ymin
    return np.stack([ymin, xmin, ymax, xmax], axis=1)


def shortest(value: np.float32, size_px: int) -> int | float:
    """Find the shortest number of pixels that, divided by the size, is `value` in float32."""
    exact = float(value) * size_px
    for digits in range(16):
        pixels = round(exact, digits)
        if np.float32(pixels / size_px) == value:
            return int(pixels) if pixels.is_integer() else pixels
    return exact
