"""Photos on a page: small, with their boxes, or cut out around some of them.

The picture is inside the page as a JPEG; boxes are drawn over it by the browser.
"""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

THUMBNAIL_PX = 360  # of the longer side
JPEG_QUALITY = 80
LEAST_SIDE = 0.002  # of the picture: a browser draws no rectangle without area
MARGIN = 1.0  # around the boxes in question, in sides of their hull
LEAST_CROP_PX = 48  # a smaller cutout shows no scene
WHOLE = (0.0, 0.0, 1.0, 1.0)
Box = tuple[float, ...]  # ymin, xmin, ymax, xmax, 0..1 of the photo


def photo(source: str | None, view: Box, rects: Sequence[str], caption: str) -> str:
    """A photo with its boxes and a caption under it, as HTML.

    Args:
        source: what `picture` gave; None when there is no picture to show.
        view: what is shown of the photo.
        rects: what `rect` gave.
        caption: text.
    """
    shown = '<div class="missing">cannot be shown</div>'
    if source is not None:
        ymin, xmin, ymax, xmax = view
        box_of_view = f"{xmin:.5f} {ymin:.5f} {xmax - xmin:.5f} {ymax - ymin:.5f}"
        shown = (
            f'<span class="photo"><img src="{source}" alt="">'
            f'<svg viewBox="{box_of_view}" preserveAspectRatio="none">{"".join(rects)}</svg></span>'
        )
    return f"<figure>{shown}<figcaption>{escape(caption)}</figcaption></figure>"


def picture(image: np.ndarray, view: Box = WHOLE) -> str:
    """What is shown of an image, uint8 [H, W, 3], made small, as a data URL."""
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


def view_around(boxes: Sequence[Box], height_px: int, width_px: int) -> Box:
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


def rect(box: Sequence[float], view: Box, title: str, more: str) -> str:
    """A rectangle over the picture; nothing when it is elsewhere in the photo.

    Args:
        box: ymin, xmin, ymax, xmax, 0..1 of the photo.
        view: what is shown of the photo.
        title: what a mouse over it shows.
        more: further attributes, each after a space.
    """
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


def offender(box: Sequence[float], view: Box, title: str) -> str:
    """A box in question, which stands out on any picture."""
    return rect(box, view, "", ' class="under"') + rect(box, view, title, ' class="offender"')
