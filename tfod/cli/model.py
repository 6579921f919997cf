"""Commands from checkpoints to an exported model: evaluate, export."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import Json, Name, Rename, Set, app, model_folder, renamed, workspace
from tfod.cli.bars import TerminalProgress
from tfod.cli.problems import command
from tfod.cli.terminal import finish, load_tensorflow

if TYPE_CHECKING:  # importing TensorFlow takes seconds
    pass

WhichCheckpoint = Annotated[
    Path | None,
    typer.Option(
        metavar="best|last|PATH",
        help="A specific checkpoint. Default: the best, where training measured it, else the last.",
    ),
]
Recalibrate = Annotated[
    bool,
    typer.Option(
        "--recalibrate",
        help="Re-estimate the batch norm statistics over the training photos first: for a short "
        "training with a config of the old API.",
    ),
]


@app.command(epilog="Example: tfod evaluate masks")
def evaluate(
    name: Name,
    checkpoint: WhichCheckpoint = None,
    recalibrate: Recalibrate = False,
    overrides: Set = [],  # noqa: B006
    rename: Rename = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Measure a model on the test images: COCO figures, figures per class, and pictures."""
    folder, renames = model_folder(name), renamed(rename)
    load_tensorflow()
    from tfod.steps.evaluate.evaluate import evaluate as run
    from tfod.steps.evaluate.evaluate import read_to_evaluate
    from tfod.steps.evaluate.report import result_lines

    progress = TerminalProgress()
    path = folder / "pipeline.config"
    settings = read_to_evaluate(workspace(), path, overrides, progress=progress)
    result = run(settings, folder, checkpoint, progress, renames, recalibrate)
    pictures = [result.pictures[0].parent] if result.pictures else []
    wrote = [result.page, result.report, result.metrics, *pictures]
    lines = result_lines(result)
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=command("export", name))


@app.command(epilog="Example: tfod export masks")
def export(
    name: Name,
    checkpoint: WhichCheckpoint = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write. Default: exported-models/NAME.")
    ] = None,
    input_type: Annotated[
        str,
        typer.Option(
            help="What the model takes, as in the old exporter: image_tensor, tf_example, ..."
        ),
    ] = "image_tensor",
    recalibrate: Recalibrate = False,
    rename: Rename = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Export a model as a SavedModel to exported-models/NAME, in the old exporter's layout."""
    folder, renames = model_folder(name), renamed(rename)
    load_tensorflow()
    from tfod.config import check_config
    from tfod.config.reading import read_with_text
    from tfod.model.checkpoints.best import choose_checkpoint
    from tfod.steps.export.export import ExportOptions
    from tfod.steps.export.export import export as run

    path = folder / "pipeline.config"
    settings, text = read_with_text(path, workspace())
    check_config(settings, path, text=text)
    target = output or workspace().exported(folder.resolve().name)
    options, progress = ExportOptions(input_type, None, renames, recalibrate), TerminalProgress()
    result = run(
        workspace(), settings, choose_checkpoint(folder, checkpoint), target, options, progress
    )
    lines = [f"exported {result.checkpoint}", *result.notes()]
    is_known = target.parent == workspace().exported_models
    model = target.name if is_known else target.as_posix()
    is_for_live = input_type in ("image_tensor", "float_image_tensor")
    then = command("live", model) if is_for_live else ""
    finish(result, as_json=as_json, lines=lines, wrote=[target], then=then)
