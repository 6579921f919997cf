"""Before and after a training: show_batch, rehearse_training, tune, runs, tensorboard."""

import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.api.settings import PRINTED, Place, place, several
from tfod.api.training import ready_to_train
from tfod.cli.terminal import load_tensorflow, stderr_kept_back

if TYPE_CHECKING:
    from tfod.steps.runs.runs import RunsResult
    from tfod.steps.tensorboard import Board
    from tfod.steps.train.rehearsal import Rehearsal
    from tfod.steps.train.show_batch import BatchPicture
    from tfod.steps.tune.tune import TuneResult


def show_batch(
    name: str,
    *,
    checkpoint: str | Path | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    yes: bool = False,
    workspace: Place = ".",
) -> "BatchPicture":
    """Draw 16 augmented training photos with their boxes into batch.jpg of the model.

    What is missing is made first, as `train` does; nothing is trained.

    Args:
        name: of the model.
        checkpoint: as of `train`.
        seed: the same photos and augmentation each time.
        overrides: fields of the config to set for this picture.
        yes: as of `train`.
        workspace: see `tfod.api`.

    Raises:
        UserError: nothing is labelled, or something cannot be used.
    """
    load_tensorflow()
    from tfod.steps.train.show_batch import show_batch as run

    config, folder = ready_to_train(place(workspace), name, checkpoint, None, overrides, yes)
    return run(config, folder, seed, PRINTED)


def tune(
    name: str,
    *,
    trials: int = 20,
    minutes: int = 60,
    steps: int | None = None,
    seed: int = 0,
    workspace: Place = ".",
) -> "TuneResult":
    """Look for a better rate, recipe, augmentation and size with short trainings.

    Writes the config of the best as a new model, <name>-tuned. Judged on val, or on a fifth of the
    training photos; test is never seen. Called again, it goes on.

    Args:
        name: of the model.
        trials: short trainings in all, those of earlier calls included.
        minutes: of this call, at most.
        steps: of a trial; None: a tenth of the model's, 100 at least.
        seed: of every trial, and of the choices.
        workspace: see `tfod.api`.

    Raises:
        UserError: Optuna is not installed, or the model as it is cannot be trained.
    """
    load_tensorflow()
    from tfod.cli.interrupt import asked_to_stop
    from tfod.steps.tune.tune import TuneOptions
    from tfod.steps.tune.tune import tune as run

    here = place(workspace)
    config, folder = ready_to_train(here, name, None, None, (), False)
    with asked_to_stop(PRINTED) as stop:
        return run(here, config, folder, TuneOptions(trials, minutes, steps, seed), PRINTED, stop)


def rehearse_training(
    name: str,
    *,
    steps: int | None = None,
    checkpoint: str | Path | None = None,
    overrides: Sequence[str] = (),
    rename: Mapping[str, str] | None = None,
    yes: bool = False,
    workspace: Place = ".",
) -> "Rehearsal":
    """Try a training out, a few steps too, and say how long it would take.

    What is missing is made first, as `train` does; the model itself stays as it is.

    Args:
        name: of the model.
        steps: as of `train`; so are `checkpoint`, `overrides`, `rename` and `yes`.
        workspace: see `tfod.api`.

    Raises:
        UserError: whatever would stop the training.
    """
    load_tensorflow()
    from tfod.cli.interrupt import asked_to_stop
    from tfod.steps.train.rehearsal import rehearse
    from tfod.steps.train.train import TrainOptions

    here = place(workspace)
    config, folder = ready_to_train(here, name, checkpoint, steps, overrides, yes)
    options = TrainOptions(steps, rename=rename or {})
    with asked_to_stop(PRINTED) as stop:
        rehearsal = rehearse(here, config, folder, options, PRINTED, stop)
    PRINTED.note(str(rehearsal))
    return rehearsal


def runs(
    names: Sequence[str] | None = None, *, mlflow: str | None = None, workspace: Place = "."
) -> "RunsResult":
    """List the models you trained, or compare some: settings, data, figures, curves.

    Args:
        names: of models; two or more are compared, with a page and a picture in workspace/runs.
            None: all are listed.
        mlflow: also send them to an MLflow server or store: "http://host:5000", "sqlite:///x.db".
        workspace: see `tfod.api`.

    Raises:
        UserError: there is no such model, or the comparison cannot be written.
    """
    from tfod.steps.runs.runs import runs as run

    return run(place(workspace), several(names or ()), mlflow, PRINTED)


def tensorboard(
    name: str | None = None,
    *,
    port: int | None = None,
    open_page: bool = False,
    workspace: Place = ".",
) -> "Board":
    """Start TensorBoard on the models; it ends with this process, or with `close()`.

    In a notebook, `%load_ext tensorboard` and `%tensorboard --logdir workspace/models` show it in
    the page.

    Args:
        name: of the model; None: all.
        port: to listen on; None: 6006, or a free one.
        open_page: open the page in your browser.
        workspace: see `tfod.api`.

    Returns:
        What is running, with its `address`.

    Raises:
        UserError: there is no such model, or the port is taken.
    """
    from tfod.steps.tensorboard import tensorboard as run

    board = run(place(workspace), name, port, stderr_kept_back)
    PRINTED.note(str(board))
    if open_page:
        webbrowser.open(board.address)
    return board
