"""What of a pipeline.config is honoured here, and the words for what is not.

The marks of schema.txt say for each field whether it is honoured, harmless, warned about or
refused. `check_config` walks over what a config sets and reports everything refused in one message.
"""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from tfod.config.explain import OUR_ARCHITECTURE
from tfod.config.lines import Place, find_fields
from tfod.config.reading import read_text
from tfod.config.schema import REFUSED, WARNED, Field, enum_name, fields
from tfod.config.values import Problem, wrong_values
from tfod.errors import UserError, raise_together

# why a field is refused, where its name and the expected value do not say it
REASONS = {
    "Ssd.add_background_class": "the class slots of a checkpoint begin with the background",
    "SsdFeatureExtractor.bifpn": "EfficientDet is another architecture",
    "MultiscaleAnchorGenerator.normalize_coordinates": "boxes are 0..1 of the image",
    "BatchNorm.train": "set freeze_batchnorm in model.ssd instead",
    "TrainConfig.load_all_detection_checkpoint_vars": 'use fine_tune_checkpoint_type: "full"',
    "TrainEvalPipelineConfig.graph_rewriter": "quantisation belongs to the export",
}

# what is accepted with a warning: when, and the words
WARNINGS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "Hyperparams.sync_batch_norm": (bool, "is treated as batch_norm: training runs on one device"),
    "TrainConfig.bias_grad_multiplier": (bool, "is ignored, as by the old API in TF2"),
    "TrainConfig.update_trainable_variables": (
        bool,
        "is ignored, as by the old API in TF2: every variable is trained",
    ),
    "TrainConfig.freeze_variables": (
        bool,
        "is ignored, as by the old API in TF2: every variable is trained",
    ),
    "Optimizer.use_moving_average": (
        bool,
        "is true (or not set, which means true): the plain weights are trained and saved. Set it "
        "to false to be rid of this warning",
    ),
    "InputReader.num_epochs": (
        lambda value: value > 1,
        "is ignored: training runs train_config.num_steps, evaluation takes each image once",
    ),
    "EvalConfig.use_moving_averages": (bool, "is ignored: the plain weights are evaluated"),
    "EvalConfig.super_categories": (bool, "is ignored: figures are given for each class"),
    "EvalConfig.metrics_set": (
        lambda values: any(value != "coco_detection_metrics" for value in values),
        "names other figures than coco_detection_metrics: the 12 COCO figures are computed",
    ),
}

PLANNED = ("ssd_resnet50_v1_fpn_keras",)
OUR_EXTRACTOR = "ssd_mobilenet_v2_fpn_keras"


def check_config(
    config: Message,
    path: str | Path = "pipeline.config",
    supported_augmentations: Collection[str] | None = None,
) -> list[str]:
    """Refuse a config that asks for what is not done here.

    Args:
        config: TrainEvalPipelineConfig.
        path: its file, for messages; when the file is there they name the line.
        supported_augmentations: known names of `data_augmentation_options`; None: not checked.

    Returns:
        Warnings, one line each: settings that are read but do nothing here.

    Raises:
        UserError: another architecture, by name; or everything that is not honoured.
    """
    path = Path(path)
    places = find_fields(read_text(path)) if path.is_file() else []
    lines = {place.path: place.line for place in places}

    def located(problem: Problem) -> str:
        line = next((lines[at] for at in _outwards(problem.path) if at in lines), None)
        where = f"{path}:{line}" if line else f"{path}"
        return f"{where}: {_dotted(problem.path)} {problem.text}"

    other = _other_architecture(config)
    if other:
        raise UserError(f"{located(other)}. Make a config for your classes: `tfod config NAME`.")
    problems = [*_refused(config), *wrong_values(config, supported_augmentations)]
    problems.sort(key=lambda problem: lines.get(problem.path, 0))
    raise_together(
        [located(problem) for problem in problems],
        f"settings of {path} that cannot be honoured",
        "Change or remove this, or make a new config with `tfod config NAME`.",
    )
    return [located(problem) for problem in [*_warned(config), *_given_twice(places)]]


def _other_architecture(config: Any) -> Problem | None:
    kind = config.model.WhichOneof("model")
    if kind not in (None, "ssd"):
        return Problem(
            (("model", 0), (kind, 0)), f"is another architecture (expected {OUR_ARCHITECTURE})"
        )
    extractor = config.model.ssd.feature_extractor.type
    if extractor in (OUR_EXTRACTOR, ""):
        return None
    state = "planned, but not built yet" if extractor in PLANNED else "another architecture"
    if not extractor.endswith("_keras"):
        state = "another architecture, of the old API under TensorFlow 1"
    path = tuple((name, 0) for name in ("model", "ssd", "feature_extractor", "type"))
    return Problem(path, f'"{extractor}" is {state} (expected "{OUR_EXTRACTOR}")')


def _messages(message: Any, path: tuple[tuple[str, int], ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield each message that is set and not refused, with its path, from the outside in."""
    yield path, message
    for field in fields()[message.DESCRIPTOR.name]:
        if field.type not in fields() or field.mark == REFUSED:
            continue
        if field.repeated:
            for index, inner in enumerate(getattr(message, field.name)):
                yield from _messages(inner, (*path, (field.name, index)))
        elif message.HasField(field.name):
            yield from _messages(getattr(message, field.name), (*path, (field.name, 0)))


def _refused(config: Message) -> Iterator[Problem]:
    for path, message in _messages(config):
        kind = message.DESCRIPTOR.name
        for field in fields()[kind]:
            if field.mark == REFUSED and _is_set(message, field):
                text = _refusal(message, field)
                reason = REASONS.get(f"{kind}.{field.name}")
                yield Problem((*path, (field.name, 0)), text + (f": {reason}" if reason else ""))


def _is_set(message: Any, field: Field) -> bool:
    """Whether a refused field is set to anything but its default."""
    if field.repeated:
        return len(getattr(message, field.name)) > 0
    if not message.HasField(field.name):
        return False
    default = message.DESCRIPTOR.fields_by_name[field.name].default_value
    return field.type in fields() or getattr(message, field.name) != default


def _refusal(message: Any, field: Field) -> str:
    others = [
        other.name
        for other in fields()[message.DESCRIPTOR.name]
        if field.oneof and other.oneof == field.oneof and other.mark != REFUSED
    ]
    if others:
        return f"is not supported (expected {' or '.join(others)})"
    if field.repeated or field.type in (*fields(), "string"):
        return "is not supported"
    value: Any = getattr(message, field.name)
    if field.values:
        return f"is {enum_name(message, field.name)} (expected {field.default})"
    if field.type == "bool":
        value = str(value).lower()
    return f"is {value} (expected {field.default or {'bool': 'false'}.get(field.type, '0')})"


def _warned(config: Message) -> Iterator[Problem]:
    for path, message in _messages(config):
        kind = message.DESCRIPTOR.name
        for field in fields()[kind]:
            if field.mark != WARNED:
                continue
            when, text = WARNINGS[f"{kind}.{field.name}"]
            is_message = field.type in fields() and not field.repeated
            value = (message.HasField if is_message else message.__getattribute__)(field.name)
            if when(value):
                yield Problem((*path, (field.name, 0)), text)


def _given_twice(places: list[Place]) -> Iterator[Problem]:
    for place in places:
        name, number = place.path[-1]
        if number == 1 and not _is_repeated(place):
            yield Problem(place.path, "is given a second time: the last one counts")


def _is_repeated(place: Place) -> bool:
    field: Field | None = None
    message = "TrainEvalPipelineConfig"
    for name, _ in place.path:
        field = next((field for field in fields().get(message, ()) if field.name == name), None)
        message = field.type if field else ""
    return bool(field and field.repeated)


def _outwards(path: tuple[tuple[str, int], ...]) -> Iterator[tuple[tuple[str, int], ...]]:
    """The path, then the sections around it: a field that is not set has no line of its own."""
    for length in range(len(path), 0, -1):
        yield path[:length]


def _dotted(path: tuple[tuple[str, int], ...]) -> str:
    return ".".join(f"{name}[{index}]" if index else name for name, index in path)
