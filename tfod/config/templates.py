"""New configs: `tfod config NAME`, from the project's own template or from a published checkpoint.

The template, default.config, is SSD MobileNetV2 FPN-Lite 640x640 as the model zoo trained it, but
for batch size and schedule, which fit one machine and a small data set (`set_schedule`).
"""

from collections.abc import Sequence
from pathlib import Path

from tfod.config.files import checkpoint_prefix, fetch_checkpoint
from tfod.config.honoured import check_config
from tfod.config.messages import Ssd, TrainConfig, TrainEvalPipelineConfig
from tfod.config.reading import parse_config, read_text
from tfod.config.training_values import VAL
from tfod.errors import UserError, check_at_least_1, refusal
from tfod.files import from_user
from tfod.remedies import Remedy
from tfod.renamed import renamed_files
from tfod.workspace import Workspace

BATCH_SIZE = 8
STEPS_FROM_CHECKPOINT, STEPS_FROM_NOTHING = 3000, 10_000
# from a checkpoint a few photos are learnt in a few passes: 32 photos of masks reach an mAP of 0.9
# in 120 steps (docs/log.md); the rest would only cost time
PASSES, LEAST_STEPS, ROUND_STEPS_TO = 60, 300, 100
# 0.08 is the published rate for batches of 128; with the batch it falls as its square root, which
# gives 0.02 for a batch of 8
RATE_OF_BATCH_128 = 0.08
RATE_WHEN_FROZEN = 2  # times that; the frozen blocks keep it from doing harm (docs/log.md)
WARMUP_SHARE, MOST_WARMUP_STEPS = 0.1, 1000
# the stem and blocks 1 to 12 of MobileNetV2 stay as the checkpoint has them: half the time of a
# step, and more mAP for the same time (benchmarks/recipes.py, docs/log.md)
FROZEN = "(bn_)?Conv1|expanded|block_([1-9]|1[0-2])_"
# of the moving statistics of batch norms: what they were is to fade to 1 / e within a twentieth of
# the steps; the published decay is the longest memory
STATISTICS_SHARE, LEAST_DECAY, MOST_DECAY = 0.05, 0.9, 0.997
NORM_DECAYS = (
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay",
    "model.ssd.box_predictor.weight_shared_convolutional_box_predictor.conv_hyperparams."
    "batch_norm.decay",
)
SIDE_MULTIPLE, MOST_SIDE = 32, 8192


def default_config() -> TrainEvalPipelineConfig:
    """Make the template: SSD MobileNetV2 FPN-Lite 640x640, one class, no checkpoint."""
    path = Path(__file__).parent / "default.config"
    return parse_config(path.read_text(encoding="utf-8"), path.name)


def new_config(
    workspace: Workspace,
    num_classes: int,
    checkpoint: str | Path | None = None,
    *,
    size: int | tuple[int, int] | None = None,
    num_steps: int | None = None,
    batch_size: int | None = None,
    num_images: int | None = None,
) -> TrainEvalPipelineConfig:
    """Make the config of a new model for the label map and the records of a workspace.

    Args:
        workspace: where label map and records are; `set_data` names others.
        num_classes: the largest id of the label map.
        checkpoint: a folder of a published or exported model (its own pipeline.config gives the
            architecture) or the path of a checkpoint; None starts from random weights.
        size: side, or (height, width), of the images in the network, px; multiples of 32. None:
            as in the checkpoint's config or the template.
        num_steps: steps of training; the schedule ends with them. None: as many as the number of
            images needs, see `steps_for`.
        batch_size: images per step. None: 8, or fewer when there are fewer images.
        num_images: to train on, where that is known.

    Returns:
        A TrainEvalPipelineConfig that `check_config` accepts, with resolved paths.

    Raises:
        UserError: the checkpoint is not there or of another architecture, or a number does not
            fit.
    """
    check_at_least_1(batch_size=batch_size, steps=num_steps)
    config = default_config()
    prefix = settings = None
    if checkpoint is not None:
        prefix, settings = find_checkpoint(checkpoint)
        config = parse_config(read_text(settings), str(settings)) if settings else config
    ssd, train = config.model.ssd, config.train_config
    ssd.num_classes = num_classes
    if size is not None:
        _set_size(ssd, size)
    train.batch_size = batch_size or batch_size_for(num_images)
    needed = steps_for(num_images, train.batch_size) if prefix else STEPS_FROM_NOTHING
    train.num_steps = num_steps or needed
    _start_from(train, prefix)
    set_schedule(train)
    set_norm_decay(ssd, train.num_steps)
    set_data(config, workspace.label_map, [workspace.record("train")], [workspace.record("test")])
    check_config(config, settings or "the new config")
    return config


def batch_size_for(num_images: int | None) -> int:
    """The default batch size: 8, or fewer when there are fewer images."""
    return min(BATCH_SIZE, num_images) if num_images else BATCH_SIZE


def steps_for(num_images: int | None, batch_size: int) -> int:
    """Steps of a training from a checkpoint: 60 passes over the images, 300 to 3,000 steps."""
    if not num_images:
        return STEPS_FROM_CHECKPOINT
    steps = round(PASSES * num_images / batch_size / ROUND_STEPS_TO) * ROUND_STEPS_TO
    return min(STEPS_FROM_CHECKPOINT, max(LEAST_STEPS, steps))


def set_data(
    config: TrainEvalPipelineConfig,
    label_map: Path,
    train_records: Sequence[Path],
    test_records: Sequence[Path],
    val_records: Sequence[Path] = (),
) -> None:
    """Name the label map and the records, by path or pattern, that a config trains and tests on.

    Records for validation get an eval_input_reader of their own with the name "val".
    """
    readers = config.eval_input_reader
    del readers[1:]
    if not readers:
        readers.add(shuffle=False, num_epochs=1)
    if val_records:
        readers.add(name=VAL, shuffle=False, num_epochs=1)
    parts = (train_records, test_records, val_records)
    for reader, records in zip((config.train_input_reader, *readers), parts, strict=False):
        reader.label_map_path = Path(label_map).as_posix()
        reader.tf_record_input_reader.Clear()
        names = [Path(record).as_posix() for record in records]
        reader.tf_record_input_reader.input_path.extend(names)


def find_checkpoint(checkpoint: str | Path) -> tuple[Path, Path | None]:
    """Find a checkpoint and the config it was made with.

    Args:
        checkpoint: a folder with "checkpoint/ckpt-0.index" (published, exported), a folder with
            "best/ckpt-7.index" or "ckpt-7.index" (trained; the best, else the newest counts), or
            the path of one checkpoint.

    Returns:
        The checkpoint without the endings of its files, and its pipeline.config, or None.

    Raises:
        UserError: there is no checkpoint.
    """
    path = from_user(checkpoint)
    folders = (path / "checkpoint", path / "best", path)
    found = ([*folder.glob("ckpt-*.index")] for folder in folders)
    indices = next(filter(None, found), [])
    if not indices and path.is_dir():
        indices = [*path.glob("*.index")]
    prefix = checkpoint_prefix(path)
    if not any(_number(index) >= 0 for index in indices):
        problems = [*renamed_files(path), *renamed_files(path / "checkpoint")]
        if problems := problems or renamed_files(path.parent, prefix.name):
            raise UserError(*problems)
    if indices:
        prefix = checkpoint_prefix(max(indices, key=_number))
    elif not prefix.with_name(f"{prefix.name}.index").is_file():
        what = "no checkpoint here"
        expected = path / "checkpoint" / "ckpt-0.index"
        remedy = fetch_checkpoint(path)
        raise refusal("no-checkpoint", checkpoint, what, expected=expected, remedy=remedy)
    for folder in (path, prefix.parent, prefix.parent.parent):
        if (folder / "pipeline.config").is_file():
            return prefix, folder / "pipeline.config"
    return prefix, None


def set_schedule(train: TrainConfig) -> None:
    """Fit optimizer and schedule to num_steps and batch_size of a train_config.

    Momentum with cosine decay to 0 at num_steps, after a linear warm-up over a tenth of the steps
    (at most 1000) from a third of the rate; the rate is 0.08 * sqrt(batch_size / 128), and twice
    that where layers are frozen.
    """
    steps = train.num_steps
    rate = RATE_OF_BATCH_128 * min(1.0, train.batch_size / 128) ** 0.5
    rate = round(rate * (RATE_WHEN_FROZEN if train.freeze_variables else 1), 4)
    train.optimizer.Clear()
    momentum = train.optimizer.momentum_optimizer
    momentum.momentum_optimizer_value = 0.9
    cosine = momentum.learning_rate.cosine_decay_learning_rate
    cosine.learning_rate_base = rate
    cosine.total_steps = steps
    cosine.warmup_learning_rate = round(rate / 3, 5)
    cosine.warmup_steps = min(MOST_WARMUP_STEPS, int(steps * WARMUP_SHARE))
    train.optimizer.use_moving_average = False


def norm_decay(steps: int) -> float:
    """The decay of moving statistics that forgets as fast as a training of `steps` needs."""
    return min(MOST_DECAY, max(LEAST_DECAY, round(1 - 1 / (STATISTICS_SHARE * steps), 4)))


def set_norm_decay(ssd: Ssd, steps: int) -> None:
    """Fit the decay of all batch norms to a number of steps."""
    predictor = ssd.box_predictor.weight_shared_convolutional_box_predictor
    for part in (ssd.feature_extractor, predictor):
        if part.conv_hyperparams.HasField("batch_norm"):
            part.conv_hyperparams.batch_norm.decay = norm_decay(steps)


def _start_from(train: TrainConfig, checkpoint: Path | None) -> None:
    old = ("fine_tune_checkpoint", "fine_tune_checkpoint_type", "from_detection_checkpoint")
    for name in (*old, "freeze_variables"):
        train.ClearField(name)
    train.fine_tune_checkpoint_version = type(train).V2
    train.ClearField("use_bfloat16")
    if checkpoint is not None:
        train.fine_tune_checkpoint = checkpoint.as_posix()
        train.fine_tune_checkpoint_type = "transfer"
        train.freeze_variables.append(FROZEN)


def _number(index: Path) -> int:
    number = index.name.removesuffix(".index").rpartition("-")[2]
    return int(number) if number.isdigit() else -1


def _set_size(ssd: Ssd, size: int | tuple[int, int]) -> None:
    height, width = (size, size) if isinstance(size, int) else size
    for side in (height, width):
        if not 2 * SIDE_MULTIPLE <= side <= MOST_SIDE or side % SIDE_MULTIPLE:
            below = min(max(side // SIDE_MULTIPLE, 2), MOST_SIDE // SIDE_MULTIPLE - 1)
            below *= SIDE_MULTIPLE
            what = "does not fit the network"
            expected = f"a multiple of {SIDE_MULTIPLE}, 64 to {MOST_SIDE:,}"
            remedy = Remedy.USE(value=[below, below + SIDE_MULTIPLE])
            raise refusal(
                "image-size", setting="size", what=what, expected=expected, got=side, remedy=remedy
            )
    resizer = ssd.image_resizer.fixed_shape_resizer
    resizer.height, resizer.width = height, width
