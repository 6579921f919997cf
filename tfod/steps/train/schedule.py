"""Whether the learning rate of a config fits its number of steps and its batch size.

Only the cosine decay has an end; the other schedules go on for ever and are never stretched.
"""

from collections.abc import Sequence

from tfod.config.messages import CosineDecayLearningRate, LearningRate, TrainConfig

LARGEST_BATCH = 128  # from which on the rate does not grow any more, as in `config/templates.py`
TOTAL_STEPS = "cosine_decay_learning_rate.total_steps"


def fit_schedule(train_config: TrainConfig, num_steps: int) -> str:
    """Set num_steps, and let a schedule that was made for num_steps end with them, in place.

    Warm-up and hold keep their share of the steps. A schedule that goes on beyond the config's
    num_steps, as in many published configs, is only stretched when it is shorter than the new
    number of steps.

    Returns:
        A note for the user; "" when the schedule stays as it is.
    """
    made_for, train_config.num_steps = train_config.num_steps, num_steps
    cosine = _cosine(train_config)
    if cosine is None:
        return ""
    total, warmup = cosine.total_steps, cosine.warmup_steps
    if total == num_steps or (total > made_for and total > num_steps):
        return ""
    share = num_steps / max(total, 1)
    cosine.total_steps = num_steps
    cosine.warmup_steps = min(max(round(warmup * share), int(warmup > 0)), num_steps)
    cosine.hold_base_rate_steps = int(cosine.hold_base_rate_steps * share)
    note = f"the learning rate now falls to 0 at step {num_steps:,} instead of {total:,}"
    if warmup:
        note += f", after {cosine.warmup_steps:,} instead of {warmup:,} steps of warm-up"
    return note


def early_end(train_config: TrainConfig) -> str:
    """Warn of a schedule that ends before the training does; "" when it does not."""
    cosine, num_steps = _cosine(train_config), train_config.num_steps
    if cosine is None or cosine.total_steps >= num_steps:
        return ""
    end = cosine.total_steps
    return (
        f"{TOTAL_STEPS} is {end}, but train_config.num_steps is {num_steps}: the learning rate is "
        f"0 from step {end} on, so the last {num_steps - end:,} steps change nothing"
    )


def batch_size_note(
    train_config: TrainConfig, written_for: int, overrides: Sequence[str] = ()
) -> list[str]:
    """Say which learning rate would fit a batch size other than the one a config was written for.

    The rate that fits goes with the square root of the batch size (`config/templates.py`). In a
    run the config decides, so the rate stays as it is written.

    Returns:
        One note; none when the batch size is the same or the rate was set too.
    """
    rates = [path for path in overrides if path.strip().startswith("train_config.optimizer")]
    base = _base_rate(train_config)
    batch_size = train_config.batch_size
    if batch_size == written_for or rates or not base or written_for < 1:
        return []
    fitting = base * (_share(batch_size) / _share(written_for)) ** 0.5
    return [
        f"the learning rate stays {base:.3g} as written in the config, which suits batches of "
        f"{written_for}; {fitting:.2g} would fit batches of {batch_size}"
    ]


def _share(batch_size: int) -> float:
    return min(1.0, batch_size / LARGEST_BATCH)


def _base_rate(train_config: TrainConfig) -> float:
    """The highest rate of a schedule; 0 when none is set."""
    rate = _rate(train_config)
    kind = None if rate is None else rate.WhichOneof("learning_rate")
    if kind is None:
        return 0.0
    schedule = getattr(rate, kind)
    names = ("learning_rate_base", "initial_learning_rate", "learning_rate")
    return next(float(getattr(schedule, name)) for name in names if hasattr(schedule, name))


def _cosine(train_config: TrainConfig) -> CosineDecayLearningRate | None:
    """The cosine_decay_learning_rate message, if that is the schedule in use."""
    rate = _rate(train_config)
    if rate is None or rate.WhichOneof("learning_rate") != "cosine_decay_learning_rate":
        return None
    return rate.cosine_decay_learning_rate


def _rate(train_config: TrainConfig) -> LearningRate | None:
    kind = train_config.optimizer.WhichOneof("optimizer")
    return None if kind is None else getattr(train_config.optimizer, kind).learning_rate
