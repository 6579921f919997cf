"""What is measured on each image: detections next to the labelled objects, and the losses.

The figures made of it are in `coco.py`. Knows models and examples, and writes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from tfod.config.messages import EvalConfig
from tfod.detections import Detections
from tfod.model.ssd import SSD
from tfod.steps.evaluate.coco import GroundTruth
from tfod.steps.evaluate.pictures import Picture, side_by_side

NETWORK_KEYS = ("image", "boxes", "class_ids", "weights")
FOUND_KEYS = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")

Tensors = Mapping[str, tf.Tensor]
EvalStep = Callable[[Tensors], tuple[Tensors, Tensors]]


def make_eval_step(model: SSD, add_regularization_loss: bool) -> EvalStep:
    """Compile one image's work: its batch of one -> (detections, losses), dicts of tensors."""

    @tf.function(autograph=False)
    def run(example: Tensors) -> tuple[Tensors, Tensors]:
        predictions = model(example["image"], training=False)
        losses = model.losses(predictions, example, add_regularization_loss)
        found = model.postprocess(predictions)
        return {key: found[key][0] for key in FOUND_KEYS}, losses

    return run


@dataclass
class Measured:
    """What is kept of the images that were measured.

    Attributes:
        names: of the image files.
        truths: the labelled objects of each image.
        detections: what was found in each image.
        losses: name -> value, for each image.
        pictures: truth and prediction side by side, of the first few images.
    """

    class_names: Mapping[int, str]
    names: list[str] = field(default_factory=list)
    truths: list[GroundTruth] = field(default_factory=list)
    detections: list[Detections] = field(default_factory=list)
    losses: list[dict[str, float]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    def mean_losses(self) -> dict[str, float]:
        """Mean of each loss over the images."""
        return {name: float(np.mean([row[name] for row in self.losses])) for name in self.losses[0]}


def measure(
    step: EvalStep,
    examples: Iterable[Tensors],
    class_names: Mapping[int, str],
    eval_config: EvalConfig,
) -> Measured:
    """Go through examples and keep what the figures need."""
    measured = Measured(class_names)
    for example in examples:
        found, losses = step({key: example[key] for key in NETWORK_KEYS})
        truth, detections = _truth(example), _detections(found, class_names)
        name = example["filename"][0].numpy().decode("utf-8", "replace")
        measured.names.append(name)
        measured.truths.append(truth)
        measured.detections.append(detections)
        measured.losses.append({name: float(value) for name, value in losses.items()})
        if len(measured.pictures) < eval_config.num_visualizations:
            picture = side_by_side(
                example["original_image"][0].numpy(),
                truth,
                detections,
                eval_config.min_score_threshold,
                eval_config.max_num_boxes_to_visualize,
            )
            measured.pictures.append((name, picture))
    return measured


def _truth(example: Tensors) -> GroundTruth:
    is_object = example["class_ids"][0].numpy() >= 0
    kept = {
        key: example[key][0].numpy()[is_object]
        for key in ("boxes", "class_ids", "is_crowd", "area")
    }
    height, width = map(int, example["original_size"][0])
    return GroundTruth(size=(height, width), **kept)


def _detections(found: Tensors, class_names: Mapping[int, str]) -> Detections:
    count = int(found["num_detections"])
    return Detections(
        found["detection_boxes"].numpy()[:count],
        found["detection_scores"].numpy()[:count],
        found["detection_classes"].numpy()[:count].astype(np.int32),
        class_names,
    )
