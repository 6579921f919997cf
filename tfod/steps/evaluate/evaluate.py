"""Measure a checkpoint on the test images: figures, losses, pictures; then end.

Writes into the model folder, `eval/`: metrics.json, pictures/ (truth beside prediction) and a
TensorBoard file under the old API's tags. It does not wait for further checkpoints.

Run it with `tfod evaluate NAME`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.progress import track

from tfod.config import check_config, missing_paths, read_config
from tfod.data.batches.augment import AUGMENTATIONS
from tfod.data.batches.pipeline import eval_examples
from tfod.data.records.check import record_files, record_problems
from tfod.detections import Detections
from tfod.labels import read_fitting_label_map
from tfod.model.checkpoints.save import read_checkpoint, restore_model
from tfod.model.ssd import SSD
from tfod.steps.evaluate.coco import GroundTruth, coco_figures
from tfod.steps.evaluate.report import (
    EvaluateResult,
    Picture,
    side_by_side,
    write_metrics,
    write_pictures,
    write_summaries,
)
from tfod.terminal import say
from tfod.workspace import Workspace

NETWORK_KEYS = ("image", "boxes", "class_ids", "weights")
FOUND_KEYS = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")

Example = Mapping[str, tf.Tensor]


def evaluate(
    config: Any,
    model_dir: Path,
    checkpoint: Path | None = None,
    *,
    on_train_data: bool = False,
    console: Console | None = None,
) -> EvaluateResult:
    """Evaluate one checkpoint on every image of the eval_input_reader.

    Args:
        config: TrainEvalPipelineConfig, read and checked.
        model_dir: the model folder; `eval/` is written there.
        checkpoint: a checkpoint or a folder of them (then the latest); model_dir when None.
        on_train_data: take the images of the train_input_reader instead, not augmented.
        console: where progress goes; stderr when None.

    Raises:
        UserError: no usable checkpoint or test images.
    """
    console = console or Console(stderr=True)
    eval_dir = Path(model_dir) / "eval"
    config = _reading_train_data(config) if on_train_data else config
    reader = config.eval_input_reader[0] if config.eval_input_reader else None
    names = _class_names(reader, config.model.ssd.num_classes)
    model = SSD(config.model.ssd)
    stored = read_checkpoint(checkpoint or model_dir)
    report = restore_model(model, stored, "all")
    step = int(stored.variables.get("step", 0))
    say(console, f"{report}, step {step}")

    examples = eval_examples(config, model.preprocess, with_images=True)
    say(console, f"evaluating {len(examples)} images")
    begun_s = time.perf_counter()
    seen = _Seen(names, config.eval_config)
    run = make_eval_step(model, config.train_config.add_regularization_loss)
    with record_problems(record_files(reader)):
        for example in track(
            examples,
            "evaluating",
            total=len(examples),
            console=console,
            disable=not console.is_terminal,
        ):
            seen.add(example, *run({key: example[key] for key in NETWORK_KEYS}))
    seconds = time.perf_counter() - begun_s
    say(console, f"{len(seen.truths)} images in {seconds:.1f} s")

    coco = coco_figures(seen.truths, seen.detections, names)
    figures = coco.figures | seen.mean_losses()
    result = EvaluateResult(
        checkpoint=report.path,
        step=step,
        images=len(seen.truths),
        figures=figures,
        per_class=coco.per_class,
        seconds=seconds,
        metrics=eval_dir / "metrics.json",
        pictures=write_pictures(eval_dir / "pictures", seen.pictures),
    )
    write_metrics(result)
    write_summaries(eval_dir, step, figures, seen.pictures)
    return result


def evaluate_from_file(
    config_path: Path,
    model_dir: Path,
    checkpoint: Path | None = None,
    overrides: Sequence[str] = (),
    **options: Any,
) -> EvaluateResult:
    """Read, override and check a pipeline.config, then `evaluate` with it."""
    console = options.setdefault("console", Console(stderr=True))
    config = read_config(config_path, Workspace(Path()), overrides)
    for warning in check_config(config, config_path, AUGMENTATIONS):
        say(console, f"note: {warning}")
    if not options.get("on_train_data"):
        missing_paths(config, step="evaluate")
    return evaluate(config, model_dir, checkpoint, **options)


def make_eval_step(model: SSD, add_regularization_loss: bool) -> Callable:
    """Compile one image's work: its batch of one -> (detections, losses), dicts of tensors."""

    @tf.function(autograph=False)
    def run(example: dict[str, tf.Tensor]) -> tuple[dict, dict]:
        predictions = model(example["image"], training=False)
        losses = model.losses(predictions, example, add_regularization_loss)
        found = model.postprocess(predictions)
        return {key: found[key][0] for key in FOUND_KEYS}, losses

    return run


class _Seen:
    """What is kept of the images gone through: arrays of all, pictures of the first few."""

    def __init__(self, names: Mapping[int, str], eval_config: Any):
        self.names = names
        self.config = eval_config
        self.truths: list[GroundTruth] = []
        self.detections: list[Detections] = []
        self.losses: list[dict[str, float]] = []
        self.pictures: list[Picture] = []

    def add(self, example: Example, found: Example, losses: Example) -> None:
        """Keep one example, what was found in it, and its losses."""
        real = example["class_ids"][0].numpy() >= 0
        kept = {
            key: example[key][0].numpy()[real] for key in ("boxes", "class_ids", "is_crowd", "area")
        }
        height, width = map(int, example["original_size"][0])
        truth = GroundTruth(size=(height, width), **kept)
        count = int(found["num_detections"])
        detections = Detections(
            found["detection_boxes"].numpy()[:count],
            found["detection_scores"].numpy()[:count],
            found["detection_classes"].numpy()[:count].astype(np.int32),
            self.names,
        )
        self.truths.append(truth)
        self.detections.append(detections)
        self.losses.append({name: float(value) for name, value in losses.items()})
        if len(self.pictures) < self.config.num_visualizations:
            name = example["filename"][0].numpy().decode("utf-8", "replace")
            picture = side_by_side(
                example["original_image"][0].numpy(),
                truth,
                detections,
                self.config.min_score_threshold,
                self.config.max_num_boxes_to_visualize,
            )
            self.pictures.append((name, picture))

    def mean_losses(self) -> dict[str, float]:
        """Mean of each loss over the images."""
        return {name: float(np.mean([one[name] for one in self.losses])) for name in self.losses[0]}


def _reading_train_data(config: Any) -> Any:
    changed = type(config)()
    changed.CopyFrom(config)
    del changed.eval_input_reader[:]
    changed.eval_input_reader.add().CopyFrom(config.train_input_reader)
    return changed


def _class_names(reader: Any, num_classes: int) -> dict[int, str]:
    if reader is None or not reader.label_map_path:
        return {class_id: f"class {class_id + 1}" for class_id in range(num_classes)}
    return read_fitting_label_map(reader.label_map_path, num_classes).class_names
