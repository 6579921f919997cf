"""Post-processing against plain loops and against the old API."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from detector_config import ssd_config

from tfod import boxes as plain_boxes
from tfod.model import postprocess as module
from tfod.model.anchors import anchor_boxes
from tfod.model.postprocess import detect, postprocess

compiled = functools.partial(tf.function, autograph=False)
EXACT = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")


def nms_config(settings=""):
    return ssd_config(
        "post_processing { batch_non_max_suppression { " + settings + " } }"
    ).post_processing.batch_non_max_suppression


def slow_detect(boxes, scores, nms):
    """The rules in plain loops: greedy per class, class-major, stable sort, cut."""
    found = []
    for class_id in range(scores.shape[1]):
        kept = []
        for anchor in np.argsort(-scores[:, class_id], kind="stable"):
            if scores[anchor, class_id] <= nms.score_threshold:
                break
            if len(kept) == nms.max_detections_per_class:
                break
            if not kept or plain_boxes.iou(boxes[[anchor]], boxes[kept]).max() <= np.float32(
                nms.iou_threshold
            ):
                kept.append(anchor)
        found += [(scores[anchor, class_id], class_id, anchor) for anchor in kept]
    found = [row for row in found if plain_boxes.area(plain_boxes.clip(boxes[row[2]])) > 0]
    found.sort(key=lambda row: -row[0])
    return found[: nms.max_total_detections]


def assert_same(found, expected, boxes):
    number = len(expected)
    assert float(found["num_detections"]) == number
    score, class_id, anchor = np.array(expected, np.float64).reshape(-1, 3).T
    values = {name: value.numpy() for name, value in found.items()}
    np.testing.assert_array_equal(values["detection_scores"][:number], score)
    np.testing.assert_array_equal(values["detection_classes"][:number], class_id)
    np.testing.assert_array_equal(values["detection_anchor_indices"][:number], anchor)
    expected_boxes = plain_boxes.clip(boxes[anchor.astype(int)])
    np.testing.assert_array_equal(values["detection_boxes"][:number], expected_boxes)
    for value in values.values():
        if value.ndim:
            assert not value[number:].any()


def random_boxes(rng, count, crowded):
    low = rng.uniform(-0.3, 1.1, (count, 2))
    if crowded:
        low = rng.uniform(0.3, 0.3 + crowded, (count, 2))
    size = rng.uniform(0.05, 0.4, (count, 2))
    return np.concatenate([low, low + size], 1).astype(np.float32)


CASES = {
    "plain": dict(anchors=600, classes=2, spread=0),
    "ties": dict(anchors=500, classes=3, spread=0, levels=4),
    "ties in a crowd": dict(anchors=900, classes=2, spread=0.1, levels=12),
    "all scores equal": dict(anchors=300, classes=2, spread=0, levels=1),
    "crowded": dict(anchors=900, classes=2, spread=0.02),
    "very crowded": dict(anchors=1500, classes=1, spread=0.001),
    "threshold": dict(anchors=600, classes=2, spread=0, nms="score_threshold: 0.9"),
    "nothing above": dict(anchors=600, classes=2, spread=0, nms="score_threshold: 0.9999"),
    "few boxes": dict(anchors=7, classes=2, spread=0),
    "one anchor": dict(anchors=1, classes=1, spread=0),
    "90 classes": dict(anchors=100, classes=90, spread=0),
    "30 crowded": dict(anchors=100, classes=30, spread=0.01),
    "few per class": dict(anchors=800, classes=3, spread=0, nms="max_detections_per_class: 5"),
    "many in all": dict(anchors=800, classes=2, spread=0, nms="max_total_detections: 300"),
    "loose": dict(anchors=400, classes=2, spread=0.05, nms="iou_threshold: 0.99"),
    "tight": dict(anchors=900, classes=2, spread=0.3, nms="iou_threshold: 0.0"),
}


@pytest.mark.parametrize("name", CASES)
def test_equal_to_plain_loops(name, monkeypatch):
    case = CASES[name]
    nms = nms_config(case.get("nms", ""))
    rng = np.random.default_rng(len(name))
    for first, second in ((120, 400), (60, 250), (1024, 8192)):
        monkeypatch.setattr(module, "FIRST_TRY", first)
        monkeypatch.setattr(module, "SECOND_TRY", second)
        boxes = random_boxes(rng, case["anchors"], case["spread"])
        scores = rng.uniform(0, 1, (case["anchors"], case["classes"])).astype(np.float32)
        if "levels" in case:
            scores = np.ceil(scores * case["levels"]).astype(np.float32) / case["levels"]

        def run(boxes, scores):
            return detect(boxes, scores, nms)

        if first == 120:  # once as a graph; the other two are of the same operations
            run = compiled(run)
        found = run(tf.constant(boxes), tf.constant(scores))
        assert_same(found, slow_detect(boxes, scores, nms), boxes)


def test_the_short_way_is_taken_only_when_it_is_enough(monkeypatch):
    monkeypatch.setattr(module, "FIRST_TRY", 150)
    monkeypatch.setattr(module, "SECOND_TRY", 400)
    tried = []
    plain = module._detect_among_all

    def watched(*args):
        tf.py_function(lambda: tried.append("all"), [], [])
        return plain(*args)

    monkeypatch.setattr(module, "_detect_among_all", watched)
    rng = np.random.default_rng(0)
    scores = rng.uniform(0, 1, (900, 2)).astype(np.float32)
    run = compiled(lambda b, s: detect(b, s, nms_config()))
    run(tf.constant(random_boxes(rng, 900, 0)), tf.constant(scores))
    assert tried == []
    run(tf.constant(random_boxes(rng, 900, 0.001)), tf.constant(scores))
    assert tried == ["all"]


def test_soft_suppression_equals_the_full_set(monkeypatch):
    nms = nms_config("soft_nms_sigma: 0.5 iou_threshold: 1.0")
    rng = np.random.default_rng(5)
    boxes = tf.constant(random_boxes(rng, 700, 0.2))
    scores = tf.constant(rng.uniform(0, 1, (700, 2)).astype(np.float32))
    full = detect(boxes, scores, nms)
    monkeypatch.setattr(module, "FIRST_TRY", 200)
    monkeypatch.setattr(module, "SECOND_TRY", 500)
    short = detect(boxes, scores, nms)
    for name in full:
        np.testing.assert_array_equal(full[name].numpy(), short[name].numpy())
    hard = detect(boxes, scores, nms_config())
    assert not np.array_equal(hard["detection_scores"], full["detection_scores"])


@pytest.mark.parametrize("side", [320, 640])
def test_equal_to_the_old_api(shared, side):
    golden = np.load(shared / f"golden/golden_{side}.npz")
    found = postprocess(
        golden["box_encodings"],
        golden["class_predictions_with_background"],
        anchor_boxes(ssd_config(), (side, side)),
        ssd_config(),
    )
    for name in (*EXACT, "detection_multiclass_scores", "raw_detection_boxes"):
        np.testing.assert_allclose(
            found[name].numpy(), golden[f"post_{name}"], rtol=1e-5, atol=1e-5, err_msg=name
        )
    np.testing.assert_array_equal(
        found["detection_anchor_indices"].numpy(), golden["post_detection_anchor_indices"]
    )


def test_batch_equals_single():
    rng = np.random.default_rng(1)
    anchors = anchor_boxes(ssd_config(), (64, 64))
    codes = rng.normal(0, 1, (3, len(anchors), 4)).astype(np.float32)
    logits = rng.normal(-2, 2, (3, len(anchors), 3)).astype(np.float32)
    run = compiled(lambda c, x: postprocess(c, x, anchors, ssd_config()))
    batch = run(tf.constant(codes), tf.constant(logits))
    for image in range(3):
        single = run(tf.constant(codes[[image]]), tf.constant(logits[[image]]))
        assert single.keys() == batch.keys()
        for name in batch:
            assert batch[name].dtype == single[name].dtype
            both = batch[name][image].numpy(), single[name][0].numpy()
            np.testing.assert_allclose(*both, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("converter", ["IDENTITY", "SIGMOID", "SOFTMAX"])
def test_score_converters(converter):
    anchors = anchor_boxes(ssd_config(), (64, 64))
    logits = np.random.default_rng(2).normal(0, 1, (1, len(anchors), 3)).astype(np.float32)
    config = ssd_config("post_processing { logit_scale: 2 score_converter: " + converter + " }")
    found = postprocess(np.zeros((1, len(anchors), 4), np.float32), logits, anchors, config)
    half = logits.astype(np.float64) / 2
    expected = {
        "IDENTITY": half,
        "SIGMOID": 1 / (1 + np.exp(-half)),
        "SOFTMAX": np.exp(half) / np.exp(half).sum(-1, keepdims=True),
    }[converter]
    np.testing.assert_allclose(found["raw_detection_scores"].numpy(), expected, rtol=1e-5)
    best = int(found["detection_anchor_indices"][0, 0])
    class_id = int(found["detection_classes"][0, 0])
    assert expected[0, best, class_id + 1] == pytest.approx(expected[..., 1:].max())
    np.testing.assert_allclose(
        found["detection_multiclass_scores"][0, 0].numpy(), expected[0, best], rtol=1e-5
    )
