"""Photos on the page of `check`: small, with their boxes, or cut out around the boxes in question.

The picture is inside the page as a JPEG; boxes are drawn over it by the browser.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from html import escape
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tfod.data.example import Example
from tfod.data.images import read_image
from tfod.errors import UserError
from tfod.steps.check.finding import Place

THUMBNAIL_PX = 360  # of the longer side
JPEG_QUALITY = 80
LEAST_SIDE = 0.002  # of the picture: a browser draws no rectangle without area
MARGIN = 1.0  # around the boxes in question, in sides of their hull
LEAST_CROP_PX = 48  # a smaller cutout shows no scene
WHOLE = (0.0, 0.0, 1.0, 1.0)
Box = tuple[float, ...]  # ymin, xmin, ymax, xmax, 0..1 of the photo


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
    shown = '<div class="missing">cannot be shown</div>'
    image = _read(path)
    if image is not None:
        view = _view(in_question, image.shape[0], image.shape[1])
        pairs = zip(example.names, example.boxes.tolist(), strict=True) if example else ()
        rects = [_rect(box, view, name, f' stroke="{colours[name]}"') for name, box in pairs]
        for box in in_question:
            rects += [_rect(box, view, "", ' class="under"')]
            rects += [_rect(box, view, detail, ' class="offender"')]
        ymin, xmin, ymax, xmax = view
        box_of_view = f"{xmin:.5f} {ymin:.5f} {xmax - xmin:.5f} {ymax - ymin:.5f}"
        shown = (
            f'<span class="photo"><img src="{_picture(path, view)}" alt="">'
            f'<svg viewBox="{box_of_view}" preserveAspectRatio="none">{"".join(rects)}</svg></span>'
        )
    return f"<figure>{shown}<figcaption>{escape(caption)}</figcaption></figure>"


def forget_photos() -> None:
    """Free what was kept to show a photo twice."""
    _read.cache_clear()
    _picture.cache_clear()


def _view(boxes: Sequence[Box], height_px: int, width_px: int) -> Box:
    """What to show of a photo: around these boxes, on whole pixels; all of it without any."""
    if not boxes:
        return WHOLE
    corners = np.clip(np.reshape(boxes, (-1, 2, 2)), 0, 1) * (height_px, width_px)
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    side = max((high - low).max() * (1 + 2 * MARGIN), LEAST_CROP_PX)
    sizes = np.array([height_px, width_px])
    sides = np.minimum(np.ceil(side), sizes)
    first = np.clip(np.floor((low + high - sides) / 2), 0, sizes - sides)
    return (*(first / sizes).tolist(), *((first + sides) / sizes).tolist())


def _rect(box: Sequence[float], view: Box, title: str, more: str) -> str:
    """A rectangle over the picture; nothing when it is elsewhere in the photo."""
    if not np.isfinite(box).all():
        return ""
    (top, left), (bottom, right) = np.sort(np.clip(np.reshape(box, (2, 2)), 0, 1), axis=0).tolist()
    if bottom < view[0] or right < view[1] or top > view[2] or left > view[3]:
        return ""
    height = max(bottom - top, LEAST_SIDE * (view[2] - view[0]))
    width = max(right - left, LEAST_SIDE * (view[3] - view[1]))
    said = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<rect x="{left:.5f}" y="{top:.5f}" width="{width:.5f}" height="{height:.5f}"{more}>'
        f"{said}</rect>"
    )


@lru_cache(maxsize=2)  # the places of a photo follow each other
def _read(path: Path) -> np.ndarray | None:
    """The image, uint8 [H, W, 3]; None when it cannot be read."""
    try:
        return read_image(path)
    except UserError:
        return None


@cache
def _picture(path: Path, view: Box) -> str:
    """What is shown of an image that can be read, made small, as a data URL."""
    image = _read(path)
    assert image is not None
    sizes = np.array(image.shape[:2])
    (top, left), (bottom, right) = np.rint(np.reshape(view, (2, 2)) * sizes).astype(int).tolist()
    image = image[top:bottom, left:right]
    height, width = image.shape[:2]
    scale = min(1, THUMBNAIL_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    buffer = BytesIO()
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    Image.fromarray(small).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"
