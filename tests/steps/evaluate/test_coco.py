import json

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster

from tfod.boxes import from_xyxy_px
from tfod.detections import Detections
from tfod.steps.evaluate.coco import FIGURES, GroundTruth, coco_figures

NAMES = {0: "cat", 1: "dog"}
MAP, MAP50 = FIGURES[:2]


def truth(boxes, class_ids, size=(480, 640), **more):
    return GroundTruth(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(class_ids), size, **more
    )


def found(boxes, class_ids, scores=None):
    scores = np.ones(len(class_ids)) if scores is None else scores
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(class_ids, np.int32),
        NAMES,
    )


BOX, OTHER = [0.1, 0.1, 0.5, 0.5], [0.5, 0.5, 0.9, 0.9]


def test_perfect_detections_score_one_and_sizes_that_do_not_occur_have_none(capfd):
    result = coco_figures([truth([BOX, OTHER], [0, 1])], [found([BOX, OTHER], [0, 1])], NAMES)
    assert tuple(result.figures) == FIGURES and len(FIGURES) == 12
    large = {name for name in FIGURES if "small" not in name and "medium" not in name}
    assert {name: 1.0 for name in large} == {name: result.figures[name] for name in large}
    assert all(result.figures[name] is None for name in set(FIGURES) - large)
    assert result.per_class["dog"].ap == 1.0 and result.per_class["dog"].boxes == 1
    assert capfd.readouterr() == ("", "")


def test_no_detection_scores_zero():
    result = coco_figures([truth([BOX], [0])], [found([], [])], NAMES)
    assert result.figures[MAP] == 0
    assert (result.per_class["cat"].ap, result.per_class["dog"].ap) == (0, None)


def test_no_object_at_all_has_no_figure():
    result = coco_figures([truth([], [])], [found([BOX], [0])], NAMES)
    assert set(result.figures.values()) == {None}
    assert {one.ap for one in result.per_class.values()} == {None}


def test_wrong_class_and_half_right():
    result = coco_figures(
        [truth([BOX], [0]), truth([OTHER], [1])],
        [found([BOX], [1], [0.9]), found([OTHER], [1], [0.8])],
        NAMES,
    )
    assert result.per_class["cat"].ap == 0
    # the false dog scores higher, so precision is 1/2 at every recall
    np.testing.assert_allclose(result.per_class["dog"].ap50, 0.5)
    np.testing.assert_allclose(result.figures[MAP50], 0.25)


def test_a_name_at_two_numbers_has_figures_for_both():
    both = [BOX, OTHER, BOX], [0, 1, 2]
    names = {0: "cat", 1: "dog", 2: "cat"}
    result = coco_figures([truth(*both)], [found([BOX, OTHER], [0, 1])], names)
    counts = {name: (one.boxes, one.ap) for name, one in result.per_class.items()}
    assert counts == {"cat (1)": (1, 1.0), "dog": (1, 1.0), "cat (3)": (1, 0.0)}


def test_a_crowd_box_is_no_miss_and_takes_many_detections():
    crowd = truth([BOX, OTHER], [0, 0], is_crowd=np.array([False, True]))
    inside = [0.5, 0.5, 0.7, 0.7]
    result = coco_figures([crowd], [found([BOX, inside, inside], [0] * 3, [0.3, 0.9, 0.8])], NAMES)
    assert result.figures[MAP] == 1.0 and result.per_class["cat"].boxes == 1


def test_given_area_decides_the_size():
    small = truth([BOX], [0], area=np.array([100.0]))
    result = coco_figures([small], [found([BOX], [0])], NAMES)
    assert result.figures["DetectionBoxes_Precision/mAP (small)"] == 1.0
    assert result.figures["DetectionBoxes_Precision/mAP (large)"] is None


def test_more_detections_than_truth_images_is_a_bug():
    with pytest.raises(ValueError, match="1 images of truth, 0 of detections"):
        coco_figures([truth([], [])], [], NAMES)


def test_equals_the_evaluation_of_the_json_file(shared, tmp_path):
    """Shaken ground truth of real photos, against reading the same from COCO's own files."""
    path = shared / "datasets/coco_val128/instances.json"
    data = json.loads(path.read_text())
    random = np.random.default_rng(0)
    names = {row["id"] - 1: row["name"] for row in data["categories"]}
    truths, detections, results = [], [], []
    for image in data["images"]:
        size = image["height"], image["width"]
        rows = [row for row in data["annotations"] if row["image_id"] == image["id"]]
        xywh = np.array([row["bbox"] for row in rows], float).reshape(-1, 4)
        xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], 1)
        class_ids = np.array([row["category_id"] - 1 for row in rows], np.int32)
        truths.append(
            GroundTruth(
                from_xyxy_px(xyxy, *size),
                class_ids,
                size,
                np.array([row["iscrowd"] for row in rows], bool),
                np.array([row["area"] for row in rows]),
            )
        )
        shaken = xyxy + random.normal(0, 0.1, xyxy.shape) * np.tile(xywh[:, 2:], 2)
        shaken[:, 2:] = np.maximum(shaken[:, 2:], shaken[:, :2] + 1)
        scores = random.random(len(rows)).astype(np.float32)
        boxes = from_xyxy_px(shaken, *size)
        detections.append(Detections(boxes, scores, class_ids, names))
        for row, box, score in zip(rows, shaken, scores, strict=True):
            bbox = [*box[:2], *(box[2:] - box[:2])]
            results.append(
                {"image_id": image["id"], "category_id": row["category_id"]}
                | {"bbox": bbox, "score": float(score)}
            )
    ours = coco_figures(truths, detections, names)
    theirs = COCOeval_faster(gt := COCO(str(path)), gt.loadRes(results), "bbox")
    theirs.run()
    np.testing.assert_allclose(list(ours.figures.values()), theirs.stats[:12], atol=2e-3)
    assert 0.1 < ours.figures[MAP] < 0.9
    known = [one.ap for one in ours.per_class.values() if one.ap is not None]
    np.testing.assert_allclose(np.mean(known), ours.figures[MAP], atol=1e-9)
