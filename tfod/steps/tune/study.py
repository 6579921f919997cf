"""The database of trials: what was tried of a config, and what counts."""

from pathlib import Path
from typing import Any

from tfod.config import config_text
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.data.records.check import record_files
from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.run_file import sha256
from tfod.steps.tune.choices import AS_IT_IS

STARTUP_TRIALS = 4  # before any is ended early


def load_optuna() -> Any:
    """Import Optuna, and let it say only what is wrong."""
    try:
        import optuna
    except ModuleNotFoundError as error:
        remedy = Remedy.INSTALL(package="optuna")
        raise refusal("package-missing", "optuna", "is not installed", remedy=remedy) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def open_study(
    optuna: Any, config: TrainEvalPipelineConfig, folder: Path, steps: int, seed: int
) -> Any:
    """The trials of this config, these photos and so many steps, made so far."""
    from sqlalchemy.pool import NullPool  # it comes with Optuna

    folder.mkdir(parents=True, exist_ok=True)
    files = [Path(path) for path in record_files(config.train_input_reader)]
    before = folder / "pipeline.config"
    before.write_text(config_text(config), encoding="utf-8")
    name = f"{sha256(before, *files)[:16]}-{steps}-{seed}"
    address = f"sqlite:///{(folder / 'study.db').absolute().as_posix()}"
    # without a pool the file is closed after each use; Windows cannot move an open one
    storage = optuna.storages.RDBStorage(address, engine_kwargs={"poolclass": NullPool})
    known = optuna.get_all_study_names(storage)
    made = len(optuna.load_study(study_name=name, storage=storage).trials) if name in known else 0
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed + made, n_startup_trials=STARTUP_TRIALS),
        pruner=optuna.pruners.MedianPruner(STARTUP_TRIALS, n_warmup_steps=steps // 3),
    )
    for trial in study.trials:
        if trial.state == optuna.trial.TrialState.RUNNING:  # of a call that was killed
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    if not made_of(study):
        study.enqueue_trial(AS_IT_IS)
    return study


def made_of(study: Any) -> list[Any]:
    """Trials that count: complete ones, and those that were ended for being worse."""
    return [trial for trial in study.trials if trial.state.name in ("COMPLETE", "PRUNED")]
