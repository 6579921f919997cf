"""Colours that tell classes apart, the same for a class id everywhere."""

import colorsys
from functools import lru_cache

Colour = tuple[int, int, int]  # red, green, blue, 0..255

GOLDEN = 0.618034  # of the circle of hues, from one class to the next: no two near ones soon


def class_hue(class_id: int, first: float) -> float:
    """Hue of a 0-based class id, 0..1; `first` is that of class 0."""
    return (first + GOLDEN * class_id) % 1.0


def rgb(hue: float, saturation: float, value: float) -> Colour:
    """Turn hue, saturation and value, 0..1 each, into a colour."""
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return int(255 * red), int(255 * green), int(255 * blue)


@lru_cache(maxsize=1024)
def class_colour(class_id: int) -> Colour:
    """Colour of a 0-based class id: hues far apart, first bright, then dark, then pale."""
    saturation, value = ((1.0, 1.0), (1.0, 0.62), (0.45, 1.0))[(int(class_id) // 7) % 3]
    return rgb(class_hue(int(class_id), first=0.33), saturation, value)
