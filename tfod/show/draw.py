"""Boxes, names and scores drawn on an image.

Colours are fixed by class id, sizes follow the size of the image, and text stays inside the image.
Nothing here changes the image it is given, and nothing knows where the boxes come from.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfod import boxes as box_forms
from tfod.detections import Detections, check_image
from tfod.show.colours import Colour, class_colour

_Area = tuple[int, int, int, int]  # left, top, right, bottom in pixels

SEPARATOR = " | "  # between parts of a line

_DARK, _LIGHT = (16, 16, 16), (255, 255, 255)
# Scripts that DejaVu Sans lacks; Pillow looks these up in the system's folders of fonts.
_FURTHER_FONTS = (
    "NotoSansCJK-Regular.ttc", "msyh.ttc", "msgothic.ttc", "malgun.ttf", "PingFang.ttc",
    "Arial Unicode.ttf", "wqy-microhei.ttc", "DroidSansFallbackFull.ttf", "Nirmala.ttf",
    "NotoSans-Regular.ttf", "NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf",
)  # fmt: skip


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
    taken: list[_Area] = []
    labels = []
    for row, area in enumerate(areas):
        score = f" {detections.scores[row]:.0%}" if with_scores else ""
        mask = _fitting_mask(detections.name_of(row), score, text_px, width)
        left, top = _free_place(area, mask.shape, taken, height, width)
        taken.append((left, top, left + mask.shape[1], top + mask.shape[0]))
        labels.append((mask, left, top, class_colour(detections.class_ids[row])))
    for mask, left, top, colour in reversed(labels):
        _paint(drawn, mask, left, top, colour)
    return drawn


def draw_lines(image: np.ndarray, lines: Sequence[str], at_bottom: bool = False) -> np.ndarray:
    """Write lines of text in the upper (or lower) left corner, light on dark.

    Args:
        image: uint8 [H, W, 3], RGB.
        lines: text; one that is longer than the image is wide goes on in the next line after a
            SEPARATOR, and is cut where there is none.

    Returns:
        A new image, uint8 [H, W, 3], RGB.
    """
    check_image(image)
    drawn = np.ascontiguousarray(image).copy()
    height, width = image.shape[:2]
    text_px = text_height_px(height, width)
    masks = [
        _fitting_mask(part, "", text_px, width)
        for line in lines
        for part in _wrapped(line, text_px, width)
    ]
    top = max(0, height - sum(mask.shape[0] for mask in masks)) if at_bottom else 0
    for mask in masks:
        _paint(drawn, mask, 0, top, _DARK)
        top += mask.shape[0]
    return drawn


def _wrapped(line: str, text_px: int, width: int) -> list[str]:
    """Break a line at its separators where it gets too long."""
    first, *parts = line.split(SEPARATOR)
    lines = [first]
    for part in parts:
        longer = f"{lines[-1]}{SEPARATOR}{part}"
        if _text_mask(longer, text_px).shape[1] <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


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
    mask = _text_mask(text, height // 3)
    if mask.shape[1] > width:
        mask = _text_mask(text, max(1, height // 3 * width // mask.shape[1]))
    edge = np.ones((2 * (height // 120) + 3,) * 2, np.uint8)
    top, left = max(0, (height - mask.shape[0]) // 2), max(0, (width - mask.shape[1]) // 2)
    patch = drawn[top : top + mask.shape[0], left : left + mask.shape[1]]
    for colour, ink in ((_DARK, cv2.dilate(mask, edge)), (_LIGHT, mask)):
        share = ink[: patch.shape[0], : patch.shape[1], None].astype(np.uint16)
        patch[:] = (share * np.array(colour, np.uint16) + (255 - share) * patch) // 255
    return drawn


def add_heading(image: np.ndarray, text: str) -> np.ndarray:
    """Put a dark strip with a text above an image, so that it covers nothing.

    Args:
        image: uint8 [H, W, 3], RGB.
        text: cut where it is longer than the image is wide.

    Returns:
        A new image, uint8 [H + height of the strip, W, 3], RGB.
    """
    check_image(image)
    height, width = image.shape[:2]
    mask = _fitting_mask(text, "", text_height_px(height, width), width)
    strip = np.full((len(mask), width, 3), _DARK, np.uint8)
    _paint(strip, mask, 0, 0, _DARK)
    return np.vstack([strip, image])


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


def _free_place(
    area: _Area, size: tuple[int, int], taken: Sequence[_Area], height: int, width: int
) -> tuple[int, int]:
    """Left and top of a label, (height, width) in `size`, that covers no other one if possible."""
    box_left, box_top, box_right, box_bottom = area
    left = max(0, min(box_left, width - size[1]))
    right = max(0, min(box_right + 1 - size[1], width - size[1]))
    lowest = max(0, height - size[0])
    tops = (box_top - size[0], box_top, box_bottom + 1, box_bottom + 1 - size[0])
    places = [(x, y) for y in tops for x in (left, right) if 0 <= y <= lowest]
    for x, y in places:
        if all(
            x >= other[2] or x + size[1] <= other[0] or y >= other[3] or y + size[0] <= other[1]
            for other in taken
        ):
            return x, y
    return places[0] if places else (left, max(0, min(box_top, lowest)))


def _paint(drawn: np.ndarray, mask: np.ndarray, left: int, top: int, colour: Colour) -> None:
    """Paint a plate of `colour` with the text of the mask on it, in place."""
    patch = drawn[top : top + mask.shape[0], left : left + mask.shape[1]]
    ink = mask[: patch.shape[0], : patch.shape[1], None].astype(np.uint16)
    # how light the plate looks; weights of ITU-R BT.601
    is_light = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 140
    text = np.array(_DARK if is_light else _LIGHT, np.uint16)
    patch[:] = (ink * text + (255 - ink) * np.array(colour, np.uint16)) // 255


def _fitting_mask(name: str, score: str, text_px: int, width: int) -> np.ndarray:
    """Text as a mask that is at most `width` wide: the name is cut, then the score."""
    name = " ".join(name.split())
    mask = _text_mask(name + score, text_px)
    while mask.shape[1] > width and len(name) > 1:
        keep = min(len(name) - 1, int(len(name) * width / mask.shape[1]))
        name = name[: max(keep, 1)].rstrip("…")
        mask = _text_mask(f"{name}…{score}", text_px)
        if len(name) <= 1:
            break
    return mask[:, :width]


@lru_cache(maxsize=1024)
def _text_mask(text: str, text_px: int) -> np.ndarray:
    """How much of each pixel the text covers, 0..255: uint8 [h, w], with a margin around."""
    font = _font(text_px, text)
    margin = max(2, text_px // 5)
    ascent, descent = font.getmetrics()
    size = round(font.getlength(text)) + 2 * margin, ascent + descent + margin
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).text((margin, margin // 2), text, fill=255, font=font)
    return np.asarray(mask)


def _font(text_px: int, text: str) -> ImageFont.FreeTypeFont:
    """The first font that has all the letters; DejaVu Sans when none has."""
    fonts = _fonts(text_px, not text.isascii())
    return next((font for font in fonts if _has_letters(font, text)), fonts[0])


@lru_cache(maxsize=64)
def _fonts(text_px: int, all_scripts: bool) -> tuple[ImageFont.FreeTypeFont, ...]:
    # matplotlib brings DejaVu Sans; looking it up does not import matplotlib
    package = find_spec("matplotlib")
    folder = Path(package.origin).parent if package and package.origin else Path()
    fonts = []
    for name in (
        str(folder / "mpl-data/fonts/ttf/DejaVuSans.ttf"),
        *(_FURTHER_FONTS if all_scripts else ()),
    ):
        try:
            fonts.append(ImageFont.truetype(name, text_px))
        except OSError:
            continue
    if not fonts:
        default = ImageFont.load_default(text_px)
        assert isinstance(default, ImageFont.FreeTypeFont)  # as every Pillow of PyPI gives it
        fonts.append(default)
    return tuple(fonts)


def _has_letters(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask("\uffff"))  # the shape drawn for a missing letter
    return all(
        letter.isascii() or letter.isspace() or bytes(font.getmask(letter)) != missing
        for letter in text
    )
