"""What to paste into a bug report: `tfod info`."""

from pathlib import Path
from typing import TYPE_CHECKING

from tfod.cli.app import Json, app, quiet_tensorflow, workspace
from tfod.cli.terminal import finish
from tfod.words import plural

if TYPE_CHECKING:
    from tfod.steps.info import Info


@app.command(epilog="Example: tfod info")
def info(as_json: Json = False) -> None:
    """Show versions, device, cameras, screen and workspace: the text for a bug report."""
    from tfod.steps.info import info as run

    result = run(workspace(), quiet_tensorflow)
    finish(result, as_json=as_json, lines=_lines(result))


def _shown(path: Path) -> str:
    """A path without the name of the user, which no bug report needs."""
    home = Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _lines(result: "Info") -> list[str]:
    packages = [f"{name} {number or 'missing'}" for name, number in result.packages.items()]
    cameras = [str(camera) for camera in result.cameras] or ["none found"]
    images = [
        f"{name}: {plural(count, 'image')}, {xml} with XML"
        for name, (count, xml) in result.images.items()
    ]
    models = [f"{name} ({plural(count, 'checkpoint')})" for name, count in result.models.items()]
    rows = {
        "tfod": [f"{result.tfod}, Python {result.python}"],
        "system": [result.system],
        "packages": [", ".join(packages[row : row + 3]) for row in range(0, len(packages), 3)],
        "device": [result.device],
        "cameras": cameras,
        "screen": [result.screen or "windows can be opened"],
        "workspace": [_shown(result.root), *([result.problem] if result.problem else [])],
        "images": images or ["none"],
        "records": [", ".join(result.records) or "none"],
        "models": [", ".join(models) or "none"],
        "exported": [", ".join(result.exported) or "none"],
        "free": [f"{result.free_bytes / 1e9:.1f} GB"],
    }
    return [
        f"{title if row == 0 else '':10} {line}"
        for title, lines in rows.items()
        for row, line in enumerate(lines)
    ]
