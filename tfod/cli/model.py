"""Commands from records to an exported model: config, train, evaluate, export."""

from pathlib import Path
from typing import Annotated

import typer

from tfod import workspace as paths
from tfod.cli.app import Json, Name, Set, app, model_folder, workspace
from tfod.errors import UserError, plural
from tfod.terminal import Stopped, finish, load_tensorflow


@app.command()
def config(
    name: Name,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Folder of a published or exported model; random weights if absent."),
    ] = None,
    size: Annotated[int | None, typer.Option(help="Side of the network's images, px.")] = None,
    steps: Annotated[int | None, typer.Option(help="Training steps.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images per step.")] = None,
    overrides: Set = [],  # noqa: B006 (typer copies it)
    label_map: Annotated[Path, typer.Option(help="The classes.")] = paths.LABEL_MAP,
    force: Annotated[bool, typer.Option("--force", help="Overwrite another config.")] = False,
    as_json: Json = False,
) -> None:
    """Write workspace/models/NAME/pipeline.config: classes, paths and batch size filled in."""
    from tfod.config import apply_overrides, check_config, config_text, write_config
    from tfod.config.templates import batch_size_for, new_config, set_data
    from tfod.data.records.file import check_record_file
    from tfod.data.records.shards import record_pattern
    from tfod.labels import read_label_map

    if not name or Path(name).name != name or "\\" in name or name[0] == ".":
        raise UserError(f'"{name}" is no name of a model (expected one word, like masks).')
    path = paths.MODELS / name / "pipeline.config"
    train, test = record_pattern(paths.TRAIN_RECORD), record_pattern(paths.TEST_RECORD)
    train_images = sum(check_record_file(path) for path in train.parent.glob(train.name))
    if batch_size is None and train_images:
        batch_size = batch_size_for(train_images)
    made = new_config(
        workspace(),
        read_label_map(label_map).num_classes,
        checkpoint,
        size=size,
        num_steps=steps,
        batch_size=batch_size,
    )
    set_data(made, label_map, [train], [test])
    apply_overrides(made, overrides, workspace())
    warnings = check_config(made, path)
    if (
        path.exists()
        and not force
        and path.read_text("utf-8", "replace") != config_text(made, workspace())
    ):
        raise UserError(
            f"{path}: is there and says something else. Edit it, choose another name, or replace "
            "it with --force."
        )
    write_config(made, path, workspace())
    resizer = made.model.ssd.image_resizer.fixed_shape_resizer
    lines = [
        *(f"note: {warning}" for warning in warnings),
        f"{made.model.ssd.num_classes} classes, images {resizer.height}x{resizer.width}, "
        f"{made.train_config.num_steps} steps of {made.train_config.batch_size} images, from "
        f"{made.train_config.fine_tune_checkpoint or 'random weights'}",
    ]
    if not made.train_config.fine_tune_checkpoint:
        lines.append(
            "note: random weights take many more photos and steps than a published checkpoint; "
            "`tfod fetch` gets one."
        )
    figures = {"num_classes": made.model.ssd.num_classes, "warnings": warnings}
    finish(figures, as_json=as_json, lines=lines, wrote=[path], then=f"tfod train {name}")


@app.command()
def train(
    name: Name,
    steps: Annotated[
        int | None, typer.Option(help="Step to train to; num_steps of the config if absent.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Makes the run reproducible.")] = None,
    checkpoint_every: Annotated[int, typer.Option(help="Steps between checkpoints.")] = 1000,
    overrides: Set = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Train a model, or go on where its last checkpoint stands; Ctrl-C saves."""
    folder = model_folder(name)
    load_tensorflow()
    from tfod.steps.train.train import train_from_file

    result = train_from_file(
        folder / "pipeline.config",
        folder,
        tuple(overrides),
        num_steps=steps,
        checkpoint_every_n=checkpoint_every,
        seed=seed,
    )
    done = result.last_step - result.first_step
    # one step has no rate: most of its time went into tracing the graph
    rate = f" ({result.images_per_s:.1f} images/s)" if result.images_per_s else ""
    lines = [
        f"{plural(done, 'step')} in {result.seconds:.0f} s{rate}, "
        f"at step {result.last_step}: loss {result.losses['Loss/total_loss']:.3f}"
    ]
    if result.interrupted:
        lines.append(f"interrupted; the same command goes on from step {result.last_step}")
    then = f"tfod train {name}" if result.interrupted else f"tfod evaluate {name}"
    finish(result, as_json=as_json, lines=lines, wrote=[result.checkpoint], then=then)
    if result.interrupted:
        raise Stopped  # so that `tfod train NAME && tfod export NAME` stops


@app.command()
def evaluate(
    name: Name,
    checkpoint: Annotated[
        Path | None, typer.Option(help="One checkpoint; the latest of the model if absent.")
    ] = None,
    overrides: Set = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Measure a model on the test images: the COCO figures, per class, and pictures."""
    folder = model_folder(name)
    load_tensorflow()
    from tfod.steps.evaluate.evaluate import evaluate_from_file
    from tfod.steps.evaluate.report import result_lines

    result = evaluate_from_file(folder / "pipeline.config", folder, checkpoint, tuple(overrides))
    wrote = [result.metrics, *([result.pictures[0].parent] if result.pictures else [])]
    lines = result_lines(result)
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=f"tfod export {name}")


@app.command()
def export(
    name: Name,
    checkpoint: Annotated[
        Path | None, typer.Option(help="One checkpoint; the latest of the model if absent.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write; exported-models/NAME if absent.")
    ] = None,
    input_type: Annotated[
        str, typer.Option(help="As the old exporter: image_tensor, tf_example, ...")
    ] = "image_tensor",
    as_json: Json = False,
) -> None:
    """Write a model as SavedModel into exported-models/NAME, in the old exporter's layout."""
    folder = model_folder(name)
    load_tensorflow()
    from tfod.config import check_config, read_config
    from tfod.steps.export.export import export as run

    config_path = folder / "pipeline.config"
    settings = read_config(config_path, workspace())
    check_config(settings, config_path)
    target = output or paths.EXPORTED / folder.name
    result = run(settings, checkpoint or folder, target, input_type)
    lines = [f"exported {result.checkpoint}", *result.notes()]
    model = target.name if target.parent == paths.EXPORTED else target.as_posix()
    then = f"tfod live {model}" if input_type in ("image_tensor", "float_image_tensor") else ""
    finish(result, as_json=as_json, lines=lines, wrote=[target], then=then)
