"""The command line: `tfod <step>`, one function a command.

A command turns flags into the arguments of a step, calls it, and says what it wrote and what to
run next. A step is imported only when its command runs, so `tfod --help` is quick.
"""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tfod import paths
from tfod.errors import UserError
from tfod.terminal import finish, load_tensorflow, report_errors, spread

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train an object detector on your own photos: from a webcam to a live detector.",
)

Name = Annotated[str, typer.Argument(help="The model: a folder in workspace/models.")]
Exported = Annotated[str, typer.Argument(help="The model: a folder in exported-models.")]
Set = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="Set a field of pipeline.config; repeatable."),
]
Camera = Annotated[
    str,
    typer.Option(
        envvar="TFOD_CAMERA",
        help="Webcam number, video file, folder of images, URL, or synthetic.",
    ),
]
Headless = Annotated[bool, typer.Option(envvar="TFOD_HEADLESS", help="Open no window.")]
Json = Annotated[bool, typer.Option("--json", help="Print only JSON on stdout.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: without the name of the program; those of this process when None.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    spread_out = spread(arguments, "--classes")
    return report_errors(lambda: app(spread_out, prog_name="tfod"))


@app.command()
def split(
    test: Annotated[float, typer.Option(help="Share of the images for test, 0 to 1.")] = 0.2,
    images: Annotated[Path, typer.Option(help="Folder of the sessions.")] = paths.IMAGES,
    output: Annotated[
        Path | None, typer.Option(help="Gets train/ and test/; the folder of --images if absent.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the shuffling.")] = 0,
    as_json: Json = False,
) -> None:
    """Copy the labelled images of all sessions into train/ and test/."""
    from tfod.data.split import split as run

    result = run(images, output, test=test, seed=seed)
    lines = [
        f"{counts['train']:5} train {counts['test']:5} test   {name}"
        for name, counts in result.classes.items()
    ]
    lines += [
        f"{count:5} {what}"
        for what, count in {
            "images without XML, left out": result.unlabelled,
            "XML files without an image, left out": result.orphans,
            "images got their session as prefix": result.renamed,
        }.items()
        if count
    ]
    wrote = [f"{result.folders[part]} ({count} images)" for part, count in result.images.items()]
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then="tfod records")


@app.command()
def records(
    images: Annotated[
        Path, typer.Option(help="Folder that holds train/ and test/.")
    ] = paths.IMAGES,
    output: Annotated[Path, typer.Option(help="Folder of the records.")] = paths.ANNOTATIONS,
    label_map: Annotated[
        Path | None, typer.Option(help="Made from the XML if absent.")
    ] = None,
    shards: Annotated[int, typer.Option(help="Number of files a record is spread over.")] = 1,
    csv: Annotated[bool, typer.Option("--csv", help="Also write the boxes as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Write train.record, test.record and, if absent, label_map.pbtxt."""
    from tfod.data.records import write_records

    label_map = label_map or output / paths.LABEL_MAP.name
    results, lines, wrote = {}, [], []
    for part in ("train", "test"):
        if not (images / part).is_dir():
            raise UserError(f"{images / part}: no such folder. Make it with `tfod split`.")
    for part in ("train", "test"):
        table = output / f"{part}.csv" if csv else None
        result = write_records(
            images / part, output / f"{part}.record", label_map, shards=shards, csv_path=table
        )
        results[part] = result
        classes = ", ".join(f"{name} {count}" for name, count in result.classes.items())
        lines.append(f"{part}: {result.images} images, {result.boxes} boxes ({classes})")
        made = [result.label_map_made] if result.label_map_made else []
        wrote += [*made, *result.files, *([table] if table else [])]
    finish(results, as_json=as_json, lines=lines, wrote=wrote, then="tfod config NAME")


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
    from tfod.config.templates import new_config
    from tfod.data.record_file import check_record_file
    from tfod.labels import read_label_map

    path = paths.MODELS / name / "pipeline.config"
    train_images = check_record_file(paths.TRAIN_RECORD) if paths.TRAIN_RECORD.exists() else None
    made = new_config(
        read_label_map(label_map).num_classes,
        label_map,
        checkpoint,
        size=size,
        num_steps=steps,
        batch_size=batch_size,
        num_train_images=train_images,
    )
    apply_overrides(made, overrides)
    warnings = check_config(made, path)
    if path.exists() and not force and path.read_text("utf-8") != config_text(made):
        raise UserError(
            f"{path}: is there and says something else. Edit it, choose another name, or replace "
            "it with --force."
        )
    write_config(made, path)
    resizer = made.model.ssd.image_resizer.fixed_shape_resizer
    lines = [
        *(f"note: {warning}" for warning in warnings),
        f"{made.model.ssd.num_classes} classes, images {resizer.height}x{resizer.width}, "
        f"{made.train_config.num_steps} steps of {made.train_config.batch_size} images, from "
        f"{made.train_config.fine_tune_checkpoint or 'random weights'}",
    ]
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
    from tfod.train import train_from_file

    result = train_from_file(
        folder / "pipeline.config",
        folder,
        tuple(overrides),
        num_steps=steps,
        checkpoint_every_n=checkpoint_every,
        seed=seed,
    )
    done = result.last_step - result.first_step
    lines = [
        f"{done} steps in {result.seconds:.0f} s ({result.images_per_s:.1f} images/s), "
        f"at step {result.last_step}: loss {result.losses['Loss/total_loss']:.3f}"
    ]
    if result.interrupted:
        lines.append(f"interrupted; the same command goes on from step {result.last_step}")
    then = f"tfod train {name}" if result.interrupted else f"tfod evaluate {name}"
    finish(result, as_json=as_json, lines=lines, wrote=[result.checkpoint], then=then)


def model_folder(name: str) -> Path:
    """Find the folder of a model by its name.

    Raises:
        UserError: there is none; names those there are.
    """
    folder = paths.MODELS / name
    if not (folder / "pipeline.config").is_file():
        raise _not_found(folder, "pipeline.config", f"Make it with `tfod config {name}`.")
    return folder


def exported_folder(name: str) -> Path:
    """Find an exported model by its name, or take a path to one.

    Raises:
        UserError: there is none; names those there are.
    """
    for folder in (paths.EXPORTED / name, paths.from_user(name)):
        if (folder / "saved_model").is_dir() or (folder / "saved_model.pb").is_file():
            return folder
    raise _not_found(paths.EXPORTED / name, "saved_model", f"Make it with `tfod export {name}`.")


def _not_found(folder: Path, inside: str, remedy: str) -> UserError:
    there = sorted(path.parent.name for path in folder.parent.glob(f"*/{inside}"))
    known = f"there are: {', '.join(there)}" if there else f"{folder.parent} has none yet"
    close = difflib.get_close_matches(folder.name, there, 1)
    if close:
        remedy = f"Did you mean {close[0]}?"
    return UserError(f"{folder}: no such model ({known}). {remedy}")


if __name__ == "__main__":
    sys.exit(main())
