"""Commands from records to a trained model: config, train."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import (
    Json,
    Name,
    Rename,
    Set,
    app,
    asking,
    quiet_tensorflow,
    renamed,
    workspace,
    zoo_url,
)
from tfod.cli.bars import TerminalProgress
from tfod.cli.interrupt import asked_to_stop
from tfod.cli.next import given_flags
from tfod.cli.problems import command
from tfod.cli.terminal import Stopped, finish, load_tensorflow
from tfod.words import plural

if TYPE_CHECKING:  # importing TensorFlow takes seconds
    from tfod.config.messages import TrainEvalPipelineConfig
    from tfod.steps.config import ConfigResult
    from tfod.steps.train.loop import TrainResult
    from tfod.steps.train.train import TrainOptions

MORE_STEPS = 1000
START = (
    "What to start from: a published checkpoint (640, 320; it is fetched), a model of yours, or a "
    "path."
)


@app.command(epilog="Example: tfod config masks --checkpoint 640 --steps 3000")
def config(
    name: Name,
    checkpoint: Annotated[
        str | None, typer.Option(help=f"{START} Default: random weights.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Side of the network's input images in pixels.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Training steps.")] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            help="Images per step. The learning rate is fitted to it and to the number of steps, "
            "unless you change the optimizer with --set."
        ),
    ] = None,
    overrides: Set = [],  # noqa: B006 (typer copies it)
    label_map: Annotated[
        Path | None, typer.Option(help="Label map. Default: annotations/label_map.pbtxt.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing config.")] = False,
    as_json: Json = False,
) -> None:
    """Write workspace/models/NAME/pipeline.config with classes, paths and batch size filled in."""
    from tfod.steps.config import ConfigOptions, write_new_config

    start = None
    if checkpoint is not None:
        from tfod.steps.prepare.checkpoint import prepare_checkpoint

        progress = TerminalProgress()
        start = prepare_checkpoint(workspace(), checkpoint, zoo_url(), progress, quiet_tensorflow)
    options = ConfigOptions(start, size, steps, batch_size, tuple(overrides), label_map, force)
    result = write_new_config(workspace(), name, options)
    lines = _config_lines(result)
    finish(result, as_json=as_json, lines=lines, wrote=[result.path], then=command("train", name))


def _config_lines(result: "ConfigResult") -> list[str]:
    height, width = result.image_size
    lines = [
        *(f"note: {warning}" for warning in result.warnings),
        f"{plural(result.num_classes, 'class')}, images {height}x{width}, "
        f"{plural(result.steps, 'step')} of {plural(result.batch_size, 'image')}, "
        f"from {result.checkpoint or 'random weights'}",
    ]
    if not result.checkpoint:
        lines.append(
            "note: random weights need many more photos and steps than a published checkpoint; "
            f"get one with `{command('fetch')}`."
        )
    return lines


@app.command(epilog="Example: tfod train masks --steps 3000")
def train(
    context: typer.Context,
    name: Name,
    steps: Annotated[
        int | None,
        typer.Option(
            help="Train up to this step; the learning rate schedule is fitted to it. Default: "
            "num_steps in the config."
        ),
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(help=f"{START} For a new model. Default: the newest in pre-trained-models."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed that makes the run reproducible.")] = None,
    checkpoint_every: Annotated[int, typer.Option(help="Steps between checkpoints.")] = 1000,
    evaluate_every: Annotated[
        int | None,
        typer.Option(
            help="Steps between evaluations, which keep the best weights; 0: none. Default: they "
            "take a tenth of the time at most."
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="End the training after so many evaluations without a better mAP; 0: never. "
            "Default: 8, but never for a config of the old API."
        ),
    ] = None,
    overrides: Set = [],  # noqa: B006
    rename: Rename = [],  # noqa: B006
    show_batch: Annotated[
        bool,
        typer.Option(
            "--show-batch",
            help="Draw 16 augmented photos with their boxes into batch.jpg of the model, and do "
            "not train.",
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Try everything out, a few steps too, say how long it would take, and do not "
            "train.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Replace records of other photos without asking.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model, or continue from its last checkpoint; Ctrl-C saves and stops.

    What is missing is made first: split, records, checkpoint, config. Split and records are made
    again when photos or labels are newer. With a config that is there, --set changes nothing else:
    a new batch size keeps the learning rate.
    """
    renames = renamed(rename)
    load_tensorflow()
    from tfod.steps.prepare.training import PrepareOptions, prepare_training
    from tfod.steps.train.start import read_to_train
    from tfod.steps.train.train import TrainOptions
    from tfod.steps.train.train import train as run

    progress = TerminalProgress()
    wanted = PrepareOptions(checkpoint, steps, overrides, zoo_url())
    folder = prepare_training(workspace(), name, wanted, progress, asking(yes), quiet_tensorflow)
    settings = read_to_train(workspace(), folder / "pipeline.config", overrides, progress)
    if show_batch:
        return _show_batch(settings, folder, seed, progress, as_json)
    call = command("train", **given_flags(context))
    options = TrainOptions(steps, checkpoint_every, seed, renames, evaluate_every, patience, call)
    if check:
        return _rehearse(settings, folder, options, progress, as_json)
    with asked_to_stop(progress) as stop:
        result = run(workspace(), settings, folder, options, progress, stop)
    then = command("train" if result.interrupted else "evaluate", name)
    wrote = [result.checkpoint] if result.losses else []
    lines = train_lines(result, f"{command('train', name)} --steps")
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=then)
    if result.interrupted:
        raise Stopped  # so that `tfod train NAME && tfod export NAME` stops


def _show_batch(
    settings: "TrainEvalPipelineConfig",
    folder: Path,
    seed: int | None,
    progress: TerminalProgress,
    as_json: bool,
) -> None:
    from tfod.steps.train.show_batch import show_batch

    shown = show_batch(settings, folder, seed, progress)
    lines = [f"{plural(len(shown.files), 'photo')} with {plural(shown.boxes, 'box')}"]
    then = command("train", folder.name)
    finish(shown, as_json=as_json, lines=lines, wrote=[shown.picture], then=then)


def _rehearse(
    settings: "TrainEvalPipelineConfig",
    folder: Path,
    options: "TrainOptions",
    progress: TerminalProgress,
    as_json: bool,
) -> None:
    from tfod.steps.train.rehearsal import rehearse

    with asked_to_stop(progress) as stop:
        rehearsal = rehearse(workspace(), settings, folder, options, progress, stop)
    then = command("train", folder.name)
    finish(rehearsal, as_json=as_json, lines=[str(rehearsal)], wrote=[], then=then)


def train_lines(result: "TrainResult", go_on: str) -> list[str]:
    """Say what a training did; `go_on` is the command that takes another number of steps."""
    if not result.losses and result.stopped_early:
        return [
            f"already trained: ended early, at step {result.last_step}, as it got no better",
            f"to continue anyway: {go_on.removesuffix(' --steps')} --patience 0",
        ]
    if not result.losses:
        return [
            f"already trained to step {result.last_step}",
            f"to continue: {go_on} {result.last_step + MORE_STEPS}",
        ]
    from tfod.steps.train.log import SHORT_NAMES

    count = plural(result.last_step - result.first_step, "step")
    # one step has no rate: most of its time went into tracing the graph
    rate = f" ({result.images_per_s:.1f} images/s)" if result.images_per_s else ""
    losses = [f"{SHORT_NAMES[name]} {value:.3f}" for name, value in result.losses.items()]
    lines = [
        f"{count} in {result.seconds:.0f} s{rate}",
        f"losses at step {result.last_step}: {', '.join(losses)}",
    ]
    if result.stopped_early:
        lines.append("ended early: the mAP has not risen for a while")
    if best := result.best:
        lines.append(f"best mAP {best.mean_ap:.3f} at step {best.step}")
    if result.interrupted:
        lines.append(f"interrupted; the same command continues from step {result.last_step}")
    return lines
