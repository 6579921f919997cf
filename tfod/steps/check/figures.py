"""Photos on the page of `check`: small, with their boxes, or cut out around those in question."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from tfod.data.example import Example
from tfod.data.images import read_image
from tfod.errors import UserError
from tfod.show.page_photo import WHOLE, Box, offender, photo, picture, rect, view_around
from tfod.steps.check.finding import Place


def figure(
    path: Path, example: Example | None, colours: Mapping[str, str], place: Place | None = None
) -> str:
    """A photo with its boxes in the colours of their classes, as HTML.

    Args:
        path: the image.
        example: its boxes, or None.
        colours: of the classes.
        place: a spot of a finding; its boxes stand out, and only what is around them is shown.
    """
    in_question = place.boxes.tolist() if place is not None and place.boxes is not None else []
    in_question = [tuple(box) for box in in_question if np.isfinite(box).all()]
    detail = place.detail if place is not None else ""
    caption = f"{path.name}: {detail}" if detail else path.name
    image = _read(path)
    if image is None:
        return photo(None, WHOLE, (), caption)
    view = view_around(in_question, image.shape[0], image.shape[1])
    pairs = zip(example.names, example.boxes.tolist(), strict=True) if example else ()
    rects = [rect(box, view, name, f' stroke="{colours[name]}"') for name, box in pairs]
    rects += [offender(box, view, detail) for box in in_question]
    return photo(_picture(path, view), view, rects, caption)


def forget_photos() -> None:
    """Free what was kept to show a photo twice."""
    _read.cache_clear()
    _picture.cache_clear()


@lru_cache(maxsize=2)  # the places of a photo follow each other
def _read(path: Path) -> np.ndarray | None:
    """The image, uint8 [H, W, 3]; None when it cannot be read."""
    try:
        return read_image(path)
    except UserError:
        return None


@cache
def _picture(path: Path, view: Box) -> str:
    """What is shown of an image that can be read, as a data URL."""
    image = _read(path)
    assert image is not None
    return picture(image, view)
