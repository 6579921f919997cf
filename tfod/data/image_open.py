"""Opening an image file: whatever goes wrong then says which file, and of what kind it is.

Knows files and their headers; pixels are made in `images.py`.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image, UnidentifiedImageError

from tfod.errors import UserError

Kind = Literal["missing", "unreadable", "empty", "not-an-image", "too-large", "unusual", "damaged"]


class ImageError(UserError):
    """An image that cannot be used.

    Attributes:
        kind: what is wrong in one word.
        reason: what is wrong, without the name of the file.
    """

    def __init__(self, path: Path, kind: Kind, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}. {remedy}")
        self.kind: Kind = kind
        self.reason = reason


class UnusualModeError(ValueError):
    """There is no plain conversion of this mode to 8-bit RGB."""


def read_bytes(path: Path) -> bytes:
    """Read a whole image file.

    Raises:
        ImageError: it is missing or cannot be read.
    """
    with _named(path):
        return path.read_bytes()


@contextmanager
def open_image(path: Path, data: bytes | None = None) -> Iterator[Image.Image]:
    """Open an image file with its header read; whatever goes wrong then names the file.

    Args:
        path: the file.
        data: its bytes, when they have been read.

    Raises:
        ImageError: the file is missing, empty, cut off, damaged, too large or no image.
    """
    with _named(path), warnings.catch_warnings():
        # large but possible; a damaged EXIF block is no reason to refuse
        warnings.simplefilter("ignore")
        with Image.open(path if data is None else BytesIO(data)) as image:
            yield image


@contextmanager
def _named(path: Path) -> Iterator[None]:
    remedy = "Replace or delete it."
    try:
        yield
    except FileNotFoundError as error:
        reason = "there is no such image"
        raise ImageError(path, "missing", reason, "Check the name.") from error
    except UnidentifiedImageError as error:
        raise ImageError(path, *_why_no_image(path), remedy) from error
    except Image.DecompressionBombError as error:
        # Pillow's limit is 179 million pixels; its text speaks of an attack
        size = str(error).split("pixels")[0].split("(")[-1].strip()
        reason = f"the image is too large ({size} pixels, limit 178 million)"
        raise ImageError(path, "too-large", reason, "Make it smaller.") from error
    except (PermissionError, IsADirectoryError) as error:
        reason = f"cannot be read ({error.strerror})"
        raise ImageError(path, "unreadable", reason, remedy) from error
    except UnusualModeError as error:
        reason = f"an image of an unusual kind (mode {error}), save it as 8-bit JPEG or PNG"
        raise ImageError(path, "unusual", reason, remedy) from error
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        reason = f"the image is cut off or damaged ({error})"
        raise ImageError(path, "damaged", reason, remedy) from error


def _why_no_image(path: Path) -> tuple[Kind, str]:
    with open(path, "rb") as file:
        start = file.read(16)
    if not start:
        return "empty", "the file is empty"
    what = f"not an image, or of a kind that cannot be read (it begins with {start!r})"
    return "not-an-image", what
