"""What the commands share: the app, flags that occur more than once, models found by name."""

import difflib
import os
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import typer

from tfod import workspace as paths
from tfod.errors import Problem, UserError
from tfod.files import from_user
from tfod.remedies import Remedy
from tfod.terminal import DEBUG, quoted
from tfod.workspace import Workspace

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
MinScore = Annotated[float, typer.Option(min=0, max=1, help="Leave out detections below, 0 to 1.")]
Json = Annotated[bool, typer.Option("--json", help="Print only JSON on stdout.")]


_chosen: ContextVar[Workspace] = ContextVar("workspace")


@app.callback()
def choose_workspace(
    folder: Annotated[
        Path,
        typer.Option(
            "--workspace",
            envvar="TFOD_WORKSPACE",
            help="Folder that holds workspace/, annotations/, pre-trained-models/ and "
            "exported-models/. Goes before or after the command.",
        ),
    ] = Path(),
) -> None:
    """Remember which workspace this command line is about."""
    if not folder.is_dir():
        raise UserError(
            Problem(
                "no-such-folder",
                folder,
                "there is no such folder",
                remedy=Remedy.CHECK_PATH,
            )
        )
    _chosen.set(Workspace(folder))


def workspace() -> Workspace:
    """The workspace of the command that is running."""
    return _chosen.get()


def model_folder(name: str) -> Path:
    """Find the folder of a model by its name, or take a path to one.

    Raises:
        UserError: there is none; names those there are.
    """
    for folder in (paths.MODELS / name, from_user(name)):
        if (folder / "pipeline.config").is_file():
            return folder
    remedy = f"Make it with `tfod config {name}`."
    raise _not_found(paths.MODELS / name, "pipeline.config", remedy)


def exported_folder(name: str) -> Path:
    """Find an exported model by its name, or take a path to one or to a .tflite file.

    Raises:
        UserError: there is none; names those there are.
    """
    for folder in (paths.EXPORTED / name, from_user(name)):
        if (folder / "saved_model").is_dir() or (folder / "saved_model.pb").is_file():
            return folder
        if folder.suffix.lower() == ".tflite" and folder.is_file():
            return folder
    raise _other_kind(from_user(name)) or _not_found(
        paths.EXPORTED / name, "saved_model", f"Make it with `tfod export {name}`."
    )


def prepare_window() -> None:
    """Refuse to go on without a screen, before anything slow is loaded; keep Qt quiet.

    Raises:
        UserError: no window can be opened here.
    """
    from tfod.show.window import check_display

    check_display()
    if not os.environ.get(DEBUG):  # Qt misses fonts of its own, which nothing here needs
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")


def _other_kind(path: Path) -> UserError | None:
    """What lies where an exported model was looked for: a checkpoint to begin from, or a file."""
    if path.is_file():
        return UserError(
            f"{path}: is no model (expected a folder with saved_model/, or a .tflite file). Make "
            "one with `tfod export NAME`."
        )
    found = [*path.glob("ckpt-*.index"), *path.glob("checkpoint/ckpt-*.index")]
    if path.parent == paths.MODELS or not found:
        return None
    return UserError(
        f"{path}: is a checkpoint, not an exported model. Train with it (`tfod config NAME "
        f"--checkpoint {quoted(path.as_posix())}`), then `tfod export NAME`."
    )


def _not_found(folder: Path, inside: str, remedy: str) -> UserError:
    there = sorted(path.parent.name for path in folder.parent.glob(f"*/{inside}"))
    known = f"there are: {', '.join(there)}" if there else f"{folder.parent} has none yet"
    close = difflib.get_close_matches(folder.name, there, 1, 0.5)
    if close:
        remedy = f"Did you mean {close[0]}?"
    return UserError(f"{folder}: no such model ({known}). {remedy}")
