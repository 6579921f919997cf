"""Published checkpoints: `tfod fetch`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tfod.cli.app import Json, app, quiet_tensorflow, workspace
from tfod.cli.bars import TerminalProgress
from tfod.cli.next import NAME
from tfod.cli.problems import command
from tfod.cli.terminal import finish
from tfod.plain import plain
from tfod.steps.fetch import zoo

DONE = {
    "downloaded": "downloaded, checked",
    "unpacked": "unpacked, checked",
    "there": "already there, unchanged",
    "checked": "was there, checked",
    "moved up": "was one folder too deep; moved up, checked",
}


@app.command(epilog="Example: tfod fetch 320")
def fetch(
    name: Annotated[
        str, typer.Argument(help="The checkpoint's name, or parts of it: 640, 320, resnet50-1024.")
    ] = zoo.DEFAULT,
    show: Annotated[bool, typer.Option("--list", help="List all checkpoints and stop.")] = False,
    url: Annotated[
        str | None, typer.Option(envvar="TFOD_ZOO_URL", help="URL of a mirror, or of one archive.")
    ] = None,
    archive: Annotated[
        Path | None, typer.Option(help="Use this .tar.gz instead of downloading.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Where to put the checkpoint. Default: pre-trained-models.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a checkpoint that is already there.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds without data before trying again.")
    ] = 30.0,
    as_json: Json = False,
) -> None:
    """Download and check a published checkpoint; resumes an interrupted download."""
    if show:
        _list(output or workspace().pre_trained, as_json)
        return
    from tfod.steps.fetch.fetch import Options
    from tfod.steps.fetch.fetch import fetch as run

    options = Options(output, url, archive, force, timeout)
    result = run(workspace(), name, options, TerminalProgress(), quiet_tensorflow)
    lines = [
        f"{result.name}: {DONE[result.how]} ({result.variables} variables)",
        *(f"note: {note}" for note in result.notes),
    ]
    wrote = [] if result.how in ("there", "checked") else [result.folder]
    then = command("train", NAME, checkpoint=result.folder.as_posix()) if result.trains else ""
    finish(result, as_json=as_json, lines=lines, wrote=wrote, then=then)


def _list(output: Path, as_json: bool) -> None:
    """Print the table of published checkpoints, and which are there."""
    rows: list[dict[str, Any]] = []
    lines = [f"{'':46}   MB    px   mAP   ms"]
    for model in zoo.PUBLISHED:
        if rows and rows[-1]["trains"] and not model.trains:
            lines.append("cannot be trained yet:")
        is_there = (output / model.name / "checkpoint").is_dir()
        url = f"{zoo.ADDRESS}/{model.name}.tar.gz"
        rows.append({**plain(model), "url": url, "there": is_there})
        lines.append(
            f"{model.name:46}{model.about_mb:5}{model.size_px:6}{model.coco_map:6.1f}"
            f"{model.speed_ms:5}{'  there' * is_there}"
        )
    lines.append("MB: to download, about. px: side of an image. mAP: on COCO. ms: for an image.")
    lines.append("mAP and ms are those the zoo published, from its machine.")
    finish({"checkpoints": rows}, as_json=as_json, lines=lines, then=command("fetch", zoo.DEFAULT))
