"""Images as pixels, RGB uint8: read, checked, and written again.

Pixels are always upright: the EXIF orientation is applied. Every mode becomes 8-bit RGB: grey is
repeated, 16 bits are scaled by 255/65535, CMYK is converted, transparency is laid on white (as
LabelImg and browsers show it).
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from tfod.data.image_open import (
    JPEG_FORMATS,
    Header,
    UnusualModeError,
    all_bytes,
    header_of,
    is_eight_bit_rgb,
    open_image,
    read_bytes,
)
from tfod.data.jpeg import Colour, decode_jpeg
from tfod.data.mend import mend
from tfod.errors import refusal
from tfod.files import whole_file
from tfod.remedies import Remedy

JPEG_QUALITY = 95
MOST_JPEG_PX = 65_500  # of a side, the limit of libjpeg
LEAST_SMALL_PX = 64  # of a side of an image made small
COLOURS: dict[str, Colour] = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}  # of a JPEG


def check_image(path: Path, data: bytes | None = None, decode: bool = True) -> Header:
    """Read the header, and make sure that no pixels are lost.

    Args:
        path: the image.
        data: its bytes, when they have been read.
        decode: False to take the word of a header that is intact. A JPEG or PNG is then only
            looked through for its end, and decoded when there is none: all its pixels may be there
            all the same.

    Raises:
        UserError: as `read_header`, or the file is cut off, damaged or of an unknown mode.
    """
    with open_image(path, data) as image:
        header = header_of(image)
        if not header.intact or decode:
            _find_loss(image)
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
            what, expected = "too large for a JPEG", f"sides of at most {MOST_JPEG_PX:,} px"
            got, remedy = f"{width}x{height}", Remedy.USE(value="PNG")
            raise refusal(
                "image-too-large-for-jpeg", path, what, expected=expected, got=got, remedy=remedy
            )
    buffer = BytesIO()  # Pillow itself would take a file cut off by a full disk for written
    Image.fromarray(image).save(buffer, **options)
    with whole_file(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def encode_upright(path: Path, data: bytes | None = None, keep_exif: bool = False) -> bytes:
    """Encode an image again, upright and as 8-bit RGB: a JPEG as JPEG, all else as PNG.

    A colour profile is left out, as it would be that of the pixels before. Where the pixels can
    stay and only the file is not as its format wants it, they keep their bytes.

    Args:
        path: the image.
        data: its bytes, when they have been read.
        keep_exif: keep the EXIF block, but for the orientation.

    Raises:
        UserError: the image cannot be decoded.
    """
    buffer = BytesIO()
    with open_image(path, data) as image:
        header = header_of(image)
        pixels = upright_rgb(image)
        if not header.intact and header.orientation == 1 and is_eight_bit_rgb(image):
            return mend(read_bytes(path) if data is None else data)
        exif = pixels.info.get("exif", b"") if keep_exif else b""
        pixels.info = {}
        if header.is_jpeg:
            pixels.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0, exif=exif)
        else:
            pixels.save(buffer, "PNG", exif=exif)
    return buffer.getvalue()


def upright_rgb(image: Image.Image) -> Image.Image:
    """Decode an open image: mode RGB, EXIF orientation applied, transparency on white.

    Raises:
        ValueError: floating point or LAB, which have no plain conversion to 8-bit RGB.
    """
    return ImageOps.exif_transpose(_to_rgb(_loaded(image)))


def _loaded(image: Image.Image) -> Image.Image:
    """Decode an open image as stored, whatever oddities its file has.

    Raises:
        OSError, ValueError, SyntaxError: pixels are lost.
    """
    is_jpeg = image.format in JPEG_FORMATS
    if is_jpeg and image.mode in ("L", "RGB"):
        pixels = decode_jpeg(all_bytes(image), COLOURS[image.mode])
        loaded = Image.fromarray(pixels[..., 0] if image.mode == "L" else pixels)
        loaded.info = image.info  # exif_transpose reads the orientation from here
        return loaded
    if not is_jpeg and (image.format != "PNG" or image.fp is None):  # type: ignore[attr-defined]
        image.load()
        return image
    data = all_bytes(image)
    if is_jpeg:
        decode_jpeg(data, COLOURS[image.mode], (1, 1))  # what is lost; Pillow knows the colours
    try:
        image.load()
    except (OSError, SyntaxError):
        image = Image.open(BytesIO(mend(data)))
        image.load()
    return image


def _find_loss(image: Image.Image) -> None:
    """Decode an open image to see whether it can be; of a JPEG as little as that takes.

    Raises:
        OSError, ValueError, SyntaxError: pixels are lost.
    """
    if image.format in JPEG_FORMATS:
        decode_jpeg(all_bytes(image), COLOURS[image.mode], (1, 1))
    else:
        upright_rgb(image)


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


def small_grey(data: bytes, path: Path) -> tuple[Header, np.ndarray]:
    """Decode an image made small, which finds damage that its header does not show.

    It is an eighth as large, but no side falls below 64 pixels; of a JPEG no more is decoded (2 ms
    for 1920x1080).

    Args:
        data: all bytes of the file.
        path: the image.

    Returns:
        The header, and uint8 [h, w], grey, upright.

    Raises:
        UserError: as `check_image`, also for a JPEG whose pixels are damaged.
    """
    with open_image(path, data) as image:
        header = header_of(image)
        factor = max(1, min(8, min(image.size) // LEAST_SMALL_PX))
        if not header.is_jpeg or image.mode not in ("L", "RGB"):
            return header, np.asarray(upright_rgb(image).convert("L").reduce(factor))
        width, height = (-(-side // factor) for side in image.size)
        grey = decode_jpeg(all_bytes(image), "GRAY", (height, width))[..., 0]
    if header.orientation >= 5:
        grey = grey.T
    if header.orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    if header.orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    return header, np.ascontiguousarray(grey)
