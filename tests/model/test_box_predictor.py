"""The box predictor: order of the anchors, shared weights, towers and heads of each kind."""

import keras
import numpy as np
import pytest

from tfod.config import parse_config
from tfod.model.box_predictor import box_predictor
from tfod.model.hyperparams import make_style

NORM = "batch_norm { scale: true }"
HYPERPARAMS = """conv_hyperparams { activation: RELU_6 %s
  regularizer { l2_regularizer { weight: 0.1 } }
  initializer { random_normal_initializer { stddev: 0.01 } } }"""


def predictor(text, norm=NORM):
    """Build a predictor on levels of 3x2 and 2x1 with 5 channels, 2 anchors and 3 classes."""
    text = f"{HYPERPARAMS % norm} depth: 4 {text}"
    text = f"box_predictor {{ weight_shared_convolutional_box_predictor {{ {text} }} }}"
    config = parse_config(f"model {{ ssd {{ {text} }} }}", "test").model.ssd.box_predictor
    config = config.weight_shared_convolutional_box_predictor
    levels = [keras.Input((3, 2, 5)), keras.Input((2, 1, 5))]
    style = make_style(config.conv_hyperparams, keras.random.SeedGenerator(0))
    boxes, logits, layers = box_predictor(levels, config, style, 2, 3)
    return keras.Model(levels, [boxes, logits]), layers


def test_anchors_are_ordered_by_level_row_column_and_anchor():
    model, layers = predictor("num_layers_before_predictor: 0 kernel_size: 1")
    head = layers["_box_prediction_head/_box_encoder_layers/0"]
    assert set(layers) == {
        "_box_prediction_head/_box_encoder_layers/0",
        "_prediction_heads/class_predictions_with_background/_class_predictor_layers/0",
    }
    draw = np.random.default_rng(0)
    levels = [draw.normal(size=(2, *shape, 5)).astype(np.float32) for shape in [(3, 2), (2, 1)]]
    boxes, logits = model(levels)
    assert boxes.shape == (2, (3 * 2 + 2) * 2, 4)
    assert logits.shape == (2, (3 * 2 + 2) * 2, 3)
    y, x, anchor = 2, 1, 1
    expected = (levels[0][1, y, x] @ head.kernel.numpy()[0, 0])[4 * anchor : 4 * anchor + 4]
    np.testing.assert_allclose(boxes[1, (y * 2 + x) * 2 + anchor], expected, atol=1e-5)
    expected = (levels[1][0, 1, 0] @ head.kernel.numpy()[0, 0])[:4]
    np.testing.assert_allclose(boxes[0, 12 + 2], expected, atol=1e-5)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("depthwise", [True, False])
def test_towers(shared, depthwise):
    flags = f"share_prediction_tower: {shared} use_depthwise: {depthwise}".lower()
    model, layers = predictor(f"num_layers_before_predictor: 2 {flags}")
    towers = ["PredictionTower"] if shared else ["BoxPredictionTower", "ClassPredictionTower"]
    heads = ["box_encodings", "class_predictions_with_background"][: len(towers)]
    expected = {f"_head_scope_conv_layers/{tower}/{i}" for tower in towers for i in (0, 1)}
    for head in heads:
        expected |= {
            f"_base_tower_layers_for_heads/{head}/{level}/{place}"
            for level in (0, 1)
            for place in (1, 4)
        }
    assert {key for key in layers if "predict" not in key.split("/")[0]} == expected
    kind = keras.layers.SeparableConv2D if depthwise else keras.layers.Conv2D
    tower = layers[f"_head_scope_conv_layers/{towers[0]}/0"]
    assert isinstance(tower, kind)
    assert not tower.use_bias


@pytest.mark.parametrize(
    ("flags", "head", "pointwise"),
    [
        ("", [], False),
        ("apply_conv_hyperparams_to_heads: true", ["depthwise_kernel", "pointwise_kernel"], False),
        ("apply_conv_hyperparams_pointwise: true", [], True),
    ],
)
def test_which_separable_kernels_are_regularised(flags, head, pointwise):
    _, layers = predictor(f"num_layers_before_predictor: 1 use_depthwise: true {flags}")

    def regularised(layer):
        return [variable.name for variable in layer.variables if variable.regularizer]

    tower = layers["_head_scope_conv_layers/BoxPredictionTower/0"]
    assert regularised(tower) == ["depthwise_kernel"] + ["pointwise_kernel"] * pointwise
    assert regularised(layers["_box_prediction_head/_box_encoder_layers/0"]) == head


def test_plain_heads_are_regularised_and_class_bias_is_set():
    _, layers = predictor("class_prediction_bias_init: -4.5 kernel_size: 3")
    box = layers["_box_prediction_head/_box_encoder_layers/0"]
    scores = layers["_prediction_heads/class_predictions_with_background/_class_predictor_layers/0"]
    np.testing.assert_array_equal(box.bias.numpy(), np.zeros(8))
    np.testing.assert_array_equal(scores.bias.numpy(), np.full(6, -4.5))
    assert box.kernel.regularizer is not None
    assert box.bias.regularizer is None
    assert box.kernel.shape == (3, 3, 5, 8)


def test_without_batch_norm_the_tower_has_a_bias():
    _, layers = predictor("num_layers_before_predictor: 1", norm="")
    assert layers["_head_scope_conv_layers/BoxPredictionTower/0"].use_bias
    assert not any("_base_tower" in key for key in layers)
