"""Looking for better settings: `tfod tune`."""

from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import Json, Name, app, asking, quiet_tensorflow, workspace, zoo_url
from tfod.cli.bars import TerminalProgress
from tfod.cli.interrupt import asked_to_stop
from tfod.cli.problems import command
from tfod.cli.terminal import Stopped, finish, load_tensorflow
from tfod.words import figure, plural

if TYPE_CHECKING:
    from tfod.steps.tune.tune import TuneResult


@app.command(epilog="Example: tfod tune masks --trials 20 --minutes 60")
def tune(
    name: Name,
    trials: Annotated[
        int, typer.Option(help="Short trainings in all, those of earlier calls included.")
    ] = 20,
    minutes: Annotated[int, typer.Option(help="Minutes of this call, at most.")] = 60,
    steps: Annotated[
        int | None,
        typer.Option(help="Steps of a trial. Default: a tenth of the model's, 100 at least."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every trial, and of the choices.")] = 0,
    as_json: Json = False,
) -> None:
    """Look for a better rate, recipe, augmentation and size with short trainings.

    Writes the config of the best as a new model, NAME-tuned. Judged on val, or on a fifth of the
    training photos; test is never seen. The same command goes on after an interruption. Needs
    `pip install optuna`.
    """
    load_tensorflow()
    from tfod.steps.prepare.training import PrepareOptions, prepare_training
    from tfod.steps.train.start import read_to_train
    from tfod.steps.tune.tune import TuneOptions
    from tfod.steps.tune.tune import tune as run

    progress = TerminalProgress()
    wanted = PrepareOptions(url=zoo_url())
    folder = prepare_training(workspace(), name, wanted, progress, asking(False), quiet_tensorflow)
    config = read_to_train(workspace(), folder / "pipeline.config", (), progress)
    options = TuneOptions(trials, minutes, steps, seed)
    with asked_to_stop(progress) as stop:
        result = run(workspace(), config, folder, options, progress, stop)
    wrote = [result.config] if result.config else []
    then = command("train", result.config.parent.name) if result.config else ""
    if result.left:
        then = command("tune", name, trials=trials, steps=steps)
    finish(result, as_json=as_json, lines=_lines(result), wrote=wrote, then=then)
    if stop():
        raise Stopped


def _lines(result: "TuneResult") -> list[str]:
    lines = [f"{plural(len(result.trials), 'trial')}, measured on {result.photos}"]
    if result.best is None:
        return [*lines, "none was complete"]
    before = result.as_it_is.mean_ap if result.as_it_is else None
    chosen = ", ".join(
        f"{name} {f'x {value:.2f}' if isinstance(value, float) else value}"
        for name, value in result.best.settings.items()
    )
    lines.append(f"as it is: mAP {figure(before)}; the best: mAP {figure(result.best.mean_ap)}")
    lines.append(f"the best is trial {result.best.number}: {chosen}")
    return lines
