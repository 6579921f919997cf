"""Make the pipeline.config of a new model, from what the workspace holds.

Which settings a new config has is `tfod/config/templates.py`. Run it with `tfod config NAME`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfod.config import apply_overrides, check_config, config_text
from tfod.config.comments import explained
from tfod.config.messages import TrainConfig, TrainEvalPipelineConfig
from tfod.config.templates import new_config, set_data, set_norm_decay, set_schedule
from tfod.data.photo_folder import PARTS
from tfod.data.records.file import check_record_file, record_pattern
from tfod.errors import check_at_least_1, refusal
from tfod.files import whole_file
from tfod.labels import read_label_map
from tfod.remedies import Remedy
from tfod.words import plural
from tfod.workspace import Workspace

SETS_SCHEDULE = ("train_config.batch_size", "train_config.num_steps")


@dataclass(frozen=True)
class ConfigOptions:
    """What a new config is to be.

    Attributes:
        checkpoint: folder of a published or exported model to start from; None: random weights.
        size: side of the network's images, px; None: as in the checkpoint's config.
        steps: training steps; None: as many as the number of training images needs, 300 to 3000,
            from a checkpoint, and 10000 from random weights.
        batch_size: images per step; None: 8, or fewer when there are fewer training images.
        overrides: fields to set, see `apply_overrides`. The learning rate is fitted to the batch
            size and the number of steps that are set here too; fields of the optimizer that are
            set here win.
        label_map: the classes; the workspace's when None.
        force: replace a config that says something else.
    """

    checkpoint: Path | None = None
    size: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    overrides: Sequence[str] = ()
    label_map: Path | None = None
    force: bool = False


@dataclass(frozen=True)
class ConfigResult:
    """What was written.

    Attributes:
        path: the pipeline.config.
        num_classes: of the label map.
        image_size: (height, width) of the network's images, px.
        steps, batch_size: of the training.
        checkpoint: prefix of the checkpoint the training starts from; "" for random weights.
        warnings: what works, but not as one may expect.
    """

    path: Path
    num_classes: int
    image_size: tuple[int, int]
    steps: int
    batch_size: int
    checkpoint: str
    warnings: list[str] = field(default_factory=list)


def write_new_config(
    workspace: Workspace, name: str, options: ConfigOptions = ConfigOptions()
) -> ConfigResult:
    """Write the pipeline.config of a model.

    Raises:
        UserError: the name cannot be one; there is no label map; the checkpoint, a record file or
            a setting cannot be used; or another config is there.
    """
    check_name(name)
    check_at_least_1(steps=options.steps, batch_size=options.batch_size)
    config, reasons = _new(workspace, options)
    path = workspace.model(name) / "pipeline.config"
    warnings = check_config(config, path, text="")
    text = explained(config_text(config, workspace), reasons)
    is_other = path.exists() and path.read_text("utf-8", "replace") != text
    if is_other and not options.force:
        what = "a different config already exists"
        raise refusal("config-exists", path, what, remedy=Remedy.OVERWRITE(setting="force"))
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    return ConfigResult(
        path,
        config.model.ssd.num_classes,
        (resizer.height, resizer.width),
        config.train_config.num_steps,
        config.train_config.batch_size,
        config.train_config.fine_tune_checkpoint,
        warnings,
    )


def _new(
    workspace: Workspace, options: ConfigOptions
) -> tuple[TrainEvalPipelineConfig, dict[str, str]]:
    """Make the config, and say why some of its fields have their values."""
    label_map = options.label_map or workspace.label_map
    train, test, val = (record_pattern(workspace.record(part)) for part in PARTS)
    has_val = any(val.parent.glob(val.name))
    if not any(test.parent.glob(test.name)) and has_val:
        has_val, test = False, val  # records of another tool, which calls its test so
    num_images = sum(check_record_file(path) for path in train.parent.glob(train.name))
    config = new_config(
        workspace,
        read_label_map(label_map).num_classes,
        options.checkpoint,
        size=options.size,
        num_steps=options.steps,
        batch_size=options.batch_size,
        num_images=num_images,
    )
    set_data(config, label_map, [train], [test], [val] if has_val else [])
    sizes = [text for text in options.overrides if text.partition("=")[0].strip() in SETS_SCHEDULE]
    if sizes:
        apply_overrides(config, sizes, workspace)
        set_schedule(config.train_config)
        set_norm_decay(config.model.ssd, config.train_config.num_steps)
    apply_overrides(config, options.overrides, workspace)
    return config, _reasons(config.train_config, num_images, options)


def _reasons(train: TrainConfig, num_images: int, options: ConfigOptions) -> dict[str, str]:
    """Field -> why it has its value, where the number of photos decided."""
    if not num_images:
        return {}
    reasons = {}
    passes = max(1, round(train.num_steps * train.batch_size / num_images))
    if options.steps is None and not options.overrides and train.fine_tune_checkpoint:
        reasons["train_config.num_steps"] = (
            f"{plural(passes, 'pass')} over {plural(num_images, 'photo')}"
        )
    if train.batch_size == num_images:
        reasons["train_config.batch_size"] = f"there are {plural(num_images, 'photo')}"
    return reasons


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a model.

    Raises:
        UserError: it cannot.
    """
    if not name or Path(name).name != name or "\\" in name or name[0] == ".":
        what = "cannot be the name of a model"
        expected = "a single word such as masks"
        raise refusal("model-name", setting="name", what=what, expected=expected, got=f'"{name}"')
