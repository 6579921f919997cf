"""What was trained, and how it went: `tfod runs`, `tfod tensorboard`."""

import io
import time
import webbrowser
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tfod.cli.app import Json, app, workspace
from tfod.cli.bars import TerminalProgress
from tfod.cli.problems import command
from tfod.cli.terminal import finish, stderr_kept_back
from tfod.words import duration, figure

if TYPE_CHECKING:
    from tfod.steps.runs.runs import Run, RunsResult

WIDTH = 110


@app.command(epilog="Example: tfod runs masks masks2")
def runs(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Models to compare: two or more. Default: all are listed."),
    ] = None,
    mlflow: Annotated[
        str | None,
        typer.Option(
            metavar="URI",
            help="Also send them to an MLflow server or store: http://HOST:5000, "
            "sqlite:///mlflow.db.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the models you trained, or compare some: settings, data, figures, curves.

    A comparison is also written as a page and a picture of the curves to workspace/runs.
    """
    from tfod.steps.runs.runs import runs as run

    result = run(workspace(), names or (), mlflow, TerminalProgress())
    wrote = [path for path in (result.page, result.picture) if path]
    sent = [f"sent to MLflow: {name}, run {number}" for name, number in result.sent.items()]
    finish(result, as_json=as_json, lines=_lines(result) + sent, wrote=wrote, then=_next(result))


@app.command(epilog="Example: tfod tensorboard masks")
def tensorboard(
    name: Annotated[
        str | None, typer.Argument(help="The model to show. Default: all of workspace/models.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on. Default: 6006, or a free one.")
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the page in your browser.")
    ] = False,
) -> None:
    """Show curves and pictures of the models in TensorBoard; Ctrl-C ends it."""
    from tfod.steps.tensorboard import tensorboard as run

    with run(workspace(), name, port, stderr_kept_back) as board:
        if board.is_empty:
            print("nothing to show yet; it appears here once a training writes it")
        print(f"TensorBoard: {board.address}   (Ctrl-C ends it)", flush=True)
        if open_page:
            webbrowser.open(board.address)
        try:
            while True:
                time.sleep(1)  # Windows hears of Ctrl-C only between waits
        except KeyboardInterrupt:
            print()


def _next(result: "RunsResult") -> str:
    if not result.runs:
        return command("train", "NAME")
    trained = [one.name for one in result.runs if one.steps]
    if len(result.runs) > 1 and not result.page and len(trained) > 1:
        return command("runs", trained[0], source=trained[1])
    return ""


def _lines(result: "RunsResult") -> list[str]:
    if not result.runs:
        return ["no models yet"]
    if not result.page:
        heads = ("model", "steps", "photos", "mAP", "time", "begun", "outcome", "device")
        alone = _sessions(result.runs[0]) if len(result.runs) == 1 else []
        return _table(heads, [_cells(run) for run in result.runs]) + alone
    names = ("", *(run.name for run in result.runs))
    return _table(names, [[one.what, *one.values] for one in result.differences])


def _cells(run: "Run") -> list[str]:
    return [
        run.name,
        "-" if run.steps is None else f"{run.steps:,}",
        "-" if run.photos is None else f"{run.photos:,}",
        figure(run.map),
        "-" if run.seconds is None else duration(run.seconds),
        run.begun[:16].replace("T", " ") or "-",
        run.outcome or "-",
        "CPU" if run.device.startswith("CPU") else run.device or "-",
    ]


def _sessions(run: "Run") -> list[str]:
    """Each training of one model."""
    heads = ("begun", "steps", "time", "outcome", "seed", "call")
    rows = [
        [
            str(one.get("begun", ""))[:16].replace("T", " "),
            f"{one.get('first_step', 0):,} to {one.get('last_step', 0):,}",
            duration(one["seconds"]) if one.get("seconds") else "-",
            " ".join(filter(None, [one.get("outcome"), one.get("problem")])),
            str(one.get("seed", "-")),
            one.get("call") or "-",
        ]
        for one in run.sessions
    ]
    return _table(heads, rows) if rows else []


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(*(Column(head, overflow="fold") for head in heads))
    for row in rows:
        table.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=WIDTH, markup=False, highlight=False).print(table)
    return text.getvalue().rstrip().splitlines()
