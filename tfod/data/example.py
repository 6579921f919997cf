"""`Example`, the one description of a labelled image.

Knows arrays, nothing of files: annotations become examples in `voc.py`.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tfod import boxes as box_sums
from tfod.data.drawn_boxes import shortest
from tfod.detections import Detections


def _none() -> np.ndarray:
    return np.zeros(0)


@dataclass(eq=False)
class Example:
    """One labelled image.

    The arrays other than `boxes` may be left out; they are then all False (0, "Unspecified").

    Attributes:
        image_path: the image file (only its name is known when the XML was read alone).
        height_px: height of the upright image.
        width_px: width of the upright image.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        names: class name of each box, N of them.
        difficult: bool [N].
        truncated: bool [N].
        occluded: bool [N].
        is_crowd: bool [N], one box around many objects (COCO).
        areas_px: float64 [N], of the object itself in square pixels; 0 = that of its box (COCO).
        scores: float32 [N], of the model that suggested them, 0..1; 0 = none.
        poses: N words, LabelImg writes "Unspecified".
        outside_px: float32 [N], how far the box in the file reached over the edge of the image
            before it was cut there.
        stated_size: (height, width) in pixels that the XML gave, or None.
        suggested_by: the model that drew the boxes when no person has checked them yet, else "".
            LabelImg drops this mark when it saves.
    """

    image_path: Path
    height_px: int
    width_px: int
    boxes: np.ndarray = field(default_factory=_none)
    names: tuple[str, ...] = ()
    difficult: np.ndarray = field(default_factory=_none)
    truncated: np.ndarray = field(default_factory=_none)
    occluded: np.ndarray = field(default_factory=_none)
    is_crowd: np.ndarray = field(default_factory=_none)
    areas_px: np.ndarray = field(default_factory=_none)
    scores: np.ndarray = field(default_factory=_none)
    poses: tuple[str, ...] = ()
    outside_px: np.ndarray = field(default_factory=_none)
    stated_size: tuple[int, int] | None = None
    suggested_by: str = ""

    def __post_init__(self) -> None:
        self.boxes = np.asarray(self.boxes, np.float32).reshape(-1, 4)
        count = len(self.boxes)
        self.names = tuple(self.names)
        self.poses = tuple(self.poses) or ("Unspecified",) * count
        for name, kind in _ARRAYS.items():
            values = np.asarray(getattr(self, name), kind)
            setattr(self, name, values if values.size else np.zeros(count, kind))
        lengths = {name: len(getattr(self, name)) for name in ("names", "poses", *_ARRAYS)}
        if set(lengths.values()) != {count}:
            raise ValueError(f"{count} boxes, but {lengths}")


_ARRAYS = {
    **dict.fromkeys(("difficult", "truncated", "occluded", "is_crowd"), bool),
    **{"areas_px": np.float64, "outside_px": np.float32, "scores": np.float32},
}


def boxes_xyxy_px(example: Example) -> list[tuple[int | float, ...]]:
    """Give each box as (xmin, ymin, xmax, ymax) in pixels, the shortest numbers that fit."""
    sizes = (example.width_px, example.height_px, example.width_px, example.height_px)
    return [
        tuple(shortest(value, size) for value, size in zip(box[[1, 0, 3, 2]], sizes, strict=True))
        for box in example.boxes
    ]


def suggested_example(
    image_path: Path, size_px: tuple[int, int], found: Detections, model: str
) -> Example:
    """Make the example of what a model found, in whole pixels, as people draw.

    Args:
        size_px: (height, width) of the image.
        model: its name, for the mark.
    """
    boxes_xyxy_px = np.rint(box_sums.to_xyxy_px(box_sums.clip(found.boxes), *size_px))
    found = replace(found, boxes=box_sums.from_xyxy_px(boxes_xyxy_px, *size_px))
    found = found.rows(box_sums.area(found.boxes) > 0)
    names = tuple(found.name_of(row) for row in range(len(found)))
    return Example(
        image_path, *size_px, found.boxes, names, scores=found.scores, suggested_by=model
    )
