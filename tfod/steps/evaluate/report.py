"""What an evaluation leaves behind: a JSON file, pictures, a TensorBoard file, two tables.

It knows results, and nothing of models and records.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Column, Table

from tfod.data.images import write_image
from tfod.detections import Detections
from tfod.files import whole_file, whole_folder
from tfod.plain import plain
from tfod.show.draw import add_lines, draw_detections
from tfod.steps.evaluate.coco import FIGURES, ClassFigures, GroundTruth
from tfod.words import figure as shown

PICTURE_SIDE_PX = 960  # longest side of the truth, and of the prediction next to it
Picture = tuple[str, np.ndarray]  # file name, uint8 [H, 2W, 3]


@dataclass(frozen=True)
class EvaluateResult:
    """What an evaluation found and wrote.

    Attributes:
        checkpoint: prefix of the checkpoint.
        step: its global step; 0 when it has none.
        images: number of images.
        figures: the 12 COCO figures, None where no object of that size occurs, and Loss/*, the
            mean over the images; all under the old API's tags.
        per_class: class name -> average precision and number of labelled objects.
        seconds: wall time over the images.
        metrics: the JSON file with all this.
        pictures: truth and prediction side by side, JPEG.
    """

    checkpoint: Path
    step: int
    images: int
    figures: dict[str, float | None]
    per_class: dict[str, ClassFigures]
    seconds: float
    metrics: Path
    pictures: list[Path] = field(default_factory=list)


def side_by_side(
    image: np.ndarray, truth: GroundTruth, found: Detections, min_score: float, most: int
) -> np.ndarray:
    """Draw truth (left) and prediction (right), each under its heading, uint8 [H, 2W, 3].

    Args:
        image: uint8 [h, w, 3], RGB; made smaller when a side is over 960 px.
        found: the detections, best first, with the class names.
    """
    scale = min(PICTURE_SIDE_PX / max(image.shape), 1.0)
    height, width = (max(1, round(scale * side)) for side in image.shape[:2])
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    names, best = found.class_names, found.above(min_score)
    scores = np.ones(len(truth.boxes), np.float32)
    labelled = Detections(truth.boxes, scores, truth.class_ids, names)
    best = Detections(best.boxes[:most], best.scores[:most], best.class_ids[:most], names)
    halves = {
        "labelled": draw_detections(image, labelled, with_scores=False),
        "detected": draw_detections(image, best),
    }
    return np.hstack([add_lines(half, [heading]) for heading, half in halves.items()])


def write_metrics(result: EvaluateResult) -> None:
    """Write the JSON file of a result."""
    with whole_file(result.metrics) as path:
        path.write_text(json.dumps(plain(result), indent=2) + "\n", encoding="utf-8")


def write_pictures(folder: Path, pictures: Sequence[Picture]) -> list[Path]:
    """Write pictures as JPEG, numbered and named after their image; replaces the folder."""
    files = []
    with whole_folder(folder) as temporary:
        for number, (name, picture) in enumerate(pictures, 1):
            file = f"{number:02}_{Path(name.replace(chr(92), '/')).stem or 'image'}.jpg"
            write_image(temporary / file, picture)
            files.append(folder / file)
    return files


def write_summaries(
    eval_dir: Path, step: int, figures: Mapping[str, float | None], pictures: Sequence[Picture]
) -> None:
    """Write what figures there are, and pictures, for TensorBoard, under the old API's tags."""
    writer = tf.summary.create_file_writer(str(eval_dir))
    with writer.as_default(step=step):
        for name, value in figures.items():
            if value is not None:
                tf.summary.scalar(name, value)
        for number, (_, picture) in enumerate(pictures):
            tf.summary.image(f"eval_side_by_side_{number}_0", picture[None])
    writer.close()


def result_lines(result: EvaluateResult) -> list[str]:
    """Give the figures of a result as the lines of two tables."""
    title = f"step {result.step}, {result.images} images"
    table = Table("figure", Column("value", justify="right"), title=title, title_justify="left")
    for name, value in result.figures.items():
        table.add_row(name, shown(value, 3 if name in FIGURES else 4))
    headings = ("objects", "AP", "AP@.50")
    classes = Table("class", *(Column(heading, justify="right") for heading in headings))
    for name, row in result.per_class.items():
        classes.add_row(name, str(row.boxes), shown(row.ap), shown(row.ap50))
    text = io.StringIO()
    console = Console(file=text, width=100, markup=False)
    console.print(table)
    console.print(classes)
    return text.getvalue().rstrip().splitlines()
