"""Measures the model while it trains, keeps the best weights, and ends a training that is done.

The photos are those of the eval_input_reader with the name "val"; without one, those of the first,
the test. Figures and pictures go to TensorBoard under the old tags, in MODEL_DIR/eval.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import tensorflow as tf

from tfod.config import missing_paths
from tfod.config.messages import EvalConfig, InputReader, TrainEvalPipelineConfig
from tfod.config.training_values import VAL
from tfod.data.batches.pipeline import eval_examples
from tfod.data.records.check import Records, open_records
from tfod.errors import UserError
from tfod.model.checkpoints.best import Best, fingerprint, note_early_stop, read_best, save_best
from tfod.model.ssd import SSD
from tfod.progress import SILENT, Progress
from tfod.steps.evaluate.coco import PRECISION, coco_figures
from tfod.steps.evaluate.measure import Measured, make_eval_step, measure
from tfod.steps.evaluate.report import summarise
from tfod.steps.train.diagnosis import Diagnosis
from tfod.words import plural

# an image costs so many times what it costs in a training step (benchmarks/validation.py)
IMAGE_COST = 1.1
MOST_SHARE = 0.1  # of the time
MOST_TIMES = 20  # in a training
SHORTEST = 100  # steps; a shorter training is not worth the compiling of another graph
PICTURES = 3
LEAST_GAIN = 0.001  # mAP; less is noise
PATIENCE = 8  # evaluations, of at most MOST_TIMES


@dataclass(frozen=True)
class ValidationOptions:
    """When to measure, and when to stop.

    Attributes:
        every: steps between two evaluations; 0: never. None: at most a tenth of the time.
        patience: evaluations in a row without a better mAP after which training ends; 0: never.
    """

    every: int | None = None
    patience: int = 0


class Validation:
    """Measures a model from time to time. Call `run` when it is `due`.

    Attributes:
        every: steps between two evaluations.
        best: of this model, on these photos; None before the first evaluation.
        mean_ap: the newest mAP; None before the first.
    """

    def __init__(
        self,
        config: TrainEvalPipelineConfig,
        records: Records,
        every: int,
        patience: int,
        model: SSD,
        model_dir: Path,
        last_step: int,
        progress: Progress = SILENT,
        diagnosis: Diagnosis | None = None,
    ):
        self.every = every
        self.last_step = last_step
        self.mean_ap: float | None = None
        self._patience = patience
        self._waited = 0
        self._model, self._model_dir = model, model_dir
        self._records = records
        self._reader, self._part = chosen_reader(config)
        self._photos = fingerprint(records.files)
        known = read_best(model_dir)
        self.best = known if known and known.is_measured_on(self._photos) else None
        self._progress = progress
        self._diagnosis = diagnosis
        self._eval_config = EvalConfig()
        self._eval_config.CopyFrom(config.eval_config)
        shown = min(PICTURES, config.eval_config.num_visualizations)
        self._eval_config.num_visualizations = shown
        self._writer = tf.summary.create_file_writer(str(model_dir / "eval"))
        self._step = make_eval_step(model, config.train_config.add_regularization_loss)

    def due(self, step: int) -> bool:
        """Whether to measure after a step."""
        return step % self.every == 0 or step == self.last_step

    def run(self, step: int, stop: Callable[[], bool]) -> bool:
        """Measure, and keep the weights when they are the best so far.

        Args:
            stop: asked after each photo; when it says so nothing is measured.

        Returns:
            Whether the training has not become better for so long that it may end.
        """
        measured = self._measure(stop)
        if measured is None:
            return False
        figures = coco_figures(
            measured.truths, measured.detections, self._records.class_names
        ).figures
        figures |= measured.mean_losses()
        pictures = [cv2.resize(picture, None, fx=0.5, fy=0.5) for _, picture in measured.pictures]
        summarise(self._writer, step, figures, pictures)
        self.mean_ap = figures[PRECISION + "mAP"] or 0.0
        is_better = self.best is None or self.mean_ap > self.best.mean_ap
        gained = self.best is None or self.mean_ap > self.best.mean_ap + LEAST_GAIN
        self._waited = 0 if gained else self._waited + 1
        text = f"step {step}: mAP {self.mean_ap:.3f}"
        if is_better:
            images = len(measured.truths)
            self.best = Best(step, self.mean_ap, self._part, images, self._photos)
            save_best(self._model_dir, self._model, self.best)
            self._progress.note(f"{text}, the best so far")
        elif self.best:
            self._progress.note(f"{text} (best {self.best.mean_ap:.3f} at step {self.best.step})")
        self._diagnose(step, measured, figures)
        is_over = 0 < self._patience <= self._waited and step < self.last_step
        if is_over:
            note_early_stop(self._model_dir, step)
        return is_over

    def _diagnose(self, step: int, measured: Measured, figures: Mapping[str, float | None]) -> None:
        if self._diagnosis is None:
            return
        parts = ("Loss/classification_loss", "Loss/localization_loss")
        loss = sum(figures[part] or 0.0 for part in parts)
        labelled = [truth.class_ids for truth in measured.truths]
        found = [(one.class_ids, one.scores) for one in measured.detections]
        for text in self._diagnosis.evaluation(step, loss, labelled, found):
            self._progress.note(text)

    def _measure(self, stop: Callable[[], bool]) -> Measured | None:
        examples = eval_examples(
            self._reader, self._records, self._model.preprocess, with_images=True
        )
        is_stopped = False

        def until_stopped() -> Iterator[Mapping[str, tf.Tensor]]:
            nonlocal is_stopped
            for example in examples:
                is_stopped = is_stopped or stop()
                if is_stopped:
                    return
                yield example

        with self._records.problems():
            measured = measure(
                self._step, until_stopped(), self._records.class_names, self._eval_config
            )
        return None if is_stopped else measured


def make_validation(
    config: TrainEvalPipelineConfig,
    options: ValidationOptions,
    model: SSD,
    model_dir: Path,
    first_step: int,
    last_step: int,
    progress: Progress = SILENT,
    diagnosis: Diagnosis | None = None,
) -> Validation | None:
    """Prepare the evaluations of a training; None where there are none to make.

    Raises:
        UserError: they were asked for, and the photos cannot be used. Where they were not, a note
            says so.
    """
    is_asked_for = options.every is not None
    if options.every == 0 or (not is_asked_for and last_step - first_step < SHORTEST):
        return None
    if is_asked_for:
        missing_paths(config, step="evaluate")
    elif not config.eval_input_reader:
        return None
    try:
        reader, part = chosen_reader(config)
        records = open_records(reader, config.model.ssd.num_classes, names_twice=True)
    except UserError as error:
        if is_asked_for:
            raise
        progress.note(f"note: no evaluation while training: {error.problems[0]}")
        return None
    every = options.every
    if every is None:
        every = steps_between(records.count, config.train_config.batch_size, last_step)
    progress.note(
        f"evaluating every {plural(every, 'step')} on {plural(records.count, f'{part} photo')}"
    )
    return Validation(
        config, records, every, options.patience, model, model_dir, last_step, progress, diagnosis
    )


def steps_between(images: int, batch_size: int, steps: int) -> int:
    """How many steps apart evaluations of so many images are to take a tenth of the time at most.

    Depends on numbers alone, never on the clock, so that a training can be repeated.
    """
    fits = math.ceil(images * IMAGE_COST / batch_size / MOST_SHARE)
    every = max(fits, math.ceil(steps / MOST_TIMES), 1)
    return min(-(-every // 10) * 10, max(steps, 1))


def chosen_reader(config: TrainEvalPipelineConfig) -> tuple[InputReader, str]:
    """The reader of the photos that choose the best checkpoint, and what they are."""
    for reader in config.eval_input_reader:
        if reader.name == VAL:
            return reader, VAL
    return config.eval_input_reader[0], "test"
