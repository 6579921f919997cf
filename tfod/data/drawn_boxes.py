"""Boxes as they were drawn, in pixels of the stored or the upright image <-> upright boxes, 0..1.

Knows arrays and EXIF orientations, nothing of files.
"""

import numpy as np

from tfod import boxes as box_sums


def normalise(xyxy_px: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel boxes float64 [N, 4] -> boxes cut to the image, and how far each reached over it."""
    over_the_edge = np.concatenate([-xyxy_px[:, :2], xyxy_px[:, 2:] - [width, height]], axis=1)
    boxes = box_sums.clip(box_sums.from_xyxy_px(xyxy_px, height, width))
    return boxes, np.maximum(over_the_edge, 0).max(axis=1, initial=0)


def drawn_unturned(
    size: tuple[int, int], stated_size: tuple[int, int] | None, orientation: int
) -> bool:
    """Tell whether boxes were drawn on stored pixels that EXIF turns: the size is swapped."""
    return orientation >= 5 and stated_size == size[::-1] and stated_size != size


def turn(boxes: np.ndarray, orientation: int) -> np.ndarray:
    """Turn boxes [N, 4] drawn on stored pixels as EXIF orientation 5 to 8 turns the pixels.

    The four are a transposition followed by mirroring: 5 none, 6 left-right, 7 both, 8 up-down.
    """
    ymin, xmin, ymax, xmax = boxes.T
    ymin, xmin, ymax, xmax = xmin, ymin, xmax, ymax
    if orientation in (6, 7):
        xmin, xmax = 1 - xmax, 1 - xmin
    if orientation in (7, 8):
        ymin, ymax = 1 - ymax, 1 - ymin
    return np.stack([ymin, xmin, ymax, xmax], axis=1)


def shortest(value: np.float32, size_px: int) -> int | float:
    """Find the shortest number of pixels that, divided by the size, is `value` in float32."""
    exact = float(value) * size_px
    for digits in range(16):
        pixels = round(exact, digits)
        if np.float32(pixels / size_px) == value:
            return int(pixels) if pixels.is_integer() else pixels
    return exact
