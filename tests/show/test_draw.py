"""What is drawn: labels that cover no other one, lines that wrap, a big figure in the middle."""

import numpy as np
import pytest

from tfod.detections import Detections
from tfod.show import draw

GREY = np.full((480, 640, 3), 128, np.uint8)


def crowd(count, seed=0, name="No-mask"):
    """Boxes that overlap, in the upper left of the middle."""
    random = np.random.default_rng(seed)
    centres, sizes = random.uniform(0.3, 0.5, (count, 2)), random.uniform(0.0, 0.3, (count, 2))
    boxes = np.hstack([centres - sizes / 2, centres + sizes / 2]).astype(np.float32)
    scores = np.linspace(0.95, 0.3, count, dtype=np.float32)
    return Detections(boxes, scores, np.zeros(count, np.int32), {0: name})


def plates_of(monkeypatch, image, detections, **options):
    """Draw; give the plates as (left, top, right, bottom), best score first."""
    plates = []

    def paint(drawn, mask, left, top, colour):
        plates.append((left, top, left + mask.shape[1], top + mask.shape[0]))

    monkeypatch.setattr(draw, "_paint", paint)
    draw.draw_detections(image, detections, **options)
    return np.array(plates[::-1]).reshape(-1, 4)


def overlaps(plates):
    low = np.maximum(plates[:, None, :2], plates[None, :, :2])
    high = np.minimum(plates[:, None, 2:], plates[None, :, 2:])
    return np.argwhere(np.triu((high > low).all(axis=2), 1)).tolist()


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (1080, 1920), (240, 320)])
@pytest.mark.parametrize("seed", range(3))
def test_no_label_covers_another_one(monkeypatch, size, seed):
    image = np.full((*size, 3), 128, np.uint8)
    plates = plates_of(monkeypatch, image, crowd(20, seed))
    assert len(plates) == 20 and overlaps(plates) == []
    assert plates.min() >= 0 and plates[:, 2].max() <= size[1] and plates[:, 3].max() <= size[0]


def test_one_object_with_many_boxes_has_all_labels_beside_it(monkeypatch):
    same = crowd(1).rows(np.zeros(12, int))
    plates = plates_of(monkeypatch, GREY, same)
    assert overlaps(plates) == []
    heights = plates[:, 3] - plates[:, 1]
    assert heights[0] > heights[-1] and (np.diff(heights) <= 0).all(), "they shrink, then move"


def test_a_label_that_has_room_keeps_its_size_and_place(monkeypatch):
    box = np.array([[0.5, 0.5, 0.75, 0.75]], np.float32)
    one = Detections(box, np.ones(1, np.float32), np.zeros(1, np.int32), {0: "cat"})
    (plate,) = plates_of(monkeypatch, GREY, one)
    assert plate[0] == 320 and plate[3] == 240


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (20, 300), (300, 12)])
def test_images_too_small_for_their_labels_are_drawn_all_the_same(size):
    image = np.full((*size, 3), 128, np.uint8)
    assert draw.draw_detections(image, crowd(30, name="a very long name")).shape == image.shape
    assert draw.draw_big(image, "10").shape == image.shape
    assert draw.add_lines(image, ["a | b | c"] * 9).shape[1] == image.shape[1]


def test_a_line_goes_on_below_after_a_separator_and_keeps_it_elsewhere(monkeypatch):
    said = []
    mask = draw.fitting_mask
    monkeypatch.setattr(draw, "fitting_mask", lambda *words: said.append(words[0]) or mask(*words))
    draw.add_lines(GREY[:, :240], ["shown 9 fps | camera 25 fps | model 65 ms | age 8 ms"])
    assert len(said) > 1 and " | ".join(said).startswith("shown 9 fps | camera 25 fps | model")
    said.clear()
    draw.add_lines(GREY, ["shown 9 fps | camera 25 fps"])
    assert said == ["shown 9 fps | camera 25 fps"]


def test_lines_are_beside_the_image_and_cover_nothing_of_it():
    framed = draw.add_lines(GREY, ["above"], ["one", "two"])
    rows, columns = GREY.shape[:2]
    top = int(np.flatnonzero((framed == GREY[0, 0]).all(axis=(1, 2)))[0])
    assert np.array_equal(framed[top : top + rows], GREY)
    assert len(framed) - rows == 3 * top > 0, "one line above, two below"
    narrow = draw.add_lines(GREY[:, :100], ["above"], least_width=640)
    assert narrow.shape[1] == 640
    assert np.array_equal(narrow[-rows:, 270:370], GREY[:, :100]), "in the middle"


def test_the_image_given_is_not_changed():
    image = GREY.copy()
    image.flags.writeable = False
    for drawn in (draw.draw_big(image, "3"), draw.draw_detections(image, crowd(3))):
        assert (drawn != image).any()
