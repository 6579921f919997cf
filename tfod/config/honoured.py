"""Whether a pipeline.config can be honoured here: decided in this one place, for everybody.

The marks of schema.txt say for each field whether it is honoured, harmless, warned about or
refused; which values make no network and no training run is in model_values.py and
training_values.py. What `check_config` has accepted, the model and the steps rely on.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from tfod.config.explain import (
    OUR_EXTRACTOR,
    another_architecture,
    another_extractor,
    find_field,
    not_set,
    not_supported,
)
from tfod.config.lines import Place, dotted, find_fields
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.config.model_values import SSD, model_problems
from tfod.config.reading import read_text
from tfod.config.schema import REFUSED, WARNED, Field, enum_name, fields
from tfod.config.training_values import reader_problems, training_problems, training_warnings
from tfod.errors import Problem, UserError

# why a field is refused, where its name and the expected value do not say it
REASONS = {
    "Ssd.add_background_class": "the background is always class 0 in a checkpoint",
    "SsdFeatureExtractor.bifpn": "EfficientDet is a different architecture",
    "MultiscaleAnchorGenerator.normalize_coordinates": "boxes are always 0..1 of the image",
    "BatchNorm.train": "use freeze_batchnorm in model.ssd instead",
    "TrainConfig.load_all_detection_checkpoint_vars": 'set fine_tune_checkpoint_type: "full"',
    "TrainEvalPipelineConfig.graph_rewriter": "models are quantised on export, not in training",
}

IGNORED = "ignored, as in the old API under TF2"
# what is accepted with a warning: when, and the words
WARNINGS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "Hyperparams.sync_batch_norm": (bool, "treated as batch_norm: training runs on one device"),
    "TrainConfig.bias_grad_multiplier": (bool, IGNORED),
    "TrainConfig.update_trainable_variables": (bool, f"{IGNORED}: every variable is trained"),
    "Optimizer.use_moving_average": (
        bool,
        "true, or not set, which means true: the plain weights are trained and saved. Set it to "
        "false to silence this warning",
    ),
    "InputReader.num_epochs": (
        lambda value: value > 1,
        "ignored: training stops at train_config.num_steps, evaluation uses each image once",
    ),
    "EvalConfig.use_moving_averages": (bool, "ignored: the plain weights are evaluated"),
    "EvalConfig.super_categories": (bool, "ignored: figures per class are always given"),
    "EvalConfig.metrics_set": (
        lambda values: any(value != "coco_detection_metrics" for value in values),
        "ignored: the 12 COCO figures (coco_detection_metrics) are always computed",
    ),
}


def check_config(
    config: TrainEvalPipelineConfig,
    path: str | Path = "pipeline.config",
    supported_augmentations: Collection[str] | None = None,
    text: str | None = None,
) -> list[str]:
    """Refuse a config that asks for something tfod does not do.

    Args:
        path: its file; problems name their line in it.
        supported_augmentations: known names of `data_augmentation_options`; None: not checked.
        text: of the file, where it was read already; "" for a config that is not written yet.

    Returns:
        Warnings, one line each: settings that are read but do nothing here.

    Raises:
        UserError: another architecture, by name; or everything that is not honoured.
    """
    path = Path(path)
    if text is None and path.is_file():
        text = read_text(path)
    places = find_fields(text) if text else []
    lines = {dotted(place.path): place.line for place in places}
    if other := _other_architecture(config):
        raise UserError(*_located([other], path, lines))
    problems = [*_refused(config), *_wrong_values(config, supported_augmentations)]
    problems.sort(key=lambda problem: lines.get(problem.setting, 0))
    if problems:
        heading = "settings in the config cannot be honoured"
        raise UserError(*_located(problems, path, lines), heading=heading)
    warnings = [*_warned(config), *training_warnings(config.train_config), *_twice(places)]
    return [str(problem) for problem in _located(warnings, path, lines)]


def _other_architecture(config: TrainEvalPipelineConfig) -> Problem | None:
    kind = config.model.WhichOneof("model")
    if kind not in (None, "ssd"):
        return another_architecture(f"model.{kind}", str(kind))
    extractor = config.model.ssd.feature_extractor.type
    if extractor in (OUR_EXTRACTOR, ""):
        return None
    return another_extractor(f"{SSD}.feature_extractor.type", extractor)


def _wrong_values(
    config: TrainEvalPipelineConfig, supported_augmentations: Collection[str] | None
) -> Iterator[Problem]:
    if not config.model.HasField("ssd"):
        yield not_set(SSD, "a model")
        return
    yield from model_problems(config.model.ssd)
    if config.HasField("train_config") or supported_augmentations is not None:
        yield from training_problems(config.train_config, supported_augmentations)
    yield from reader_problems(config)


def _messages(message: Message, path: str = "") -> Iterator[tuple[str, Message]]:
    """Yield each message that is set and not refused, with its path, from the outside in."""
    yield path, message
    for field in fields()[message.DESCRIPTOR.name]:
        if field.type not in fields() or field.mark == REFUSED:
            continue
        if field.repeated:
            for index, inner in enumerate(getattr(message, field.name)):
                yield from _messages(inner, _join(path, field.name, index))
        elif message.HasField(field.name):
            yield from _messages(getattr(message, field.name), _join(path, field.name))


def _refused(config: Message) -> Iterator[Problem]:
    for path, message in _messages(config):
        kind = message.DESCRIPTOR.name
        for field in fields()[kind]:
            if field.mark == REFUSED and _is_set(message, field):
                problem = not_supported(_join(path, field.name), *_expected_and_got(message, field))
                reason = REASONS.get(f"{kind}.{field.name}")
                what = f"{problem.what}: {reason}" if reason else problem.what
                yield replace(problem, what=what)


def _is_set(message: Message, field: Field) -> bool:
    """Whether a refused field is set to anything but its default."""
    if field.repeated:
        return len(getattr(message, field.name)) > 0
    if not message.HasField(field.name):
        return False
    default = message.DESCRIPTOR.fields_by_name[field.name].default_value
    return field.type in fields() or getattr(message, field.name) != default


def _expected_and_got(message: Message, field: Field) -> tuple[str | None, object]:
    others = [
        other.name
        for other in fields()[message.DESCRIPTOR.name]
        if field.oneof and other.oneof == field.oneof and other.mark != REFUSED
    ]
    if others:
        return " or ".join(others), None
    if field.repeated or field.type in (*fields(), "string"):
        return None, None
    if field.values:
        return field.default, enum_name(message, field.name)
    default = field.default or {"bool": "false"}.get(field.type, "0")
    value = getattr(message, field.name)
    return default, str(value).lower() if field.type == "bool" else value


def _warned(config: Message) -> Iterator[Problem]:
    for path, message in _messages(config):
        kind = message.DESCRIPTOR.name
        for field in fields()[kind]:
            if field.mark != WARNED:
                continue
            is_ignored, words = WARNINGS[f"{kind}.{field.name}"]
            is_message = field.type in fields() and not field.repeated
            value = message.HasField(field.name) if is_message else getattr(message, field.name)
            if is_ignored(value):
                yield Problem("config-setting-ignored", setting=_join(path, field.name), what=words)


def _twice(places: Iterable[Place]) -> Iterator[Problem]:
    for place in places:
        field = find_field(place.path)
        if place.path[-1][1] == 1 and not (field and field.repeated):
            yield Problem(
                "config-given-twice",
                setting=dotted(place.path),
                what="given twice; the last value counts",
            )


def _located(problems: Iterable[Problem], path: Path, lines: dict[str, int]) -> list[Problem]:
    """Add file and line; a field that is not set has the line of the section around it."""
    return [replace(p, where=path, line=_line(p.setting, lines)) for p in problems]


def _line(setting: str, lines: dict[str, int]) -> int | None:
    names = setting.split(".")
    around = (".".join(names[:count]) for count in range(len(names), 0, -1))
    return next((lines[name] for name in around if name in lines), None)


def _join(path: str, name: str, index: int = 0) -> str:
    return (f"{path}." if path else "") + (f"{name}[{index}]" if index else name)
