"""Do label map and pipeline.config fit each other, and do the files they name exist?

Which classes the images have besides those of the label map: `classes.py`.
"""

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from tfod.config import missing_paths
from tfod.config.files import PLACEHOLDER
from tfod.config.messages import InputReader
from tfod.errors import Problem, UserError
from tfod.labels import LabelMap, read_label_map
from tfod.remedies import Remedy
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report


def unusable_settings(dataset: Dataset) -> list[Finding]:
    """A label map or config that cannot be read, or asks for what training here does not do."""
    settings = dataset.settings
    label_map = _places(settings.label_map_path, settings.label_map_problems)
    config = _places(settings.config_path, settings.config_problems)
    return report("label-map-unusable", label_map) + report("config-unusable", config)


def _places(path: Path | None, problems: Sequence[Problem]) -> list[Place]:
    return [
        Place(path, problem.line, problem.sentence(problem.setting))
        for problem in problems
        if path is not None
    ]


def label_map_and_config(dataset: Dataset) -> list[Finding]:
    """The label map has another number of classes than the model, or the config names another."""
    settings, labels = dataset.settings, dataset.label_map
    config, path = settings.config, settings.config_path
    if config is None or path is None or labels is None:
        return []
    if config.model.WhichOneof("model") != "ssd":
        return []
    number, classes = config.model.ssd.num_classes, labels.num_classes
    detail = f"num_classes {number}, {dataset.label_map_path} has {classes}"
    places = [Place(path, settings.line("num_classes"), detail)] if number != classes else []
    code = "config-too-few-classes" if number < classes else "config-too-many-classes"
    set_number = Remedy.SET(setting="model.ssd.num_classes", value=classes)
    other, use_this = list(_other_label_maps(dataset, labels, path)), settings.label_map_path
    return report(code, places, remedy=set_number) + report(
        "label-map-of-config", other, remedy=Remedy.USE(value=use_this)
    )


def _other_label_maps(dataset: Dataset, labels: LabelMap, config_path: Path) -> Iterator[Place]:
    assert (config := dataset.config) is not None
    readers = [("train_input_reader", config.train_input_reader)]
    readers += [("eval_input_reader", reader) for reader in config.eval_input_reader[:1]]  # as used
    for name, reader in readers:
        named = Path(reader.label_map_path)
        if not named.is_file() or named == dataset.label_map_path:
            continue
        try:
            if read_label_map(named).ids == labels.ids:
                continue
            detail = f"{name} names {named}, which differs from {dataset.label_map_path}"
        except UserError as error:
            detail = str(error.problems[0])
        yield Place(config_path, dataset.settings.line(name, "label_map_path"), detail)


def missing_files(dataset: Dataset) -> list[Finding]:
    """What the config names and does not exist."""
    settings = dataset.settings
    if settings.config is None or settings.config_path is None:
        return []
    places = []
    for step in ("resume", "evaluate") if settings.config.eval_input_reader else ("resume",):
        try:
            missing_paths(settings.config, step)
        except UserError as error:
            for problem in error.problems:
                line = settings.line(*problem.setting.split("."))
                places.append(Place(settings.config_path, line, str(problem)))
    return report("config-file-missing", places)


def same_records(dataset: Dataset) -> list[Finding]:
    """Records that are trained on and evaluated with."""
    settings = dataset.settings
    if settings.config is None or settings.config_path is None:
        return []
    train = _record_files(settings.config.train_input_reader)
    line = settings.line("eval_input_reader", "input_path")
    places = [
        Place(settings.config_path, line, f"both read {path}")
        for reader in settings.config.eval_input_reader[:1]
        for path in sorted(_record_files(reader) & train)
    ]
    field = "eval_input_reader.tf_record_input_reader.input_path"
    other = Remedy.SET(setting=field, value='"annotations/test.record"')
    return report("config-evaluates-on-train", places, remedy=other)


def _record_files(reader: InputReader) -> set[Path]:
    """The record files of a reader that exist, resolved; else the paths as they are named."""
    files: set[Path] = set()
    for text in reader.tf_record_input_reader.input_path:
        if text and text != PLACEHOLDER:
            path = Path(text)
            existing = [path] if path.exists() else [Path(name) for name in glob.glob(text)]
            files |= {name.resolve() for name in existing or [path]}
    return files
