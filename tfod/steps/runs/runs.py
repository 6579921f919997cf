"""List the models of a workspace with how they were trained, and compare some of them.

What is known of a training is in run.json, eval/metrics.json and the files for TensorBoard; older
models have only the latter. Nothing is computed anew. Run it with `tfod runs [NAME ...]`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfod.errors import UserError
from tfod.files import whole_file
from tfod.progress import SILENT, Progress
from tfod.run_file import read_run_file
from tfod.runtimes.load import find_model
from tfod.steps.runs.compare import Difference, compare
from tfod.steps.runs.curves import MAP, TOTAL, Curve, draw_curves, read_curves
from tfod.steps.runs.mlflow_door import send
from tfod.steps.runs.page import write_comparison
from tfod.words import natural_key
from tfod.workspace import Workspace

AP50 = "DetectionBoxes_Precision/mAP@.50IOU"
MOST_IN_NAME = 4  # models in the name of a file


@dataclass(frozen=True)
class Run:
    """A model and its trainings.

    Attributes:
        name, folder: of the model.
        steps: that it was trained; None when it was not.
        photos: that it was trained on; None when that is not known.
        map, ap50: the COCO figures of the last evaluation, 0..1; without one, `map` is the best
            mAP while training. None when nothing was measured.
        seconds: of all its trainings together.
        begun: when the last training began, ISO 8601; "" when that is not known.
        device: what the last training computed on.
        outcome: of the last training: finished, stopped, stopped early, failed, or running: also
            when it was killed, as nothing could be written then.
        sessions: each training as run.json has it, the oldest first.
        problem: why run.json could not be read; "" when it could.
    """

    name: str
    folder: Path
    steps: int | None = None
    photos: int | None = None
    map: float | None = None
    ap50: float | None = None
    seconds: float | None = None
    begun: str = ""
    device: str = ""
    outcome: str = ""
    sessions: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class RunsResult:
    """What was found.

    Attributes:
        runs: by name.
        differences: between them, when they were compared.
        picture: PNG of their curves; None when they were not compared.
        page: HTML with all of it, as one file.
        sent: name -> id of its run in MLflow, of those that were sent.
    """

    runs: list[Run]
    differences: list[Difference] = field(default_factory=list)
    picture: Path | None = None
    page: Path | None = None
    sent: dict[str, str] = field(default_factory=dict)


def runs(
    workspace: Workspace,
    names: Sequence[str] = (),
    mlflow: str | None = None,
    progress: Progress = SILENT,
) -> RunsResult:
    """List models; when two or more are named, compare them too.

    Args:
        names: of models, or paths to them; none for all of the workspace.
        mlflow: also send them there, see `send`.
        progress: gets a note where something cannot be read.

    Raises:
        UserError: there is no such model, or the comparison cannot be written.
    """
    if names:
        folders = [find_model(workspace, name) for name in dict.fromkeys(names)]
    else:
        found = workspace.models.glob("*/pipeline.config")
        folders = sorted((one.parent for one in found), key=lambda one: natural_key(one.name))
    curves = {folder: _curves(folder) for folder in folders}
    listed = [_run(folder, curves[folder]) for folder in folders]
    for run in listed:
        if run.problem:
            progress.note(f"warning: {run.problem}")
    sent = {run.name: send(run, curves[run.folder], mlflow) for run in listed if mlflow}
    if len(names) < 2:
        return RunsResult(listed, sent=sent)
    differences = compare(listed)
    figure = draw_curves({run.name: curves[run.folder] for run in listed})
    stem = "_".join(run.name for run in listed[:MOST_IN_NAME])
    picture, page = (workspace.runs / f"{stem}.{ending}" for ending in ("png", "html"))
    with whole_file(picture) as path:
        figure.savefig(path, dpi=120)
    write_comparison(page, listed, differences, figure)
    return RunsResult(listed, differences, picture, page, sent)


def _curves(folder: Path) -> dict[str, Curve]:
    """The losses of a training, and the figures of its evaluations."""
    return read_curves(folder / "train") | {
        tag: curve for tag, curve in read_curves(folder / "eval").items() if tag != TOTAL
    }


def _run(folder: Path, curves: dict[str, Curve]) -> Run:
    """What is known of a model."""
    problem, sessions = "", []
    try:
        sessions = read_run_file(folder)["sessions"]
    except UserError as error:
        problem = str(error)
    last = sessions[-1] if sessions else {}
    figures = _metrics(folder)
    seconds = [one["seconds"] for one in sessions if one.get("seconds")]
    return Run(
        name=folder.resolve().name,
        folder=folder,
        steps=last.get("last_step", max(curves.get(TOTAL, ()), default=None)),
        photos=last.get("photos"),
        map=figures.get(MAP, _best(sessions)),
        ap50=figures.get(AP50),
        seconds=sum(seconds) if seconds else None,
        begun=last.get("begun", ""),
        device=last.get("device", ""),
        outcome=last.get("outcome", ""),
        sessions=sessions,
        problem=problem,
    )


def _best(sessions: Sequence[dict[str, Any]]) -> float | None:
    """The best mAP that was measured while training."""
    return max((one["best"]["mean_ap"] for one in sessions if one.get("best")), default=None)


def _metrics(folder: Path) -> dict[str, float | None]:
    """The figures of the last evaluation; none when there is none, or it cannot be read."""
    try:
        content = json.loads((folder / "eval" / "metrics.json").read_text(encoding="utf-8"))
        return dict(content["figures"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
