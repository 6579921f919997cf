"""Measure a checkpoint on the test images: figures, losses, pictures; then end.

Writes into the model folder, `eval/`: metrics.json, report.html and report.json (what the figures
come to), pictures/ (truth and prediction side by side) and a TensorBoard file under the old API's
tags. It does not wait for further checkpoints.

Run it with `tfod evaluate NAME`.
"""

import time
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

from tfod.class_numbers import agree, keep_renamed
from tfod.config import apply_overrides, check_config, missing_paths
from tfod.config.messages import EvalConfig, InputReader, TrainEvalPipelineConfig
from tfod.config.reading import read_with_text
from tfod.config.training_values import VAL
from tfod.data.batches.augment import AUGMENTATIONS
from tfod.data.batches.pipeline import eval_examples, images_of
from tfod.data.records.check import Records, open_records
from tfod.errors import UserError
from tfod.model.checkpoints.best import BEST, choose_checkpoint, fingerprint, read_best
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.ssd import SSD
from tfod.progress import SILENT, Progress
from tfod.steps.evaluate.answer import answer
from tfod.steps.evaluate.coco import FIGURES, coco_figures, shown_names
from tfod.steps.evaluate.details import look_closer
from tfod.steps.evaluate.leaks import Leaks, find_leaks
from tfod.steps.evaluate.matches import Matches, match
from tfod.steps.evaluate.measure import EvalStep, Measured, make_eval_step, measure
from tfod.steps.evaluate.page import photos_to_show, write_page
from tfod.steps.evaluate.recalibrate import recalibrate
from tfod.steps.evaluate.report import (
    EvaluateResult,
    keep_figures,
    write_metrics,
    write_pictures,
    write_report,
    write_summaries,
)
from tfod.words import figure, plural
from tfod.workspace import Workspace


def read_to_evaluate(
    workspace: Workspace,
    path: Path,
    overrides: Sequence[str] = (),
    on_train_data: bool = False,
    progress: Progress = SILENT,
) -> TrainEvalPipelineConfig:
    """Read, override and check a pipeline.config.

    Args:
        on_train_data: measure on the training images, not augmented, instead of the test images.

    Raises:
        UserError: the config cannot be read, or not be honoured.
    """
    config, text = read_with_text(path, workspace)
    apply_overrides(config, overrides, workspace)
    for note in check_config(config, path, AUGMENTATIONS, text):
        progress.note(f"note: {note}")
    return with_train_data(config) if on_train_data else config


def with_train_data(config: TrainEvalPipelineConfig) -> TrainEvalPipelineConfig:
    """Copy a config, with the training images in place of the test images."""
    changed = deepcopy(config)
    del changed.eval_input_reader[:]
    changed.eval_input_reader.add().CopyFrom(config.train_input_reader)
    return changed


def evaluate(
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    checkpoint: str | Path | None = None,
    progress: Progress = SILENT,
    rename: Mapping[str, str] | None = None,
    recalibrated: bool = False,
) -> EvaluateResult:
    """Evaluate one checkpoint on every image of the eval_input_reader.

    Args:
        model_dir: the model folder; `eval/` is written there.
        checkpoint: "best", "last", a checkpoint, or a folder of them (then the latest). None: the
            best where there is one, else the last.
        rename: name in the weights -> name in the data, of classes that got another name.
        recalibrated: measure a second time, with statistics of the batch norms that are
            re-estimated over the training photos, and give that result. The checkpoint stays as
            it is.

    Raises:
        UserError: there is no usable checkpoint, or there are no usable test images, or they have
            other classes.
    """
    missing_paths(config, step="evaluate")
    reader = config.eval_input_reader[0]
    records = open_records(reader, config.model.ssd.num_classes, progress, names_twice=True)
    stored = read_checkpoint(choose_checkpoint(model_dir, checkpoint))
    if records.labels is not None:
        path = Path(reader.label_map_path)
        labels = agree(stored.path, records.labels, path, rename, progress)
    model = SSD(config.model.ssd)
    report = restore_model(model, stored, "all")
    if rename and records.labels is not None:
        keep_renamed(labels, stored.path)
    progress.note(f"{report}, step {stored.step}")

    run = make_eval_step(model, config.train_config.add_regularization_loss)
    begun_s = time.perf_counter()
    tested = _Tested(reader, records, model, run, progress)
    measured = tested.measure("evaluating", config.eval_config)
    if recalibrated:
        before = coco_figures(measured.truths, measured.detections, records.class_names)
        recalibrate(config, model, progress)
        measured = tested.measure("evaluating again", config.eval_config)
    seconds = time.perf_counter() - begun_s
    progress.note(f"evaluated {plural(len(measured.truths), 'image')} in {seconds:.1f} s")
    chosen_on = _match_val(config, tested)

    coco = coco_figures(measured.truths, measured.detections, records.class_names)
    if recalibrated:
        told = [figure(one.figures[FIGURES[0]]) for one in (before, coco)]
        progress.note(f"mAP {told[0]} as it was trained, {told[1]} re-estimated")
    matches = match(measured.truths, measured.detections, records.class_names)
    names, map_ = shown_names(records.class_names), coco.figures[FIGURES[0]]
    answered = answer(matches, names, map_, chosen_on)
    leaks = find_leaks(config.train_input_reader, reader, progress)
    eval_dir = Path(model_dir) / "eval"
    result = EvaluateResult(
        checkpoint=report.path,
        step=stored.step,
        images=len(measured.truths),
        figures={**coco.figures, **measured.mean_losses()},
        per_class=coco.per_class,
        seconds=seconds,
        metrics=eval_dir / "metrics.json",
        pictures=write_pictures(eval_dir / "pictures", measured.pictures),
        answer=answered,
        report=eval_dir / "report.json",
        page=eval_dir / "report.html",
        warnings=_warnings(leaks, _chose(model_dir, stored.path, records), chosen_on is None),
    )
    details = look_closer(matches, answered, measured.names, leaks)
    images = images_of(reader, records, photos_to_show(details))
    write_metrics(result)
    write_report(result, details)
    write_page(result.page, result, details, images)
    keep_figures(Path(model_dir), result)
    write_summaries(eval_dir, stored.step, result.figures, measured.pictures)
    return result


@dataclass(frozen=True)
class _Tested:
    """A model and the photos it is tried on."""

    reader: InputReader
    records: Records
    model: SSD
    run: EvalStep
    progress: Progress

    def measure(self, what: str, settings: EvalConfig) -> Measured:
        """Detect in all photos; the progress says what that is for."""
        examples = eval_examples(
            self.reader,
            self.records,
            self.model.preprocess,
            with_images=settings.num_visualizations > 0,
        )
        with self.records.problems():
            shown = self.progress.track(examples, what, len(examples))
            return measure(self.run, shown, self.records.class_names, settings)


def _match_val(config: TrainEvalPipelineConfig, tested: _Tested) -> Matches | None:
    """What is found in the photos for validation, which choose the scores; None without any."""
    reader = next((one for one in config.eval_input_reader[1:] if one.name == VAL), None)
    if reader is None:
        return None
    try:
        records = open_records(reader, config.model.ssd.num_classes, names_twice=True)
    except UserError as error:
        tested.progress.note(f"note: the test photos choose the scores: {error.problems[0]}")
        return None
    settings = EvalConfig()
    settings.num_visualizations = 0
    val = replace(tested, reader=reader, records=records)
    measured = val.measure("choosing the scores on val", settings)
    return match(measured.truths, measured.detections, tested.records.class_names)


def _chose(model_dir: Path, checkpoint: Path, records: Records) -> bool:
    """Whether these photos chose the best checkpoint, which is the one that was measured."""
    best = read_best(Path(model_dir)) if checkpoint.parent.name == BEST else None
    return best is not None and best.is_measured_on(fingerprint(records.files))


def _warnings(leaks: Leaks | None, chose_weights: bool, chose_scores: bool) -> list[str]:
    """Why the figures may say more than the model can do."""
    chosen = [*["the model"] * chose_weights, *["the scores"] * chose_scores]
    said = [leaks.sentence()] if leaks and leaks.sentence() else []
    if chosen:
        said.append(f"these photos also chose {' and '.join(chosen)}; expect less on new ones")
    return said
