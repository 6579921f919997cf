"""What goes wrong in a training is said in one sentence, once, and a good one is left alone."""

import numpy as np
import pytest

from tfod.steps.train.diagnosis import EARLY, Diagnosis

NAMES = {0: "Mask", 1: "No-mask"}
ANCHORS = np.array([[0.0, 0.0, 0.5, 0.5], [0.5, 0.5, 1.0, 1.0]], np.float32)


@pytest.fixture
def diagnosis():
    return Diagnosis(NAMES, ANCHORS, first_step=0, last_step=1000)


def losses(diagnosis, values, waited=0.0):
    """What is said of losses that are looked at every ten steps."""
    said = []
    for number, value in enumerate(values):
        parts = {"Loss/classification_loss": value / 2, "Loss/localization_loss": value / 2}
        said += diagnosis.losses(10 * number + 1, parts, waited)
    return said


def test_a_good_training_is_left_alone(diagnosis):
    noise = np.random.default_rng(0).uniform(0.8, 1.2, 100)
    assert losses(diagnosis, np.geomspace(1.5, 0.1, 100) * noise) == []


def test_a_flat_loss_is_told_once_and_not_too_early(diagnosis):
    assert losses(diagnosis, [1.0] * (EARLY // 10)) == []
    assert len(losses(diagnosis, [1.0] * 100)) == 1


def test_a_model_that_goes_on_may_have_a_flat_loss():
    assert losses(Diagnosis(NAMES, ANCHORS, 5000, 6000), [0.1] * 100) == []


def test_a_loss_that_grows(diagnosis):
    (text,) = losses(diagnosis, [*np.linspace(2, 0.5, 30), *np.geomspace(0.5, 50, 9)])
    assert "grows" in text


def test_waiting_for_photos(diagnosis):
    (text,) = losses(diagnosis, np.linspace(2, 1, 40), waited=0.62)
    assert "62% of the time" in text


def test_boxes_that_no_anchor_reaches_are_told_by_class(diagnosis):
    """Mask fits its anchor, No-mask is a sliver."""
    batch = {
        "boxes": np.array([[[0, 0, 0.5, 0.5], [0, 0, 0.5, 0.01], [0, 0, 0, 0]]], np.float32),
        "class_ids": np.array([[0, 1, -1]], np.int32),
    }
    said = [text for step in range(1, 40) for text in diagnosis.boxes(step, batch)]
    assert len(said) == 1 and "100% of the boxes of No-mask" in said[0]


def test_photos_without_boxes_are_no_trouble(diagnosis):
    batch = {"boxes": np.zeros((2, 3, 4), np.float32), "class_ids": -np.ones((2, 3), np.int32)}
    assert [text for step in range(1, 40) for text in diagnosis.boxes(step, batch)] == []


def test_a_class_that_is_never_found(diagnosis):
    labelled = [np.array([0]), np.array([0, 1])]
    found = [(np.array([0, 1]), np.array([0.9, 0.01])), (np.array([0]), np.array([0.4]))]
    assert diagnosis.evaluation(100, 1.0, labelled, found) == [], "too early"
    (text,) = diagnosis.evaluation(500, 1.0, labelled, found)
    assert "No-mask is not found" in text
    assert diagnosis.evaluation(600, 1.0, labelled, found) == []


def test_learning_by_heart(diagnosis):
    said = [text for loss in (1.0, 0.5, 0.4, 0.6, 0.7, 0.8, 0.9)
            for text in diagnosis.evaluation(10, loss, [], [])]  # fmt: skip
    assert len(said) == 1 and "by heart" in said[0]
