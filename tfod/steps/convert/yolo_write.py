"""YOLO's text files and data.yaml, written."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tfod.data.example import Example

FEWEST_DIGITS = 6


def write_yolo_text(path: Path, example: Example, class_ids: Mapping[str, int]) -> None:
    """Write the boxes of one image.

    Numbers have as many digits, 6 or more, as give the same float32 box when they are read (but
    for corners within 1e-9 of 0, where float64 does not hold both middle and side so exactly).

    Args:
        path: the file; empty without boxes.
        example: the image.
        class_ids: class name -> class number, 0-based.
    """
    lines = [
        f"{class_ids[name]} {' '.join(_centre(box))}\n"
        for name, box in zip(example.names, example.boxes, strict=True)
    ]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _centre(box: np.ndarray) -> list[str]:
    """Box (ymin, xmin, ymax, xmax) -> x, y, width, height as text."""
    ymin, xmin, ymax, xmax = box
    x, width = _middle_and_side(xmin, xmax)
    y, height = _middle_and_side(ymin, ymax)
    return [x, y, width, height]


def _middle_and_side(low: np.float32, high: np.float32) -> tuple[str, str]:
    middle, side = (float(low) + float(high)) / 2, float(high) - float(low)
    for digits in range(FEWEST_DIGITS, 18):
        texts = f"{middle:.{digits}f}", f"{side:.{digits}f}"
        m, s = map(float, texts)
        if np.float32(m - s / 2) == low and np.float32(m + s / 2) == high:
            return texts
    return repr(middle), repr(side)


def yolo_yaml(names: Sequence[str], folders: Mapping[str, str]) -> str:
    """Text of data.yaml.

    Args:
        names: in the order of the class numbers.
        folders: "train", "val", "test" -> folder of images, from that of data.yaml.
    """
    lines = [f"{part}: {folder}" for part, folder in folders.items()]
    lines += [f"nc: {len(names)}", "names:"]
    lines += [
        f"  {number}: {json.dumps(name, ensure_ascii=False)}" for number, name in enumerate(names)
    ]
    return "\n".join(lines) + "\n"
