"""Models found by name, and loaded as a `Detector`, whatever their runtime.

    detector = load_detector("exported-models/masks")
    detections = detector(image)

The runtime is imported only when a file of its kind is loaded, so a .tflite file needs no
TensorFlow.
"""

from pathlib import Path

from tfod.detections import Detector
from tfod.errors import UserError, no_such, refusal
from tfod.files import from_user
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.workspace import Workspace

TFLITE_SUFFIX = ".tflite"


def load_detector(
    path: str | Path, label_map: str | Path | None = None, progress: Progress = SILENT
) -> Detector:
    """Load an exported model.

    Args:
        path: its folder, the `saved_model` folder in it, or a .tflite file.
        label_map: the class names, a label map or a text file with one name per line; when None,
            those that lie next to the model or in it, or that its config names. Without
            names the classes are called "class 1", "class 2" ...
        progress: gets a note when there are no names, or only those that a config names.

    Raises:
        UserError: there is no exported model, or it is damaged, of another kind, or its class
            names cannot be read.
    """
    path = from_user(path)
    if path.suffix.lower() == TFLITE_SUFFIX:
        from tfod.runtimes.litert import LiteRtDetector

        return LiteRtDetector(path, label_map, progress)
    from tfod.runtimes.saved_model import SavedModelDetector

    return SavedModelDetector(path, label_map, progress)


def find_model(workspace: Workspace, name: str) -> Path:
    """Find the folder of a trained model by its name, or take a path to one.

    Raises:
        UserError: there is none; names those there are.
    """
    for folder in (workspace.model(name), from_user(name)):
        if (folder / "pipeline.config").is_file():
            return folder
    raise _no_such_model(workspace.models, name, "pipeline.config", "config")


def find_exported(workspace: Workspace, name: str) -> Path:
    """Find an exported model by its name, or take a path to one or to a .tflite file.

    Raises:
        UserError: there is none, or something else is there; names those there are.
    """
    for path in (workspace.exported(name), from_user(name)):
        if (path / "saved_model").is_dir() or (path / "saved_model.pb").is_file():
            return path
        if path.suffix.lower() == TFLITE_SUFFIX and path.is_file():
            return path
    _refuse_other_kind(from_user(name), workspace)
    raise _no_such_model(workspace.exported_models, name, "saved_model", "export")


def model_name(path: Path) -> str:
    """Name a model by its file or folder, which may be the `saved_model` folder in it."""
    path = path.absolute()
    if path.name == "saved_model":
        return path.parent.name
    return path.stem if path.is_file() else path.name


def _refuse_other_kind(path: Path, workspace: Workspace) -> None:
    """Refuse what is not an exported model: a file, or a checkpoint to start from."""
    if path.is_file():
        raise refusal(
            "not-an-exported-model",
            path,
            "not a model",
            expected="a folder with saved_model/, or a .tflite file",
            remedy=Remedy.CHECK_PATH,
        )
    is_checkpoint = any(path.glob("ckpt-*.index")) or any(path.glob("checkpoint/ckpt-*.index"))
    is_trained = path.absolute().parent == workspace.models.absolute()
    if is_checkpoint and not is_trained:
        raise refusal(
            "checkpoint-not-exported",
            path,
            "a checkpoint to start training from, not an exported model",
            remedy=Remedy.RUN(step="config", name="NAME", checkpoint=path.as_posix()),
        )


def _no_such_model(folder: Path, name: str, content: str, step: str) -> UserError:
    known = sorted(path.parent.name for path in folder.glob(f"*/{content}"))
    remedy = Remedy.RUN(step=step, name=Path(name).name)  # it may be a path
    where = folder / name if Path(name).name == name else from_user(name)
    return no_such("no-such-model", where, "model not found", known, remedy)
