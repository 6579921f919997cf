"""A model that can detect: exported where it is not yet, downloaded where it is the published one.

prepare_detector(workspace, "masks")    its export; else its newest checkpoint, exported
prepare_detector(workspace, "coco")     the published detector of 80 everyday things
prepare_detector(workspace, "pre-trained-models/ssd_...")    a checkpoint folder, exported
"""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tfod.config import check_config, read_config
from tfod.errors import UserError, no_such
from tfod.files import from_user
from tfod.progress import SILENT, Progress
from tfod.remedies import Advice, Remedy
from tfod.runtimes.load import find_exported
from tfod.steps.fetch import zoo
from tfod.steps.fetch.check import Quiet
from tfod.steps.prepare.checkpoint import prepare_checkpoint
from tfod.workspace import Workspace

COCO = "coco"
CONFIG = "pipeline.config"
COCO_CHECKPOINT = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
INDICES = "ckpt-*.index"
COCO_LABEL_MAP = Path(__file__).parent / "coco_label_map.pbtxt"  # 80 names at ids 1 to 90


@dataclass(frozen=True)
class Ready:
    """A model that can be loaded.

    Attributes:
        path: an exported model or a .tflite file.
        newer: a checkpoint that was written after the export; None when there is none.
        own_coco: the name "coco" means a model of the user's and not the published one.
    """

    path: Path
    newer: Path | None = None
    own_coco: bool = False


def prepare_detector(
    workspace: Workspace,
    name: str,
    url: str | None = None,
    progress: Progress = SILENT,
    quiet: Quiet = nullcontext,
) -> Ready:
    """Find a model to detect with, exporting its newest checkpoint where there is no export.

    Args:
        name: a model of the workspace, "coco", or the path of an exported model, a .tflite file or
            a folder with a checkpoint.
        url: of a server with the published checkpoints; None: the zoo's.
        progress: gets a note for each thing that was made.
        quiet: makes a context manager in which TensorFlow is imported and exports.

    Raises:
        UserError: there is no such model, or it cannot be exported or downloaded.
    """
    if path := check_name(workspace, name):
        return Ready(path, _newer(workspace.model(name), path), name == COCO)
    if folder := _to_export(workspace, name):
        target = workspace.exported(folder.resolve().name)
        _export(workspace, folder, target, progress, quiet)
        return Ready(target, own_coco=name == COCO)
    target = workspace.exported(COCO_CHECKPOINT)
    if not (target / "saved_model").is_dir():
        folder = prepare_checkpoint(workspace, COCO_CHECKPOINT, url, progress, quiet)
        _export(workspace, folder, target, progress, quiet)
    return Ready(target)


def check_name(workspace: Workspace, name: str) -> Path | None:
    """Refuse a name that means no model, before anything slow is begun.

    Returns:
        The exported model or .tflite file; None where there is something to export or download.

    Raises:
        UserError: there is no such model.
    """
    try:
        return find_exported(workspace, name)
    except UserError as error:
        if name == COCO or _to_export(workspace, name):
            return None
        if error.codes != ["no-such-model"]:
            raise
    raise _no_such_model(workspace, name)


def _to_export(workspace: Workspace, name: str) -> Path | None:
    """The folder with the checkpoints and the config that a name means; None without any."""
    path = from_user(name)
    above = [path.parent] if path.name == "checkpoint" else []
    folders = (workspace.model(name), path, *above)
    has_both = (one for one in folders if _checkpoints(one) and (one / CONFIG).is_file())
    return next(has_both, None)


def _no_such_model(workspace: Workspace, name: str) -> UserError:
    """The error of a name that nothing has: models that are not exported yet can be meant too."""
    there = (
        *workspace.exported_models.glob("*/saved_model"),
        *workspace.models.glob(f"*/{CONFIG}"),
    )
    known = {COCO, *(path.parent.name for path in there)}
    remedy: Advice = Remedy.RUN(step="train", name=from_user(name).name)
    if any(word in COCO_CHECKPOINT.split("_") for word in (name, f"{name}x{name}")):
        remedy = Remedy.USE(value=COCO)  # "320"
    what = "model not found"
    return no_such("no-such-model", workspace.exported(name), what, sorted(known), remedy)


def _export(
    workspace: Workspace, folder: Path, target: Path, progress: Progress, quiet: Quiet
) -> None:
    """Export the newest checkpoint of a folder, unless an export of it is there."""
    if (target / "saved_model").is_dir() and not _newer(folder, target):
        return
    path = folder / CONFIG
    config = read_config(path, workspace)
    check_config(config, path)
    labels = label_map_of(folder, config.model.ssd.num_classes)
    with quiet():
        from tfod.steps.export.export import ExportOptions, export  # TensorFlow takes seconds

        options = ExportOptions(label_map=labels)
        result = export(
            workspace, config, _checkpoints(folder) or folder, target, options, progress
        )
    progress.note(f"export: {result.checkpoint} to {target}")


def label_map_of(folder: Path, num_classes: int) -> Path | None:
    """The label map next to a checkpoint, or that of a published one; None: the config names it."""
    own = folder / "label_map.pbtxt"
    if own.is_file():
        return own
    is_published = folder.resolve().name in zoo.BY_NAME and num_classes == 90
    return COCO_LABEL_MAP if is_published else None


def _checkpoints(folder: Path) -> Path | None:
    """Where the checkpoints of a folder lie, the best before the last; None without any."""
    folders = (folder / "best", folder, folder / "checkpoint")
    return next((one for one in folders if any(one.glob(INDICES))), None)


def _newer(trained: Path, exported: Path) -> Path | None:
    """A checkpoint that was written after an export of its model."""
    graph = exported / "saved_model" / "saved_model.pb"
    folder = _checkpoints(trained)
    if folder is None or not graph.is_file():
        return None
    newest = max(folder.glob(INDICES), key=lambda path: path.stat().st_mtime)
    is_newer = newest.stat().st_mtime > graph.stat().st_mtime
    return newest.with_suffix("") if is_newer else None
