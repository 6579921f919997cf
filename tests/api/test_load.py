"""`tfod.load` and `tfod.Detections`, on a model that was trained here and finds things."""

import re

import cv2
import numpy as np
import pytest
from doc_blocks import blocks
from PIL import Image
from refusals import raises_problem

import tfod
from tfod.boxes import iou
from tfod.camera.scenes import draw_scene
from tfod.data.images import write_image
from tfod.steps.demo import BATCH_SIZE, SETTINGS, SIZE
from tfod.steps.detect.detect import COLUMNS

CLASSES = ("circle", "square")
PHOTO_PX = (120, 160)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A workspace with a trained model called masks, and a photo of what it knows."""
    here = tmp_path_factory.mktemp("detector")
    camera = f"synthetic:size={PHOTO_PX[0]}x{PHOTO_PX[1]}"
    tfod.capture(CLASSES, number=40, every=0, countdown=0, min_change=0, camera=camera,
                 headless=True, workspace=here)  # fmt: skip
    tfod.split(workspace=here)
    tfod.records(workspace=here)
    tfod.new_config(
        "masks", size=SIZE, batch_size=BATCH_SIZE, steps=150, overrides=SETTINGS, workspace=here
    )
    tfod.train("masks", seed=0, workspace=here)
    write_image(here / "photo.jpg", scene()[0])
    return here


def scene():
    """A scene that the training did not see: image, boxes, names."""
    index = next(i for i in range(900, 1000) if len(draw_scene(i, CLASSES, PHOTO_PX)[1]) == 2)
    return draw_scene(index, CLASSES, PHOTO_PX)


@pytest.fixture(scope="module")
def detector(here):
    return tfod.load("masks", min_score=0.2, workspace=here)


def test_the_lines_of_the_readme_find_what_is_there(root, here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    (block,) = [block for block in blocks(root / "README.md") if block.language == "python"]
    assert block.text.count("\n") + 1 <= 10
    names = {}
    exec(block.text, names)
    found = names["found"]
    _, boxes, _ = scene()
    assert iou(boxes, found.boxes).max(axis=1).min() > 0.5, found
    printed = capsys.readouterr().out
    assert all(f"{one.name} " in printed for one in found)
    assert Image.open("found.jpg").size == PHOTO_PX[::-1]


def test_the_lines_of_the_page_run(root, here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    names = {}
    for block in blocks(root / "docs/python.md"):
        exec(block.text, names)
    assert names["measured"].figures["DetectionBoxes_Precision/mAP"] > 0.05
    assert len(names["table"]) == len(names["rows"]) >= 1
    printed = capsys.readouterr().out
    assert "done: masks is already trained" in printed and "['no-such-model']" in printed


def test_a_path_an_image_an_array_and_a_list_of_them(here, detector):
    path = here / "photo.jpg"
    of_file = detector(path)
    assert of_file.path == path and of_file.image is None and of_file.size == PHOTO_PX
    assert len(of_file) >= 1
    image = Image.open(path)
    rgb = np.array(image)
    of_array = detector(rgb)
    assert of_array.path is None and of_array.image is rgb
    several = detector([str(path), image, rgb])
    assert isinstance(several, list)
    for found in (*several, of_array, detector(cv2.imread(str(path)), bgr=True)):
        np.testing.assert_allclose(found.boxes, of_file.boxes, atol=0.02)
        assert found.class_ids.tolist() == of_file.class_ids.tolist()
    assert detector(()) == [] and isinstance(detector((path,)), list)
    with pytest.raises(ValueError, match=r"uint8 \[H, W, 3\]"):
        detector(rgb.astype(np.float32))
    with pytest.raises(tfod.UserError):
        detector(here / "nothing.jpg")


@pytest.mark.parametrize("image", [None, 3, b"jpg", {"a": 1}])
def test_what_is_no_image_is_named(detector, image):
    """None is what cv2.imread gives for a file that is not there."""
    with pytest.raises(TypeError, match=f"a PIL image.*, got {type(image).__name__}"):
        detector(image)


def test_files_of_a_pattern_and_arrays_of_another_library(here, detector):
    assert len(detector(here.glob("photo.jpg"))) == 1
    array = scene()[0]

    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return array

    assert np.array_equal(detector(Tensor()).boxes, detector(array).boxes)


def test_detections_are_counted_like_a_list(here, detector):
    found = detector(here / "photo.jpg")
    assert found[0] == next(iter(found)) and found[:2] == list(found)[:2]
    with pytest.raises(IndexError):
        found[len(found)]


def test_the_picture_is_a_picture(here, detector, tmp_path):
    with raises_problem("not-a-picture-name", remedy="rename"):
        detector(here / "photo.jpg").save(tmp_path / "found.txt")
    assert not any(tmp_path.iterdir())


def test_detections_in_other_forms(here, detector):
    found = detector(here / "photo.jpg")
    height, width = found.size
    (box, score, name), *_ = found
    assert box == tuple(map(float, found.boxes[0])) and score == found.scores[0]
    assert name in CLASSES
    corners = found.boxes_xyxy_px
    np.testing.assert_allclose(corners[0] / ([width, height] * 2), [box[1], box[0], box[3], box[2]])

    table = found.to_pandas()
    assert tuple(table.columns) == COLUMNS and len(table) == len(found)
    first = table.iloc[0]
    assert (first.filename, first.width, first.height) == ("photo.jpg", width, height)
    assert first["class"] == name
    np.testing.assert_allclose(table[["xmin", "ymin", "xmax", "ymax"]], corners)

    theirs = found.to_supervision()
    np.testing.assert_array_equal(theirs.xyxy, corners)
    assert theirs["class_name"].tolist() == [one.name for one in found]
    assert theirs.class_id.tolist() == found.class_ids.tolist()

    row = found.to_coco(image_id=7)[0]
    assert row["image_id"] == 7 and row["category_id"] == found.class_ids[0] + 1
    left, top, wide, high = row["bbox"]
    np.testing.assert_allclose([left, top, left + wide, top + high], corners[0])

    sure = found.above(found.scores[0])
    assert isinstance(sure, tfod.Detections) and len(sure) >= 1 and sure.path == found.path
    assert len(found.above(1)) == 0
    assert re.fullmatch(rf"<{name} \d\.\d\d.* in .*photo\.jpg, 160x120>", repr(found))
    assert "no detections" in repr(found.above(1))


def test_a_picture_to_look_at(here, detector, tmp_path):
    found = detector(here / "photo.jpg")
    assert found.draw().shape == (*PHOTO_PX, 3)
    assert found.save(tmp_path / "found.png") == tmp_path / "found.png"
    np.testing.assert_array_equal(np.array(Image.open(tmp_path / "found.png")), found.draw())
    assert found._repr_png_().startswith(b"\x89PNG")
    copied = tmp_path / "copied.jpg"
    write_image(copied, scene()[0])
    gone = detector(copied)
    copied.unlink()
    assert gone._repr_png_() is None and len(gone) == len(found), "the figures stay"
    with pytest.raises(tfod.UserError):
        gone.draw()
    bare = tfod.Detections(found.boxes, found.scores, found.class_ids, found.class_names)
    with pytest.raises(ValueError, match="no image"):
        bare.draw()


def test_a_detector_says_what_it_is(here, detector):
    assert detector.path == here / "exported-models/masks"
    assert repr(detector).endswith("exported-models/masks: circle, square>")
    assert detector.class_names == {0: "circle", 1: "square"}
