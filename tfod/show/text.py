"""Text as masks, in a font that has its letters."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SEPARATOR = " | "  # between parts of a line

# Scripts that DejaVu Sans lacks; Pillow looks these up in the system's folders of fonts.
_FURTHER_FONTS = (
    "NotoSansCJK-Regular.ttc", "msyh.ttc", "msgothic.ttc", "malgun.ttf", "PingFang.ttc",
    "Arial Unicode.ttf", "wqy-microhei.ttc", "DroidSansFallbackFull.ttf", "Nirmala.ttf",
    "NotoSans-Regular.ttf", "NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf",
)  # fmt: skip


def wrapped(line: str, text_px: int, width: int) -> list[str]:
    """Break a line at its separators where it gets too long."""
    first, *parts = line.split(SEPARATOR)
    lines = [first]
    for part in parts:
        longer = f"{lines[-1]}{SEPARATOR}{part}"
        if text_mask(longer, text_px).shape[1] <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def fitting_mask(name: str, score: str, text_px: int, width: int) -> np.ndarray:
    """Text as a mask that is at most `width` wide: the name is cut, then the score."""
    name = " ".join(name.split())
    mask = text_mask(name + score, text_px)
    while mask.shape[1] > width and len(name) > 1:
        keep = min(len(name) - 1, int(len(name) * width / mask.shape[1]))
        name = name[: max(keep, 1)].rstrip("…")
        mask = text_mask(f"{name}…{score}", text_px)
        if len(name) <= 1:
            break
    return mask[:, :width]


@lru_cache(maxsize=1024)
def text_mask(text: str, text_px: int) -> np.ndarray:
    """How much of each pixel the text covers, 0..255: uint8 [h, w], with a margin around."""
    font = _font(text_px, text)
    margin = max(2, text_px // 5)
    ascent, descent = font.getmetrics()
    size = round(font.getlength(text)) + 2 * margin, ascent + descent + margin
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).text((margin, margin // 2), text, fill=255, font=font)
    return np.asarray(mask)


def _font(text_px: int, text: str) -> ImageFont.FreeTypeFont:
    """The first font that has all the letters; DejaVu Sans when none has."""
    fonts = _fonts(text_px, not text.isascii())
    return next((font for font in fonts if _has_letters(font, text)), fonts[0])


@lru_cache(maxsize=64)
def _fonts(text_px: int, all_scripts: bool) -> tuple[ImageFont.FreeTypeFont, ...]:
    # matplotlib brings DejaVu Sans; looking it up does not import matplotlib
    package = find_spec("matplotlib")
    folder = Path(package.origin).parent if package and package.origin else Path()
    fonts = []
    for name in (
        str(folder / "mpl-data/fonts/ttf/DejaVuSans.ttf"),
        *(_FURTHER_FONTS if all_scripts else ()),
    ):
        try:
            fonts.append(ImageFont.truetype(name, text_px))
        except OSError:
            continue
    if not fonts:
        default = ImageFont.load_default(text_px)
        assert isinstance(default, ImageFont.FreeTypeFont)  # as every Pillow of PyPI gives it
        fonts.append(default)
    return tuple(fonts)


def _has_letters(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask("\uffff"))  # the shape drawn for a missing letter
    return all(
        letter.isascii() or letter.isspace() or bytes(font.getmask(letter)) != missing
        for letter in text
    )
