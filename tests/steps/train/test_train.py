"""Training on drawn images: it learns, repeats itself with a seed, resumes, and writes old tags."""

import io
import re
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console
from tfod.steps.train.stop import stop_when_weights_are_not_finite

from tfod.camera.scenes import draw_scene
from tfod.config import apply_overrides, read_config
from tfod.config.templates import new_config, set_data
from tfod.data.records.file import encode_example, frame
from tfod.errors import UserError
from tfod.labels import write_label_map
from tfod.model.checkpoints.save import read_checkpoint
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.train.start import fine_tune_type, keep_config, keep_label_map
from tfod.steps.train.train import train
from tfod.workspace import Workspace

PREDICTOR = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
SMALL = (
    "model.ssd.feature_extractor.depth_multiplier=0.35",
    "model.ssd.feature_extractor.fpn.max_level=5",
    "model.ssd.anchor_generator.multiscale_anchor_generator.max_level=5",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay=0.9",
    f"{PREDICTOR}.conv_hyperparams.batch_norm.decay=0.9",
    f"{PREDICTOR}.depth=32",
    f"{PREDICTOR}.num_layers_before_predictor=1",
)
QUIET = Console(file=io.StringIO())


def records(path, indices, size=(96, 96)):
    """Write drawn scenes, one record each."""
    rows = []
    for index in indices:
        image, boxes, names = draw_scene(index, size=size)
        features = {
            "image/encoded": (bytes, [cv2.imencode(".png", image[..., ::-1])[1].tobytes()]),
            "image/format": (bytes, [b"png"]),
            "image/filename": (bytes, [f"scene_{index}.png".encode()]),
            "image/object/class/text": (bytes, [name.encode() for name in names]),
        }
        for side, values in zip(("ymin", "xmin", "ymax", "xmax"), boxes.T.tolist(), strict=True):
            features[f"image/object/bbox/{side}"] = (float, values)
        rows.append(frame(encode_example(features)))
    path.write_bytes(b"".join(rows))


def small_config(folder, indices=range(6), *settings):
    """A narrow detector of 96 px images on drawn scenes, which are also the test images."""
    write_label_map(folder / "label_map.pbtxt", ["circle", "square", "triangle"])
    records(folder / "scenes.record", indices)
    paths = [folder / "scenes.record"]
    config = new_config(Workspace(folder), 3, size=96, num_steps=4, batch_size=2)
    set_data(config, folder / "label_map.pbtxt", paths, paths)
    apply_overrides(config, [*SMALL, *settings])
    return config


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


def summaries(model_dir):
    """Tag -> step -> value, of all that TensorBoard shows."""
    found = {}
    for path in (model_dir / "train").glob("events*"):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                found.setdefault(value.tag, {})[event.step] = tf.make_ndarray(value.tensor)
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Config and result of four steps in the order of the records; not to be changed."""
    folder = tmp_path_factory.mktemp("trained")
    config = small_config(folder, range(4), "train_input_reader.shuffle=false")
    del config.train_config.data_augmentation_options[:]
    options = {"checkpoint_every_n": 2, "seed": 3, "console": QUIET}
    return config, train(config, folder / "model", **options)


@pytest.mark.slow
def test_one_image_is_learnt_by_heart(tmp_path):
    index = next(i for i in range(50) if len(draw_scene(i, size=(96, 96))[2]) == 2)
    config = small_config(tmp_path, [index])
    config.train_config.num_steps, config.train_config.batch_size = 120, 1
    del config.train_config.data_augmentation_options[:]
    rate = config.train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate
    rate.total_steps, rate.warmup_steps, rate.learning_rate_base = 120, 10, 0.1
    last = train(config, tmp_path / "model", seed=0, console=QUIET).losses["Loss/total_loss"]
    assert last < 0.1 * summaries(tmp_path / "model")["Loss/total_loss"][1]
    figures = evaluate(config, tmp_path / "model", console=QUIET).figures
    assert figures["DetectionBoxes_Precision/mAP@.50IOU"] == pytest.approx(1.0)


def test_a_seed_repeats_a_run_and_a_resumed_run_goes_on_with_the_optimizer(trained, tmp_path):
    """2 batches are a pass, so a run stopped at step 2 sees the same batches after it."""
    config, whole = trained
    half = train(config, tmp_path, num_steps=2, seed=3, console=QUIET)
    same_weights(whole.checkpoint.with_name("ckpt-2"), half.checkpoint)
    resumed = train(config, tmp_path, seed=3, console=QUIET)
    assert (resumed.first_step, resumed.last_step) == (2, 4)
    same_weights(whole.checkpoint, resumed.checkpoint)


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
    assert read_config(model / "pipeline.config", Workspace(".")) == config


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_numbers_are_never_saved(value):
    """The loss may still be a number on the step that ruins the weights."""
    good, bad = keras.Variable([1.0, 2.0]), keras.Variable([1.0, value])
    stop_when_weights_are_not_finite({"model/a": good}, 7, None)
    match = r"step 7: the weights .* \(first model/b\) .* good weights are in m/ckpt-3"
    with pytest.raises(UserError, match=match):
        stop_when_weights_are_not_finite({"model/a": good, "model/b": bad}, 7, Path("m/ckpt-3"))


def test_without_steps_nothing_is_written(tmp_path):
    config = small_config(tmp_path)
    with pytest.raises(UserError, match="num_steps is 0"):
        train(config, tmp_path / "model", num_steps=0, console=QUIET)
    assert not (tmp_path / "model").exists()


def test_the_config_as_run_is_kept_and_another_one_is_not_lost(tmp_path):
    config = small_config(tmp_path)
    path = tmp_path / "model" / "pipeline.config"
    keep_config(config, path.parent)
    text = path.read_text()
    path.write_text(f"# my comment\n{text}")
    keep_config(config, path.parent)
    assert path.read_text().startswith("# my comment"), "the same settings are left as they are"
    config.train_config.batch_size = 3
    keep_config(config, path.parent)
    assert read_config(path, Workspace(".")).train_config.batch_size == 3
    assert path.with_suffix(".config.old").read_text().startswith("# my comment")


def test_transfer_from_an_own_training_takes_the_class_head_of_the_same_classes(trained, tmp_path):
    """The records are gone, so each run ends after it said what it began with."""
    first = trained[1].checkpoint
    config = small_config(tmp_path)
    (tmp_path / "scenes.record").unlink()
    config.train_config.fine_tune_checkpoint = str(first)
    config.train_config.fine_tune_checkpoint_type = "transfer"

    def said(name):
        console = Console(file=io.StringIO(), width=1000)
        with pytest.raises(UserError, match="no such record file"):
            train(config, tmp_path / name, num_steps=1, seed=1, console=console)
        return next(line for line in console.file.getvalue().splitlines() if "restored" in line)

    restored, total = re.search(r"restored (\d+) of (\d+)", said("second")).groups()
    assert restored == total
    write_label_map(tmp_path / "label_map.pbtxt", ["square", "circle", "triangle"])
    line = said("third")
    assert "not restored: class head (3): other class names in" in line
    assert str(first.with_name("label_map.pbtxt")) in line


def test_the_label_map_is_kept_and_another_one_is_not_lost(tmp_path):
    config = small_config(tmp_path)
    source, path = tmp_path / "label_map.pbtxt", tmp_path / "model" / "label_map.pbtxt"
    first = source.read_bytes()
    for _ in range(2):
        keep_label_map(config, path.parent)
        assert path.read_bytes() == first
    write_label_map(source, ["cat"])
    keep_label_map(config, path.parent)
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
def test_an_empty_type_means_what_it_meant(tmp_path, settings, expected):
    train_config = new_config(Workspace("."), 1).train_config
    train_config.ClearField("fine_tune_checkpoint_type")
    for name, value in settings.items():
        setattr(train_config, name, value)
    assert fine_tune_type(train_config) == expected
