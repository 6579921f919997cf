"""Pictures of an evaluation: what is labelled next to what was detected."""

import cv2
import numpy as np

from tfod.detections import Detections
from tfod.show.draw import add_lines, draw_detections
from tfod.steps.evaluate.coco import GroundTruth

PICTURE_SIDE_PX = 960  # longest side of the truth, and of the prediction next to it
Picture = tuple[str, np.ndarray]  # file name, uint8 [H, 2W, 3]


def side_by_side(
    image: np.ndarray, truth: GroundTruth, found: Detections, min_score: float, most: int
) -> np.ndarray:
    """Draw truth (left) and prediction (right), each under its heading, uint8 [H, 2W, 3].

    Args:
        image: uint8 [h, w, 3], RGB; made smaller when a side is over 960 px.
        found: the detections, best first, with the class names.
    """
    scale = min(PICTURE_SIDE_PX / max(image.shape), 1.0)
    height, width = (max(1, round(scale * side)) for side in image.shape[:2])
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    names, best = found.class_names, found.above(min_score)
    scores = np.ones(len(truth.boxes), np.float32)
    labelled = Detections(truth.boxes, scores, truth.class_ids, names)
    best = Detections(best.boxes[:most], best.scores[:most], best.class_ids[:most], names)
    halves = {
        "labelled": draw_detections(image, labelled, with_scores=False),
        "detected": draw_detections(image, best),
    }
    return np.hstack([add_lines(half, [heading]) for heading, half in halves.items()])
