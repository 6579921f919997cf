"""What a trial may change in a config: rate, what is restored, augmentation, size.

Knows configs, nothing of trials that were made.
"""

from collections.abc import Mapping
from typing import Any

from tfod.config.messages import TrainConfig, TrainEvalPipelineConfig
from tfod.config.templates import SIDE_MULTIPLE

Settings = Mapping[str, Any]
KEPT = "as it is"
RATES = (0.25, 4.0)  # times the rate of the config
SIZES = (0.75, 1.0, 1.25)  # times its sides
RECIPES = ("transfer", "detection")
AUGMENTATIONS = (KEPT, "flip", "flip and crop", "flip, crop and colour")
AS_IT_IS = {"rate": 1.0, "recipe": KEPT, "augmentation": KEPT, "size": 1.0}


def choose(trial: Any, config: TrainEvalPipelineConfig) -> dict[str, Any]:
    """Let an Optuna trial choose settings for a config."""
    recipes: tuple[str, ...] = (KEPT,)
    if config.train_config.fine_tune_checkpoint_type in RECIPES:
        now = config.train_config.fine_tune_checkpoint_type
        recipes = (KEPT, *(recipe for recipe in RECIPES if recipe != now))
    return {
        "rate": trial.suggest_float("rate", *RATES, log=True),
        "recipe": trial.suggest_categorical("recipe", recipes),
        "augmentation": trial.suggest_categorical("augmentation", AUGMENTATIONS),
        "size": trial.suggest_categorical("size", SIZES),
    }


def apply(settings: Settings, config: TrainEvalPipelineConfig) -> None:
    """Change a config as chosen."""
    train = config.train_config
    _multiply_rates(train, settings["rate"])
    if settings["recipe"] != KEPT:
        train.fine_tune_checkpoint_type = settings["recipe"]
    if settings["augmentation"] != KEPT:
        del train.data_augmentation_options[:]
        train.data_augmentation_options.add().random_horizontal_flip.SetInParent()
        if "crop" in settings["augmentation"]:
            train.data_augmentation_options.add().ssd_random_crop.SetInParent()
        if "colour" in settings["augmentation"]:
            train.data_augmentation_options.add().random_adjust_brightness.max_delta = 0.2
            train.data_augmentation_options.add().random_adjust_contrast.SetInParent()
            train.data_augmentation_options.add().random_adjust_saturation.SetInParent()
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    for side in ("height", "width"):
        wanted = getattr(resizer, side) * settings["size"]
        setattr(resizer, side, max(1, round(wanted / SIDE_MULTIPLE)) * SIDE_MULTIPLE)


def _multiply_rates(train: TrainConfig, factor: float) -> None:
    """Multiply every rate of the schedule, whichever it is."""
    kind = train.optimizer.WhichOneof("optimizer")
    rate = getattr(train.optimizer, kind or "momentum_optimizer").learning_rate
    which = rate.WhichOneof("learning_rate")
    if which is None:
        return
    schedule = getattr(rate, which)
    for field, value in schedule.ListFields():
        if field.name.endswith(("learning_rate", "learning_rate_base")):
            setattr(schedule, field.name, round(value * factor, 6))
    for change in getattr(schedule, "schedule", ()):
        change.learning_rate = round(change.learning_rate * factor, 6)
