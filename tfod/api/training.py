"""From records to an exported model: fetch, new_config, train, evaluate, export."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.api.settings import PRINTED, Place, call_text, optional_path, place, several
from tfod.cli.app import zoo_url
from tfod.cli.terminal import load_tensorflow
from tfod.workspace import Workspace

if TYPE_CHECKING:
    from tfod.config.messages import TrainEvalPipelineConfig
    from tfod.steps.config import ConfigResult
    from tfod.steps.evaluate.report import EvaluateResult
    from tfod.steps.export.export import ExportResult
    from tfod.steps.fetch.fetch import Fetched
    from tfod.steps.train.loop import TrainResult


def fetch(
    name: str = "640",
    *,
    url: str | None = None,
    archive: str | Path | None = None,
    output: str | Path | None = None,
    force: bool = False,
    timeout: float = 30.0,
    workspace: Place = ".",
) -> "Fetched":
    """Download and check a published checkpoint; resumes an interrupted download.

    Args:
        name: of the checkpoint, or parts of it: "640", "320".
        url: of a mirror, or of one archive; None: the zoo's.
        archive: use this .tar.gz instead of downloading.
        output: where to put the checkpoint; None: pre-trained-models.
        force: replace a checkpoint that is already there.
        timeout: seconds without data before trying again.
        workspace: see `tfod.api`.

    Raises:
        UserError: no such checkpoint, no connection, or a damaged archive.
    """
    from tfod.steps.fetch.fetch import Options
    from tfod.steps.fetch.fetch import fetch as run

    options = Options(
        optional_path(output), url or zoo_url(), optional_path(archive), force, timeout
    )
    return run(place(workspace), name, options, PRINTED)


def new_config(
    name: str,
    *,
    checkpoint: str | Path | None = None,
    size: int | None = None,
    steps: int | None = None,
    batch_size: int | None = None,
    overrides: Sequence[str] = (),
    label_map: str | Path | None = None,
    force: bool = False,
    workspace: Place = ".",
) -> "ConfigResult":
    """Write workspace/models/<name>/pipeline.config with classes, paths and batch size filled in.

    Args:
        name: of the model.
        checkpoint: what to start from: "640" or "320" (it is fetched), a model of yours, or a path;
            None: random weights.
        size: side of the network's input images in pixels.
        steps: training steps.
        batch_size: images per step; the learning rate is fitted to it.
        overrides: fields to set, such as "train_config.batch_size=4".
        label_map: its file; None: annotations/label_map.pbtxt.
        force: overwrite an existing config.
        workspace: see `tfod.api`.

    Raises:
        UserError: there is a config, no label map, or no such checkpoint.
    """
    from tfod.steps.config import ConfigOptions, write_new_config
    from tfod.steps.prepare.checkpoint import prepare_checkpoint

    here, start = place(workspace), None
    if checkpoint is not None:
        load_tensorflow()
        start = prepare_checkpoint(here, str(checkpoint), zoo_url(), PRINTED)
    options = ConfigOptions(
        start, size, steps, batch_size, tuple(several(overrides)), optional_path(label_map), force
    )
    result = write_new_config(here, name, options)
    for warning in result.warnings:
        PRINTED.note(f"note: {warning}")
    return result


def train(
    name: str,
    *,
    steps: int | None = None,
    checkpoint: str | Path | None = None,
    seed: int | None = None,
    checkpoint_every: int = 1000,
    evaluate_every: int | None = None,
    patience: int | None = None,
    overrides: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    yes: bool = False,
    workspace: Place = ".",
) -> "TrainResult":
    """Train a model, or go on from its last checkpoint; interrupting it saves and stops.

    What is missing is made first: split, records, checkpoint, config. Called again, it goes on to
    `steps`, or says that they are done.

    Args:
        name: of the model.
        steps: train up to this step; None: as the config says.
        checkpoint: what a new model starts from, as of `new_config`; None: the newest in
            pre-trained-models, else the published 640.
        seed: makes the run reproducible.
        checkpoint_every: steps between checkpoints.
        evaluate_every: steps between evaluations, which keep the best weights; 0: none. None: they
            take a tenth of the time at most.
        patience: evaluations without a better mAP that end the training; 0: never. None: 8, but
            never for a config of the old API.
        overrides: fields of the config to set for this run.
        rename: name in the weights -> name in the label map, of classes that got another name.
        yes: replace records of other photos.
        workspace: see `tfod.api`.

    Raises:
        UserError: nothing is labelled, something cannot be used, or the loss is not a number.
    """
    call = call_text(train, locals())
    load_tensorflow()
    from tfod.cli.interrupt import asked_to_stop
    from tfod.steps.train.train import TrainOptions
    from tfod.steps.train.train import train as run

    here = place(workspace)
    config, folder = ready_to_train(here, name, checkpoint, steps, overrides, yes)
    options = TrainOptions(
        steps, checkpoint_every, seed, rename or {}, evaluate_every, patience, call
    )
    with asked_to_stop(PRINTED) as stop:
        result = run(here, config, folder, options, PRINTED, stop)
    if not result.losses:
        PRINTED.note(f"done: {name} is already trained to step {result.last_step}")
    return result


def evaluate(
    name: str,
    *,
    checkpoint: str | Path | None = None,
    recalibrate: bool = False,
    overrides: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    workspace: Place = ".",
) -> "EvaluateResult":
    """Measure a model on the test images: COCO figures, figures per class, and pictures.

    Args:
        name: of the model.
        checkpoint: "best", "last" or a path; None: the best where training measured it, else the
            last.
        recalibrate: re-estimate the statistics of the batch norms over the training photos first,
            for a short training with a config of the old API.
        overrides: fields of the config to set for this run.
        rename: as of `train`.
        workspace: see `tfod.api`.

    Raises:
        UserError: there is no such model, or nothing to measure it on.
    """
    load_tensorflow()
    from tfod.runtimes.load import find_model
    from tfod.steps.evaluate.evaluate import evaluate as run
    from tfod.steps.evaluate.evaluate import read_to_evaluate

    here = place(workspace)
    folder = find_model(here, name)
    config = read_to_evaluate(
        here, folder / "pipeline.config", several(overrides), progress=PRINTED
    )
    return run(config, folder, optional_path(checkpoint), PRINTED, rename, recalibrate)


def export(
    name: str,
    *,
    checkpoint: str | Path | None = None,
    output: str | Path | None = None,
    input_type: str = "image_tensor",
    recalibrate: bool = False,
    rename: Mapping[str, str] | None = None,
    workspace: Place = ".",
) -> "ExportResult":
    """Export a model as a SavedModel to exported-models/<name>, in the old exporter's layout.

    Args:
        name: of the model.
        checkpoint: "best", "last" or a path; None: the best where training measured it, else the
            last.
        output: folder to write; None: exported-models/<name>.
        input_type: what the model takes, as in the old exporter: "image_tensor", "tf_example", ...
        recalibrate: as of `evaluate`.
        rename: as of `train`.
        workspace: see `tfod.api`.

    Raises:
        UserError: there is no such model, or the folder holds something else.
    """
    load_tensorflow()
    from tfod.config import check_config
    from tfod.config.reading import read_with_text
    from tfod.model.checkpoints.best import choose_checkpoint
    from tfod.runtimes.load import find_model
    from tfod.steps.export.export import ExportOptions
    from tfod.steps.export.export import export as run

    here = place(workspace)
    folder = find_model(here, name)
    config, text = read_with_text(folder / "pipeline.config", here)
    check_config(config, folder / "pipeline.config", text=text)
    target = optional_path(output) or here.exported(folder.resolve().name)
    options = ExportOptions(input_type, None, rename or {}, recalibrate)
    return run(here, config, choose_checkpoint(folder, checkpoint), target, options, PRINTED)


def ready_to_train(
    workspace: Workspace,
    name: str,
    checkpoint: str | Path | None,
    steps: int | None,
    overrides: Sequence[str],
    yes: bool,
) -> "tuple[TrainEvalPipelineConfig, Path]":
    """Make what a model lacks to be trained; give its config as it will be run, and its folder."""
    from tfod.steps.prepare.training import PrepareOptions, prepare_training
    from tfod.steps.train.start import read_to_train

    start = None if checkpoint is None else str(checkpoint)
    wanted = PrepareOptions(start, steps, tuple(several(overrides)), zoo_url())
    folder = prepare_training(workspace, name, wanted, PRINTED, lambda question: yes)
    return read_to_train(workspace, folder / "pipeline.config", several(overrides), PRINTED), folder
