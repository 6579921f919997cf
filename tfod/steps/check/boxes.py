"""Checks of boxes: those that cannot be used, and those that hardly can be meant."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tfod import boxes as box_sums
from tfod.data.example import Example
from tfod.data.scan import Photo
from tfod.data.voc import BadBox, are_fractions
from tfod.steps.check.files import RESIZED
from tfod.steps.check.finding import MOST_PLACES, Finding, Place, Severity
from tfod.steps.check.scan import Dataset

MOST_BOXES = 100  # of an image, max_number_of_boxes of a config that does not say otherwise
ONE_PIXEL = 1.5  # a side of at most so many pixels is a slip of the mouse
SAME_BOX = 0.95  # IoU
WHOLE_IMAGE = 0.995  # of each side
MANY_IMAGES = 3
IN_LABELIMG = "Correct them in LabelImg (`tfod label`)"
OR_FIX = f"{IN_LABELIMG}, or run `tfod check --fix`"
# LabelImg shows no annotation with one of these
BY_HAND = "Correct the line that is named, or delete the XML and draw rectangles with `tfod label`."
# code of a problem -> name of the check, what, remedy
UNUSABLE: dict[str, tuple[str, str, str]] = {
    "box-outside-image": (
        "box-outside-image",
        "boxes reach outside the image",
        f"{OR_FIX}, which cuts them.",
    ),
    "box-zero-area": ("box-zero-area", "boxes have no area", f"{OR_FIX}, which drops them."),
    "box-swapped": ("box-swapped", "boxes have swapped sides", f"{OR_FIX}, which swaps them back."),
    "box-not-a-number": ("box-not-a-number", "boxes have a side that is no number", BY_HAND),
    "box-without-class": ("box-without-class", "boxes have no class", f"{IN_LABELIMG}."),
    "box-missing": (
        "box-missing",
        "objects have no rectangle",
        f"Polygons and lines cannot be used. {BY_HAND}",
    ),
}


class Hit(NamedTuple):
    """Boxes of one image: their indices in its example, and what is wrong."""

    photo: Photo
    indices: Sequence[int]
    detail: str


def unusable_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes that records refuses and the old tools silently train on."""
    found: dict[str, list[tuple[Photo, BadBox]]] = {}
    for photo in dataset.own:
        if photo.image_problem and photo.header is None:
            continue  # without its image nobody can say
        for problem in photo.bad_boxes:
            found.setdefault(problem.problem.code, []).append((photo, problem))
    findings = []
    for kind, (check, what, remedy) in UNUSABLE.items():
        problems = found.get(kind, [])
        if kind == "box-outside-image" and all(photo.other_size for photo, _ in problems):
            remedy = f"Their images have another size than when they were labelled. {RESIZED}"
        if problems:
            places = [_place(*pair) for pair in problems[:MOST_PLACES]]
            findings.append(Finding(check, "error", len(problems), what, remedy, places))
    return findings


def _place(photo: Photo, problem: BadBox) -> Place:
    assert photo.xml_path is not None
    fault = problem.problem
    detail = fault.sentence("")
    if problem.name and problem.name not in detail:
        detail = f'"{problem.name}" {detail}'
    boxes = None
    if problem.xyxy_px and photo.header and photo.header.orientation == 1:
        header = photo.header
        xyxy_px = np.array([problem.xyxy_px], np.float64)
        boxes = box_sums.from_xyxy_px(xyxy_px, header.height_px, header.width_px)
    return Place(photo.xml_path, fault.line, detail, photo.image_path, boxes)


def cut_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes that reach at most one pixel over the edge, as tools that count from 1 write them."""
    hits = _single(dataset, lambda example: example.outside_px > 0, "cut at the edge")
    remedy = "Nothing to do."
    return hit("box-cut", "info", "boxes reach up to one pixel over the edge", remedy, hits)


def fraction_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes written as 0..1, which as pixels are next to nothing; records refuses them."""
    hits = [
        Hit(photo, [index], f'"{name}"')
        for photo in dataset.own
        if photo.example and not photo.bad_boxes and are_fractions(photo.example)
        for index, name in enumerate(photo.example.names)
    ]
    remedy = (
        "Multiply them by width and height of the image in the tool that wrote them, and write the "
        "XML again."
    )
    return hit(
        "box-fractions", "error", "boxes are fractions of the image, not pixels", remedy, hits
    )


def one_pixel_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes of a pixel: a click where a drag was meant."""
    hits = []
    for photo in dataset.own:
        example = photo.example
        if example is None or not example.names or are_fractions(example):
            continue
        sides = _sides_px(example)
        for index in np.flatnonzero((sides <= ONE_PIXEL).any(axis=1)).tolist():
            height, width = sides[index]
            detail = f'"{example.names[index]}" {width:.3g}x{height:.3g} px'
            hits.append(Hit(photo, [index], detail))
    what = "boxes are one pixel high or wide"
    return hit("box-one-pixel", "warning", what, f"{IN_LABELIMG}.", hits)


def whole_image_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes as large as their image: right for a close-up, else a slip."""

    what = "boxes cover their whole image"
    remedy = "Look at them in the report (`--html`): the model learns the place, not the object."
    hits = _single(dataset, lambda example: _covers_all(example.boxes), "whole image")
    return hit("box-whole-image", "info", what, remedy, hits)


def _covers_all(boxes: np.ndarray) -> np.ndarray:
    """Whether boxes [N, 4] cover the whole image -> bool [N]."""
    return (boxes[:, 2:] - boxes[:, :2] > WHOLE_IMAGE).all(axis=1)


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
                same.append(Hit(photo, [high, low], f'"{names[low]}" twice'))
            else:
                other.append(Hit(photo, [high, low], f'"{names[low]}" and "{names[high]}"'))
    return [
        *hit(
            "box-duplicate",
            "warning",
            "boxes are drawn twice",
            f"{OR_FIX}, which drops equal ones.",
            same,
        ),
        *hit(
            "box-of-two-classes",
            "warning",
            "boxes lie on a box of another class",
            f"{IN_LABELIMG}: delete the wrong one.",
            other,
        ),
    ]


def copied_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes that lie at exactly the same place in several images: copied and never moved.

    Two hands never draw the same pixels: no box of the 3,148 of two real data sets lies where
    another one does.
    """
    groups: dict[tuple[str, bytes], dict[bytes | Path, Hit]] = {}
    for photo in dataset.own:
        if photo.example is None:
            continue
        for index, (name, box) in enumerate(
            zip(photo.example.names, photo.example.boxes, strict=True)
        ):
            if not _covers_all(box[None])[0]:
                image = photo.sha256 or photo.image_path  # a copy of the image is told elsewhere
                group = groups.setdefault((name, box.tobytes()), {})
                group.setdefault(image, Hit(photo, [index], ""))
    hits = [
        next(iter(group.values()))._replace(detail=f'"{name}" in {len(group)} images')
        for (name, _), group in groups.items()
        if len(group) >= MANY_IMAGES
    ]
    what = f"boxes lie at exactly the same place in {MANY_IMAGES} or more images"
    remedy = "Right if nothing moved; else they were copied with the image before, move them."
    return hit("box-copied", "info", what, remedy, hits)


def many_boxes(dataset: Dataset) -> list[Finding]:
    """Images with more boxes than training takes."""
    most = MOST_BOXES
    if dataset.config is not None:
        most = dataset.config.train_input_reader.max_number_of_boxes
    hits = [
        Hit(photo, [], f"{len(photo.example.names)} boxes")
        for photo in dataset.own
        if photo.example and len(photo.example.names) > most
    ]
    remedy = "Set train_input_reader.max_number_of_boxes to the largest number."
    what = f"images have more than {most} boxes, of which training takes the first {most}"
    return hit("boxes-too-many", "warning", what, remedy, hits)


def hit(
    check: str, severity: Severity, what: str, remedy: str, hits: Sequence[Hit]
) -> list[Finding]:
    """Make the finding of these boxes."""
    if not hits:
        return []
    places = []
    for photo, indices, detail in hits[:MOST_PLACES]:
        line = boxes = None
        if len(indices) and photo.example:
            line = photo.lines[indices[0]]
            boxes = photo.example.boxes[list(indices)]
        path = photo.xml_path or photo.image_path
        places.append(Place(path, line, detail, photo.image_path, boxes))
    return [Finding(check, severity, len(hits), what, remedy, places)]


def _single(dataset: Dataset, which: Callable[[Example], np.ndarray], detail: str) -> list[Hit]:
    """Make a hit of each box for which `which(example)`, bool [N], is true."""
    return [
        Hit(photo, [index], f'"{photo.example.names[index]}" {detail}')
        for photo in dataset.own
        if photo.example and photo.example.names
        for index in np.flatnonzero(which(photo.example)).tolist()
    ]


def _sides_px(example: Example) -> np.ndarray:
    """Height and width of each box in pixels, float32 [N, 2]."""
    return (example.boxes[:, 2:] - example.boxes[:, :2]) * (example.height_px, example.width_px)
