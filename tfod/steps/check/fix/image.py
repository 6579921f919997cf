"""What is to be done with one image file: its ending, and pixels that other tools read differently.

A plain JPEG or PNG keeps its bytes. What TensorFlow or older tools turn wrongly or cannot read
(turned by EXIF, CMYK, 16 bits, transparent, WebP, TIFF, BMP, GIF, AVIF, HEIC) becomes upright 8-bit
RGB: what was a JPEG as JPEG of quality 95, all else as PNG, as `records` would do. A file that has
all its pixels but not all of its format, such as the end marker, gets that back.
"""

from dataclasses import dataclass
from pathlib import Path

from tfod.data.image_open import Header, open_image
from tfod.listing import IMAGE_SUFFIXES
from tfod.steps.check.pictures import SUFFIXES


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What is to be done with an image file.

    Attributes:
        name: the file name it gets.
        why: why its pixels are encoded again; "" when they are not.
        left: why it is left as it is, "" when it is not.
    """

    name: str
    why: str = ""
    left: str = ""


def plan_image(path: Path, header: Header) -> ImagePlan:
    """Say what is to be done with an image whose header could be read."""
    kind, why = header.format, ""
    if header.orientation > 1:
        why = f"rotated by EXIF (orientation {header.orientation})"
    elif not header.intact:
        why = f"{header.format} with errors beside its pixels"
    elif not header.plain:
        why = f"{header.format} of mode {header.mode}"
    if why and _count_pictures(path) > 1:
        left = f"{header.format} with several images; save the one you labelled as PNG"
        return ImagePlan(path.name, left=left)
    if why:
        kind = "JPEG" if header.is_jpeg else "PNG"
    if has_ending(path, kind):
        return ImagePlan(path.name, why)
    return ImagePlan(f"{path.stem}{SUFFIXES[kind][0]}", why)


def has_ending(path: Path, kind: str) -> bool:
    """Whether the name of a file ends as its format does."""
    return path.suffix.lower() in SUFFIXES.get(kind, IMAGE_SUFFIXES)


def _count_pictures(path: Path) -> int:
    """How many pictures a file holds; a phone's JPEG with a second one behind it holds one."""
    with open_image(path) as image:
        return 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
