"""Fine-tune or train a detector: batches -> losses -> gradients -> checkpoints.

`train` reads top to bottom: last checkpoint, data, model, first weights, loop. It writes
checkpoints and TensorBoard summaries into the model folder, in the old places under the old names.
It does not know how records are read (`tfod/data/batches`) nor what a loss is (`tfod/model`).

Run it with `tfod train NAME`.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from tfod.class_numbers import keep_label_map
from tfod.config import missing_paths
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.data.batches.pipeline import train_batches
from tfod.data.records.check import open_records, record_files
from tfod.device import device_name
from tfod.errors import UserError, check_at_least_1
from tfod.files import check_writable
from tfod.model.checkpoints.best import fingerprint, read_best
from tfod.model.checkpoints.save import save_checkpoint
from tfod.model.ssd import SSD
from tfod.progress import SILENT, Progress
from tfod.steps.train.diagnosis import Diagnosis
from tfod.steps.train.finite import check_weights
from tfod.steps.train.log import TrainLog
from tfod.steps.train.loop import TrainResult, run_steps
from tfod.steps.train.optimizer import Optimizer
from tfod.steps.train.schedule import early_end, fit_schedule
from tfod.steps.train.session import Session, draw_seed, facts_of, make_repeatable
from tfod.steps.train.start import (
    agreed_classes,
    alone_in,
    disk_note,
    fine_tune_type,
    freeze,
    keep_config,
    newest,
    start,
)
from tfod.steps.train.step import TrainStep
from tfod.steps.train.validation import PATIENCE, ValidationOptions, chosen_reader, make_validation
from tfod.workspace import Workspace


@dataclass(frozen=True)
class TrainOptions:
    """How to train.

    Attributes:
        steps: global step to reach; the schedule is made to end there. None: num_steps of the
            config, with its schedule as it is.
        checkpoint_every: steps between checkpoints; the last step is always saved.
        seed: makes weights, order and augmentation reproducible; None draws one, which run.json
            keeps.
        rename: name in the weights -> name in the data, of classes that got another name.
        evaluate_every: steps between evaluations, which keep the best weights in `best/`; 0: none.
            None: so that they take a tenth of the time at most.
        patience: evaluations in a row without a better mAP that end the training; 0: never. None:
            8 where weights are transferred (as in a new config), else never, as in the old API.
        call: the command or the function call that asks for this, for run.json.
    """

    steps: int | None = None
    checkpoint_every: int = 1000
    seed: int | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    evaluate_every: int | None = None
    patience: int | None = None
    call: str = ""


def train(
    workspace: Workspace,
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    options: TrainOptions = TrainOptions(),
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> TrainResult:
    """Train until the last step, from the last checkpoint of the folder.

    Args:
        config: read and checked (`read_to_train`); not changed.
        model_dir: where checkpoints and summaries go; a checkpoint there is resumed.
        stop: asked after each step; the run saves and ends when it says so.

    Returns:
        What was done, with the path of the last checkpoint.

    Raises:
        UserError: the data, the checkpoint or the config cannot be used, another training of this
            model is running, or the loss is not finite.
    """
    with alone_in(model_dir):
        return _train(workspace, config, model_dir, options, progress, stop)


def _train(
    workspace: Workspace,
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    options: TrainOptions,
    progress: Progress,
    stop: Callable[[], bool],
) -> TrainResult:
    last_step = _last_step(config, options)
    before = newest(model_dir)
    done = before is not None and is_done(config, options, before.step, model_dir)
    if before is not None and done:
        labels = agreed_classes(config, before, options.rename, progress)
        if options.rename and labels is not None:
            keep_label_map(labels, model_dir)
        is_early = before.step < last_step
        return TrainResult(before.step, before.step, before.path, stopped_early=is_early,
                           best=read_best(model_dir))  # fmt: skip
    config = _fitted(config, options, progress)
    missing_paths(config, step="train" if before is None else "resume")
    check_writable(model_dir)
    progress.note(f"device: {device_name()}")
    labels = agreed_classes(config, before, options.rename, progress)
    num_classes, resumes = config.model.ssd.num_classes, before is not None
    records = open_records(config.train_input_reader, num_classes, progress, names_twice=resumes)
    make_repeatable()
    seed = draw_seed() if options.seed is None else options.seed
    model = SSD(config.model.ssd, seed)
    freeze(config.train_config, model, progress)
    optimizer = Optimizer(config.train_config)
    train_step = TrainStep(model, optimizer, config.train_config.add_regularization_loss)
    back = {new: old for old, new in options.rename.items()}
    class_names = {n: back.get(name, name) for n, name in records.class_names.items()}
    first_step = start(config, model, optimizer, before, class_names, progress)
    # another order than before a resume, the same whenever the same seed is resumed there
    batches = train_batches(config, records, model.preprocess, seed + first_step, progress)
    keep_config(config, model_dir, workspace)
    every, steps = options.checkpoint_every, last_step - first_step
    progress.note(disk_note(model, optimizer, model_dir, steps, every))
    if labels is not None:  # the checkpoints hold only the numbers of the classes
        keep_label_map(labels, model_dir)
    if before is None:
        save_checkpoint(model_dir, model, 0)  # ckpt-1, before the first step
    wanted = ValidationOptions(options.evaluate_every, _patience(config, options))
    diagnosis = Diagnosis(records.class_names, model.anchors, first_step, last_step)
    validation = make_validation(
        config, wanted, model, model_dir, first_step, last_step, progress, diagnosis
    )

    def save(step: int, last: Path | None) -> Path:
        check_weights(model.variables_by_key, step, last)
        saved = save_checkpoint(model_dir, model, step, optimizer)
        session.saved(step)
        return saved

    log = TrainLog(
        model_dir, first_step, last_step, config.train_config.batch_size, progress, diagnosis
    )
    given = {"call": options.call, "seed": seed}
    resumed = None if before is None else before.path
    facts = given | facts_of(workspace, config, model_dir, records, resumed)
    session = Session(model_dir, facts, log, progress)
    with records.problems(), log, session:
        result = run_steps(train_step, batches, save, every, log, validation, stop)
        session.done(result)
    return result


def is_done(
    config: TrainEvalPipelineConfig, options: TrainOptions, step: int, model_dir: Path
) -> bool:
    """Whether a model that was trained to a step is done: its steps are made, or it got no better.

    New photos to measure on, or other steps than it was stopped for, make it go on.
    """
    if step >= _last_step(config, options):
        return True
    best = read_best(model_dir)
    is_same = options.steps in (None, config.train_config.num_steps)
    if not (best and best.stopped_at == step and is_same and _patience(config, options)):
        return False
    reader, _ = chosen_reader(config)
    try:
        return best.is_measured_on(fingerprint(record_files(reader)))
    except UserError:
        return False


def _patience(config: TrainEvalPipelineConfig, options: TrainOptions) -> int:
    if options.patience is not None:
        return options.patience
    return PATIENCE if fine_tune_type(config.train_config) == "transfer" else 0


def _last_step(config: TrainEvalPipelineConfig, options: TrainOptions) -> int:
    steps = config.train_config.num_steps if options.steps is None else options.steps
    check_at_least_1(steps=options.steps, checkpoint_every=options.checkpoint_every)
    check_at_least_1(**{"train_config.num_steps": steps})
    for name in ("evaluate_every", "patience"):  # where 0 means never
        check_at_least_1(**{name: getattr(options, name) or None})
    return steps


def _fitted(
    config: TrainEvalPipelineConfig, options: TrainOptions, progress: Progress
) -> TrainEvalPipelineConfig:
    """Copy a config, with the schedule made for the steps that were asked for."""
    fitted = deepcopy(config)
    if options.steps is not None:
        note = fit_schedule(fitted.train_config, options.steps)
        if note:
            progress.note(f"note: {note}")
    warning = early_end(fitted.train_config)
    if warning:
        progress.note(f"warning: {warning}")
    return fitted
