"""Do label map and pipeline.config fit each other, and is there what they name?

Which classes the images have beside those of the label map: `classes.py`.
"""

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfod import workspace as paths
from tfod.config import check_config, read_config
from tfod.config.files import PLACEHOLDER
from tfod.config.lines import find_fields
from tfod.config.reading import read_text
from tfod.errors import UserError
from tfod.labels import read_label_map
from tfod.steps.check.finding import Finding, Place, found
from tfod.steps.check.scan import Dataset
from tfod.workspace import Workspace


def find_config(folder: Path) -> Path | None:
    """Find the config of the workspace, when the folder is its images and it has one model."""
    if folder.resolve() != paths.IMAGES.resolve():
        return None
    there = sorted(paths.MODELS.glob("*/pipeline.config"))
    return there[0] if len(there) == 1 else None


def read(path: Path) -> Any:
    """Read the config of the workspace."""
    return read_config(path, Workspace(Path()))


def unusable_settings(dataset: Dataset) -> list[Finding]:
    """A label map or config that cannot be read, or asks for what training here does not do."""
    label_map = [
        problem
        for path in [dataset.label_map_path]
        if path is not None and dataset.label_map is None
        for problem in _problems(path, lambda path: read_label_map(path))
    ]
    config = [
        problem
        for path in [dataset.config_path]
        if path is not None
        for problem in _problems(path, lambda path: check_config(read(path), path))
    ]
    return found(
        "label-map-unusable",
        "error",
        "problems in the label map, which cannot be used",
        "Correct the lines that are named, or delete it: `tfod records` makes one of the XML.",
        label_map,
    ) + found(
        "config-unusable",
        "error",
        "problems in pipeline.config, which cannot be used",
        "Correct the lines that are named, or make a new one: `tfod config NAME`.",
        config,
    )


def label_map_and_config(dataset: Dataset) -> list[Finding]:
    """The label map has another number of classes than the model, or the config names another."""
    config, labels = dataset.config, dataset.label_map
    if config is None or config.model.WhichOneof("model") != "ssd":
        return []
    number, path = config.model.ssd.num_classes, _config_path(dataset)
    too_few: list[Place] = []
    too_many: list[Place] = []
    other: list[Place] = []
    if labels is not None and labels.num_classes != number:
        line = _line(dataset, "num_classes")
        detail = f"num_classes {number}, {dataset.label_map_path} has {labels.num_classes}"
        (too_few if number < labels.num_classes else too_many).append(Place(path, line, detail))
    for name, reader in _readers(config):
        named = Path(reader.label_map_path) if reader.label_map_path else None
        if named is None or not named.is_file() or labels is None:
            continue
        try:
            ids = read_label_map(named).ids
        except UserError as error:
            other.append(Place(path, _line(dataset, name, "label_map_path"), str(error)))
            continue
        if ids != labels.ids:
            detail = f"{name} names {named}, which differs from {dataset.label_map_path}"
            other.append(Place(path, _line(dataset, name, "label_map_path"), detail))
    remedy = "Make a new config: `tfod config NAME`, or correct num_classes in it."
    return [
        *found(
            "config-too-few-classes",
            "error",
            "config has fewer classes than the label map, so training refuses or crashes",
            remedy,
            too_few,
        ),
        *found(
            "config-too-many-classes",
            "warning",
            "config has more classes than the label map; those are never seen",
            remedy,
            too_many,
        ),
        *found(
            "label-map-of-config",
            "error",
            "label maps of the config are not the one of the data",
            "Let train_input_reader and eval_input_reader name the same label map.",
            other,
        ),
    ]


def missing_files(dataset: Dataset) -> list[Finding]:
    """What the config names and is not there."""
    if dataset.config is None:
        return []
    places = []
    for name, reader in _readers(dataset.config):
        fields = [("label_map_path", reader.label_map_path)]
        records = list(reader.tf_record_input_reader.input_path)
        fields += [("input_path", text) for text in records or [""]]
        for field, text in fields:
            what = _what_is_missing(text)
            if what:
                line = _line(dataset, name, field)
                places.append(Place(_config_path(dataset), line, f"{name}: {field} {what}"))
    return found(
        "config-file-missing",
        "warning",
        "files are named in the config and are not there",
        "`tfod records` makes label map and records; else correct the paths, which begin at the "
        "folder where you run `tfod`.",
        places,
    )


def same_records(dataset: Dataset) -> list[Finding]:
    """Records that are trained on and evaluated with."""
    if dataset.config is None:
        return []
    train = record_files(dataset.config.train_input_reader)
    places = []
    for reader in dataset.config.eval_input_reader[:1]:
        for path in sorted(record_files(reader) & train):
            line = _line(dataset, "eval_input_reader", "input_path")
            places.append(Place(_config_path(dataset), line, f"both read {path}"))
    return found(
        "config-evaluates-on-train",
        "warning",
        "record files are trained on and evaluated with, so the figures say nothing",
        "Name annotations/test.record in eval_input_reader.",
        places,
    )


def _problems(path: Path, read: Any) -> list[Place]:
    """What reading a file complains of, one place for each line of it."""
    try:
        read(path)
    except UserError as error:
        return [Place(path, p.line, p.sentence(p.setting)) for p in error.problems]
    return []


def _readers(config: Any) -> Iterator[tuple[str, Any]]:
    """The readers that are used: evaluation takes the first of its own."""
    yield "train_input_reader", config.train_input_reader
    for reader in config.eval_input_reader[:1]:
        yield "eval_input_reader", reader


def _what_is_missing(text: str) -> str:
    if not text:
        return "is not set"
    if text == PLACEHOLDER:
        return f"still says {PLACEHOLDER}"
    path = Path(text)
    return "" if path.exists() or glob.glob(str(path)) else f'"{text}" is not there'


def record_files(reader: Any) -> set[Path]:
    """The record files of a reader that are there, resolved; else the paths as they are named."""
    found_ones: set[Path] = set()
    for text in reader.tf_record_input_reader.input_path:
        if text and text != PLACEHOLDER:
            path = Path(text)
            there = [path] if path.exists() else [Path(name) for name in glob.glob(str(path))]
            found_ones |= {name.resolve() for name in there or [path]}
    return found_ones


def _config_path(dataset: Dataset) -> Path:
    return dataset.config_path or Path("pipeline.config")


def _line(dataset: Dataset, *names: str) -> int | None:
    """The line of the first field whose path ends with the last name and has all the others."""
    if dataset.config_path is None or not dataset.config_path.is_file():
        return None
    for place in find_fields(read_text(dataset.config_path)):
        there = [name for name, _ in place.path]
        if there[-1] == names[-1] and set(names) <= set(there):
            return place.line
    return None
