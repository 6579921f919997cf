"""Checks of boxes: those that cannot be used, and those that can hardly be meant."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from tfod import boxes as box_sums
from tfod.data.example import Example
from tfod.data.scan import Photo
from tfod.data.voc import BadBox
from tfod.remedies import Remedy
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report

MOST_BOXES = 100  # of an image, max_number_of_boxes of a config that does not say otherwise
ONE_PIXEL = 1.5  # a side of at most so many pixels is a slip of the mouse
SAME_BOX = 0.95  # IoU
# LabelImg moves a copy by 2 px each way; sides may have been rounded since. No two objects of
# crowd_masks and COCO look so (docs/log.md); smaller overlaps of boxes under 7 px might
COPY_PX, COPY_OVERLAP = 2.0, 0.3


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
    """Two boxes on one object: of one class (drawn or copied twice), or of two."""
    same, near, other = [], [], []
    for photo in dataset.own:
        if photo.example is None or len(photo.example.names) < 2:
            continue
        names, boxes = photo.example.names, photo.example.boxes
        alike = np.array(names)[:, None] == np.array(names)[None]
        overlap = box_sums.iou(boxes, boxes)
        found = (overlap >= SAME_BOX) | (alike & _are_copies(photo.example, overlap))
        for low, high in np.argwhere(np.triu(found, 1)).tolist():
            line = f" on line {photo.lines[low]}" if photo.lines else ""
            if not alike[low, high]:
                detail = f'"{names[high]}", "{names[low]}"{line}'
                other.append(box_place(photo, [high, low], detail))
            elif (boxes[low] == boxes[high]).all():
                detail = f'"{names[high]}", the same{line}'
                same.append(box_place(photo, [high, low], detail))
            else:
                detail = f'"{names[high]}", nearly the same{line} (IoU {overlap[low, high]:.2f})'
                near.append(box_place(photo, [high, low], detail))
    session = near[0].path.parent if near else dataset.folder
    inside = session.parent == dataset.workspace.images
    again = Remedy.RUN(step="label", name=session.name if inside else session.as_posix())
    return [
        *report("box-duplicate", same),
        *report("box-near-duplicate", near, remedy=again),
        *report("box-of-two-classes", other),
    ]


def _are_copies(example: Example, overlap: np.ndarray) -> np.ndarray:
    """Whether two boxes have one size and lie a few pixels apart, as LabelImg's Ctrl+D leaves them.

    Args:
        example: N boxes.
        overlap: float32 [N, N], IoU of any two of them.

    Returns:
        bool [N, N].
    """
    boxes_px = example.boxes * ([example.height_px, example.width_px] * 2)
    corners_px, sides_px = boxes_px[:, :2], boxes_px[:, 2:] - boxes_px[:, :2]
    moved, differ = (
        np.abs(values[:, None] - values[None]).max(axis=-1) for values in (corners_px, sides_px)
    )
    return (moved <= COPY_PX + 0.01) & (differ <= 1.01) & (overlap >= COPY_OVERLAP)


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
