"""The published COCO weights on 128 COCO images score what the old API scores with them."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tfod.boxes import from_xyxy_px
from tfod.coco import PRECISION, GroundTruth, coco_figures
from tfod.config import read_config
from tfod.detections import Detections
from tfod.model.checkpoint import restore_model
from tfod.model.ssd import SSD

OLD_MAP, OLD_MAP_50 = 0.2586, 0.4128  # of the old API's own SavedModel, ../shared/README.md
NAME = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"


def ground_truth(image, annotations):
    boxes_xywh_px = np.array([item["bbox"] for item in annotations], np.float64).reshape(-1, 4)
    boxes_xyxy_px = np.hstack([boxes_xywh_px[:, :2], boxes_xywh_px[:, :2] + boxes_xywh_px[:, 2:]])
    return GroundTruth(
        boxes=from_xyxy_px(boxes_xyxy_px, image["height"], image["width"]),
        class_ids=np.array([item["category_id"] - 1 for item in annotations], np.int32),
        size=(image["height"], image["width"]),
        is_crowd=np.array([item["iscrowd"] for item in annotations], bool),
        area=np.array([item["area"] for item in annotations], np.float32),
    )


@pytest.mark.slow
def test_coco_weights_score_as_in_the_old_api(shared):
    folder = shared / "pre-trained" / NAME
    model = SSD(read_config(folder / "pipeline.config").model.ssd)
    restore_model(model, folder, "all")
    data = json.loads((shared / "datasets/coco_val128/instances.json").read_text())
    names = {item["id"] - 1: item["name"] for item in data["categories"]}

    @tf.function(input_signature=[tf.TensorSpec([None, None, 3], tf.uint8)])
    def detect(image):
        return model.postprocess(model(model.preprocess(image)[None]))

    truth, found = [], []
    for image in data["images"]:
        annotations = [item for item in data["annotations"] if item["image_id"] == image["id"]]
        truth.append(ground_truth(image, annotations))
        path = shared / "datasets/coco_val128/images" / image["file_name"]
        pixels = tf.io.decode_jpeg(tf.io.read_file(str(path)), channels=3)  # as the old API read it
        result = {key: value[0].numpy() for key, value in detect(pixels).items()}
        found.append(
            Detections(
                result["detection_boxes"],
                result["detection_scores"],
                result["detection_classes"].astype(np.int32),
                names,
            )
        )
    figures = coco_figures(truth, found, names).figures
    assert figures[f"{PRECISION}mAP"] == pytest.approx(OLD_MAP, abs=0.0005)
    assert figures[f"{PRECISION}mAP@.50IOU"] == pytest.approx(OLD_MAP_50, abs=0.0005)
