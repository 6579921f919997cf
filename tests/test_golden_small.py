"""Exactness to the old API, with the numbers in this repository alone (tests/golden/README.md).

The tests beside each module compare far more where the shared data is there.
"""

import numpy as np
import pytest

from tfod.config.templates import new_config
from tfod.model.anchors import anchor_boxes
from tfod.model.losses import detection_losses
from tfod.model.postprocess import postprocess
from tfod.model.preprocess import make_preprocess
from tfod.model.ssd import SSD
from tfod.model.targets import assign_targets
from tfod.steps.train.learning_rate import learning_rate
from tfod.workspace import Workspace

COUNTS = {320: 12_804, 640: 51_150}


@pytest.fixture(scope="module")
def golden(root):
    """The arrays of the old API."""
    return dict(np.load(root / "tests/golden/golden_320_small.npz"))


@pytest.fixture(scope="module")
def config():
    """What `tfod config` makes for two classes and 320 px."""
    return new_config(Workspace("."), 2, size=320, num_steps=50_000)


@pytest.fixture(scope="module")
def ssd(config):
    return config.model.ssd


def test_learning_rate(golden, config):
    cosine = config.train_config.optimizer.momentum_optimizer.learning_rate
    schedule = cosine.cosine_decay_learning_rate
    schedule.learning_rate_base, schedule.total_steps = 0.08, 50_000
    schedule.warmup_learning_rate, schedule.warmup_steps = 0.026666, 1000
    rate = learning_rate(config.train_config.optimizer)
    ours = np.array([rate(step) for step in golden["lr_steps"]])
    np.testing.assert_array_equal(ours, golden["lr_values"].astype(np.float32))


@pytest.mark.parametrize("side", COUNTS)
def test_anchors(golden, ssd, side):
    anchors = anchor_boxes(ssd, (side, side))
    assert len(anchors) == COUNTS[side]
    np.testing.assert_allclose(anchors[::50], golden[f"anchors_{side}"], rtol=0, atol=1e-6)


def test_preprocessing(golden, ssd):
    ours = np.asarray(make_preprocess(ssd)(golden["odd_image"]))
    assert ours.shape == (1, 320, 320, 3)
    np.testing.assert_allclose(ours[:, ::10, ::10], golden["odd_preprocessed"], rtol=0, atol=1e-5)


@pytest.fixture(scope="module")
def old_targets(golden):
    """The old targets in our form."""
    box_targets = np.zeros((*golden["target_match"].shape, 4), np.float32)
    box_targets[tuple(golden["target_box_places"].T)] = golden["target_boxes"]
    return {
        "match": golden["target_match"],
        "class_targets": golden["target_classes"].astype(np.float32),
        "class_weights": golden["target_class_weights"],
        "box_targets": box_targets,
        "box_weights": golden["target_box_weights"],
    }


def test_targets(golden, ssd, old_targets):
    classes = golden["gt_classes_onehot"]
    class_ids = np.where(classes.any(-1), classes.argmax(-1), -1).astype(np.int32)
    anchors = anchor_boxes(ssd, (320, 320))
    targets = assign_targets(golden["gt_boxes"], class_ids, golden["gt_weights"], anchors, ssd, 2)
    assert (old_targets["match"] >= 0).sum() > 50
    for name in ("match", "class_targets", "class_weights", "box_weights"):
        np.testing.assert_array_equal(targets[name], old_targets[name], err_msg=name)
    np.testing.assert_allclose(
        targets["box_targets"], old_targets["box_targets"], rtol=1e-4, atol=1e-5
    )


def test_losses(golden, ssd, old_targets):
    losses = detection_losses(golden["box_encodings"], golden["class_logits"], old_targets, ssd)
    assert losses.keys() == {"Loss/localization_loss", "Loss/classification_loss"}
    for name, value in losses.items():
        expected = float(golden[name.removeprefix("Loss/")])
        assert float(value) == pytest.approx(expected, rel=1e-5)


def test_postprocessing(golden, ssd):
    anchors = anchor_boxes(ssd, (320, 320))
    found = postprocess(golden["box_encodings"], golden["class_logits"], anchors, ssd)
    ours = {name: value.numpy() for name, value in found.items()}
    ours["raw_detection_boxes"] = ours["raw_detection_boxes"][:, ::50]
    old = {name.removeprefix("post_"): golden[name] for name in golden if name.startswith("post_")}
    assert len(old) == 7 and (old["num_detections"] == 100).all()
    for name, expected in old.items():
        np.testing.assert_allclose(ours[name], expected, rtol=1e-5, atol=1e-5, err_msg=name)
    places = "detection_anchor_indices"
    np.testing.assert_array_equal(ours[places], old[places])


def test_keys_and_shapes_of_the_network(golden, ssd):
    model = SSD(ssd)
    ours = {
        key: (",".join(map(str, variable.shape)), bool(variable.trainable))
        for key, variable in model.variables_by_key.items()
    }
    rows = zip(golden["shapes"].tolist(), golden["trainable"].tolist(), strict=True)
    assert ours == dict(zip(golden["keys"].tolist(), rows, strict=True))
    assert len(ours) == 384
