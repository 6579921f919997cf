"""A larger network for the same data: which sizes there are, and the command that makes one.

A new model, not a change of the one there is: what that has learned fits its own size.
"""

from collections.abc import Iterator
from pathlib import Path

from tfod.config import check_config, parse_config
from tfod.config.reading import read_text
from tfod.config.templates import SIDE_MULTIPLE, find_checkpoint
from tfod.errors import UserError
from tfod.remedies import Advice, Remedy
from tfod.steps.check.dataset import Dataset
from tfod.workspace import Workspace

MOST_SIDE_PX = 1536  # a step takes ten times as long as at 512, and as much memory


def larger_sizes(size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The larger (height, width) of the same shape, px, the smallest first."""
    height, width = size
    first = (height // SIDE_MULTIPLE + 1) * SIDE_MULTIPLE
    for side in range(first, MOST_SIDE_PX + 1, SIDE_MULTIPLE):
        wide = round(side * width / height / SIDE_MULTIPLE) * SIDE_MULTIPLE
        if width <= wide <= MOST_SIDE_PX:
            yield side, wide


def network_of(dataset: Dataset, size: tuple[int, int]) -> Advice:
    """Advise a new model of a (height, width), from the checkpoint that the data has so far.

    Before there is a label map no config can be made, and `config` makes square ones alone.
    """
    height, width = size
    if height != width:
        shape = f"height {height}, width {width}"
        return Remedy.SET(setting="model.ssd.image_resizer.fixed_shape_resizer", value=shape)
    path, workspace = dataset.label_map_path, dataset.workspace
    if dataset.label_map is None or path is None:
        return Remedy.USE(value=f"a network of {height}x{height} px")
    given: dict[str, object] = {"name": _free_name(dataset, height), "size": height}
    if checkpoint := _checkpoint(dataset):
        given["checkpoint"] = checkpoint.as_posix()
    if path.resolve() != workspace.label_map.resolve():
        given["label_map"] = path.as_posix()
    return Remedy.RUN(step="config", **given)


def _free_name(dataset: Dataset, side: int) -> str:
    """Name a model that does not exist yet, after the one there is."""
    config = dataset.settings.config_path
    base = config.resolve().parent.name if config else "detector"
    name, number = f"{base}-{side}", 1
    while dataset.workspace.model(name).exists():
        number += 1
        name = f"{base}-{side}-{number}"
    return name


def _checkpoint(dataset: Dataset) -> Path | None:
    """Where the training starts: as the config says, else the newest one that was fetched."""
    config = dataset.config
    named = config.train_config.fine_tune_checkpoint if config is not None else ""
    if named and (place := Path(named).parent).is_dir():
        return place.parent if place.name == "checkpoint" else Path(named)
    return None if config is not None else _newest_fetched(dataset.workspace)


def _newest_fetched(workspace: Workspace) -> Path | None:
    """The newest folder in pre-trained-models/ that a training can start from."""
    folders = {index.parents[1] for index in workspace.pre_trained.glob("*/checkpoint/*.index")}
    for folder in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            _, settings = find_checkpoint(folder)
            if settings is not None:
                check_config(parse_config(read_text(settings), str(settings)), settings)
                return folder
        except UserError:  # another architecture, or half a download
            continue
    return None
