"""Boxes that cannot be used, and those that hardly can be meant, with file, line and pixels."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tfod.remedies import Remedy
from tfod.steps.check import boxes
from tfod.steps.check.dataset import read_dataset

ALL = (
    boxes.unusable_boxes,
    boxes.fraction_boxes,
    boxes.one_pixel_boxes,
    boxes.repeated_boxes,
    boxes.many_boxes,
    boxes.cut_boxes,
)
GOOD = ("cat", 5, 5, 30, 40)


@pytest.mark.parametrize(
    ("box", "code", "severity"),
    [
        (("cat", 10, 5, 90, 40), "box-outside-image", "error"),
        (("cat", -9, 5, 30, 40), "box-outside-image", "error"),
        (("cat", 30, 5, 10, 40), "box-swapped", "error"),
        (("cat", 10, 5, 10, 40), "box-zero-area", "error"),
        (("cat", "nan", 5, 10, 40), "box-not-a-number", "error"),
        (("", 10, 5, 30, 40), "box-without-class", "error"),
        ((" ", 10, 5, 30, 40), "box-without-class", "error"),
        (("cat", 10, 5, 65, 40), "box-cut", "info"),
        (("cat", 10, 5, 11, 40), "box-one-pixel", "warning"),
        (("cat", 5, 5, 30, 40), "box-duplicate", "warning"),
        (("cat", 7, 7, 32, 42), "box-near-duplicate", "warning"),
        (("dog", 5, 5, 30, 40), "box-of-two-classes", "warning"),
    ],
)
def test_one_bad_box_next_to_a_good_one(put, say, box, code, severity):
    path = put("a.jpg", GOOD, box)
    found = say(*ALL)
    assert list(found) == [code]
    finding = found[code]
    assert (finding.severity, finding.count) == (severity, 1)
    place = finding.places[0]
    assert (place.path, place.line, place.image) == (path.with_suffix(".xml"), 5, path)
    if all(isinstance(side, int) for side in box) and code != "box-cut":
        xmin, ymin, xmax, ymax = box[1:]
        expected = [ymin / 48, xmin / 64, ymax / 48, xmax / 64]
        assert np.allclose(place.boxes[0], expected)


@pytest.mark.parametrize(
    ("other", "doubled"),
    [
        (("cat", 7, 7, 32, 42), True),  # Ctrl+D in LabelImg
        (("cat", 7, 7, 31, 41), True),  # the same, rounded
        (("cat", 3, 3, 28, 38), True),
        (("cat", 5, 5, 31, 40), True),  # IoU 0.96
        (("cat", 8, 8, 33, 43), False),  # moved by 3 px
        (("cat", 7, 7, 35, 42), False),  # another size
        (("dog", 7, 7, 32, 42), False),
    ],
)
def test_boxes_doubled_a_few_pixels_away(put, say, other, doubled):
    put("a.jpg", GOOD, other)
    found = say(*ALL)
    assert [*found] == (["box-near-duplicate"] if doubled else [])
    if doubled:
        place = found["box-near-duplicate"].places[0]
        assert place.line == 5 and "on line 4" in place.detail and len(place.boxes) == 2


@pytest.mark.parametrize(("side", "doubled"), [(20, True), (7, True), (6, False), (3, False)])
def test_tiny_neighbours_may_be_two_things(put, say, side, doubled):
    boxes_px = [("cat", 20 + d, 20 + d, 20 + side + d, 20 + side + d) for d in (0, 2)]
    put("a.jpg", *boxes_px)
    assert ("box-near-duplicate" in say(*ALL)) == doubled


def test_outside_an_image_that_was_resized_is_nothing_to_cut(put, say):
    put("a.jpg", ("cat", 100, 5, 120, 40), stated=(96, 128))
    finding = say(*ALL)["box-outside-image"]
    assert finding.problem.advice == Remedy.DRAW_AGAIN() and not finding.fixable
    put("b.jpg", ("cat", 60, 5, 90, 40))
    assert say(*ALL)["box-outside-image"].fixable


def test_boxes_written_as_fractions(put, say):
    first = put("a.jpg", ("cat", 0.1, 0.25, 0.5, 1), ("dog", 0.2, 0.2, 0.9, 0.7))
    put("b.jpg", ("cat", 0, 0, 0.5, 0.5))
    put("mixed.jpg", ("cat", 0, 0, 0.5, 0.5), GOOD)
    put("small.png", ("cat", 0, 0, 1, 1), size=(8, 8))
    found = say(*ALL)
    finding = found["box-fractions"]
    assert (finding.severity, finding.count) == ("error", 3)
    assert (finding.places[0].path, finding.places[0].line) == (first.with_suffix(".xml"), 4)
    assert [place.image.stem for place in found["box-one-pixel"].places] == ["mixed", "small"]


def test_boxes_around_the_first_pixel_are_no_fractions(put, say):
    put("a.png", ("cat", 0, 0, 1, 1), ("cat", 0, 0, 1, 1))
    assert "box-fractions" not in say(*ALL)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_fractions_of_a_picture_that_exif_turns(put, say, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    put("a.jpg", ("cat", 0.1, 0.25, 0.5, 0.9), exif=exif)  # <size> is that of the stored pixels
    assert [*say(*ALL)] == ["box-fractions"]


def test_good_boxes_are_not_reported(put, say):
    put("a.jpg", GOOD, ("cat", 20, 5, 45, 40), ("dog", 8, 8, 28, 38), ("cat", 40, 30, 43, 33))
    assert say(*ALL) == {}


def test_an_object_that_is_not_a_rectangle(put, say, session):
    put("a.jpg", GOOD)
    xml = session / "a.xml"
    xml.write_text(xml.read_text().replace("bndbox>", "polygon>"))
    assert [*say(*ALL)] == ["box-missing"]


def test_the_good_boxes_of_a_file_count_next_to_bad_ones(put, session):
    put("a.jpg", GOOD, ("cat", 30, 5, 10, 40), ("dog", 1, 1, 9, 9))
    (photo,) = read_dataset(session.parent).photos
    assert photo.example.names == ("cat", "dog")
    (bad,) = photo.bad_boxes
    assert (bad.problem.code, bad.problem.line) == ("box-swapped", 5)
    assert bad.xyxy_px == (30, 5, 10, 40)


def test_boxes_are_not_judged_by_a_guessed_size(put, say):
    path = put("a.jpg", ("cat", 10, 5, 90, 40), stated=(20, 20))
    path.write_bytes(b"")
    assert say(*ALL) == {}


def test_more_boxes_than_training_takes(put, say):
    row = [("cat", 2 * i, 5, 2 * i + 10, 15 + i) for i in range(12)]
    put("a.jpg", *row)
    assert "boxes-too-many" not in say(*ALL)
    reader = SimpleNamespace(max_number_of_boxes=11)
    found = say(boxes.many_boxes, config=SimpleNamespace(train_input_reader=reader))
    finding = found["boxes-too-many"]
    assert finding.places[0].detail == "12 boxes"
    assert finding.problem.advice.arguments["value"] == 12


def test_only_the_first_places_are_kept(put, say):
    put("a.jpg", *[("cat", 30, 5, 10, 40)] * 150)
    found = say(*ALL)["box-swapped"]
    assert (found.count, len(found.places)) == (150, 100)
