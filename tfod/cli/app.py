"""What the commands share: the app, flags that occur more than once, models found by name."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import tfod
from tfod.cli.problems import command
from tfod.cli.terminal import DEBUG, load_tensorflow, stderr_kept_back
from tfod.errors import Problem, full_stop, refusal
from tfod.progress import Status
from tfod.remedies import Remedy
from tfod.workspace import Workspace

if TYPE_CHECKING:
    from tfod.detections import Detector

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train an object detector on your own photos: from a webcam to a live detector.",
)

Name = Annotated[str, typer.Argument(help="The model: a folder in workspace/models.")]
Exported = Annotated[str, typer.Argument(help="The model: a folder in exported-models.")]
Detecting = Annotated[
    str,
    typer.Argument(
        help="A model you trained or exported, a path to one, or coco: the published detector of "
        "80 everyday things."
    ),
]
Set = Annotated[
    list[str],
    typer.Option("--set", metavar="PATH=VALUE", help="Set a field of pipeline.config; repeatable."),
]
Camera = Annotated[
    str,
    typer.Option(
        envvar="TFOD_CAMERA",
        help="A webcam number, video file, folder of images, URL, or synthetic.",
    ),
]
Headless = Annotated[bool, typer.Option(envvar="TFOD_HEADLESS", help="Open no window.")]
_LOWEST = "Lowest score to keep, 0 to 1."
MinScore = Annotated[float, typer.Option(min=0, max=1, help=_LOWEST)]
OwnMinScore = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help=f"{_LOWEST} Default: for each class what evaluate found best, else 0.5."
    ),
]
Rename = Annotated[
    list[str],
    typer.Option(
        metavar="OLD=NEW",
        help="Accept that a class, OLD in the weights, is called NEW in the label map; repeatable. "
        "The model's label map is changed too.",
    ),
]
ImagesOf = Annotated[
    Path | None, typer.Option(help="Folder of the images, if they are not with the labels.")
]
SkipBad = Annotated[bool, typer.Option("--skip-bad-boxes", help="Skip boxes outside their image.")]
Json = Annotated[bool, typer.Option("--json", help="Print only JSON on stdout.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"tfod {tfod.__version__}")
        raise typer.Exit


_chosen: ContextVar[Workspace] = ContextVar("workspace")


@app.callback()
def choose_workspace(
    folder: Annotated[
        Path,
        typer.Option(
            "--workspace",
            envvar="TFOD_WORKSPACE",
            help="Folder with workspace/, annotations/, pre-trained-models/ and "
            "exported-models/. Before or after the command.",
        ),
    ] = Path(),
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Remember which workspace this command line is about."""
    if not folder.is_dir():
        raise refusal("no-such-folder", folder, "folder not found", remedy=Remedy.CHECK_PATH)
    _chosen.set(Workspace(folder))


def workspace() -> Workspace:
    """The workspace of the command that is running."""
    return _chosen.get()


def renamed(pairs: Sequence[str]) -> dict[str, str]:
    """Read OLD=NEW.

    Raises:
        UserError: a text is not of this form.
    """
    names = {}
    for text in pairs:
        old, _, new = text.partition("=")
        if not old or not new:
            what, expected = "not a pair of names", "for example person=Mask"
            raise refusal("not-two-names", what=what, setting="rename", expected=expected, got=text)
        names[old] = new
    return names


def model_folder(name: str) -> Path:
    """The folder of a trained model, by its name or a path to it."""
    from tfod.runtimes.load import find_model

    return find_model(workspace(), name)


def ready_model(name: str, note: str = "") -> Path:
    """The folder of an exported model or a .tflite file, by its name or a path to it.

    A model that is not exported yet, a checkpoint, or "coco", is made ready; before that the note
    is printed.
    """
    from tfod.cli.bars import TerminalProgress
    from tfod.steps.prepare.detector import check_name, prepare_detector

    progress = TerminalProgress()
    check_name(workspace(), name)
    if note:
        progress.note(note)
    ready = prepare_detector(workspace(), name, zoo_url(), progress, quiet_tensorflow)
    if ready.newer:
        renew = command("export", ready.newer.parent.name)
        progress.note(f"note: {ready.path} is older than {ready.newer}; `{renew}` exports that one")
    if ready.own_coco:
        progress.note(f"note: this is your own model called {name}, not the published one")
    return ready.path


def zoo_url() -> str | None:
    """The server to fetch published checkpoints from, where it is not the zoo's."""
    return os.environ.get("TFOD_ZOO_URL")


def asking(yes: bool) -> Callable[[Problem], bool]:
    """Ask on the terminal before something is replaced; `yes` answers, and so does no terminal."""

    def allow(question: Problem) -> bool:
        if yes or not sys.stdin.isatty():
            return yes
        return typer.confirm(f"{full_stop(str(question))} Replace it?", err=True)

    return allow


def load_model(path: Path) -> "Detector":
    """Load an exported model; what its runtime writes to the terminal is held back."""
    from tfod.cli.bars import TerminalProgress
    from tfod.runtimes.load import TFLITE_SUFFIX, load_detector

    is_tflite, status = path.suffix.lower() == TFLITE_SUFFIX, Status()
    with stderr_kept_back() if is_tflite else quiet_tensorflow():
        detector = load_detector(path, progress=status)
    for note in status.notes:
        TerminalProgress().note(note)
    return detector


def prepare_window() -> None:
    """Refuse to go on without a screen, before anything slow is loaded; keep Qt quiet.

    Raises:
        UserError: no window can be opened here.
    """
    from tfod.show.window import check_display

    check_display()
    if not os.environ.get(DEBUG):  # Qt misses fonts of its own, which nothing here needs
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")


def quiet_tensorflow() -> AbstractContextManager[None]:
    """Import TensorFlow; hold back what its native code writes during a block."""
    load_tensorflow()
    return stderr_kept_back()


def workspace_first(arguments: Sequence[str]) -> list[str]:
    """Move `--workspace DIR` to the front, as it may stand anywhere on the command line."""
    first: list[str] = []
    others: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            others += [argument, *waiting]
        elif argument == "--workspace":
            first = [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        elif argument.startswith("--workspace="):
            first = argument.split("=", 1)
        else:
            others.append(argument)
    return [*first, *others]
