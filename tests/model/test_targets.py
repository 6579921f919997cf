import keras
import numpy as np
import pytest
from detector_config import ssd_config

from tfod import boxes as plain_boxes
from tfod.model.anchors import anchor_boxes
from tfod.model.targets import assign_targets

FOUR = np.float32([[0, 0, 0.5, 0.5], [0, 0.5, 0.5, 1], [0.5, 0, 1, 0.5], [0.5, 0.5, 1, 1]])


def assign(config, boxes, class_ids, weights=None, anchors=FOUR, num_classes=2):
    """Targets of one image as NumPy arrays without the batch axis."""
    boxes, class_ids = np.float32(boxes).reshape(1, -1, 4), np.int32([class_ids])
    weights = np.float32([weights]) if weights else np.float32(class_ids >= 0)
    targets = assign_targets(boxes, class_ids, weights, anchors, config, num_classes)
    return {name: keras.ops.convert_to_numpy(value)[0] for name, value in targets.items()}


def matcher(settings):
    return ssd_config("matcher { argmax_matcher { " + settings + " } }")


@pytest.mark.parametrize("side", [320, 640])
def test_identical_to_the_old_api(shared, side):
    golden = np.load(shared / f"golden/golden_{side}.npz")
    inputs = np.load(shared / "golden/inputs.npz")
    onehot = inputs["gt_classes_onehot"]
    class_ids = np.where(onehot.any(-1), onehot.argmax(-1), -1).astype(np.int32)
    anchors = anchor_boxes(ssd_config(), (side, side))
    targets = assign_targets(
        inputs["gt_boxes"], class_ids, inputs["gt_weights"], anchors, ssd_config(), 2
    )
    targets = {name: keras.ops.convert_to_numpy(value) for name, value in targets.items()}
    np.testing.assert_array_equal(targets["match"], golden["target_match"])
    np.testing.assert_array_equal(targets["class_targets"], golden["target_cls_targets"])
    np.testing.assert_array_equal(targets["box_weights"], golden["target_reg_weights"])
    weights = np.repeat(targets["class_weights"][..., None], 3, axis=-1)
    np.testing.assert_array_equal(weights, golden["target_cls_weights"])
    np.testing.assert_allclose(
        targets["box_targets"], golden["target_reg_targets"], rtol=1e-4, atol=1e-5
    )


def slow_match(boxes, weights, anchors, threshold=0.5):
    """Rules of the matcher in plain loops, for thresholds that are equal, with force."""
    overlaps = plain_boxes.iou(boxes, anchors)
    match = np.where(overlaps.max(0) >= threshold, overlaps.argmax(0), -1)
    for row in reversed(range(len(boxes))):
        if weights[row] > 0:
            match[overlaps[row].argmax()] = row
    return match


def test_random_crowds_against_plain_loops():
    rng = np.random.default_rng(3)
    anchors = anchor_boxes(ssd_config(), (320, 320))
    boxes = np.zeros((4, 40, 4), np.float32)
    class_ids = np.full((4, 40), -1, np.int32)
    weights = np.zeros((4, 40), np.float32)
    for image, count in enumerate([0, 1, 12, 40]):
        low = rng.uniform(0, 0.8, (count, 2))
        boxes[image, :count] = np.concatenate([low, low + rng.uniform(0.02, 0.6, (count, 2))], 1)
        boxes[image, 1:count:5] = boxes[image, 0]  # ties between rows
        class_ids[image, :count] = rng.integers(0, 3, count)
        weights[image, :count] = rng.choice([0, 0.5, 1], count)
    targets = assign_targets(boxes, class_ids, weights, anchors, ssd_config(), 3)
    match = keras.ops.convert_to_numpy(targets["match"])
    for image in range(4):
        np.testing.assert_array_equal(
            match[image], slow_match(boxes[image], weights[image], anchors)
        )


def test_more_padding_changes_nothing():
    rows, ids = [[0, 0, 0.5, 0.4], [0.6, 0.6, 1, 1]], [1, 0]
    short = assign(ssd_config(), rows, ids)
    long = assign(ssd_config(), rows + [[0, 0, 0, 0]] * 9, ids + [-1] * 9)
    for name in short:
        np.testing.assert_array_equal(short[name], long[name])


def test_no_boxes_is_all_background():
    targets = assign(ssd_config(), [[0, 0, 0, 0]], [-1])
    assert (targets["match"] == -1).all()
    assert (targets["class_weights"] == 1).all()
    assert not targets["class_targets"].any()
    assert not targets["box_weights"].any()


def test_lower_row_wins_a_forced_anchor():
    tiny = [0.1, 0.1, 0.12, 0.12]
    targets = assign(ssd_config(), [tiny, tiny], [0, 1])
    assert targets["match"].tolist() == [0, -1, -1, -1]
    assert targets["class_targets"][0].tolist() == [0, 1, 0]


def test_force_can_be_off():
    targets = assign(matcher("force_match_for_each_row: false"), [[0.1, 0.1, 0.12, 0.12]], [0])
    assert targets["match"].tolist() == [-1] * 4


def test_box_of_weight_zero_is_ignored_ground():
    targets = assign(ssd_config(), [[0, 0, 0.5, 0.5], [0.1, 0.6, 0.2, 0.7]], [0, 1], [0.0, 0.0])
    assert targets["match"].tolist() == [0, -1, -1, -1]  # by threshold, never by force
    assert targets["class_weights"].tolist() == [0, 1, 1, 1]
    assert not targets["box_weights"].any()


def test_between_the_thresholds():
    rows = [[0, 0, 0.5, 0.2]]  # IoU 0.4 with the first anchor, 0 with the others
    thresholds = "matched_threshold: 0.7 unmatched_threshold: 0.3 force_match_for_each_row: false "
    targets = assign(matcher(thresholds), rows, [0])
    assert targets["match"].tolist() == [-2, -1, -1, -1]
    assert targets["class_weights"].tolist() == [0, 1, 1, 1]
    targets = assign(matcher(thresholds + "negatives_lower_than_unmatched: false"), rows, [0])
    assert targets["match"].tolist() == [-1, -2, -2, -2]


def test_without_thresholds_every_anchor_takes_its_best():
    rows = [[0, 0, 0.5, 0.2], [0.6, 0.6, 0.7, 0.7]]
    assert assign(matcher("ignore_thresholds: true"), rows, [0, 1])["match"].tolist() == [
        0,
        0,
        0,
        1,
    ]


def test_background_slot_and_weights():
    config = ssd_config("encode_background_as_zeros: false negative_class_weight: 0.25")
    targets = assign(config, [[0, 0, 0.5, 0.5]], [1], [0.5])
    assert targets["class_targets"].tolist() == [[0, 0, 1]] + [[1, 0, 0]] * 3
    assert targets["class_weights"].tolist() == [0.5, 0.25, 0.25, 0.25]
    assert targets["box_weights"].tolist() == [0.5, 0, 0, 0]
