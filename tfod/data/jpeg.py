"""JPEG bytes to pixels, and the judgement on them: damaged is what loses pixels, nothing else.

libjpeg warns of many things, of the first one only, and decodes what it can. A file without a
warning is whole. Of any other the oddities that make no pixel are left out first (`mend.py`); what
it warns of then is about pixels.
"""

import re
from functools import partial
from typing import Literal

import numpy as np
import simplejpeg

from tfod.data.mend import JPEG_END, mend

Colour = Literal["RGB", "GRAY", "CMYK"]
# Bytes at the end of a scan that are no pixels. A scan that is out of step ends early too, but all
# of 182 baseline ones left more than this, and 70 of 77 progressive ones (docs/log.md).
MOST_EXTRA_BYTES = 16
_EXTRA = re.compile(r"(\d+) extraneous bytes before marker")


def decode_jpeg(data: bytes, colour: Colour, least: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Decode a JPEG as stored.

    Args:
        data: the whole file.
        colour: of the array.
        least: height and width that the result has at least; it is made smaller by eighths while
            it can be. (0, 0): not at all.

    Returns:
        uint8 [H, W, 3], [H, W, 1] or [H, W, 4].

    Raises:
        ValueError: pixels are lost; says how.
    """
    decode = partial(
        simplejpeg.decode_jpeg, colorspace=colour, min_height=least[0], min_width=least[1]
    )
    try:
        return decode(data)
    except ValueError:
        whole = mend(data)
    try:
        return decode(whole)
    except ValueError as error:
        warning = error
    try:
        return decode(mend(data, without_padding=True))
    except ValueError:
        if _is_harmless(str(warning), data):
            return decode(whole, strict=False)
        raise warning from None


def _is_harmless(warning: str, data: bytes) -> bool:
    """Whether a warning that is left over is not about pixels."""
    extra = _EXTRA.search(warning)
    if extra:
        return int(extra[1]) <= MOST_EXTRA_BYTES
    # scans in an unusual order hide what comes behind them, so the file has to have its end
    return warning.startswith("Inconsistent progression") and JPEG_END in data[-1024:]
