import keras
import numpy as np
import pytest
from detector_config import ssd_config
from keras import ops

from tfod.config.reading import parse_config
from tfod.model.losses import (
    classification_loss_per_anchor,
    detection_losses,
    localization_loss_per_anchor,
)

NAMES = ("Loss/localization_loss", "Loss/classification_loss")


def golden_targets(golden):
    return {
        "class_targets": golden["target_cls_targets"],
        "class_weights": golden["target_cls_weights"][..., 0],
        "box_targets": golden["target_reg_targets"],
        "box_weights": golden["target_reg_weights"],
        "match": golden["target_match"],
    }


@pytest.mark.parametrize("side", [320, 640])
def test_equal_to_the_old_api(shared, side):
    golden = np.load(shared / f"golden/golden_{side}.npz")
    targets, config = golden_targets(golden), ssd_config()
    for mode, prefix in (("eval", ""), ("train", "train_")):
        codes = golden[prefix + "box_encodings"]
        logits = golden[prefix + "class_predictions_with_background"]
        losses = detection_losses(codes, logits, targets, config)
        for name in NAMES:
            expected = golden[f"{mode}_{name.replace('/', '_')}"]
            assert float(losses[name]) == pytest.approx(float(expected), rel=1e-5)
    codes, logits = golden["box_encodings"], golden["class_predictions_with_background"]
    pieces = ops.convert_to_numpy(localization_loss_per_anchor(codes, targets, config.loss))
    np.testing.assert_allclose(pieces, golden["loc_loss_per_anchor"], rtol=1e-4, atol=1e-6)
    pieces = ops.convert_to_numpy(classification_loss_per_anchor(logits, targets, config.loss))
    expected = golden["cls_loss_per_anchor_class"].sum(-1)
    np.testing.assert_allclose(pieces, expected, rtol=1e-4, atol=1e-7)


def loss_config(localization="weighted_smooth_l1 { }", classification="weighted_sigmoid { }"):
    text = f"localization_loss {{ {localization} }} classification_loss {{ {classification} }}"
    return parse_config("model { ssd { loss { " + text + " } } }", "test").model.ssd.loss


def random_case(seed=0, anchors=50, slots=4):
    rng = np.random.default_rng(seed)
    codes = rng.normal(0, 2, (2, anchors, 4)).astype(np.float32)
    logits = rng.normal(0, 4, (2, anchors, slots)).astype(np.float32)
    targets = {
        "class_targets": np.eye(slots, dtype=np.float32)[rng.integers(0, slots, (2, anchors))],
        "class_weights": rng.uniform(0, 1, (2, anchors)).astype(np.float32),
        "box_targets": rng.normal(0, 2, (2, anchors, 4)).astype(np.float32),
        "box_weights": rng.choice(np.float32([0, 0.5, 1]), (2, anchors)),
    }
    return codes, logits, targets


@pytest.mark.parametrize(
    ("settings", "per_code"),
    [
        (
            "weighted_smooth_l1 { delta: 0.3 }",
            lambda d: np.where(d < 0.3, d * d / 2, 0.3 * d - 0.045),
        ),
        ("weighted_smooth_l1 { }", lambda d: np.where(d < 1, d * d / 2, d - 0.5)),
        ("l1_localization_loss { }", lambda d: d),
    ],
)
def test_localization_formulas(settings, per_code):
    codes, _, targets = random_case()
    config = loss_config(localization=settings)
    expected = per_code(np.abs(codes - targets["box_targets"])).sum(-1) * targets["box_weights"]
    found = ops.convert_to_numpy(localization_loss_per_anchor(codes, targets, config))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_l2_squares_the_weight():
    codes, _, targets = random_case()
    config = loss_config(localization="weighted_l2 { }")
    weighted = (codes - targets["box_targets"]) * targets["box_weights"][..., None]
    found = ops.convert_to_numpy(localization_loss_per_anchor(codes, targets, config))
    np.testing.assert_allclose(found, 0.5 * (weighted**2).sum(-1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "gamma", "alpha"),
    [
        ("weighted_sigmoid { }", 0, None),
        ("weighted_sigmoid_focal { }", 2, None),
        ("weighted_sigmoid_focal { gamma: 1.5 alpha: 0.75 }", 1.5, 0.75),
        ("weighted_sigmoid_focal { gamma: 0 alpha: 0.25 }", 0, 0.25),
        ("weighted_sigmoid_focal { alpha: 0.0 }", 2, 0.0),
    ],
)
def test_classification_formulas(settings, gamma, alpha):
    _, logits, targets = random_case()
    config = loss_config(classification=settings)
    wanted, x = targets["class_targets"].astype(np.float64), logits.astype(np.float64)
    p = 1 / (1 + np.exp(-x))
    p_t = wanted * p + (1 - wanted) * (1 - p)
    balance = 1 if alpha is None else wanted * alpha + (1 - wanted) * (1 - alpha)
    expected = ((1 - p_t) ** gamma * balance * -np.log(p_t)).sum(-1) * targets["class_weights"]
    found = ops.convert_to_numpy(classification_loss_per_anchor(logits, targets, config))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_weights_and_normalisers():
    codes, logits, targets = random_case()
    plain = "normalize_loss_by_num_matches: false normalize_loc_loss_by_codesize: false"
    raw = detection_losses(codes, logits, targets, ssd_config(plain))
    weighted = detection_losses(
        codes,
        logits,
        targets,
        ssd_config("loss { classification_weight: 3 localization_weight: 2 }"),
    )
    matches = targets["box_weights"].sum()
    assert float(weighted[NAMES[0]]) == pytest.approx(float(raw[NAMES[0]]) * 2 / 4 / matches, 1e-5)
    assert float(weighted[NAMES[1]]) == pytest.approx(float(raw[NAMES[1]]) * 3 / matches, 1e-5)
    targets["box_weights"] = np.zeros_like(targets["box_weights"])
    nothing = detection_losses(codes, logits, targets, ssd_config())
    assert float(nothing[NAMES[0]]) == 0
    assert float(nothing[NAMES[1]]) == pytest.approx(float(raw[NAMES[1]]), 1e-5)


def test_gradient_is_finite_where_logits_and_targets_are_not_kind():
    import tensorflow as tf

    codes, logits, targets = random_case()
    logits[0, :10], logits[1, :10] = 300, -300
    targets["box_targets"][0, :5] = np.nan
    variables = [tf.Variable(codes), tf.Variable(logits)]
    with tf.GradientTape() as tape:
        losses = detection_losses(*variables, targets, ssd_config())
        total = losses[NAMES[0]] + losses[NAMES[1]]
    assert np.isfinite(float(total))
    gradients = tape.gradient(total, variables)
    for gradient in gradients:
        assert np.isfinite(gradient.numpy()).all()
    assert not gradients[0].numpy()[0, :5].any()


def test_gradient_is_the_slope():
    import tensorflow as tf

    codes, logits, targets = random_case(anchors=3, slots=2)
    variable = keras.Variable(logits)

    def loss(values):
        return detection_losses(codes, values, targets, ssd_config())[NAMES[1]]

    with tf.GradientTape() as tape:
        value = loss(variable.value)
    gradient = tape.gradient(value, variable.value).numpy()
    step = np.zeros_like(logits)
    step[1, 2, 1] = 1e-2
    slope = (float(loss(logits + step)) - float(loss(logits - step))) / 2e-2
    assert slope == pytest.approx(gradient[1, 2, 1], rel=1e-2, abs=1e-5)
