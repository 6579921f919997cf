"""Training on drawn images: it learns, repeats itself with a seed, resumes, and writes old tags."""

import re
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem
from training import after, small_config, summaries

from tfod.camera.scenes import draw_scene
from tfod.class_numbers import keep_label_map
from tfod.config import read_config, write_config
from tfod.config.templates import new_config
from tfod.labels import read_label_map, write_label_map
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.ssd import SSD
from tfod.progress import Status
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.train.finite import check_weights
from tfod.steps.train.optimizer import Optimizer
from tfod.steps.train.start import fine_tune_type, keep_config, newest, read_to_train, start
from tfod.steps.train.step import TrainStep
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

HERE = Workspace(".")


def same_weights(prefix, other):
    """Assert that model and optimizer slots of two checkpoints are the same numbers."""
    both = []
    for checkpoint in (read_checkpoint(prefix), read_checkpoint(other)):
        slots = checkpoint.slots["momentum"]
        momentum = {f"{key}/momentum": value for key, value in slots.items()}
        both.append(checkpoint.variables | momentum)
    assert both[0].keys() == both[1].keys()
    for key, value in both[0].items():
        np.testing.assert_allclose(value, both[1][key], rtol=1e-4, atol=1e-6, err_msg=key)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Config and result of four steps in the order of the records; not to be changed."""
    folder = tmp_path_factory.mktemp("trained")
    config = small_config(folder, range(4), "train_input_reader.shuffle=false")
    del config.train_config.data_augmentation_options[:]
    options = TrainOptions(checkpoint_every=2, seed=3)
    return config, train(HERE, config, folder / "model", options)


@pytest.mark.slow
def test_one_image_is_learnt_by_heart(tmp_path):
    index = next(i for i in range(50) if len(draw_scene(i, size=(96, 96))[2]) == 2)
    config = small_config(tmp_path, [index])
    config.train_config.num_steps, config.train_config.batch_size = 120, 1
    del config.train_config.data_augmentation_options[:]
    rate = config.train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate
    rate.total_steps, rate.warmup_steps, rate.learning_rate_base = 120, 10, 0.1
    result = train(HERE, config, tmp_path / "model", TrainOptions(seed=0))
    first = summaries(tmp_path / "model")["Loss/total_loss"][1]
    assert result.losses["Loss/total_loss"] < 0.1 * first
    figures = evaluate(config, tmp_path / "model").figures
    assert figures["DetectionBoxes_Precision/mAP@.50IOU"] == pytest.approx(1.0)


def test_a_seed_repeats_a_run_and_a_resumed_run_goes_on_with_the_optimizer(trained, tmp_path):
    """2 batches are a pass, so a run stopped at step 2 sees the same batches after it."""
    config, whole = trained
    half = train(HERE, config, tmp_path, TrainOptions(seed=3), stop=after(2))
    assert half.interrupted and half.last_step == 2
    same_weights(whole.checkpoint.with_name("ckpt-2"), half.checkpoint)
    resumed = train(HERE, config, tmp_path, TrainOptions(seed=3))
    assert (resumed.first_step, resumed.last_step) == (2, 4) and not resumed.interrupted
    same_weights(whole.checkpoint, resumed.checkpoint)


def test_a_model_that_is_trained_far_enough_is_left_alone(trained, tmp_path):
    """Even when its records are gone."""
    config, whole = trained
    model = whole.checkpoint.parent
    before = {path: path.stat().st_mtime_ns for path in model.rglob("*")}
    gone = small_config(tmp_path)
    (tmp_path / "scenes.record").unlink()
    for options, asked in ((TrainOptions(), config), (TrainOptions(steps=3), gone)):
        result = train(HERE, asked, model, options)
        assert (result.first_step, result.last_step, result.losses) == (4, 4, {})
        assert result.checkpoint == whole.checkpoint and not result.interrupted
    assert {path: path.stat().st_mtime_ns for path in model.rglob("*")} == before


def test_checkpoints_and_summaries_are_where_the_old_api_has_them(trained):
    config, result = trained
    model = result.checkpoint.parent
    steps = {}
    for path in sorted(model.glob("ckpt-*.index")):
        steps[path.stem] = int(read_checkpoint(path.with_suffix("")).variables["step"])
    assert steps == {"ckpt-1": 0, "ckpt-2": 2, "ckpt-3": 4}
    assert result.checkpoint == model / "ckpt-3"
    losses = {f"Loss/{name}_loss" for name in ("localization", "classification", "total")}
    tags = summaries(model).keys()
    assert tags >= losses | {"learning_rate", "steps_per_sec", "train_input_images"}
    assert read_config(model / "pipeline.config", HERE) == config


def cosine_of(config):
    return config.train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate


def test_more_steps_than_the_schedule_has_stretch_it(trained, tmp_path):
    """Trained to its end, then asked for more: the rate is above 0, and the config says so."""
    config, whole = trained
    shutil.copytree(whole.checkpoint.parent, tmp_path / "model")
    status = Status()
    train(HERE, config, tmp_path / "model", TrainOptions(steps=8, seed=3), status)
    rates = summaries(tmp_path / "model")["learning_rate"]
    assert min(rates[5], rates[8]) > 0
    (note,) = [note for note in status.notes if note.startswith("note:")]
    assert "falls to 0 at step 8 instead of 4" in note
    written = read_config(tmp_path / "model" / "pipeline.config", HERE)
    assert written.train_config.num_steps == cosine_of(written).total_steps == 8
    assert config.train_config.num_steps == 4, "the caller's config is as it was"


def test_an_old_config_whose_schedule_ends_early_trains_as_it_says(tmp_path):
    config = small_config(tmp_path)
    cosine_of(config).total_steps = 2
    status = Status()
    train(HERE, config, tmp_path / "model", TrainOptions(seed=0), status)
    assert summaries(tmp_path / "model")["learning_rate"][4] == 0
    (warning,) = [note for note in status.notes if note.startswith("warning:")]
    assert "total_steps is 2, but train_config.num_steps is 4" in warning
    written = read_config(tmp_path / "model" / "pipeline.config", HERE)
    assert cosine_of(written).total_steps == 2


def test_progress_tells_step_loss_and_speed(trained, tmp_path):
    status = Status()
    train(HERE, trained[0], tmp_path, TrainOptions(seed=3), status)
    assert (status.current.what, status.current.done, status.current.total) == ("training", 4, 4)
    shown = r"class N box N  total N reg N  \d.* images/s".replace("N", r"\d+\.\d+")
    assert re.fullmatch(shown, status.current.detail)
    assert status.notes[0].startswith("device: ") and "starting from random weights" in status.notes


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_numbers_are_never_saved(value):
    """The loss may still be a number on the step that ruins the weights."""
    good, bad = keras.Variable([1.0, 2.0]), keras.Variable([1.0, value])
    check_weights({"model/a": good}, 7, None)
    with raises_problem("weights-not-finite", what="step 7", got="model/b") as problems:
        check_weights({"model/a": good, "model/b": bad}, 7, Path("m/ckpt-3"))
    assert "the last good weights are in m/ckpt-3" in problems[0].what


def test_a_loss_that_is_not_finite_stops_updates_and_names_its_step_files_and_boxes(
    trained, tmp_path, monkeypatch
):
    """It is found at the next look at the device, here at the end; step 2 is the bad one."""
    config, whole = trained
    scale = tf.Variable(1.0)
    losses = SSD.losses

    def spoilt(*args):
        good = losses(*args)
        return {**good, "Loss/total_loss": good["Loss/total_loss"] / scale}

    monkeypatch.setattr(SSD, "losses", spoilt)
    answers = iter([0.0, 1.0, 1.0, 1.0])  # the loss of step 2 is infinite, later ones are fine

    def stop():
        scale.assign(next(answers))
        return False

    options = TrainOptions(seed=3)
    with raises_problem("loss-not-finite", what="step 2:", remedy="check-images-or-rate") as found:
        train(HERE, config, tmp_path, options, stop=stop)
    what, got = found[0].what, found[0].got
    assert re.search(r"scene_2\.png \(boxes \d\.\d+-\d\.\d+-\d\.\d+-\d\.\d+", what)
    assert "scene_3.png" in what and "scene_0.png" not in what
    assert "the checkpoint this run started from" in what and "Loss/total_loss inf" in got
    assert {path.stem for path in tmp_path.glob("ckpt-*.index")} == {"ckpt-1"}, "nothing is saved"


def test_no_update_is_made_from_the_first_bad_step_on(trained):
    config, _ = trained
    model = SSD(config.model.ssd, seed=0)
    step = TrainStep(model, Optimizer(config.train_config), True)
    batch = {
        "image": tf.zeros([2, 96, 96, 3]),
        "boxes": tf.constant([[[0.1, 0.1, 0.6, 0.6]]] * 2),
        "class_ids": tf.zeros([2, 1], tf.int32),
        "weights": tf.ones([2, 1]),
    }
    bad = {**batch, "weights": tf.fill([2, 1], np.inf)}

    def kernels():
        return [variable.numpy() for variable in model.trainable_variables]

    assert np.isfinite(step(batch, tf.constant(0, tf.int64))["learning_rate"])
    before = kernels()
    for number, one in enumerate((bad, batch), 1):
        assert np.isnan(step(one, tf.constant(number, tf.int64))["learning_rate"])
    assert step.first_bad_step.numpy() == 2
    for value, same in zip(before, kernels(), strict=True):
        np.testing.assert_array_equal(value, same)


@pytest.mark.parametrize(
    ("options", "setting"),
    [
        (TrainOptions(steps=0), "steps"),
        (TrainOptions(checkpoint_every=0), "checkpoint_every"),
        (TrainOptions(steps=2, evaluate_every=-1), "evaluate_every"),
        (TrainOptions(steps=2, patience=-1), "patience"),
        (TrainOptions(), "train_config.num_steps"),
    ],
)
def test_without_steps_nothing_is_written(tmp_path, options, setting):
    config = small_config(tmp_path)
    config.train_config.num_steps = 0 if "." in setting else 4
    with raises_problem("number-out-of-range", setting=setting):
        train(HERE, config, tmp_path / "model", options)
    assert not (tmp_path / "model").exists()


def test_the_config_as_run_is_kept_and_another_one_is_not_lost(tmp_path):
    config = small_config(tmp_path)
    path = tmp_path / "model" / "pipeline.config"
    keep_config(config, path.parent, HERE)
    text = path.read_text()
    path.write_text(f"# my comment\n{text}")
    keep_config(config, path.parent, HERE)
    assert path.read_text().startswith("# my comment"), "the same settings are left as they are"
    config.train_config.batch_size = 3
    keep_config(config, path.parent, HERE)
    assert read_config(path, HERE).train_config.batch_size == 3
    assert path.with_suffix(".config.old").read_text().startswith("# my comment")


def test_transfer_from_an_own_training_takes_the_class_head_of_the_same_classes(trained, tmp_path):
    first = trained[1].checkpoint
    config = small_config(tmp_path)
    config.train_config.fine_tune_checkpoint = str(first)
    config.train_config.fine_tune_checkpoint_type = "transfer"

    def said(*names):
        status, model = Status(), SSD(config.model.ssd, seed=1)
        start(config, model, Optimizer(config.train_config), None, dict(enumerate(names)), status)
        return status.notes[0]

    restored, total = re.search(
        r"restored (\d+) of (\d+)", said("circle", "square", "triangle")
    ).groups()
    assert restored == total
    line = said("square", "circle", "triangle")
    assert "not restored: class head (3): " in line and "has different class names" in line
    assert str(first.with_name("label_map.pbtxt")) in line


def test_the_label_map_is_kept_and_another_one_is_not_lost(tmp_path):
    source, path = tmp_path / "label_map.pbtxt", tmp_path / "model" / "label_map.pbtxt"
    write_label_map(source, ["circle", "square"])
    path.parent.mkdir()
    path.write_text("# mine\n" + source.read_text())
    first = path.read_bytes()
    keep_label_map(read_label_map(source), path.parent)
    assert path.read_bytes() == first, "says the same"
    write_label_map(source, ["cat"])
    keep_label_map(read_label_map(source), path.parent)
    assert path.read_bytes() == source.read_bytes()
    assert path.with_name("label_map.pbtxt.old").read_bytes() == first
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"fine_tune_checkpoint_type": "transfer"}, "transfer"),
        ({"from_detection_checkpoint": True}, "detection"),
        ({}, "classification"),
    ],
)
def test_an_empty_type_means_what_it_meant(settings, expected):
    train_config = new_config(HERE, 1).train_config
    train_config.ClearField("fine_tune_checkpoint_type")
    for name, value in settings.items():
        setattr(train_config, name, value)
    assert fine_tune_type(train_config) == expected


def test_a_folder_without_a_checkpoint_has_no_newest(tmp_path):
    assert newest(tmp_path) is None


def test_a_config_without_train_config_is_refused(tmp_path):
    config = small_config(tmp_path)
    config.ClearField("train_config")
    write_config(config, tmp_path / "pipeline.config", HERE)
    with raises_problem("config-setting-missing", setting="train_config.optimizer"):
        read_to_train(HERE, tmp_path / "pipeline.config")
