"""The network of configs other than the golden one: sizes, widths, flags, seeds."""

import contextlib

import numpy as np
import pytest
import tensorflow as tf

from tfod.config import apply_overrides, check_config, read_config
from tfod.config.templates import default_config
from tfod.data.batches.augment import AUGMENTATIONS
from tfod.errors import UserError
from tfod.model.ssd import SSD
from tfod.steps.train.optimizer import Optimizer
from tfod.workspace import Workspace

EXTRACTOR = "model.ssd.feature_extractor"
PREDICTOR = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
SIZE = "model.ssd.image_resizer.fixed_shape_resizer"


NARROW = [f"{EXTRACTOR}.depth_multiplier=0.35", f"{PREDICTOR}.depth=32"]


def build(*settings, height=64, width=96, seed=0):
    config = default_config()
    apply_overrides(config, [f"{SIZE}.height={height}", f"{SIZE}.width={width}", *settings])
    return SSD(config.model.ssd, seed=seed)


@pytest.fixture(scope="module")
def narrow():
    return build(*NARROW, seed=1)


def random_images():
    return np.random.default_rng(0).uniform(-1, 1, (2, 64, 96, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "settings",
    [
        [],
        NARROW,
        [f"{EXTRACTOR}.override_base_feature_extractor_hyperparams=false"],
        [f"{EXTRACTOR}.use_depthwise=false", f"{PREDICTOR}.use_depthwise=false"],
        [f"{PREDICTOR}.share_prediction_tower=false", "model.ssd.num_classes=90"],
        [f"{EXTRACTOR}.use_explicit_padding=true"],
        [f"{EXTRACTOR}.pad_to_multiple=64"],
        [f"{EXTRACTOR}.fpn.min_level=4", f"{EXTRACTOR}.fpn.max_level=6",
         "model.ssd.anchor_generator.multiscale_anchor_generator.min_level=4",
         "model.ssd.anchor_generator.multiscale_anchor_generator.max_level=6"],
    ],
    ids=lambda settings: " ".join(s.split(".")[-1] for s in settings[:2]) or "default",
)  # fmt: skip
def test_builds_trains_and_gives_one_prediction_an_anchor(settings):
    model = build(*(NARROW if settings else []), *settings)
    predictions = model(random_images(), training=True)
    classes = model.num_classes
    assert predictions["box_encodings"].shape == (2, len(model.anchors), 4)
    assert predictions["class_logits"].shape == (2, len(model.anchors), classes + 1)
    assert np.isfinite(predictions["class_logits"]).all()
    variables = model.network.variables
    assert {id(variable) for variable in model.variables_by_key.values()} == {
        id(variable) for variable in variables
    }


def test_weights_follow_the_seed(narrow):
    first, same, other = narrow, build(*NARROW, seed=1), build(*NARROW, seed=2)
    key = "model/_feature_extractor/classification_backbone/layer_with_weights-4/kernel"
    np.testing.assert_array_equal(first.variables_by_key[key], same.variables_by_key[key])
    assert not np.array_equal(first.variables_by_key[key], other.variables_by_key[key])
    kernels = [v.numpy() for name, v in first.variables_by_key.items() if "_kernel" in name]
    assert len({kernel.tobytes() for kernel in kernels}) == len(kernels)
    bias = "_prediction_heads/class_predictions_with_background/_class_predictor_layers/0/bias"
    np.testing.assert_allclose(first.variables_by_key[f"model/_box_predictor/{bias}"], -4.6)


def test_frozen_batch_norm_ignores_the_batch_and_trains_gamma():
    model = build("model.ssd.freeze_batchnorm=true")
    images = random_images()
    before = {k: v.numpy() for k, v in model.variables_by_key.items() if "moving" in k}
    training, inference = model(images, training=True), model(images)
    np.testing.assert_allclose(training["class_logits"], inference["class_logits"], atol=1e-5)
    for key, value in before.items():
        np.testing.assert_array_equal(model.variables_by_key[key], value)
    assert len(model.trainable_variables) == 232


def test_a_score_converter_of_the_predictor_works_outside_training(narrow):
    images = np.zeros((1, 64, 96, 3), np.float32)
    logits = narrow(images)["class_logits"]
    predictor = narrow.config.box_predictor.weight_shared_convolutional_box_predictor
    predictor.score_converter = type(predictor).SIGMOID
    np.testing.assert_allclose(narrow(images)["class_logits"], tf.sigmoid(logits), atol=1e-6)


@pytest.mark.slow
def test_configs_of_real_projects_are_built(shared):
    """Those of this family among the configs from the wild and of the old API itself.

    Of configs that differ in the number of classes alone the one with most is built.
    """
    configs, networks = set(), {}
    for path in sorted((shared / "wild/pipeline_configs").rglob("*.config")):
        with contextlib.suppress(UserError):  # another architecture, or what nobody could read
            config = read_config(path, Workspace("."))
            check_config(config, path, AUGMENTATIONS)
            Optimizer(config.train_config)
            ssd = config.model.ssd
            configs.add(ssd.SerializeToString())
            count, ssd.num_classes = ssd.num_classes, 0
            network = ssd.SerializeToString()
            networks[network] = max(count, networks.get(network, 0))
    assert len(configs) >= 16
    for network, count in networks.items():
        ssd = type(ssd).FromString(network)
        ssd.num_classes = count
        assert len(SSD(ssd).anchors) in (12_804, 51_150)
