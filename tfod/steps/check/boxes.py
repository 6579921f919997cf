"""Checks of boxes: those that cannot be used, and those that can hardly be meant."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfod import boxes as box_sums
from tfod.data.example import Example
from tfod.data.scan import Photo
from tfod.data.voc import BadBox, are_fractions
from tfod.errors import Problem
from tfod.remedies import Remedy
from tfod.steps.check.finding import MOST_PLACES, Finding, Place, Severity, report
from tfod.steps.check.dataset import Dataset

MOST_BOXES = 100  # of an image, max_number_of_boxes of a config that does not say otherwise
ONE_PIXEL = 1.5  # a side of at most so many pixels is a slip of the mouse
SAME_BOX = 0.95  # IoU


class Marked(NamedTuple):
    """Boxes of one image: their indices in its example, and what is wrong."""

    photo: Photo
    indices: Sequence[int]
    detail: str


def report_boxes(severity: Severity, problem: Problem, marked: Sequence[Marked]) -> list[Finding]:
    """Make the one finding of these boxes; only the places that are kept are worked out."""
    places = []
    for photo, indices, detail in marked[:MOST_PLACES]:
        path, line, boxes = photo.xml_path or photo.image_path, None, None
        if len(indices) and photo.example:
            line = photo.lines[indices[0]]
            boxes = photo.example.boxes[list(indices)]
        places.append(Place(path, line, detail, photo.image_path, boxes))
    return report(severity, problem, places, len(marked))


def unusable_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes that records refuses and the old tools silently train on."""
    unusable: dict[str, list[tuple[Photo, BadBox]]] = {}
    for photo in dataset.own:
        if photo.image_problem and photo.header is None:
            continue  # without its image nobody can say
        for bad in photo.bad_boxes:
            unusable.setdefault(bad.problem.code, []).append((photo, bad))
    outside = unusable.get("box-outside-image", [])
    resized = all(photo.other_size for photo, _ in outside)
    problems = (
        Problem(
            "box-outside-image",
            what="boxes reach outside the image",
            remedy=Remedy.DRAW_AGAIN if resized else dataset.fix,
        ),
        Problem("box-zero-area", what="boxes have no area", remedy=dataset.fix),
        Problem("box-swapped", what="boxes have swapped sides", remedy=dataset.fix),
        Problem(
            "box-not-a-number",
            what="boxes have a side that is not a number",
            remedy=Remedy.EDIT_LINE,
        ),
        Problem(
            "box-without-class", what="boxes have no class", remedy=Remedy.RUN(step="label")
        ),
        Problem(
            "box-missing",
            what="objects have no rectangle; polygons and lines cannot be used",
            remedy=Remedy.DRAW_AGAIN,
        ),
    )
    findings = []
    for problem in problems:
        pairs = unusable.get(problem.code, [])
        places = [_place(*pair) for pair in pairs[:MOST_PLACES]]
        findings += report("error", problem, places, len(pairs))
    return findings


def _place(photo: Photo, bad: BadBox) -> Place:
    assert photo.xml_path is not None
    boxes = None
    if bad.xyxy_px and photo.header and photo.header.orientation == 1:
        boxes = box_sums.from_xyxy_px(np.array([bad.xyxy_px], np.float64), *photo.header.size)
    name = f'"{bad.name}": ' if bad.name else ""
    detail = f"{name}{bad.problem.sentence('')}"
    return Place(photo.xml_path, bad.problem.line, detail, photo.image_path, boxes)


def cut_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes that reach at most one pixel over the edge, as tools that count from 1 write them."""
    return report_boxes(
        "info",
        Problem("box-cut", what="boxes reach up to one pixel over the edge and are cut there"),
        [
            Marked(photo, [index], f'"{photo.example.names[index]}"')
            for photo in dataset.own
            if photo.example
            for index in np.flatnonzero(photo.example.outside_px).tolist()
        ],
    )


def fraction_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes written as 0..1, which as pixels are next to nothing; records refuses them."""
    return report_boxes(
        "error",
        Problem(
            "box-fractions",
            what="boxes are fractions of the image, not pixels",
            remedy=Remedy.WRITE_PIXELS,
        ),
        [
            Marked(photo, [index], f'"{name}"')
            for photo in dataset.own
            if photo.example and not photo.bad_boxes and are_fractions(photo.example)
            for index, name in enumerate(photo.example.names)
        ],
    )


def one_pixel_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes of a pixel: a click where a drag was meant."""
    marked = []
    for photo in dataset.own:
        example = photo.example
        if example is None or not example.names or are_fractions(example):
            continue
        sides = _sides_px(example)
        for index in np.flatnonzero((sides <= ONE_PIXEL).any(axis=1)).tolist():
            height, width = sides[index]
            detail = f'"{example.names[index]}" {width:.3g}x{height:.3g} px'
            marked.append(Marked(photo, [index], detail))
    what = "boxes are one pixel high or wide"
    return report_boxes(
        "warning", Problem("box-one-pixel", what=what, remedy=Remedy.RUN(step="label")), marked
    )


def repeated_boxes(dataset: Dataset) -> list[Finding]:
    """Two boxes on one object: of one class (drawn twice), or of two."""
    same, other = [], []
    for photo in dataset.own:
        if photo.example is None or len(photo.example.names) < 2:
            continue
        names = photo.example.names
        overlap = box_sums.iou(photo.example.boxes, photo.example.boxes)
        for low, high in np.argwhere(np.triu(overlap >= SAME_BOX, 1)).tolist():
            if names[low] == names[high]:
                same.append(Marked(photo, [high, low], f'"{names[low]}" twice'))
            else:
                other.append(Marked(photo, [high, low], f'"{names[low]}" and "{names[high]}"'))
    return [
        *report_boxes(
            "warning",
            Problem("box-duplicate", what="boxes are drawn twice", remedy=dataset.fix),
            same,
        ),
        *report_boxes(
            "warning",
            Problem(
                "box-of-two-classes",
                what="boxes lie on a box of another class",
                remedy=Remedy.RUN(step="label"),
            ),
            other,
        ),
    ]


def many_boxes(dataset: Dataset) -> list[Finding]:
    """Images with more boxes than training takes."""
    most = MOST_BOXES
    if dataset.config is not None:
        most = dataset.config.train_input_reader.max_number_of_boxes
    counts = [(photo, len(photo.example.names)) for photo in dataset.own if photo.example]
    return report_boxes(
        "warning",
        Problem(
            "boxes-too-many",
            what=f"images have more than {most} boxes, of which training takes the first {most}",
            remedy=Remedy.SET(
                setting="train_input_reader.max_number_of_boxes",
                value=max((count for _, count in counts), default=0),
            ),
        ),
        [Marked(photo, [], f"{count} boxes") for photo, count in counts if count > most],
    )


def _sides_px(example: Example) -> np.ndarray:
    """Height and width of each box in pixels, float32 [N, 2]."""
    return (example.boxes[:, 2:] - example.boxes[:, :2]) * (example.height_px, example.width_px)
