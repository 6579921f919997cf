"""Annotations whose <size> is not that of their image: is <size> wrong, or was the image resized?

In the first case the boxes are right, in the second they lie elsewhere. A photo proves the first
when its boxes fit the image and reach beyond <size>. Of a photo whose boxes fit both, others tell:
a <size> that is a leftover of a template, or of another folder, is wrong in many photos. Knows
numbers alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tfod.data.drawn_boxes import EDGE_PX
from tfod.data.scan import Photo

LEAST_PROOFS = 3  # photos; fewer may be accidents
OF_ONE_SIZE, OF_ALL = 0.1, 0.5  # share of the photos that must prove it, for the rest to follow


class SizeSeen(NamedTuple):
    """What one annotation says about the size of its image.

    Attributes:
        stated: (height, width) in pixels, of <size>.
        fits_image: whether no box reaches beyond the image.
        fits_stated: whether no box reaches beyond <size>.
        empty: whether there is no box.
    """

    stated: tuple[int, int]
    fits_image: bool
    fits_stated: bool
    empty: bool

    @property
    def is_proof(self) -> bool:
        """Whether <size> cannot be what the boxes were drawn on."""
        return self.fits_image and not self.fits_stated


def see_size(
    xyxy_px: Sequence[Sequence[float]], stated: tuple[int, int], size: tuple[int, int]
) -> SizeSeen:
    """Note how boxes fit two sizes.

    Args:
        xyxy_px: each (xmin, ymin, xmax, ymax) in pixels, in this order or with swapped sides.
        stated: (height, width) in pixels, of <size>.
        size: (height, width) in pixels, of the image.
    """
    fits_image, fits_stated = (
        not any(is_beyond(box, *sides) for box in xyxy_px) for sides in (size, stated)
    )
    return SizeSeen(stated, fits_image, fits_stated, not len(xyxy_px))


def is_beyond(xyxy_px: Sequence[float], height: int, width: int) -> bool:
    """Whether a box reaches farther over the edge of a picture than a pixel."""
    xmin, ymin, xmax, ymax = xyxy_px
    return max(-min(xyxy_px), max(xmin, xmax) - width, max(ymin, ymax) - height) > EDGE_PX


def in_doubt(seen: Sequence[SizeSeen]) -> list[bool]:
    """Say for each annotation whether its boxes may lie elsewhere, as the image may be resized."""
    of_size: dict[tuple[int, int], list[SizeSeen]] = defaultdict(list)
    for one in seen:
        of_size[one.stated] += [] if one.empty else [one]
    all_wrong = _are_wrong([one for one in seen if not one.empty], OF_ALL)
    wrong = {stated for stated, ones in of_size.items() if _are_wrong(ones, OF_ONE_SIZE)}
    return [not (one.empty or one.is_proof or all_wrong or one.stated in wrong) for one in seen]


def _are_wrong(seen: Sequence[SizeSeen], least: float) -> bool:
    """Whether enough annotations prove <size> wrong, and none the image."""
    proofs = sum(one.is_proof for one in seen)
    return proofs >= max(LEAST_PROOFS, least * len(seen)) and all(one.fits_image for one in seen)


def xml_in_doubt(photos: Iterable[Photo]) -> set[Path]:
    """Find the XML files whose boxes may lie elsewhere; images and XML are read already."""
    seen: dict[Path, SizeSeen] = {}
    for photo in photos:
        if photo.xml_path and (one := seen_in(photo)):
            seen[photo.xml_path] = one
    doubts = zip(seen, in_doubt([*seen.values()]), strict=True)
    return {path for path, doubtful in doubts if doubtful}


def seen_in(photo: Photo) -> SizeSeen | None:
    """What a photo says about its size; None when <size> is that of the image, or missing."""
    stated, annotation, header = photo.other_size, photo.annotation, photo.header
    if stated is None or annotation is None or header is None:
        return None
    boxes = [drawn.xyxy_px for drawn in annotation.objects if drawn.xyxy_px is not None]
    return see_size(boxes, stated, header.size)
