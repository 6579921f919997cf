"""`tfod.Detections`: what was found in an image, with that image."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from PIL import Image

from tfod import boxes as box_forms
from tfod import detections
from tfod.api.settings import check_score
from tfod.data.images import read_image, write_image
from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.show.draw import draw_detections
from tfod.words import some

if TYPE_CHECKING:
    import pandas
    import supervision

PICTURES = (".jpg", ".jpeg", ".png")
MOST_SAID = 5  # detections in a repr


class Detection(NamedTuple):
    """One object.

    Attributes:
        box: (ymin, xmin, ymax, xmax), 0..1 of the image.
        score: 0..1.
        name: of its class.
    """

    box: tuple[float, float, float, float]
    score: float
    name: str


@dataclass(frozen=True, repr=False)
class Detections(detections.Detections):
    """The objects found in one image, best score first.

    Iterating gives a `Detection` (box, score, name) each. A notebook shows the picture.

    Attributes:
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1 of the image.
        scores: float32 [N], 0..1.
        class_ids: int32 [N], 0-based.
        class_names: name of each class id, for example {0: "Mask", 1: "No-mask"}.
        size: (height, width) of the image in pixels.
        path: the file of the image; None when it came as an array.
        image: uint8 [H, W, 3], RGB; None when it came from a file, which `draw` reads again.
    """

    size: tuple[int, int] = (0, 0)
    path: Path | None = None
    image: np.ndarray | None = field(default=None, compare=False)

    def __iter__(self) -> Iterator[Detection]:
        for row in range(len(self)):
            ymin, xmin, ymax, xmax = map(float, self.boxes[row])
            yield Detection((ymin, xmin, ymax, xmax), float(self.scores[row]), self.name_of(row))

    @overload
    def __getitem__(self, index: int) -> Detection: ...

    @overload
    def __getitem__(self, index: slice) -> list[Detection]: ...

    def __getitem__(self, index: int | slice) -> Detection | list[Detection]:
        return list(self)[index]

    def __repr__(self) -> str:
        height, width = self.size
        found = [f"{one.name} {one.score:.2f}" for one in self]
        of = f" in {self.path}" if self.path else ""
        return f"<{some(found, MOST_SAID) or 'no detections'}{of}, {width}x{height}>"

    @property
    def boxes_xyxy_px(self) -> np.ndarray:
        """The boxes as float32 [N, 4], (xmin, ymin, xmax, ymax), in pixels, not rounded."""
        return box_forms.to_xyxy_px(self.boxes, *self.size)

    def above(self, min_score: detections.MinScore) -> "Detections":
        """Keep the detections whose score is at least `min_score`, or that of their class."""
        check_score(min_score)
        return self.rows(self.scores >= self.least_scores(min_score))

    def rows(self, keep: np.ndarray) -> "Detections":
        """Keep the detections where `keep`, bool [N], is true."""
        return replace(
            self, boxes=self.boxes[keep], scores=self.scores[keep], class_ids=self.class_ids[keep]
        )

    def to_pandas(self) -> "pandas.DataFrame":
        """A table with the columns of detections.csv, one row for each detection.

        The corners are in pixels, not rounded. `frame` and `time_s` are 0, as for any image.
        """
        import pandas

        height, width = self.size
        rows = [
            (self.path.name if self.path else "", 0, 0.0, width, height, one.name, one.score, *box)
            for one, box in zip(self, self.boxes_xyxy_px.tolist(), strict=True)
        ]
        return pandas.DataFrame(rows, columns=list(detections.COLUMNS))

    def to_supervision(self) -> "supervision.Detections":
        """As `supervision.Detections`, with the class names in its data; needs that package."""
        import supervision

        names = np.array([one.name for one in self], dtype=str)
        return supervision.Detections(
            xyxy=self.boxes_xyxy_px,
            confidence=self.scores.copy(),
            class_id=self.class_ids.astype(int),
            data={"class_name": names},
        )

    def to_coco(self, image_id: int = 1) -> list[dict[str, Any]]:
        """As rows of a COCO results file: category ids from 1, bbox (xmin, ymin, width, height) px.

        Args:
            image_id: what the annotations call this image.
        """
        corners = self.boxes_xyxy_px.astype(float)
        return [
            {
                "image_id": image_id,
                "category_id": int(class_id) + 1,
                "bbox": [xmin, ymin, xmax - xmin, ymax - ymin],
                "score": float(score),
            }
            for class_id, score, (xmin, ymin, xmax, ymax) in zip(
                self.class_ids, self.scores, corners.tolist(), strict=True
            )
        ]

    def draw(self) -> np.ndarray:
        """Draw boxes, names and scores on a copy of the image: uint8 [H, W, 3], RGB.

        Raises:
            UserError: the file of the image cannot be read any more.
            ValueError: there is neither image nor file.
        """
        image = self.image
        if image is None and self.path is not None:
            image = read_image(self.path)
        if image is None:
            raise ValueError("Detections: no image to draw on, neither as array nor as file")
        return draw_detections(image, self)

    def save(self, path: str | Path) -> Path:
        """Write the picture of `draw` to a .jpg or .png file, and give its path.

        Raises:
            UserError: another ending, the image cannot be read, or the file cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() not in PICTURES:
            what, expected = "not a picture name", "a name that ends in .jpg or .png"
            raise refusal("not-a-picture-name", path, what, expected=expected, remedy=Remedy.RENAME)
        write_image(path, self.draw())
        return path

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows; None when there is no image any more."""
        if self.image is None and not (self.path and self.path.is_file()):
            return None
        png = BytesIO()
        Image.fromarray(self.draw()).save(png, "PNG")
        return png.getvalue()
