"""Trials of settings: never on test, ended early, resumable; the result is a config."""

import json
import sys
from dataclasses import asdict

import pytest
from refusals import raises_problem

from tfod.config import read_config, write_config
from tfod.config.templates import new_config
from tfod.data.records.file import check_record_file, encode_example, frame
from tfod.model.checkpoints.best import Best, read_best
from tfod.steps.train.loop import TrainResult
from tfod.steps.tune import tune as module
from tfod.steps.tune.choices import AS_IT_IS, apply
from tfod.steps.tune.tune import TuneOptions, tune
from tfod.workspace import Workspace


@pytest.fixture
def config(tmp_path):
    return new_config(Workspace(tmp_path), 3, size=320)


def test_settings_as_they_are_change_nothing(config):
    before = config.SerializeToString()
    apply(AS_IT_IS, config)
    assert config.SerializeToString() == before


def test_each_choice_changes_its_field(config):
    cosine = config.train_config.optimizer.momentum_optimizer.learning_rate
    before = cosine.cosine_decay_learning_rate.learning_rate_base
    config.train_config.fine_tune_checkpoint_type = "transfer"
    chosen = {"rate": 0.5, "recipe": "detection", "augmentation": "flip and crop", "size": 0.75}
    apply(chosen, config)
    assert cosine.cosine_decay_learning_rate.learning_rate_base == pytest.approx(before / 2)
    assert config.train_config.fine_tune_checkpoint_type == "detection"
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    assert (resizer.height, resizer.width) == (256, 256), "a multiple of 32"
    steps = [
        one.WhichOneof("preprocessing_step")
        for one in config.train_config.data_augmentation_options
    ]
    assert steps == ["random_horizontal_flip", "ssd_random_crop"]


def rate_of(config):
    """The rate of a config."""
    momentum = config.train_config.optimizer.momentum_optimizer
    return momentum.learning_rate.cosine_decay_learning_rate.learning_rate_base


class Trainings:
    """Stands for `train`: the mAP rises with the rate and the steps, and nothing is trained."""

    def __init__(self):
        self.places, self.rates = [], []

    def __call__(self, workspace, config, place, options, progress, stop):
        (reader,) = config.eval_input_reader
        assert reader.name == "val"
        assert reader.tf_record_input_reader.input_path[0].endswith("/val.record")
        self.places.append(place)
        self.rates.append(rate_of(config))
        (place / "best").mkdir(parents=True)
        (place / "ckpt-1.index").touch()
        for step in range(options.evaluate_every, options.steps + 1, options.evaluate_every):
            best = Best(step, rate_of(config) * step, "val", 2, {})
            (place / "best/best.json").write_text(json.dumps(asdict(best)))
            if stop():
                break
        is_over = step == options.steps
        return TrainResult(0, step, place, interrupted=not is_over, best=read_best(place))


@pytest.fixture
def tuned(tmp_path, config, monkeypatch):
    """A workspace with 20 records and a model, and what stands for its trainings."""
    pytest.importorskip("optuna")
    here = Workspace(tmp_path)
    here.annotations.mkdir()
    rows = [encode_example({"image/encoded": (bytes, [bytes([n])])}) for n in range(20)]
    here.record("train").write_bytes(b"".join(map(frame, rows)))
    write_config(config, here.model("masks") / "pipeline.config", here)
    trainings = Trainings()
    monkeypatch.setattr(module, "train", trainings)
    return here, config, trainings


def test_the_best_is_a_config_and_the_same_call_goes_on(tuned):
    here, config, trainings = tuned
    before = config.SerializeToString()
    options = TuneOptions(trials=8, steps=30)
    result = tune(here, config, here.model("masks"), options)
    assert config.SerializeToString() == before and result.left == 0
    assert trainings.rates[0] == rate_of(config), "the settings as they are come first"
    assert result.as_it_is.mean_ap == pytest.approx(30 * rate_of(config))
    assert result.best.mean_ap == pytest.approx(30 * max(trainings.rates))
    assert {one.state for one in result.trials} == {"complete", "pruned"}
    made = read_config(result.config, here)
    assert result.config == here.model("masks-tuned") / "pipeline.config"
    assert rate_of(made) == pytest.approx(max(trainings.rates))
    before = read_config(here.model("masks") / "pipeline.config", here)
    assert made.eval_input_reader == before.eval_input_reader
    counts = [check_record_file(here.tune / f"masks/{part}.record") for part in ("train", "val")]
    assert counts == [16, 4] and result.photos == "a fifth of train"
    assert not list(here.tune.rglob("ckpt-*"))

    (here.model("masks-tuned") / "ckpt-1.index").touch()  # somebody has trained it
    again = tune(here, config, here.model("masks"), TuneOptions(trials=9, steps=30))
    assert len(trainings.places) == 9 and len(again.trials) == 9
    assert again.config == here.model("masks-tuned2") / "pipeline.config"
    assert tune(here, config, here.model("masks"), options).trials == again.trials
    assert len(trainings.places) == 9


def test_an_interrupted_trial_does_not_count(tuned):
    here, config, trainings = tuned
    stopped = tune(
        here, config, here.model("masks"), TuneOptions(trials=3, steps=30),
        stop=lambda: bool(trainings.places),
    )  # fmt: skip
    assert (stopped.left, stopped.best, stopped.config) == (3, None, None)
    result = tune(here, config, here.model("masks"), TuneOptions(trials=3, steps=30))
    assert result.left == 0 and result.as_it_is is not None


def test_what_is_refused(tuned, monkeypatch):
    here, config, _ = tuned
    with raises_problem("number-out-of-range", setting="trials"):
        tune(here, config, here.model("masks"), TuneOptions(trials=0))
    rows = here.record("train").read_bytes()
    here.record("train").write_bytes(rows[: len(rows) // 20 * 5])
    with raises_problem("too-few-photos", got=5):
        tune(here, config, here.model("masks"))
    monkeypatch.setitem(sys.modules, "optuna", None)
    with raises_problem("package-missing", where="optuna"):
        tune(here, config, here.model("masks"))
