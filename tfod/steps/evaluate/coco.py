"""The COCO figures: how well detections agree with the labelled boxes.

The twelve figures of the COCO challenge under the names the old API gave them, and the average
precision of each class, computed by faster-coco-eval. NumPy only; what is compared is in memory.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster

from tfod.boxes import to_xyxy_px
from tfod.detections import Detections

PRECISION = "DetectionBoxes_Precision/"
RECALL = "DetectionBoxes_Recall/"
# in the order of COCO's summary
FIGURES = (
    *(PRECISION + name for name in ("mAP", "mAP@.50IOU", "mAP@.75IOU")),
    *(f"{PRECISION}mAP ({size})" for size in ("small", "medium", "large")),
    *(RECALL + name for name in ("AR@1", "AR@10", "AR@100")),
    *(f"{RECALL}AR@100 ({size})" for size in ("small", "medium", "large")),
)


@dataclass(frozen=True)
class GroundTruth:
    """The labelled objects of one image.

    Attributes:
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1 of the image.
        class_ids: int32 [N], 0-based.
        size: (height, width) of the original image, px; areas are measured in it.
        is_crowd: bool [N]; one box around many objects, matched by any number of detections.
            None: nowhere.
        area: float32 [N], px; where it is 0, and for None, the area of the box counts.
    """

    boxes: np.ndarray
    class_ids: np.ndarray
    size: tuple[int, int]
    is_crowd: np.ndarray | None = None
    area: np.ndarray | None = None


@dataclass(frozen=True)
class ClassFigures:
    """The figures of one class; None where it has no labelled object.

    Attributes:
        ap: average precision, mean over IoU 0.50 to 0.95.
        ap50: average precision at IoU 0.50.
        boxes: number of labelled objects, crowds aside.
    """

    ap: float | None
    ap50: float | None
    boxes: int


@dataclass(frozen=True)
class CocoFigures:
    """What `coco_figures` returns.

    Attributes:
        figures: the twelve, by the names in FIGURES; None where no object of that size occurs.
        per_class: class name -> its figures, in the order of the class ids; where an old label map
            has a name at two numbers, "cat (1)" and "cat (3)".
    """

    figures: dict[str, float | None] = field(default_factory=dict)
    per_class: dict[str, ClassFigures] = field(default_factory=dict)


def coco_figures(
    ground_truth: Sequence[GroundTruth],
    detections: Sequence[Detections],
    categories: Mapping[int, str],
) -> CocoFigures:
    """Compare detections with the labelled objects, image by image.

    Args:
        ground_truth: one per image.
        detections: one per image, in the same order; at most 100 per image count.
        categories: 0-based class id -> name of the classes that count.

    Raises:
        ValueError: the two sequences differ in length.
    """
    if len(ground_truth) != len(detections):
        raise ValueError(f"{len(ground_truth)} images of truth, {len(detections)} of detections")
    images = [
        {"id": number, "height": truth.size[0], "width": truth.size[1]}
        for number, truth in enumerate(ground_truth, 1)
    ]
    labelled = [row for i, truth in enumerate(ground_truth, 1) for row in _truth_rows(i, truth)]
    found = [
        row
        for number, (image, truth) in enumerate(zip(detections, ground_truth, strict=True), 1)
        for row in _detection_rows(number, image, truth.size)
    ]
    evaluation = COCOeval_faster(
        _dataset(images, labelled, categories),
        _dataset(images, found, categories),
        iouType="bbox",
        print_function=_silent,
    )
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    figures = dict(zip(FIGURES, map(_figure, evaluation.stats[:12]), strict=True))
    counts = {class_id: 0 for class_id in categories}
    for row in labelled:
        if not row["iscrowd"] and row["category_id"] in counts:
            counts[row["category_id"]] += 1
    return CocoFigures(figures, _per_class(evaluation, categories, counts))


def _truth_rows(image_id: int, truth: GroundTruth) -> list[dict]:
    rows = _rows(image_id, truth.boxes, truth.class_ids, truth.size)
    for i, row in enumerate(rows):
        row["iscrowd"] = int(truth.is_crowd is not None and truth.is_crowd[i])
        if truth.area is not None and truth.area[i] > 0:
            row["area"] = float(truth.area[i])
    return rows


def _detection_rows(image_id: int, found: Detections, size: tuple[int, int]) -> list[dict]:
    rows = _rows(image_id, found.boxes, found.class_ids, size)
    for row, score in zip(rows, found.scores, strict=True):
        row["score"] = float(score)
    return rows


def _rows(
    image_id: int, boxes: np.ndarray, class_ids: np.ndarray, size: tuple[int, int]
) -> list[dict]:
    """COCO annotations; its boxes are (xmin, ymin, width, height) in px."""
    boxes_xyxy_px = to_xyxy_px(boxes, *size).astype(float)
    sides_px = boxes_xyxy_px[:, 2:] - boxes_xyxy_px[:, :2]
    return [
        {
            "image_id": image_id,
            "category_id": int(class_id),
            "bbox": [*low, *side],
            "area": float(side[0] * side[1]),
            "iscrowd": 0,
        }
        for class_id, low, side in zip(
            class_ids, boxes_xyxy_px[:, :2].tolist(), sides_px.tolist(), strict=True
        )
    ]


def _dataset(images: list[dict], rows: list[dict], categories: Mapping[int, str]) -> COCO:
    numbered = [{"id": number, **row} for number, row in enumerate(rows, 1)]
    names = [{"id": class_id, "name": name} for class_id, name in categories.items()]
    dataset = {"images": images, "annotations": numbered, "categories": names}
    return COCO(dataset, print_function=_silent)


def _per_class(
    evaluation: COCOeval_faster, categories: Mapping[int, str], counts: Mapping[int, int]
) -> dict[str, ClassFigures]:
    # precision is [IoU, recall, class, area, most detections]; area 0 is all, the last is 100
    precision = np.asarray(evaluation.eval["precision"])
    rows = {}
    for column, (class_id, name) in enumerate(sorted(shown_names(categories).items())):
        of_class = precision[:, :, column, 0, -1]
        rows[name] = ClassFigures(_mean(of_class), _mean(of_class[0]), counts[class_id])
    return rows


def shown_names(categories: Mapping[int, str]) -> dict[int, str]:
    """Class id -> name, with its number where an old label map has the name at two numbers."""
    uses = Counter(categories.values())
    return {
        class_id: name if uses[name] == 1 else f"{name} ({class_id + 1})"
        for class_id, name in categories.items()
    }


def _mean(values: np.ndarray) -> float | None:
    """Mean of what is known; None when nothing is."""
    known = values[values >= 0]
    return float(known.mean()) if known.size else None


def _figure(value: float) -> float | None:
    """A figure of the library, which says -1 where no object occurs."""
    return None if value < 0 else float(value)


def _silent(*message: object) -> None:
    """Swallow what faster-coco-eval would print."""
