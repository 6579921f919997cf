"""`Detections`: what every detector returns, whatever runtime runs it; and what a detector is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

DEFAULT_SCORE = 0.5  # from which on detections count, where nobody has measured a better one
# one score for all classes, or class id, 0-based -> its own; others have DEFAULT_SCORE
MinScore: TypeAlias = float | Mapping[int, float]

# of a table of detections: corners in pixels of the image
COLUMNS = (
    "filename", "frame", "time_s", "width", "height", "class", "score",
    "xmin", "ymin", "xmax", "ymax",
)  # fmt: skip


@dataclass(frozen=True)
class Detections:
    """The objects found in one image, best score first.

    Attributes:
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1 of the image.
        scores: float32 [N], 0..1.
        class_ids: int32 [N], 0-based.
        class_names: name of each class id, for example {0: "Mask", 1: "No-mask"}.

    Raises:
        ValueError: the arrays disagree in length or shape.
    """

    boxes: np.ndarray
    scores: np.ndarray
    class_ids: np.ndarray
    class_names: Mapping[int, str]

    def __post_init__(self) -> None:
        count = len(self.scores)
        for name, value, shape, dtype in (
            ("boxes", self.boxes, (count, 4), np.float32),
            ("scores", self.scores, (count,), np.float32),
            ("class_ids", self.class_ids, (count,), np.int32),
        ):
            if value.shape != shape or value.dtype != dtype:
                raise ValueError(
                    f"Detections.{name}: expected {np.dtype(dtype).name} {list(shape)}, "
                    f"got {value.dtype} {list(value.shape)}"
                )

    def __len__(self) -> int:
        return len(self.scores)

    def above(self, min_score: MinScore) -> "Detections":
        """Keep the detections whose score is at least `min_score`, or that of their class."""
        return self.rows(self.scores >= self.least_scores(min_score))

    def least_scores(self, min_score: MinScore) -> np.ndarray:
        """The lowest score to keep of each detection, float32 [N]."""
        if not isinstance(min_score, Mapping):
            return np.full(len(self), min_score, np.float32)
        least = [min_score.get(int(class_id), DEFAULT_SCORE) for class_id in self.class_ids]
        return np.array(least, np.float32)

    def rows(self, keep: np.ndarray) -> "Detections":
        """Keep the detections where `keep`, bool [N], is true."""
        return Detections(
            self.boxes[keep], self.scores[keep], self.class_ids[keep], self.class_names
        )

    def name_of(self, index: int) -> str:
        """Class name of detection `index`; "class N" (1-based) when the id has no name."""
        class_id = int(self.class_ids[index])
        return self.class_names.get(class_id, f"class {class_id + 1}")


class Detector(Protocol):
    """A detector of any runtime: a function from an image to `Detections`.

    `tfod.runtimes.load.load_detector` makes one of a model file. It is for one thread at a time.
    """

    @property
    def path(self) -> Path:
        """The file or folder of the model."""

    @property
    def class_names(self) -> Mapping[int, str]:
        """Name of each class id, 0-based; empty when the model has no names."""

    @property
    def size(self) -> tuple[int, int] | None:
        """(height, width) in px that images are resized to; None when the model does it itself."""

    def __call__(self, image: np.ndarray) -> Detections:
        """Find the objects in one image.

        Args:
            image: uint8 [H, W, 3], RGB.

        Raises:
            ValueError: the image has another shape or dtype.
        """


def check_image(image: np.ndarray) -> None:
    """Make sure that an array is an image: uint8 [H, W, 3].

    Raises:
        ValueError: it is not.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(f"image: expected uint8 [H, W, 3], got {image.dtype} {list(image.shape)}")
