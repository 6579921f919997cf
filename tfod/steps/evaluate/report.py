"""What an evaluation leaves behind: a JSON file, pictures, a TensorBoard file, two tables.

It knows results, and nothing of models and records.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Column, Table

from tfod.data.images import write_image
from tfod.files import whole_file, whole_folder
from tfod.plain import plain
from tfod.run_file import keep_in_run_file, now
from tfod.runtimes.thresholds import fingerprint
from tfod.steps.evaluate.answer import Answer
from tfod.steps.evaluate.coco import FIGURES, ClassFigures
from tfod.steps.evaluate.details import Details
from tfod.steps.evaluate.pictures import Picture
from tfod.words import figure as shown
from tfod.words import plural

# of metrics.json
METRICS = ("checkpoint", "step", "images", "figures", "per_class", "seconds", "metrics", "pictures")


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
        answer: what is found at the best thresholds, and how sure the mAP is.
        report: the JSON file with what `answer` says, and more.
        page: the same as an HTML file.
        warnings: why the figures may say more than the model can do.
    """

    checkpoint: Path
    step: int
    images: int
    figures: dict[str, float | None]
    per_class: dict[str, ClassFigures]
    seconds: float
    metrics: Path
    pictures: list[Path] = field(default_factory=list)
    answer: Answer = field(default_factory=Answer)
    report: Path = Path()
    page: Path = Path()
    warnings: list[str] = field(default_factory=list)


def write_metrics(result: EvaluateResult) -> None:
    """Write the JSON file of the figures; its keys stay as they are, for people's scripts."""
    _write_json(result.metrics, {key: plain(getattr(result, key)) for key in METRICS})


def write_report(result: EvaluateResult, details: Details) -> None:
    """Write the JSON file of what the figures come to."""
    answer = result.answer
    content = {
        "says": answer.sentences(),
        "warnings": result.warnings,
        "checkpoint": str(result.checkpoint),
        "step": result.step,
        "fingerprint": fingerprint(result.checkpoint),
        "images": result.images,
        "objects": answer.objects,
        "found": answer.found,
        "false_alarms": answer.alarms,
        "map": answer.map,
        "map_interval": plain(answer.interval),
        "thresholds": plain(answer.classes),
        **details.as_dict(),
    }
    _write_json(result.report, content)


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    with whole_file(file) as path:
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def keep_figures(model_dir: Path, result: EvaluateResult) -> None:
    """Keep the figures of a result in run.json of its model."""
    facts = {"step": result.step, "checkpoint": result.checkpoint.name, "images": result.images}
    item = {**facts, "measured": now(), "figures": result.figures}
    keep_in_run_file(model_dir, "evaluations", item)


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
    summarise(writer, step, figures, [picture for _, picture in pictures])
    writer.close()


def summarise(
    writer: tf.summary.SummaryWriter,
    step: int,
    figures: Mapping[str, float | None],
    pictures: Sequence[np.ndarray],
) -> None:
    """Write what figures there are, and pictures uint8 [H, W, 3], to an open TensorBoard file."""
    with writer.as_default(step=step):
        for name, value in figures.items():
            if value is not None:
                tf.summary.scalar(name, value)
        for number, picture in enumerate(pictures):
            tf.summary.image(f"eval_side_by_side_{number}_0", picture[None])
    writer.flush()


def result_lines(result: EvaluateResult) -> list[str]:
    """Give what a result says as lines: in words, then the figures as two tables."""
    title = f"step {result.step}, {plural(result.images, 'image')}"
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
    warnings = [f"note: {said}" for said in result.warnings]
    return [*result.answer.sentences(), *warnings, *text.getvalue().rstrip().splitlines()]
