"""A training workspace for TensorFlow object detection that works today.

The way of the data: camera -> images + XML -> records -> batches -> SSD -> checkpoint -> export
-> Detections. One module a step, named like its command; docs/architecture.md is the map.
For Python there are the names of `__all__`, imported at first use: docs/python.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfod.api.data import check, convert, import_data, records, split
    from tfod.api.detections import Detections
    from tfod.api.detector import load
    from tfod.api.looking import rehearse_training, runs, show_batch, tensorboard, tune
    from tfod.api.photos import capture, capture_film, label
    from tfod.api.training import evaluate, export, fetch, new_config, train
    from tfod.api.watching import demo, detect, info, live
    from tfod.errors import UserError
    from tfod.workspace import Workspace

__version__ = "0.2.0"
__all__ = [
    "Detections",
    "UserError",
    "Workspace",
    "capture",
    "capture_film",
    "check",
    "convert",
    "demo",
    "detect",
    "evaluate",
    "export",
    "fetch",
    "import_data",
    "info",
    "label",
    "live",
    "load",
    "new_config",
    "records",
    "runs",
    "rehearse_training",
    "show_batch",
    "split",
    "tensorboard",
    "train",
    "tune",
]
_HOMES = {
    "api.data": ("check", "convert", "import_data", "records", "split"),
    "api.detections": ("Detections",),
    "api.detector": ("load",),
    "api.looking": ("rehearse_training", "runs", "show_batch", "tensorboard", "tune"),
    "api.photos": ("capture", "capture_film", "label"),
    "api.training": ("evaluate", "export", "fetch", "new_config", "train"),
    "api.watching": ("demo", "detect", "info", "live"),
    "errors": ("UserError",),
    "workspace": ("Workspace",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tfod' has no attribute {name!r}")
    found = getattr(import_module(f"tfod.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
