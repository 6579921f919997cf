"""The short way to the best anchor gives what trying all anchors gives."""

import numpy as np
import pytest

from tfod import boxes as box_sums
from tfod.config.templates import default_config
from tfod.model.anchors import anchor_boxes
from tfod.steps.check.anchor_fit import best_anchor_iou


def random_boxes(count, seed=0):
    chance = np.random.default_rng(seed)
    sides = np.exp(chance.uniform(np.log(0.002), 0, (count, 2)))
    low = chance.uniform(0, 1 - sides)
    return np.concatenate([low, low + sides], axis=1).astype(np.float32)


@pytest.mark.parametrize("size", [(640, 640), (320, 320), (96, 160), (352, 608)])
def test_equal_to_trying_all_anchors(size):
    ssd = default_config().model.ssd
    boxes = random_boxes(300)
    best = box_sums.iou(boxes, anchor_boxes(ssd, size)).max(axis=1)
    np.testing.assert_allclose(best_anchor_iou(boxes, ssd, size), best, rtol=0, atol=1e-6)


def test_other_shapes_of_anchors():
    ssd = default_config().model.ssd
    generator = ssd.anchor_generator.multiscale_anchor_generator
    generator.aspect_ratios[:] = [1.0, 5.0]
    generator.scales_per_octave = 3
    boxes = random_boxes(300, seed=1)
    best = box_sums.iou(boxes, anchor_boxes(ssd, (320, 320))).max(axis=1)
    np.testing.assert_allclose(best_anchor_iou(boxes, ssd, (320, 320)), best, rtol=0, atol=1e-6)


def test_an_anchor_fits_itself_and_nothing_gives_nothing():
    ssd = default_config().model.ssd
    inside = anchor_boxes(ssd, (640, 640))[20_000:20_300]
    assert best_anchor_iou(inside, ssd, (640, 640)).min() > 0.999
    assert best_anchor_iou(np.zeros((0, 4)), ssd, (640, 640)).shape == (0,)
    assert best_anchor_iou(np.full((1, 4), 0.5), ssd, (640, 640)) == [0]  # a box without area
