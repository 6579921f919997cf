"""Values of `train_config` and the readers that fit the schema and still make no training run."""

import re
from collections.abc import Collection, Iterator, Sequence

from tfod.config.augmentation_values import AT_LEAST_0, augmentation_problems
from tfod.config.explain import not_set, not_supported, out_of_range
from tfod.config.messages import (
    CosineDecayLearningRate,
    LearningRate,
    TrainConfig,
    TrainEvalPipelineConfig,
)
from tfod.config.schema import enum_name
from tfod.errors import Problem

FINE_TUNE_TYPES = ("detection", "full", "transfer", "classification")
VAL = "val"  # name of the reader whose photos choose the best checkpoint
CHECKPOINT = "train_config.fine_tune_checkpoint"
FREEZE = "train_config.freeze_variables"
OPTIMIZER = "train_config.optimizer"
# fields of an optimizer, what their values must be, as in the old API, and the words for it
OPTIMIZER_RANGES = {
    "momentum_optimizer_value": ((lambda value: 0 <= value <= 1), "0 to 1"),
    "decay": AT_LEAST_0,
    "epsilon": AT_LEAST_0,
}


def training_problems(
    train: TrainConfig, supported_augmentations: Collection[str] | None
) -> Iterator[Problem]:
    """List what of a train_config cannot be run though each field is known and typed."""
    if train.batch_size < 1:
        yield out_of_range("train_config.batch_size", train.batch_size, "1 or more")
    yield from _fine_tuning(train)
    yield from _optimizer(train)
    yield from augmentation_problems(train, supported_augmentations)


def reader_problems(config: TrainEvalPipelineConfig) -> Iterator[Problem]:
    """List what of the input readers cannot be read."""
    others = [number for number, one in enumerate(config.eval_input_reader) if one.name != VAL]
    if len(others) > 1 or len(config.eval_input_reader) > 2:
        expected = f'a single eval_input_reader, and another with the name "{VAL}"'
        yield not_supported("eval_input_reader[1]", expected)
    readers = [("train_input_reader", config.train_input_reader)]
    readers += [("eval_input_reader", reader) for reader in config.eval_input_reader]
    for name, reader in readers:
        if reader.input_type == type(reader).TF_SEQUENCE_EXAMPLE:
            yield not_supported(f"{name}.input_type", "TF_EXAMPLE", "TF_SEQUENCE_EXAMPLE")
        if reader.ByteSize() and reader.max_number_of_boxes < 1:
            boxes = reader.max_number_of_boxes
            yield out_of_range(f"{name}.max_number_of_boxes", boxes, "1 or more")


def _fine_tuning(train: TrainConfig) -> Iterator[Problem]:
    if not train.fine_tune_checkpoint:
        return
    kind = train.fine_tune_checkpoint_type
    for number, pattern in enumerate(train.freeze_variables):
        if not _is_pattern(pattern):
            expected = "a regular expression for the beginning of the layers' names"
            yield out_of_range(f"{FREEZE}[{number}]", f'"{pattern}"', expected)
    if kind and kind not in FINE_TUNE_TYPES:
        yield out_of_range(f"{CHECKPOINT}_type", f'"{kind}"', ", ".join(FINE_TUNE_TYPES))
    version = train.fine_tune_checkpoint_version
    if train.HasField("fine_tune_checkpoint_version") and version != TrainConfig.V2:
        got = enum_name(train, "fine_tune_checkpoint_version")
        yield not_supported(f"{CHECKPOINT}_version", "V2: checkpoints of TensorFlow 2", got)


def training_warnings(train: TrainConfig) -> Iterator[Problem]:
    """List what a train_config leaves out though the old API asked for it."""
    if train.fine_tune_checkpoint and not train.HasField("fine_tune_checkpoint_version"):
        what = (
            "not set, which meant V1 (TensorFlow 1) in the old API: the checkpoint itself decides"
        )
        setting = f"{CHECKPOINT}_version"
        yield Problem("config-setting-missing", setting=setting, what=what, expected="V2")
    if train.freeze_variables and train.fine_tune_checkpoint_type != "transfer":
        what = "ignored, as in the old API under TF2"
        expected = 'fine_tune_checkpoint_type: "transfer"'
        yield Problem("config-setting-ignored", setting=FREEZE, what=what, expected=expected)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return bool(text)


def _optimizer(train: TrainConfig) -> Iterator[Problem]:
    kind = train.optimizer.WhichOneof("optimizer")
    if kind is None:
        yield not_set(OPTIMIZER, "momentum_optimizer { ... }")
        return
    optimizer = getattr(train.optimizer, kind)
    for field, (is_usable, expected) in OPTIMIZER_RANGES.items():
        value = getattr(optimizer, field, 0.0)  # not every kind has each of them
        if not is_usable(value):
            yield out_of_range(f"{OPTIMIZER}.{kind}.{field}", value, expected)
    rate: LearningRate = optimizer.learning_rate
    schedule = rate.WhichOneof("learning_rate")
    setting = f"{OPTIMIZER}.{kind}.learning_rate"
    if schedule is None:
        yield not_set(setting, "cosine_decay_learning_rate { ... }")
    elif schedule == "cosine_decay_learning_rate":
        yield from _cosine(rate.cosine_decay_learning_rate, f"{setting}.{schedule}")
    elif schedule == "exponential_decay_learning_rate":
        if rate.exponential_decay_learning_rate.decay_steps < 1:
            yield out_of_range(f"{setting}.{schedule}.decay_steps", 0, "1 or more")
    elif schedule == "manual_step_learning_rate":
        steps = [change.step for change in rate.manual_step_learning_rate.schedule]
        yield from _manual_steps(steps, f"{setting}.{schedule}.schedule")


def _cosine(cosine: CosineDecayLearningRate, setting: str) -> Iterator[Problem]:
    if cosine.total_steps < cosine.warmup_steps:
        expected = f"warmup_steps, {cosine.warmup_steps}, or more"
        yield out_of_range(f"{setting}.total_steps", cosine.total_steps, expected)
    if cosine.warmup_steps > 0 and cosine.learning_rate_base < cosine.warmup_learning_rate:
        expected = f"warmup_learning_rate, {cosine.warmup_learning_rate:.6g}, or more"
        yield out_of_range(f"{setting}.learning_rate_base", cosine.learning_rate_base, expected)


def _manual_steps(steps: Sequence[int], setting: str) -> Iterator[Problem]:
    if not steps:
        yield not_set(setting, "schedule { step: ... learning_rate: ... }")
    elif steps[0] < 1:
        yield out_of_range(
            f"{setting}.step", 0, "1 or more: initial_learning_rate is the rate of step 0"
        )
    elif any(later <= earlier for earlier, later in zip(steps, steps[1:], strict=False)):
        listed = ", ".join(map(str, steps))
        yield out_of_range(f"{setting}.step", listed, "each step later than the one before")
