"""What a bug report needs: versions, device, cameras, screen, and what the workspace holds."""

import os
import platform
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import tfod
from tfod.camera.webcams import Webcam, list_webcams
from tfod.data.folders import find_folders
from tfod.device import device_name
from tfod.errors import UserError
from tfod.show.window import check_display
from tfod.workspace import Workspace

PACKAGES = (
    "tensorflow", "keras", "numpy", "protobuf", "opencv-python", "pillow", "pandas", "tensorboard",
    "ai-edge-litert", "labelImg", "PyQt5", "pi-heif", "av",
)  # fmt: skip


@dataclass
class Info:
    """Facts about this computer and a workspace.

    Attributes:
        tfod: its version.
        python: version of Python.
        system: name and version of the system, and the kind of processor.
        packages: version of each package that tfod uses; None where it is not installed.
        device: what TensorFlow computes on, or why it cannot be imported.
        cameras: the webcams that were found.
        screen: "" when windows can be opened, else why not.
        root: the workspace.
        images: images, and those with XML, of each session and part.
        records: the record files.
        models: names of the models in training, with the number of their checkpoints.
        exported: names of the exported models.
        free_bytes: free space on the disk of the workspace.
        problem: why the workspace could not be read; "" when it could.
    """

    tfod: str
    python: str
    system: str
    packages: dict[str, str | None]
    device: str
    cameras: list[Webcam]
    screen: str
    root: Path
    images: dict[str, tuple[int, int]] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)
    models: dict[str, int] = field(default_factory=dict)
    exported: list[str] = field(default_factory=list)
    free_bytes: int = 0
    problem: str = ""


def info(
    workspace: Workspace, quiet: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Info:
    """Collect the facts; nothing is changed, and a camera is opened for a moment.

    Args:
        quiet: entered while native code may write to the terminal.
    """
    found = Info(
        tfod.__version__,
        platform.python_version(),
        f"{platform.platform()}, {platform.machine()}, {os.cpu_count()} CPUs",
        {name: _version(name) for name in PACKAGES},
        _device(quiet),
        list_webcams(quiet=quiet),
        _screen(),
        workspace.root.absolute(),
        free_bytes=shutil.disk_usage(workspace.root).free,
    )
    try:
        _look_at(workspace, found)
    except (UserError, OSError) as error:
        found.problem = str(error)
    return found


def _look_at(workspace: Workspace, found: Info) -> None:
    if workspace.images.is_dir():
        for folder in find_folders(workspace.images).found:
            with_xml = sum(xml is not None for _, xml in folder.pairs)
            if folder.pairs:
                found.images[folder.name] = (len(folder.pairs), with_xml)
    found.records = sorted(path.name for path in workspace.annotations.glob("*.record*"))
    for config in sorted(workspace.models.glob("*/pipeline.config")):
        found.models[config.parent.name] = len(list(config.parent.glob("ckpt-*.index")))
    exported = workspace.exported_models.glob("*/saved_model")
    found.exported = sorted(path.parent.name for path in exported)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _device(quiet: Callable[[], AbstractContextManager[object]]) -> str:
    try:
        with quiet():
            return device_name()
    except ImportError as error:
        return f"TensorFlow cannot be imported: {error}"


def _screen() -> str:
    try:
        check_display()
    except UserError as error:
        return str(error)
    return ""
