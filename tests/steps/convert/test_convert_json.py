"""JSON of LabelMe and CreateML, read; labels put next to photos of which some have XML."""

import json

import numpy as np
import pytest
from converting import convert
from PIL import Image
from refusals import raises_problem

from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.voc import read_voc, write_voc
from tfod.steps.convert.guess import guess_source


@pytest.fixture
def photos(tmp_path):
    """Two photos of 100x50 px."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b ö"):
        Image.new("RGB", (100, 50)).save(folder / f"{name}.jpg")
    return folder


def shape(kind, *points, label="cat"):
    return {"label": label, "points": [list(point) for point in points], "shape_type": kind}


def labelme(*shapes, image="a.jpg"):
    return {"version": "5.4.1", "shapes": shapes, "imagePath": image, "imageData": None}


def put(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def createml(image, *boxes):
    sides = ("x", "y", "width", "height")
    entries = [{"label": "cat", "coordinates": dict(zip(sides, box, strict=True))} for box in boxes]
    return {"image": image, "annotations": entries}


def test_labelme(photos, tmp_path):
    shapes = (
        shape("rectangle", (60, 40), (20, 10)),
        shape("polygon", (1, 2), (30, 5), (7, 45), label="dog"),
        shape("circle", (50, 25), (50, 35)),
        shape("point", (3, 3)),
    )
    put(photos / "a.json", labelme(*shapes, image="..\\elsewhere\\a.jpg"))
    put(photos / "b ö.json", labelme(image="renamed since.jpg"))
    assert guess_source(photos) == guess_source(photos / "a.json") == ("labelme", [])
    result = convert(photos, tmp_path / "out")
    assert (result.source_format, result.boxes, result.negatives) == ("labelme", 3, 1)
    assert result.lost == {
        "shapes of the type polygon (each became the box around it)": 1,
        "shapes of the type circle (each became the box around it)": 1,
        "shapes of the type point": 1,
    }
    example = read_voc(tmp_path / "out/a.xml")
    assert example.names == ("cat", "dog", "cat")
    assert boxes_xyxy_px(example) == [(20, 10, 60, 40), (1, 2, 30, 45), (40, 15, 60, 35)]


def test_createml(photos, tmp_path):
    put(photos / "a.json", [createml("a.jpg", (40, 25, 40, 30))])
    put(photos / "b ö.json", [createml("b ö.jpg")])
    assert guess_source(photos) == ("createml", [])
    convert(photos, tmp_path / "out")
    assert boxes_xyxy_px(read_voc(tmp_path / "out/a.xml")) == [(20, 10, 60, 40)]
    table = put(tmp_path / "all.json", [createml("a.jpg", (40, 25, 40, 30)), createml("b ö.jpg")])
    result = convert(table, tmp_path / "again", images=photos)
    assert (result.source_format, result.images) == ("createml", {"": 2})


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (labelme(shape("rectangle", (1, 2))), "shape 1: no usable points"),
        (labelme(shape("rectangle", (1, 2), ("x", 4))), "shape 1: no usable coordinates"),
        (labelme(shape("rectangle", (1, 2), (3, 4), label="")), "shape 1: no usable label"),
        ({"shapes": {}}, "shapes: not a list"),
        ([{**createml("a.jpg", (1, 2, 3, None))}], "no usable coordinates"),
        ([{"annotations": [], "image": 3}], "no usable image"),
        ([createml("a.jpg"), createml("a.jpg")], "another entry is of the same image"),
        ([createml("a.jpg"), ["b"]], "entry: not a list"),
    ],
)
def test_entries_that_are_refused(photos, tmp_path, content, what):
    file = put(photos / "a.json", content)
    kind = "labelme" if isinstance(content, dict) else "createml"
    with raises_problem("bad-entry", where=file, what=what):
        convert(photos, tmp_path / "out", kind)
    file.write_text(json.dumps(content)[:-3])
    with raises_problem("not-json", where=file):
        convert(photos, tmp_path / "out", kind)
    assert not (tmp_path / "out").exists()


def test_labels_come_next_to_the_photos_and_those_that_are_there_stay(photos):
    for name in ("a", "b ö"):
        (photos / f"{name}.txt").write_text("0 0.5 0.5 0.2 0.4\n")
    (photos / "notes.txt").write_text("Taken in May, 2 cats.\n")
    (photos.parent / "classes.txt").write_text("cat\n")  # above
    example = Example(photos / "a.jpg", 50, 100, np.float32([[0, 0, 1, 1]]), ("mine",))
    write_voc(photos / "other.xml", example)  # of a.jpg by its <filename>
    before = {path: path.read_bytes() for path in photos.iterdir()}
    with raises_problem("several-formats"):
        convert(photos, photos)
    result = convert(photos, photos, "yolo", keep_existing=True)
    assert result.notes == ["1 image with labels already left as they are"]
    after = {path: path.read_bytes() for path in photos.iterdir()}
    assert after.keys() - before.keys() == {photos / "b ö.xml"} and before.items() <= after.items()
    assert boxes_xyxy_px(read_voc(photos / "b ö.xml")) == [(40, 15, 60, 35)]
    with raises_problem("already-exists", where=photos):
        convert(photos, photos, "yolo", keep_existing=True)


def test_labels_next_to_the_folder_of_images_that_is_named(photos, tmp_path):
    images = photos.rename(tmp_path / "images")
    (tmp_path / "annotations").mkdir()
    example = Example(images / "a.jpg", 50, 100, np.float32([[0.2, 0.2, 0.8, 0.6]]), ("cat",))
    write_voc(tmp_path / "annotations/a.xml", example)
    result = convert(images, tmp_path / "yolo", to_format="yolo")
    assert (result.source_format, result.boxes) == ("voc", 1)
    (tmp_path / "annotations/a.xml").unlink()
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_text("0 0.5 0.5 0.2 0.4\n")
    (tmp_path / "data.yaml").write_text("names: [cat]\n")
    result = convert(images, tmp_path / "voc")
    assert (result.source_format, result.classes) == ("yolo", {"cat": 1})
