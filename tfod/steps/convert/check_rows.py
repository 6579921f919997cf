"""Rows become examples: each image is measured, its boxes are checked and laid on it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tfod.data.annotation_xml import MOST_SIDE_PX
from tfod.data.drawn_boxes import EDGE_PX, drawn_unturned, fault_of, normalise, turn
from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.stated_sizes import SizeSeen, in_doubt, see_size
from tfod.errors import Problem, UserError, refusal
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.convert.find_images import IMAGES_ELSEWHERE
from tfod.steps.convert.rows import Box, DataSet, Row, at
from tfod.words import plural

_CUT_PX = 0.05  # less is the rounding of a file of six digits
_ROUNDING_PX = 1e-6  # of sums and shares of decimal numbers
_SNAP = 1e-9  # of a side: where 400.31 + 239.69 is to be 640


class _Remarks:
    """What was remarkable about images and boxes."""

    def __init__(self) -> None:
        self.missing: list[Path] = []
        self.other_size: list[str] = []
        self.sizes: list[SizeSeen] = []  # of the same images
        self.bad_boxes: list[Problem] = []
        self.cut = self.emptied = 0

    def notes(self) -> list[str]:
        """A sentence for each."""
        notes = []
        doubts = in_doubt(self.sizes)
        resized = [text for text, doubtful in zip(self.other_size, doubts, strict=True) if doubtful]
        right = [
            text for text, doubtful in zip(self.other_size, doubts, strict=True) if not doubtful
        ]
        for noun, found, what, end in (
            ("bad box", self.bad_boxes, "left out", ""),
            ("image", self.missing, "not found", "; their size is taken from the labels"),
            (
                "image",
                right,
                "with a different size than the labels say",
                "; the boxes fit the image",
            ),
            (
                "image",
                resized,
                "perhaps resized after labelling, as the labels give another size",
                "; look at the boxes",
            ),
        ):
            if found:
                notes.append(f"{plural(len(found), noun)} {what}, first {found[0]}{end}")
        if self.cut:
            notes.append(f"{plural(self.cut, 'box')} cut at the edge of the image")
        if self.emptied:
            notes.append(
                f"{plural(self.emptied, 'image')} without boxes now, because all were bad; a model "
                "will learn that they show nothing"
            )
        return notes


def check_rows(data: DataSet, skip_bad: bool = False, progress: Progress = SILENT) -> None:
    """Give each row its example; an example that the reader made stays as it is.

    Args:
        data: as it was read.
        skip_bad: leave out boxes that are not in their image, with a note, instead of refusing.
        progress: reports each image.

    Raises:
        UserError: all problems, those of the reader included.
    """
    problems, remarks = list(data.problems), _Remarks()
    for row in progress.track(data.rows, "checking"):
        try:
            row.measure()
            if row.example is None:
                _make_example(row, skip_bad, remarks)
            _remember(row, remarks)
        except UserError as error:
            problems += error.problems
    problems += [] if skip_bad else remarks.bad_boxes
    if problems:
        raise UserError(*problems, heading="problems in the data set, nothing was written")
    data.notes += remarks.notes()


def _make_example(row: Row, skip_bad: bool, remarks: _Remarks) -> None:
    """Check the boxes of a row; with a bad one that may not be skipped it gets no example."""
    size = row.size or _stated(row)
    turned = drawn_unturned(size, row.stated_size, row.orientation)
    height, width = size[::-1] if turned else size
    corners = np.array([box.corners for box in row.boxes], np.float64).reshape(-1, 4)
    xyxy_px = corners * ([width, height] * 2) if row.in_shares else corners.copy()
    for column, limit in ((2, width), (3, height)):
        side = xyxy_px[:, column]
        side[np.abs(side - limit) <= _SNAP * limit] = limit
    bad = _bad_boxes(xyxy_px, height, width)
    remarks.bad_boxes += [_bad_box(row, row.boxes[i], xyxy_px[i], height, width) for i in bad]
    if len(bad) and not skip_bad:
        return
    keep = np.delete(np.arange(len(corners)), bad)
    remarks.emptied += bool(len(bad)) and not len(keep)
    boxes, outside_px = normalise(xyxy_px[keep], height, width)
    if row.in_shares:  # straight from the file: a detour through pixels may change the last bit
        boxes = np.clip(corners[keep][:, [1, 0, 3, 2]], 0, 1).astype(np.float32)
    if turned:
        boxes = turn(boxes, row.orientation)
    kept = [row.boxes[index] for index in keep]
    row.example = Example(
        row.image,
        *size,
        boxes,
        names=tuple(box.name for box in kept),
        difficult=np.array([box.difficult for box in kept], bool),
        truncated=np.array([box.truncated for box in kept], bool),
        occluded=np.array([box.occluded for box in kept], bool),
        is_crowd=np.array([box.is_crowd for box in kept], bool),
        areas_px=np.array([box.area_px for box in kept], np.float64),
        poses=tuple(box.pose for box in kept),
        outside_px=outside_px,
        stated_size=row.stated_size,
        suggested_by="a model" if row.by_model else "",
    )


def _stated(row: Row) -> tuple[int, int]:
    """The size of a missing image, which the labels state."""
    if row.stated_size and max(row.stated_size) <= MOST_SIDE_PX:
        return row.stated_size
    what = at(row.entry, f"image {row.image} not found, and its size is needed")
    got = "x".join(f"{side:.6g}" for side in reversed(row.stated_size or ())) or None
    expected = "its width and height in the labels"
    raise refusal(
        "image-size-unknown",
        *(row.file, what, row.line),
        expected=expected,
        got=got,
        remedy=IMAGES_ELSEWHERE,
    )


def _bad_boxes(xyxy_px: np.ndarray, height: int, width: int) -> np.ndarray:
    """Indices of the boxes that are not part of an image of this size."""
    low, high, limits = xyxy_px[:, :2], xyxy_px[:, 2:], [width, height]
    edge = EDGE_PX + _ROUNDING_PX
    inside = (low >= -edge) & (low < limits) & (high > 0) & (high <= np.add(limits, edge))
    return np.flatnonzero(~(inside & (low < high)).all(axis=1))


def _bad_box(row: Row, box: Box, xyxy_px: np.ndarray, height: int, width: int) -> Problem:
    fault = fault_of(xyxy_px.tolist(), height, width) or Problem("box-outside-image")
    remedy = Remedy.SET(setting="skip_bad_boxes", value=True)
    what = at(box.entry, fault.what)
    return replace(fault, where=row.file, what=what, line=box.line, remedy=remedy)


def _remember(row: Row, remarks: _Remarks) -> None:
    """Remember what the user should know about an image."""
    if row.size is None:
        remarks.missing.append(row.image)
    if row.example is None:
        return
    size, stated = (row.example.height_px, row.example.width_px), row.example.stated_size
    turned = row.orientation >= 5 and stated == size[::-1]
    if stated is not None and stated != size and not turned:
        text = f"{row.image.name} ({size[1]}x{size[0]}, not {stated[1]}x{stated[0]})"
        remarks.other_size.append(text)
        remarks.sizes.append(see_size(boxes_xyxy_px(row.example), stated, size))
    remarks.cut += int((row.example.outside_px > _CUT_PX).sum())
