"""Image files: their size from the header, their pixels as RGB uint8, and written again.

The format is found from the content, never from the file name. Pixels are always upright: the
EXIF orientation is applied. Every mode becomes 8-bit RGB: grey is repeated, 16 bits are scaled by
255/65535, CMYK is converted, transparency is laid on white (as LabelImg and browsers show it).
This module knows nothing of boxes or labels.
"""

import re
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image, ImageOps

from tfod.data.image_open import ImageError as ImageError
from tfod.data.image_open import UnusualModeError, open_image, read_bytes
from tfod.errors import UserError
from tfod.files import whole_file

ORIENTATION_TAG = 0x0112
# how far from its end a file may carry its end marker (phones append data of their own)
TAIL_BYTES = 1 << 16
LEAST_SMALL_PX = 64  # of a side of an image made small
PADDED = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
MOST_JPEG_PX = 65_500  # of a side, the limit of libjpeg
END_MARKERS = {"JPEG": b"\xff\xd9", "MPO": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}


@dataclass(frozen=True)
class Header:
    """What an image file says of itself.

    Attributes:
        height_px: height of the upright image.
        width_px: width of the upright image.
        format: the real format as Pillow names it: "JPEG", "PNG", "WEBP", ...
        orientation: EXIF orientation, 1 (upright) to 8; 5 to 8 swap height and width.
        plain: the bytes can be used as they are: an upright JPEG or PNG, 8 bits, RGB or grey,
            not transparent. Any decoder makes the same pixels of it.
        mode: of the stored pixels as Pillow names it: "RGB", "L", "RGBA", "CMYK", ...; with
            "16 bits" in it when they are wider than 8.
    """

    height_px: int
    width_px: int
    format: str
    orientation: int
    plain: bool
    mode: str = field(default="RGB", compare=False)


def read_header(path: Path) -> Header:
    """Read size and format without decoding the pixels.

    Raises:
        UserError: the file is missing, empty, not an image, or too large.
    """
    with open_image(path) as image:
        return _header(image)


def check_image(path: Path, decode: bool = True) -> Header:
    """Read the header, and make sure that the file is not cut off.

    A plain file is looked through for its end marker, any other one is decoded.

    Args:
        path: the image.
        decode: False to take the word of a header that is not plain.

    Raises:
        UserError: as `read_header`, or the file is cut off, damaged or of an unknown mode.
    """
    with open_image(path) as image:
        header = _header(image)
        if header.plain:
            _check_end_marker(image)
        elif decode:
            upright_rgb(image)
        return header


def read_image(path: Path) -> np.ndarray:
    """Read an image file as uint8 [H, W, 3], RGB, upright.

    Raises:
        UserError: as `check_image`.
    """
    with open_image(path) as image:
        return np.array(upright_rgb(image))


def read_small_grey(path: Path, factor: int = 8) -> np.ndarray:
    """Read an image made small, and by that find damage that its header does not show.

    All of the file is decoded, but of a JPEG only every eighth pixel (2 ms for 1920x1080).

    Args:
        path: the image.
        factor: how much smaller; less where a side would fall below 64 pixels.

    Returns:
        uint8 [h, w], grey, upright.

    Raises:
        UserError: as `check_image`, also for a JPEG whose pixels are damaged.
    """
    return small_grey(read_bytes(path), path, factor)[1]


def small_grey(data: bytes, path: Path, factor: int = 8) -> tuple[Header, np.ndarray]:
    """Give the header and what `read_small_grey` gives, from all bytes of the file."""
    with open_image(path, data) as image:
        header = _header(image)
        factor = max(1, min(factor, min(image.size) // LEAST_SMALL_PX))
        if image.format not in ("JPEG", "MPO") or image.mode not in ("L", "RGB"):
            return header, np.asarray(upright_rgb(image).convert("L").reduce(factor))
        grey = _grey_jpeg(data, image, factor)
    if header.orientation >= 5:
        grey = grey.T
    if header.orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    if header.orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    return header, np.ascontiguousarray(grey)


def _grey_jpeg(data: bytes, image: Image.Image, factor: int) -> np.ndarray:
    """Decode a JPEG as stored; a ValueError says what is damaged."""
    width, height = (-(-side // factor) for side in image.size)
    decode = partial(simplejpeg.decode_jpeg, data, "GRAY", min_height=height, min_width=width)
    try:
        return decode()[..., 0]
    except ValueError as error:
        padded = PADDED.search(str(error))
        end = data.rfind(b"\xff\xd9")
        # webcams pad a frame with one byte again and again; other bytes are pixels out of step
        if not padded or len(set(data[end - int(padded[1]) : end])) > 1:
            raise
        return decode(strict=False)[..., 0]


def write_image(path: Path, image: np.ndarray, jpeg_quality: int = 95) -> None:
    """Write an image whole or not at all, in the format of the path's ending.

    Args:
        path: ends in .jpg, .jpeg or .png.
        image: uint8 [H, W, 3], RGB.
        jpeg_quality: 0 to 100, of JPEG only.

    Raises:
        UserError: the image does not fit the format, the disk is full, or the folder cannot be
            written.
    """
    height, width = image.shape[:2]
    png = path.suffix.lower() == ".png"
    options = {"format": "PNG"} if png else {"format": "JPEG", "quality": jpeg_quality}
    if not png and max(height, width) > MOST_JPEG_PX:
        raise UserError(f"{path}: {width}x{height} px are too many for a JPEG. Use PNG.")
    buffer = BytesIO()  # Pillow itself would take a file cut off by a full disk for written
    Image.fromarray(image).save(buffer, **options)
    with whole_file(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def upright_rgb(image: Image.Image) -> Image.Image:
    """Decode an open image: mode RGB, EXIF orientation applied, transparency on white.

    Raises:
        ValueError: floating point or LAB, which have no plain conversion to 8-bit RGB.
    """
    image.load()
    return ImageOps.exif_transpose(_to_rgb(image))


def _header(image: Image.Image) -> Header:
    width, height = image.size
    orientation = _exif(image).get(ORIENTATION_TAG, 1)
    orientation = orientation if orientation in range(1, 9) else 1
    if orientation >= 5 and image.format != "TIFF":  # Pillow gives a TIFF's size upright
        width, height = height, width
    plain = orientation == 1 and _is_plain(image)
    mode = "16 bits" if _is_16_bits(image) else image.mode
    return Header(height, width, image.format or "?", orientation, plain, mode)


def _exif(image: Image.Image) -> Image.Exif:
    """The EXIF block. Pillow decodes a PNG that has none, in case one follows the pixels."""
    if image.format == "PNG" and b"eXIf" not in _tail(image, TAIL_BYTES):
        return Image.Image.getexif(image)
    return image.getexif()


def _tail(image: Image.Image, length: int) -> bytes:
    """The last bytes of the file, but none of the header that has been read."""
    start = image.fp.tell()
    size = image.fp.seek(0, 2)
    image.fp.seek(max(start, size - length))
    tail = image.fp.read()
    image.fp.seek(start)
    return tail


def _is_plain(image: Image.Image) -> bool:
    if image.format in ("JPEG", "MPO"):
        return image.mode in ("L", "RGB")
    if image.format != "PNG" or "transparency" in image.info:
        return False
    return image.mode in ("1", "L", "RGB", "P") and not _is_16_bits(image)


def _is_16_bits(image: Image.Image) -> bool:
    # Pillow opens a PNG of 3 x 16 bits as mode RGB; only the raw mode of its tile tells
    return image.mode.startswith("I") or any("16" in str(tile[3]) for tile in image.tile)


def _check_end_marker(image: Image.Image) -> None:
    """Look for the end marker behind the header (an EXIF thumbnail has one of its own)."""
    marker = END_MARKERS[image.format or ""]
    if not any(marker in _tail(image, length) for length in (len(marker), TAIL_BYTES)):
        raise OSError("it has no end marker")


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.mode in ("F", "LAB"):
        raise UnusualModeError(image.mode)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        flat = Image.alpha_composite(white, image).convert("RGB")
        flat.info = image.info  # exif_transpose reads the orientation from here
        return flat
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_16_bits(image: Image.Image) -> Image.Image:
    """Scale 0..65535 to 0..255 (rounded, so white stays white)."""
    values = np.asarray(image).astype(np.int64)
    eight_bits = (np.clip(values, 0, 65535) * 255 + 32767) // 65535
    grey = Image.fromarray(eight_bits.astype(np.uint8)).convert("RGB")
    grey.info = image.info
    return grey
