"""A picture of a training batch: the photos as the network sees them, augmented, with their boxes.

For the eye, before a training: are the boxes where they should be, and is the augmentation sane?
It makes no model and trains nothing. Run it with `tfod train NAME --show-batch`.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfod.config import missing_paths
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.data.batches.pipeline import train_batches
from tfod.data.images import write_image
from tfod.data.records.check import open_records
from tfod.detections import Detections
from tfod.files import check_writable
from tfod.model.preprocess import make_preprocess
from tfod.progress import SILENT, Progress
from tfod.show.draw import add_lines, draw_detections

COLUMNS, ROWS = 4, 4
LEAST_PX = 240  # of a side; smaller images are shown enlarged, so that names can be read
MARGIN_PX = 4


@dataclass(frozen=True)
class BatchPicture:
    """What was drawn.

    Attributes:
        picture: the JPEG.
        files: names of the photos, row by row; a small data set shows some more than once.
        boxes: number of boxes in it.
    """

    picture: Path
    files: list[str]
    boxes: int


def show_batch(
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    seed: int | None = None,
    progress: Progress = SILENT,
) -> BatchPicture:
    """Draw 16 augmented training photos into batch.jpg of the model folder.

    Args:
        config: read and checked (`read_to_train`); not changed.
        seed: the same photos and augmentation each time; None: others each time.

    Raises:
        UserError: the records cannot be used, or the picture cannot be written.
    """
    wanted = deepcopy(config)
    wanted.train_config.batch_size = COLUMNS * ROWS
    missing_paths(wanted, step="resume")  # the weights are not needed
    check_writable(model_dir)
    reader = wanted.train_input_reader
    records = open_records(reader, wanted.model.ssd.num_classes, progress, names_twice=True)
    # without progress, as a batch larger than the data set is fine here
    batches = train_batches(wanted, records, make_preprocess(wanted.model.ssd), seed)
    with records.problems():
        batch = next(batches.as_numpy_iterator())
    files = [name.decode("utf-8", "replace") for name in batch["filename"]]
    objects = batch["weights"] > 0  # the other rows are padding
    photos = [
        _photo(
            batch["image"][row],
            batch["boxes"][row][objects[row]],
            batch["class_ids"][row][objects[row]],
            records.class_names,
            files[row],
        )
        for row in range(len(files))
    ]
    path = model_dir / "batch.jpg"
    write_image(path, _sheet(photos))
    return BatchPicture(path, files, int(objects.sum()))


def _photo(
    image: np.ndarray, boxes: np.ndarray, class_ids: np.ndarray, names: Mapping[int, str], file: str
) -> np.ndarray:
    """Draw the boxes on what `preprocess` made of a photo, float32 [H, W, 3], -1..1."""
    pixels = np.clip(np.rint((image + 1.0) * 127.5), 0, 255).astype(np.uint8)
    times = -(-LEAST_PX // min(pixels.shape[:2]))
    pixels = pixels.repeat(times, axis=0).repeat(times, axis=1)
    labelled = Detections(boxes, np.ones(len(boxes), np.float32), class_ids, names)
    return add_lines(draw_detections(pixels, labelled, with_scores=False), [Path(file).name])


def _sheet(photos: list[np.ndarray]) -> np.ndarray:
    """Put photos of one size, uint8 [H, W, 3], side by side and below each other."""
    framed = [np.pad(photo, ((0, MARGIN_PX), (0, MARGIN_PX), (0, 0))) for photo in photos]
    rows = [framed[first : first + COLUMNS] for first in range(0, len(framed), COLUMNS)]
    return np.vstack([np.hstack(row) for row in rows])
