"""Checks of boxes: those that cannot be used, and those that can hardly be meant."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from tfod import boxes as box_sums
from tfod.data.scan import Photo
from tfod.data.voc import BadBox
from tfod.remedies import Remedy
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report

MOST_BOXES = 100  # of an image, max_number_of_boxes of a config that does not say otherwise
ONE_PIXEL = 1.5  # a side of at most so many pixels is a slip of the mouse
SAME_BOX = 0.95  # IoU


def box_place(photo: Photo, indices: Sequence[int], detail: str = "") -> Place:
    """The place of boxes of one image, by their indices in its example."""
    assert photo.example is not None
    path, boxes = photo.xml_path or photo.image_path, photo.example.boxes[list(indices)]
    line = photo.lines[indices[0]] if photo.lines else None
    return Place(path, line, detail, photo.image_path, boxes)


def unusable_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes that records refuses and the old tools silently train on."""
    places: dict[str, list[Place]] = defaultdict(list)
    resized = True
    for photo in dataset.own:
        if photo.image_problem and photo.header is None:
            continue  # without its image nobody can say
        for bad in photo.bad_boxes:
            places[bad.problem.code].append(_place(photo, bad))
            if bad.problem.code == "box-outside-image" and not photo.other_size:
                resized = False
    again = {"box-outside-image": Remedy.DRAW_AGAIN if resized else None}
    return [
        finding
        for code, of_code in places.items()
        for finding in report(code, of_code, remedy=again.get(code))
    ]


def _place(photo: Photo, bad: BadBox) -> Place:
    assert photo.xml_path is not None
    boxes = None
    if bad.xyxy_px and photo.header and photo.header.orientation == 1:
        boxes = box_sums.from_xyxy_px(np.array([bad.xyxy_px], np.float64), *photo.header.size)
    detail = (f'"{bad.name}": ' if bad.name else "") + bad.problem.sentence("")
    return Place(photo.xml_path, bad.problem.line, detail, photo.image_path, boxes)


def cut_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes that reach at most one pixel over the edge, as tools that count from 1 write them."""
    places = [
        box_place(photo, [index], f'"{photo.example.names[index]}"')
        for photo in dataset.own
        if photo.example
        for index in np.flatnonzero(photo.example.outside_px).tolist()
    ]
    return report("box-cut", places)


def fraction_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes written as 0..1, which as pixels are next to nothing; records refuses them."""
    places = [
        box_place(photo, [index], f'"{name}"')
        for photo in dataset.own
        if photo.example and photo.in_fractions and not photo.bad_boxes
        for index, name in enumerate(photo.example.names)
    ]
    return report("box-fractions", places)


def one_pixel_boxes(dataset: Dataset) -> list[Finding]:
    """Boxes of a pixel: a click where a drag was meant."""
    places = []
    for photo in dataset.own:
        example = photo.example
        if example is None or not example.names or photo.in_fractions:
            continue
        size = (example.height_px, example.width_px)
        sides_px = (example.boxes[:, 2:] - example.boxes[:, :2]) * size
        for index in np.flatnonzero((sides_px <= ONE_PIXEL).any(axis=1)).tolist():
            height, width = sides_px[index]
            detail = f'"{example.names[index]}" {width:.3g}x{height:.3g} px'
            places.append(box_place(photo, [index], detail))
    return report("box-one-pixel", places)


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
                same.append(box_place(photo, [high, low], f'"{names[low]}" twice'))
            else:
                detail = f'"{names[low]}" and "{names[high]}"'
                other.append(box_place(photo, [high, low], detail))
    return report("box-duplicate", same) + report("box-of-two-classes", other)


def many_boxes(dataset: Dataset) -> list[Finding]:
    """Images with more boxes than training takes."""
    config = dataset.config
    most = config.train_input_reader.max_number_of_boxes if config else MOST_BOXES
    counts = [(photo, len(photo.example.names)) for photo in dataset.own if photo.example]
    places = [
        Place(photo.xml_path or photo.image_path, None, f"{count} boxes", photo.image_path)
        for photo, count in counts
        if count > most
    ]
    largest = max((count for _, count in counts), default=0)
    more = Remedy.SET(setting="train_input_reader.max_number_of_boxes", value=largest)
    return report("boxes-too-many", places, most=most, remedy=more)
