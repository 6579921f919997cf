"""Images as pixels, RGB uint8: read, checked, and written again.

Pixels are always upright: the EXIF orientation is applied. Every mode becomes 8-bit RGB: grey is
repeated, 16 bits are scaled by 255/65535, CMYK is converted, transparency is laid on white (as
LabelImg and browsers show it). This module knows nothing of boxes or labels.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from tfod.data.image_open import Header, UnusualModeError, check_end_marker, header_of, open_image
from tfod.errors import refusal
from tfod.files import whole_file
from tfod.remedies import Remedy

JPEG_QUALITY = 95
MOST_JPEG_PX = 65_500  # of a side, the limit of libjpeg


def check_image(path: Path, data: bytes | None = None, decode: bool = True) -> Header:
    """Read the header, and make sure that the file is not cut off.

    A plain file is looked through for its end marker, any other one is decoded.

    Args:
        path: the image.
        data: its bytes, when they have been read.
        decode: False to take the word of a header that is not plain.

    Raises:
        UserError: as `read_header`, or the file is cut off, damaged or of an unknown mode.
    """
    with open_image(path, data) as image:
        header = header_of(image)
        if header.plain:
            check_end_marker(image)
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


def write_image(path: Path, image: np.ndarray, jpeg_quality: int = JPEG_QUALITY) -> None:
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
    options: dict[str, Any] = {"format": "PNG"}
    if not png:
        options = {"format": "JPEG", "quality": jpeg_quality}
        if max(height, width) > MOST_JPEG_PX:
            raise refusal(
                "image-too-large-for-jpeg",
                path,
                "too many pixels for a JPEG",
                expected=f"sides of at most {MOST_JPEG_PX:,} px",
                got=f"{width}x{height}",
                remedy=Remedy.USE(value="PNG"),
            )
    buffer = BytesIO()  # Pillow itself would take a file cut off by a full disk for written
    Image.fromarray(image).save(buffer, **options)
    with whole_file(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def encode_upright(path: Path, data: bytes | None = None, keep_exif: bool = False) -> bytes:
    """Encode an image again, upright and as 8-bit RGB: a JPEG as JPEG, all else as PNG.

    A colour profile is left out, as it would be that of the pixels before.

    Args:
        path: the image.
        data: its bytes, when they have been read.
        keep_exif: keep the EXIF block, but for the orientation.

    Raises:
        UserError: the image cannot be decoded.
    """
    buffer = BytesIO()
    with open_image(path, data) as image:
        is_jpeg = header_of(image).is_jpeg
        pixels = upright_rgb(image)
        exif = pixels.info.get("exif", b"") if keep_exif else b""
        pixels.info = {}
        if is_jpeg:
            pixels.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0, exif=exif)
        else:
            pixels.save(buffer, "PNG", exif=exif)
    return buffer.getvalue()


def upright_rgb(image: Image.Image) -> Image.Image:
    """Decode an open image: mode RGB, EXIF orientation applied, transparency on white.

    Raises:
        ValueError: floating point or LAB, which have no plain conversion to 8-bit RGB.
    """
    image.load()
    return ImageOps.exif_transpose(_to_rgb(image))


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
