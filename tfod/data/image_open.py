"""Opening an image file and reading its header; every error names the file.

The format is found from the content, never from the file name. Pixels are made in `images.py`.
HEIC needs the package pi-heif, which is imported when the first HEIC comes.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from tfod.data.mend import JPEG_END, PNG_END, mend
from tfod.errors import UserError, refusal
from tfod.listing import HEIC_READER, unreadable
from tfod.remedies import Remedy

ORIENTATION_TAG = 0x0112
JPEG_FORMATS = ("JPEG", "MPO")
TAIL_BYTES = 1 << 16
# phones append data of their own behind it, up to whole films
END_MARKERS = {"JPEG": JPEG_END, "MPO": JPEG_END, "PNG": PNG_END}
# of the box "ftyp" (ISO/IEC 23008-12, annex B), at byte 8
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
MENDED = "mended"  # in Image.info: the file itself is not as its format wants it


class UnusualModeError(ValueError):
    """There is no plain conversion of this mode to 8-bit RGB."""


@dataclass(frozen=True)
class Header:
    """What an image file says of itself.

    Attributes:
        height_px: height of the upright image.
        width_px: width of the upright image.
        format: the real format as Pillow names it: "JPEG", "PNG", "WEBP", ...
        orientation: EXIF orientation, 1 (upright) to 8; 5 to 8 swap height and width.
        plain: the bytes can be used as they are: an upright JPEG or PNG, 8 bits, RGB or grey,
            not transparent, from beginning to end. Any decoder makes the same pixels of it.
        intact: what can be seen without decoding is as the format wants it; a JPEG or PNG that is
            not may have all its pixels all the same.
        mode: of the stored pixels as Pillow names it: "RGB", "L", "RGBA", "CMYK", ...; with
            "16 bits" in it when they are wider than 8.
    """

    height_px: int
    width_px: int
    format: str
    orientation: int
    plain: bool
    mode: str = field(default="RGB", compare=False)
    intact: bool = field(default=True, compare=False)

    @property
    def is_jpeg(self) -> bool:
        """Whether it is a JPEG; a phone's with a second picture behind the first is one too."""
        return self.format in JPEG_FORMATS

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the upright image in pixels."""
        return self.height_px, self.width_px


def read_bytes(path: Path) -> bytes:
    """Read a whole image file.

    Raises:
        UserError: it is missing or cannot be read.
    """
    with _named(path):
        return path.read_bytes()


@contextmanager
def open_image(path: Path, data: bytes | None = None) -> Iterator[Image.Image]:
    """Open an image file and read its header; every error names the file.

    Args:
        path: the file.
        data: its bytes, when they have been read.

    Raises:
        UserError: the file is missing, empty, cut off, damaged, too large or not an image.
    """
    with _named(path, data), warnings.catch_warnings():
        # large but possible; a damaged EXIF block is not a reason to refuse
        warnings.simplefilter("ignore")
        with _opened(path, data) as image:
            yield image


def _opened(path: Path, data: bytes | None) -> Image.Image:
    """Open a file as it is, else without the oddities that keep Pillow from it."""
    try:
        return Image.open(path if data is None else BytesIO(data))
    except UnidentifiedImageError:
        data = path.read_bytes() if data is None else data
        if _is_heic(data):
            from pi_heif import register_heif_opener

            register_heif_opener()
            return Image.open(BytesIO(data))
        if (mended := mend(data)) == data:
            raise
        image = Image.open(BytesIO(mended))
        image.info[MENDED] = True
        return image


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS


@contextmanager
def _named(path: Path, data: bytes | None = None) -> Iterator[None]:
    try:
        yield
    except UnidentifiedImageError as error:
        raise _unusable(path, _why_no_image(path, data)) from error
    except ModuleNotFoundError as error:
        what, remedy = "this is a HEIC photo, which needs a package", HEIC_READER
        raise refusal("image-unreadable", path, what, expected=None, remedy=remedy) from error
    except Image.DecompressionBombError as error:
        # Pillow's limit is 179 million pixels; its text speaks of an attack
        size = str(error).split("pixels")[0].split("(")[-1].strip()
        what = f"the image is too large ({size} pixels, limit 178 million)"
        raise _unusable(path, what) from error
    except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise unreadable(path, error) from error
    except UnusualModeError as error:
        what = f"unsupported pixel format (mode {error})"
        raise _unusable(path, what, "8-bit JPEG or PNG") from error
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        raise _unusable(path, f"the image is cut off or damaged ({error})") from error


def _unusable(path: Path, what: str, expected: str | None = None) -> UserError:
    return refusal("image-unreadable", path, what, expected=expected, remedy=Remedy.REPLACE_FILE)


def _why_no_image(path: Path, data: bytes | None) -> str:
    if data is None:
        with open(path, "rb") as file:
            data = file.read(16)
    if not data:
        return "the file is empty"
    return f"not an image, or an unsupported format (it begins with {data[:16]!r})"


def read_header(path: Path) -> Header:
    """Read size and format without decoding the pixels.

    Raises:
        UserError: the file is missing, empty, not an image, or too large.
    """
    with open_image(path) as image:
        return header_of(image)


def header_of(image: Image.Image) -> Header:
    """Describe an image that is open."""
    intact = _is_intact(image)  # first: looking for EXIF may load a PNG and close its file
    width, height = image.size
    orientation = _exif(image).get(ORIENTATION_TAG, 1)
    orientation = orientation if orientation in range(1, 9) else 1
    if orientation >= 5 and image.format != "TIFF":  # Pillow gives a TIFF's size upright
        width, height = height, width
    plain = intact and orientation == 1 and is_eight_bit_rgb(image)
    mode = "16 bits" if _is_16_bits(image) else image.mode
    return Header(height, width, image.format or "?", orientation, plain, mode, intact)


def all_bytes(image: Image.Image) -> bytes:
    """All bytes of the file of an image that is open and not loaded yet."""
    file = image.fp  # type: ignore[attr-defined]
    at = file.tell()
    file.seek(0)
    data: bytes = file.read()
    file.seek(at)
    return data


def _is_intact(image: Image.Image) -> bool:
    """Whether a JPEG or PNG has its end marker behind the header; of other formats nobody knows.

    An EXIF thumbnail has one of its own. Of a PNG in memory the checksums are right too: without
    them TensorFlow refuses it.
    """
    if MENDED in image.info:
        return False
    if image.format == "PNG" and isinstance(image.fp, BytesIO):  # type: ignore[attr-defined]
        data = all_bytes(image)
        return data.startswith(mend(data))
    marker = END_MARKERS.get(image.format or "")
    lengths = (len(marker or b""), TAIL_BYTES, None)
    return marker is None or any(marker in _tail(image, length) for length in lengths)


def _exif(image: Image.Image) -> Image.Exif:
    """The EXIF block. Pillow decodes a PNG that has none, in case one follows the pixels."""
    if image.format == "PNG" and b"eXIf" not in _tail(image, TAIL_BYTES):
        return Image.Image.getexif(image)
    return image.getexif()


def _tail(image: Image.Image, length: int | None) -> bytes:
    """The last bytes of the file, or all, but none of the header that has been read."""
    file = image.fp  # type: ignore[attr-defined]
    start = file.tell()
    size = file.seek(0, 2)
    file.seek(start if length is None else max(start, size - length))
    tail: bytes = file.read()
    file.seek(start)
    return tail


def is_eight_bit_rgb(image: Image.Image) -> bool:
    """Whether it is a JPEG or PNG of 8 bits, RGB or grey, not transparent."""
    if image.format in JPEG_FORMATS:
        return image.mode in ("L", "RGB")
    if image.format != "PNG" or "transparency" in image.info:
        return False
    return image.mode in ("1", "L", "RGB", "P") and not _is_16_bits(image)


def _is_16_bits(image: Image.Image) -> bool:
    # Pillow opens a PNG of 3 x 16 bits as mode RGB; only the raw mode of its tile tells
    return image.mode.startswith("I") or any("16" in str(tile[3]) for tile in image.tile)  # type: ignore[attr-defined]
