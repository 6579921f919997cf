"""Boxes, names and scores drawn on an image.

Colours are fixed by class id, sizes follow the size of the image, and text stays inside the image.
Nothing here changes the image it is given, and nothing knows where the boxes come from.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from tfod import boxes as box_forms
from tfod.detections import Detections, check_image
from tfod.show.colours import Colour, class_colour
from tfod.show.text import fitting_mask, text_mask, wrapped

_Area = tuple[int, int, int, int]  # left, top, right, bottom in pixels

_DARK, _LIGHT = (16, 16, 16), (255, 255, 255)
_SHRINK = (1.0, 0.8, 0.65)  # of the letters of a label that would cover another one
_LEAST_TEXT_PX = 8


def draw_detections(
    image: np.ndarray, detections: Detections, with_scores: bool = True, with_labels: bool = True
) -> np.ndarray:
    """Draw boxes, names and scores; the best detection lies on top.

    Args:
        image: uint8 [H, W, 3], RGB.
        detections: all of them are drawn; leave some out with `detections.above`.
        with_scores: write the score after the name; labelled objects have none.
        with_labels: write names (and scores) at all.

    Returns:
        A new image, uint8 [H, W, 3], RGB.
    """
    check_image(image)
    drawn = np.ascontiguousarray(image).copy()
    height, width = image.shape[:2]
    text_px = text_height_px(height, width)
    line_px = max(2, text_px // 6)
    corners = box_forms.to_xyxy_px(box_forms.clip(np.nan_to_num(detections.boxes)), height, width)
    areas: list[_Area] = [_area(box, height, width) for box in corners]
    for row in reversed(range(len(detections))):
        _draw_box(drawn, areas[row], class_colour(detections.class_ids[row]), line_px)

    if not with_labels:
        return drawn
    taken = np.zeros((0, 4), int)
    labels = []
    for row, area in enumerate(areas):
        score = f" {detections.scores[row]:.0%}" if with_scores else ""
        mask, left, top = _label(area, (detections.name_of(row), score), text_px, taken, drawn)
        plate = left, top, left + mask.shape[1], top + mask.shape[0]
        taken = np.vstack([taken, plate])
        colour = class_colour(detections.class_ids[row])
        labels.append((mask, left, top, colour))
        if _gap_px(np.array([plate]), area)[0]:  # far from its box
            cv2.line(drawn, _middle(plate), (area[0], area[1]), colour, max(1, line_px // 2))
    for mask, left, top, colour in reversed(labels):
        _paint(drawn, mask, left, top, colour)
    return drawn


def draw_big(image: np.ndarray, text: str) -> np.ndarray:
    """Write a short text over the middle, a third of the image high, light with a dark edge.

    Args:
        image: uint8 [H, W, 3], RGB.
        text: a number or a short word; scaled down where it would be wider than the image.

    Returns:
        A new image, uint8 [H, W, 3], RGB.
    """
    check_image(image)
    drawn = np.ascontiguousarray(image).copy()
    height, width = image.shape[:2]
    mask = text_mask(text, max(1, height // 3))
    if mask.shape[1] > width:
        mask = text_mask(text, max(1, height // 3 * width // mask.shape[1]))
    edge = np.ones((2 * (height // 120) + 3,) * 2, np.uint8)
    top, left = max(0, (height - mask.shape[0]) // 2), max(0, (width - mask.shape[1]) // 2)
    patch = drawn[top : top + mask.shape[0], left : left + mask.shape[1]]
    for colour, ink in ((_DARK, cv2.dilate(mask, edge)), (_LIGHT, mask)):
        share = ink[: patch.shape[0], : patch.shape[1], None].astype(np.uint16)
        patch[:] = (share * np.array(colour, np.uint16) + (255 - share) * patch) // 255
    return drawn


def add_lines(
    image: np.ndarray, above: Sequence[str] = (), below: Sequence[str] = (), least_width: int = 0
) -> np.ndarray:
    """Put dark strips with lines of text above and below an image, so that they cover nothing.

    Args:
        image: uint8 [H, W, 3], RGB.
        above: text; a line that is longer than the image is wide goes on in the next one after a
            SEPARATOR, and is cut where there is none.
        below: the same.
        least_width: a narrower image gets dark sides, so that there is room for the text.

    Returns:
        A new image, uint8 [H + height of the strips, W or least_width, 3], RGB.
    """
    check_image(image)
    height, width = image.shape[:2]
    text_px = text_height_px(height, width)
    sides = max(0, least_width - width)
    ends = 0, 0, sides // 2, sides - sides // 2
    framed = cv2.copyMakeBorder(image, *ends, cv2.BORDER_CONSTANT, value=_DARK)
    strips = [_strip(lines, text_px, width + sides) for lines in (above, below)]
    return np.vstack([strips[0], framed, strips[1]])


def _strip(lines: Sequence[str], text_px: int, width: int) -> np.ndarray:
    parts = [part for line in lines for part in wrapped(line, text_px, width)]
    masks = [fitting_mask(part, "", text_px, width) for part in parts]
    strip = np.full((sum(len(mask) for mask in masks), width, 3), _DARK, np.uint8)
    top = 0
    for mask in masks:
        _paint(strip, mask, 0, top, _DARK)
        top += len(mask)
    return strip


def text_height_px(height: int, width: int) -> int:
    """Height of the letters for an image of that size: 12 px at 320, 28 px at 1920."""
    return round(9 + 0.01 * max(height, width))


def _area(box_xyxy_px: np.ndarray, height: int, width: int) -> _Area:
    """First and last pixel of a box, both inside the image."""
    left, top, right, bottom = (int(value) for value in np.rint(box_xyxy_px))
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(left, right - 1), max(top, bottom - 1)


def _draw_box(drawn: np.ndarray, area: _Area, colour: Colour, line_px: int) -> None:
    """Draw a frame inside the area, with a dark line within, to stand out on any background."""
    left, top, right, bottom = area
    for inset, line_colour in [(line_px, _DARK), *((step, colour) for step in range(line_px))]:
        if right - left >= 2 * inset and bottom - top >= 2 * inset:
            cv2.rectangle(
                drawn, (left + inset, top + inset), (right - inset, bottom - inset), line_colour
            )


def _label(
    area: _Area, words: tuple[str, str], text_px: int, taken: np.ndarray, image: np.ndarray
) -> tuple[np.ndarray, int, int]:
    """Make the plate of a label and find a place where it covers no other one.

    At a corner of its box if possible, there in smaller letters, else the nearest place.

    Args:
        area: of the box.
        words: name and score.
        text_px: height of the letters.
        taken: int [N, 4], the plates so far.
        image: only its size counts.

    Returns:
        The mask, left and top.
    """
    height, width = image.shape[:2]
    for share in _SHRINK:
        mask = fitting_mask(*words, max(_LEAST_TEXT_PX, round(share * text_px)), width)
        corners = _corners(area, mask.shape, height, width)
        free = _free(corners, mask.shape, taken)
        if len(free):
            return mask, int(free[0, 0]), int(free[0, 1])
    rows, columns = mask.shape
    lefts = slice(0, max(1, width - columns + 1), max(1, columns // 2))
    tops = slice(0, max(1, height - rows + 1), max(1, rows // 2))
    free = _free(np.mgrid[lefts, tops].reshape(2, -1).T, mask.shape, taken)
    if not len(free):  # the image is full of them
        free = corners[:1]
    left, top = free[_gap_px(np.hstack([free, free + (columns, rows)]), area).argmin()]
    return mask, int(left), int(top)


def _corners(area: _Area, size: tuple[int, ...], height: int, width: int) -> np.ndarray:
    """Left and top, int [N, 2], of a label at the corners of a box: above it, in it, below it."""
    box_left, box_top, box_right, box_bottom = area
    left = max(0, min(box_left, width - size[1]))
    right = max(0, min(box_right + 1 - size[1], width - size[1]))
    lowest = max(0, height - size[0])
    tops = (box_top - size[0], box_top, box_bottom + 1, box_bottom + 1 - size[0])
    places = [(x, y) for y in tops for x in (left, right) if 0 <= y <= lowest]
    return np.array(places or [(left, max(0, min(box_top, lowest)))])


def _free(places: np.ndarray, size: tuple[int, ...], taken: np.ndarray) -> np.ndarray:
    """Those of the places, int [N, 2], where a label covers none of the others."""
    left, top = places[:, 0, None], places[:, 1, None]
    beside = (left >= taken[:, 2]) | (left + size[1] <= taken[:, 0])
    above_or_below = (top >= taken[:, 3]) | (top + size[0] <= taken[:, 1])
    free: np.ndarray = places[(beside | above_or_below).all(axis=1)]
    return free


def _gap_px(plates: np.ndarray, area: _Area) -> np.ndarray:
    """How far plates, int [N, 4], are from a box: pixels between them, across and down."""
    across = np.maximum(plates[:, 0] - area[2] - 1, area[0] - plates[:, 2])
    down = np.maximum(plates[:, 1] - area[3] - 1, area[1] - plates[:, 3])
    return np.maximum(across, 0) + np.maximum(down, 0)


def _middle(area: _Area) -> tuple[int, int]:
    return (area[0] + area[2]) // 2, (area[1] + area[3]) // 2


def _paint(drawn: np.ndarray, mask: np.ndarray, left: int, top: int, colour: Colour) -> None:
    """Paint a plate of `colour` with the text of the mask on it, in place."""
    patch = drawn[top : top + mask.shape[0], left : left + mask.shape[1]]
    ink = mask[: patch.shape[0], : patch.shape[1], None].astype(np.uint16)
    # how light the plate looks; weights of ITU-R BT.601
    is_light = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 140
    text = np.array(_DARK if is_light else _LIGHT, np.uint16)
    patch[:] = (ink * text + (255 - ink) * np.array(colour, np.uint16)) // 255
