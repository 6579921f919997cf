"""Statistics of norms: re-estimated they are plain means, and a new config ends with good ones."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from detector_config import ssd_config
from training import small_config

from tfod.config import apply_overrides
from tfod.config.templates import NORM_DECAYS, norm_decay
from tfod.data.batches.pipeline import eval_examples, train_batches
from tfod.data.records.check import open_records
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.ssd import SSD
from tfod.model.statistics import reestimate
from tfod.steps.evaluate.coco import PRECISION, coco_figures
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.evaluate.measure import make_eval_step, measure
from tfod.steps.export.export import ExportOptions, export
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

STEPS = 160


def batches(count, seed=0):
    draw = np.random.default_rng(seed)
    for _ in range(count):
        yield {"image": tf.constant(draw.uniform(-1, 1, (2, 64, 64, 3)), tf.float32)}


def test_they_are_the_mean_over_batches_and_weights_stay():
    size = "image_resizer { fixed_shape_resizer { height: 64 width: 64 } }"
    model = SSD(ssd_config(size), seed=0)
    model.freeze(["bn_Conv1"])
    kernels = {key: v.numpy() for key, v in model.variables_by_key.items() if v.trainable}
    frozen = model.network.get_layer("bn_Conv1").moving_mean.numpy()
    assert reestimate(model, batches(3)) == 3
    norm = model.network.get_layer("expanded_conv_depthwise_BN")
    inner = keras.Model(model.network.inputs, norm.input)
    wanted = np.mean([np.mean(inner(b["image"], training=True), (0, 1, 2)) for b in batches(3)], 0)
    np.testing.assert_allclose(norm.moving_mean.numpy(), wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(model.network.get_layer("bn_Conv1").moving_mean, frozen)
    for key, value in kernels.items():
        np.testing.assert_array_equal(model.variables_by_key[key], value)
    assert norm.momentum == pytest.approx(0.9997)  # as it was
    assert reestimate(model, []) == 0


@pytest.mark.slow
def test_the_decay_of_a_new_config_leaves_nothing_to_re_estimate(tmp_path):
    """With the published decay the same training is far from its own statistics."""
    gaps = {}
    for decay in (norm_decay(STEPS), 0.997):
        folder = tmp_path / str(decay)
        folder.mkdir()
        config = small_config(folder, range(4), *(f"{name}={decay}" for name in NORM_DECAYS))
        apply_overrides(config, ["train_config.batch_size=4"])
        del config.train_config.data_augmentation_options[:]
        rate = config.train_config.optimizer.momentum_optimizer.learning_rate
        rate.cosine_decay_learning_rate.learning_rate_base = 0.05
        options = TrainOptions(steps=STEPS, seed=0, evaluate_every=0)
        result = train(Workspace(folder), config, folder / "model", options)
        model = SSD(config.model.ssd)
        restore_model(model, result.checkpoint, "all")
        before = mean_ap(config, model)
        records = open_records(config.train_input_reader, 3)
        reestimate(model, train_batches(config, records, model.preprocess, 0).take(1))
        gaps[decay] = abs(mean_ap(config, model) - before)
    assert gaps[norm_decay(STEPS)] <= 0.02
    assert gaps[0.997] > 0.2, "a test that can fail"
    figures = evaluate(config, folder / "model", recalibrated=True).figures
    assert figures[PRECISION + "mAP"] == pytest.approx(mean_ap(config, model), abs=0.02)
    options = ExportOptions(recalibrated=True)
    exported = export(Workspace(folder), config, result.checkpoint, folder / "out", options)
    weights = read_checkpoint(exported.folder / "checkpoint").variables
    for key, variable in model.variables_by_key.items():
        np.testing.assert_allclose(weights[key], variable, rtol=1e-3, atol=1e-4, err_msg=key)


def mean_ap(config, model):
    reader = config.eval_input_reader[0]
    records = open_records(reader, 3)
    examples = eval_examples(reader, records, model.preprocess, with_images=True)
    step = make_eval_step(model, True)
    found = measure(step, examples, records.class_names, config.eval_config)
    figures = coco_figures(found.truths, found.detections, records.class_names).figures
    return figures[PRECISION + "mAP"]
