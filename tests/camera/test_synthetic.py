import cv2
import numpy as np
import pytest

from tfod.camera import scenes as synthetic
from tfod.camera.scenes import CLASSES, SIZE, draw_scene, moving_scene

SCENES = (draw_scene, moving_scene)
NINE = tuple("abcdefghi")


@pytest.fixture
def drawing(monkeypatch):
    """What is drawn, before light and noise: backgrounds, owners of pixels, and things."""
    seen = {"background": [], "owner": [], "things": []}
    background, draw = synthetic._background, synthetic._draw

    def keep_background(*arguments):
        image = background(*arguments)
        seen["background"].append(image.copy())
        return image

    def keep_drawing(image, owner, number, thing):
        seen["owner"], seen["things"] = owner, [*seen["things"][: number - 1], thing]
        return draw(image, owner, number, thing)

    monkeypatch.setattr(synthetic, "_background", keep_background)
    monkeypatch.setattr(synthetic, "_draw", keep_drawing)
    monkeypatch.setattr(synthetic, "_light_and_noise", lambda image, *_: image)
    return seen


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_number_gives_the_same_scene_and_others_differ(scene):
    image, boxes, names = scene(5, CLASSES, SIZE, 3)
    again, same_boxes, same_names = scene(5, CLASSES, SIZE, 3)
    assert np.array_equal(image, again)
    assert np.array_equal(boxes, same_boxes) and names == same_names
    for other in (scene(6, CLASSES, SIZE, 3), scene(5, CLASSES, SIZE, 4)):
        assert not np.array_equal(image, other[0])


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("size", [(16, 16), (16, 640), (640, 16), (333, 221), (1080, 1920)])
def test_any_size_gives_boxes_inside(scene, size):
    for index in range(8):
        image, boxes, names = scene(index, NINE, size, index)
        assert image.shape == (*size, 3) and image.dtype == np.uint8
        assert boxes.shape == (len(names), 4) and boxes.dtype == np.float32
        assert (boxes >= 0).all() and (boxes <= 1).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()


@pytest.mark.parametrize("scene", SCENES)
def test_boxes_are_the_extent_of_the_visible_pixels(scene, drawing):
    checked = 0
    for index in range(40):
        image, boxes, names = scene(index, NINE, (120, 160), 7)
        owner, background = drawing["owner"], drawing["background"][-1]
        shown = iter(zip(boxes, names, strict=True))
        if not len(boxes):
            continue
        untouched = owner == 0
        assert np.array_equal(image[untouched], background[untouched])
        for number, thing in enumerate(drawing["things"], 1):
            mine = owner == number
            colours = {tuple(colour) for colour in image[mine].tolist()}
            assert colours <= {thing.colour, thing.second_colour}
            if mine.sum() < 0.6 * _area_px(thing):  # may be too little to be labelled
                break
            box, name = next(shown)
            rows, columns = np.nonzero(mine)
            extent = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
            np.testing.assert_allclose(box * [120, 160, 120, 160], extent, atol=1e-4)
            assert name == NINE[thing.class_id]
            checked += 1
    assert checked > 40


def _area_px(thing):
    """Area of the whole thing, drawn alone."""
    owner = np.zeros((120, 160), np.uint8)
    return synthetic._draw(np.zeros((120, 160, 3), np.uint8), owner, 1, thing)


def test_hidden_things_have_no_box(monkeypatch):
    def thing(x, radius):
        return synthetic._Thing(1, x, 50.0, radius, 0.0, (200, 0, 0), (0, 200, 0))

    rng = np.random.default_rng(0)
    image = np.zeros((100, 100, 3), np.uint8)
    behind, before = thing(30.0, 10.0), thing(32.0, 20.0)
    assert len(synthetic._finish(image.copy(), [behind, before], rng, "ab")[1]) == 1
    assert len(synthetic._finish(image.copy(), [before, behind], rng, "ab")[1]) == 2


def test_scenes_vary():
    scenes = [draw_scene(index, CLASSES, (90, 120)) for index in range(200)]
    counts = {len(names) for _, _, names in scenes}
    assert counts == {0, 1, 2, 3, 4}
    assert {name for _, _, names in scenes for name in names} == set(CLASSES)
    boxes = np.concatenate([boxes for _, boxes, _ in scenes])
    heights = boxes[:, 2] - boxes[:, 0]
    assert heights.max() > 2 * heights.min()
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert (middles.min(axis=0) < 0.25).all() and (middles.max(axis=0) > 0.75).all()
    light = [image.mean() for image, _, _ in scenes]
    assert max(light) > 2 * min(light)


def test_looks_follow_the_place_in_the_list_not_the_name():
    image, boxes, names = draw_scene(3, ("x", "y"), (90, 120))
    other, other_boxes, other_names = draw_scene(3, ("Maske", "keine Maske"), (90, 120))
    assert np.array_equal(image, other) and np.array_equal(boxes, other_boxes)
    assert [("x", "y").index(name) for name in names] == [
        ("Maske", "keine Maske").index(name) for name in other_names
    ]


def test_the_moving_scene_moves_smoothly():
    frames = [moving_scene(index, CLASSES, (180, 320), 2) for index in range(90)]
    pairs = zip(frames, frames[1:], strict=False)
    whole = [
        (before, after)
        for (_, before, names), (_, after, same) in pairs
        if names == same and len(names) == 3
    ]
    assert len(whole) > 60
    steps = np.array([np.abs(after - before).max() for before, after in whole])
    assert np.median(steps) < 0.02 and steps.min() > 0  # moves, and by less than 2 % of the image
    first, last = frames[0], frames[-1]
    assert np.abs(first[1][0] - last[1][0]).max() > 0.05
    # one background in one light: without its grain, most of the image stays as it is
    calm = [cv2.GaussianBlur(image, (0, 0), 3).astype(int) for image, _, _ in frames[:30]]
    changes = np.abs(np.diff(calm, axis=0)).max(axis=(0, 3))
    assert (changes < 12).mean() > 0.5
