"""Look for better settings of a model with short trainings, chosen by Optuna.

Each trial trains a copy of the config in workspace/tune/NAME/trial-N and is judged by the mAP that
the training measures on `val`; without `val`, on a fifth of the training photos that no trial is
trained on. The test photos are never read. A trial that is worse than the others halfway is ended.
All is kept in a database, so that the same call goes on after an interruption.
Run it with `tfod tune NAME`.
"""

import shutil
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from tfod.config import config_text
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.errors import UserError, check_at_least_1
from tfod.files import replace_file
from tfod.model.checkpoints.best import read_best
from tfod.progress import SILENT, Progress, Task
from tfod.steps.train.train import TrainOptions, train
from tfod.steps.tune.choices import AS_IT_IS, apply, choose
from tfod.steps.tune.held_out import without_test
from tfod.steps.tune.study import load_optuna, made_of, open_study
from tfod.words import figure
from tfod.workspace import Workspace

STEPS_SHARE, LEAST_STEPS = 0.1, 100  # of the steps of the config, in a trial
EVALUATIONS = 5  # in a trial


@dataclass(frozen=True)
class TuneOptions:
    """How long to look.

    Attributes:
        trials: in all, those of earlier calls included.
        minutes: of this call; the trial that runs then is ended, and does not count.
        steps: of a trial; None: a tenth of those of the config, 100 at least.
        seed: of the trials, which all have the same, and of the choices.
    """

    trials: int = 20
    minutes: int = 60
    steps: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Trial:
    """One training.

    Attributes:
        number: from 0.
        settings: what was chosen; rate and size as factors.
        mean_ap: the best mAP it reached; None when it failed.
        state: complete, pruned (ended early) or fail.
    """

    number: int
    settings: dict[str, Any]
    mean_ap: float | None
    state: str


@dataclass(frozen=True)
class TuneResult:
    """What was found.

    Attributes:
        trials: all that were made, also by earlier calls.
        best: of them; None when none was complete.
        as_it_is: the trial of the settings as they are.
        config: the config with its settings; None when the settings as they are were the best.
        photos: what the mAP was measured on: "val", or "a fifth of train".
        left: trials that are still to be made.
    """

    trials: list[Trial]
    best: Trial | None
    as_it_is: Trial | None
    config: Path | None
    photos: str
    left: int = 0


class _Bars(Progress):
    """Shows how far a trial is, and none of its notes."""

    def __init__(self, shown: Progress):
        self._shown = shown

    def task(self, what: str, total: int | None = None, done: int = 0) -> Task:
        return self._shown.task(what, total, done)


def tune(
    workspace: Workspace,
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    options: TuneOptions = TuneOptions(),
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> TuneResult:
    """Try settings, and write the config of the best beside the model.

    Args:
        config: read and checked (`read_to_train`); not changed.
        model_dir: of the model, whose weights stay as they are.
        stop: asked after each step.

    Raises:
        UserError: Optuna is not installed, or the config as it is cannot be trained.
    """
    check_at_least_1(trials=options.trials, minutes=options.minutes, steps=options.steps)
    optuna = load_optuna()
    folder = workspace.tune / model_dir.resolve().name
    steps = options.steps or max(LEAST_STEPS, int(STEPS_SHARE * config.train_config.num_steps))
    tried = deepcopy(config)
    photos = without_test(tried, folder)
    study = open_study(optuna, tried, folder, steps, options.seed)
    end_s = time.monotonic() + 60 * options.minutes

    def over() -> bool:
        return stop() or time.monotonic() > end_s

    while len(made_of(study)) < options.trials and not over():
        trial = study.ask()
        settings = choose(trial, tried)
        progress.note(f"trial {trial.number}: {_told(settings)}")
        state, value = _run(workspace, tried, trial, folder, steps, options.seed, progress, over)
        study.tell(trial, value if state == "complete" else None, _state(optuna, state))
        progress.note(f"trial {trial.number}: {state}, mAP {figure(value)}")
    return _result(study, config, model_dir, photos, options.trials, workspace)


def _run(
    workspace: Workspace,
    config: TrainEvalPipelineConfig,
    trial: Any,
    folder: Path,
    steps: int,
    seed: int,
    progress: Progress,
    over: Callable[[], bool],
) -> tuple[str, float | None]:
    """Train a trial; give its state and the best mAP."""
    chosen, place = deepcopy(config), folder / f"trial-{trial.number}"
    apply(trial.params, chosen)
    shutil.rmtree(place, ignore_errors=True)
    keras.backend.clear_session()
    told = 0

    def pruned() -> bool:
        nonlocal told
        best = read_best(place)
        if best and best.step > told:
            told = best.step
            trial.report(best.mean_ap, best.step)
        return bool(told and trial.should_prune())

    wanted = TrainOptions(
        steps, steps, seed, evaluate_every=max(1, steps // EVALUATIONS), patience=0
    )
    try:
        done = train(workspace, chosen, place, wanted, _Bars(progress), lambda: over() or pruned())
    except UserError as error:
        if trial.params == AS_IT_IS:
            raise
        progress.note(f"trial {trial.number}: {error}")
        return "fail", None
    finally:
        for path in [*place.glob("ckpt-*"), *place.glob("best/ckpt-*")]:
            path.unlink()
    value = done.best.mean_ap if done.best else None
    if not done.interrupted:
        return "complete", value
    return ("fail" if over() else "pruned"), value


def _result(
    study: Any,
    config: TrainEvalPipelineConfig,
    model_dir: Path,
    photos: str,
    trials: int,
    workspace: Workspace,
) -> TuneResult:
    trials_made = [
        Trial(
            one.number,
            dict(one.params),
            one.value
            if one.value is not None
            else max(one.intermediate_values.values(), default=None),
            one.state.name.lower(),
        )
        for one in study.trials
        if one.state.is_finished()
    ]
    complete = [one for one in trials_made if one.state == "complete" and one.mean_ap is not None]
    best = max(complete, key=lambda one: one.mean_ap or 0.0, default=None)
    as_it_is = next((one for one in complete if one.settings == AS_IT_IS), None)
    path = None
    if best is not None and best.settings != AS_IT_IS:
        tuned = deepcopy(config)
        apply(best.settings, tuned)
        path = _new_folder(workspace, model_dir) / "pipeline.config"
        text = config_text(tuned, workspace)
        if not path.is_file() or path.read_text("utf-8") != text:
            with replace_file(path) as temporary:  # somebody may have changed it
                temporary.write_text(text, encoding="utf-8", newline="\n")
    return TuneResult(
        trials_made, best, as_it_is, path, photos, max(0, trials - len(made_of(study)))
    )


def _new_folder(workspace: Workspace, model_dir: Path) -> Path:
    """A folder for the new model: NAME-tuned, or with a number where that was trained already."""
    name = f"{model_dir.resolve().name}-tuned"
    folders = (workspace.model(f"{name}{number}") for number in ("", *range(2, 1000)))
    return next(folder for folder in folders if not any(folder.glob("ckpt-*.index")))


def _told(settings: dict[str, Any]) -> str:
    told = {**settings, "rate": f"x {settings['rate']:.2f}", "size": f"x {settings['size']:g}"}
    return ", ".join(f"{name} {value}" for name, value in told.items())


def _state(optuna: Any, state: str) -> Any:
    return optuna.trial.TrialState[state.upper()]
