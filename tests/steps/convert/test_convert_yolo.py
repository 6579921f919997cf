"""YOLO text: the layouts people have, polygons and keypoints, and what is refused with its line."""

import numpy as np
import pytest
from converting import convert, read_yolo
from PIL import Image
from refusals import raises_problem

from tfod.errors import UserError
from tfod.remedies import Remedy
from tfod.steps.convert.yolo_folder import read_yaml

BAD = "bad-entry"
LINE = "0 0.5 0.5 0.2 0.4\n"


@pytest.fixture
def put(tmp_path):
    """Write files: text as it is, or an image of 100x50 px."""

    def write(**files):
        for name, text in files.items():
            write_at(name, text)

    def write_at(name, text=None):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            Image.new("1", (100, 50)).save(path, format="PNG")
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "in"

    return write_at


LAYOUTS = {
    "ultralytics": (
        "images/train/a.png images/val/b.png",
        "labels/train/a.txt labels/val/b.txt",
        {"data.yaml": "path: .\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n"},
    ),
    "roboflow": (
        "train/images/a.png valid/images/b.png",
        "train/labels/a.txt valid/labels/b.txt",
        {
            "data.yaml": "train: ../train/images\nval: ../valid/images\n\nnc: 1\nnames: ['cat']\n",
            "README.roboflow.txt": "hello",
            "README.dataset.txt": "hello",
        },
    ),
    "without yaml": (
        "images/train/a.png images/val/b.png",
        "labels/train/a.txt labels/val/b.txt",
        {"classes.txt": "cat\n"},
    ),
    "lists": (
        "images/a.png images/b.png",
        "labels/a.txt labels/b.txt",
        {
            "data.yaml": "train: train.txt\nval: val.txt\nnames: {0: cat}\n",
            "train.txt": "./images/a.png\n",
            "val.txt": "./images/b.png\n",
        },
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(put, name):
    images, texts, more = LAYOUTS[name]
    for image in images.split():
        folder = put(image)
    for text in texts.split():
        put(text, LINE)
    for file, text in more.items():
        put(file, text)
    for path in (folder, *folder.glob("data.yaml")):
        found = read_yolo(path)
        parts = {part: [r.image.name for r in found.parts[part]] for part in found.parts}
        assert parts == {"train": ["a.png"], "val": ["b.png"]}
        assert found.class_ids == {"cat": 0} and not found.notes
        boxes = np.concatenate([example.boxes for example in found.examples])
        assert np.allclose(boxes, [[0.3, 0.4, 0.7, 0.6]] * 2)


def test_labelimg_and_darknet_keep_texts_beside_images(put):
    put("a.png")
    put("a.txt", LINE)
    put("no labels.png")
    put("empty.png")
    put("empty.txt", "")
    folder = put("classes.txt", "cat\r\ndog\r\n\r\n")
    found = read_yolo(folder)
    assert {e.image_path.name: len(e.boxes) for e in found.examples} == {"a.png": 1, "empty.png": 0}
    assert found.class_ids == {"cat": 0, "dog": 1}
    assert found.notes[0].startswith("1 image without a .txt left out")


def test_names_from_the_user_and_images_elsewhere(put, tmp_path):
    put("../photos/a.png")
    folder = put("a.txt", LINE)
    with raises_problem("yolo-no-classes", expected="data.yaml or classes.txt"):
        read_yolo(folder)
    found = read_yolo(folder, tmp_path / "photos", ["cat"])
    assert found.examples[0].names == ("cat",)
    result = convert(folder, tmp_path / "v", images=tmp_path / "photos", classes=["cat"])
    assert result.classes == {"cat": 1} and (tmp_path / "v/a.png").exists()


def test_polygons_scores_and_keypoints(put):
    put("a.png")
    put("classes.txt", "cat\n")
    folder = put("a.txt", "0 0.1 0.2 0.5 0.2 0.3 0.8\n0 0.5 0.5 0.2 0.4 0.99\n")
    found = read_yolo(folder)
    assert np.allclose(found.examples[0].boxes, [[0.2, 0.1, 0.8, 0.5], [0.3, 0.4, 0.7, 0.6]])
    assert found.lost == {
        "polygons (each became the box around it)": 1,
        "scores after the boxes": 1,
    }
    put("data.yaml", "names: [cat]\nkpt_shape: [1, 3]\n")
    put("a.txt", "0 0.5 0.5 0.2 0.4 0.1 0.1 2\n")
    found = read_yolo(folder)
    assert np.allclose(found.examples[0].boxes, [[0.3, 0.4, 0.7, 0.6]])
    assert found.lost == {"sets of keypoints": 1}


@pytest.mark.parametrize("text", ["\ufeff" + LINE, "\r\n" + LINE.replace("\n", "\r\n"), LINE * 2])
def test_harmless_spellings(put, text):
    put("a.png")
    put("classes.txt", "\ufeffcat\n")
    found = read_yolo(put("a.txt", text))
    assert set(found.examples[0].names) == {"cat"}


def test_rounding_over_the_edge_is_nothing_to_tell(put):
    put("a.png")
    put("classes.txt", "cat\n")
    found = read_yolo(put("a.txt", "0 0.333333 0.5 0.666667 1\n"))
    assert found.examples[0].boxes[0, 1] == 0 and not found.notes
    found = read_yolo(put("a.txt", "0 0.5 0.5 1.02 1\n"))
    assert found.notes == ["1 box cut at the edge of the image"]


@pytest.mark.parametrize(
    "text, code, fields",
    [
        ("0 0.5 0.5 0.2", BAD, {"line": 1, "expected": "5: class x y width height", "got": 4}),
        (LINE + "cat 0.5 0.5 0.2 0.4", BAD, {"line": 2, "expected": "a number", "got": '"cat"'}),
        ("1 0.5 0.5 0.2 0.4", BAD, {"expected": "0 to 0, the classes of classes.txt", "got": 1}),
        ("-1 0.5 0.5 0.2 0.4", BAD, {"expected": "0, 1, 2 ...", "got": '"-1"'}),
        ("0.5 0.5 0.5 0.2 0.4", BAD, {"what": "not a class number", "got": '"0.5"'}),
        ("0 nan 0.5 0.2 0.4", BAD, {"line": 1, "got": '"nan"'}),
        ("0 1_0 0.5 0.2 0.4", BAD, {"got": '"1_0"'}),
        ("0 0,5 0,5 0,2 0,4", BAD, {"expected": "a decimal point, not a comma"}),
        ("0 50 25 20 10", BAD, {"what": "not fractions of the image", "got": "50 25 20 10"}),
        ("0 0.5 0.5 0 0.4", "box-zero-area", {"line": 1}),
        ("0 0.5 0.5 -0.2 0.4", "box-swapped", {"got": "xmin 60 > xmax 40"}),
        ("0 0.9 0.5 0.4 0.4", "box-outside-image", {"got": "xmax 110"}),
        (b"\xff\xfa\x00", "not-utf8", {}),
    ],
)
def test_lines_that_are_refused(put, tmp_path, text, code, fields):
    put("a.png")
    put("classes.txt", "cat\n")
    folder = put("a.txt", text)
    with raises_problem(code, where="a.txt", **fields):
        convert(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_texts_without_an_image(put):
    put("images/a.png")
    put("labels/a.txt", LINE)
    put("labels/b.txt", LINE)
    with raises_problem("labels-without-image", where="b.txt"):
        read_yolo(put("classes.txt", "cat\n"))


def test_damaged_image(put):
    put("a.png", "no image")
    put("a.txt", LINE)
    with pytest.raises(UserError, match=r"a\.png: not an image"):
        read_yolo(put("classes.txt", "cat\n"))


@pytest.mark.parametrize(
    "yaml, names",
    [
        ("names: ['with mask', \"a, b\", c]", ["with mask", "a, b", "c"]),
        ("names: [a,\n  b, # two\n  c]", ["a", "b", "c"]),
        ("names:\n- a\n- 'it''s'  # three\n", ["a", "it's"]),
        ('# x\nnames:\n  0: a  # first\n  1: "b: c"\n', {"0": "a", "1": "b: c"}),
        ("names: {0: a, 1: 'b, c'}", {"0": "a", "1": "b, c"}),
        ('names:\r\n  0: "k\\u00e4se"\r\n', {"0": "käse"}),
        ("nc: 2\nnames: classes.txt", "classes.txt"),
        ("names: []", []),
        ("names: [no, 1e3, 0x10, ~]", ["no", "1e3", "0x10", "~"]),
    ],
)
def test_spellings_of_yaml(tmp_path, yaml, names):
    (tmp_path / "data.yaml").write_bytes(yaml.encode())
    assert read_yaml(tmp_path / "data.yaml")["names"] == names


NAMES = "yolo-class-names"


@pytest.mark.parametrize(
    "yaml, code, fields",
    [
        ("names: [a, b", "not-yaml", {"where": "data.yaml", "line": 1}),
        ("nc: 2\nnames: [a, a]", NAMES, {"got": '"a" twice'}),
        ("names: {0: a, 2: b}", NAMES, {"expected": "the numbers 0, 1, 2 ...", "got": "0, 2"}),
        ("names: {a: b}", NAMES, {"got": "a"}),
        ("names: ['', b]", NAMES, {"got": "none for number 0"}),
        ("names: [[a], b]", NAMES, {"expected": "a list of names"}),
        ("names: missing.txt", "not-found", {"where": "missing.txt"}),
        (b"\xff\xfa\x00", "not-utf8", {"where": "data.yaml"}),
    ],
)
def test_yaml_that_is_refused(put, yaml, code, fields):
    put("a.png")
    put("a.txt", LINE)
    with raises_problem(code, **fields):
        read_yolo(put("data.yaml", yaml))


@pytest.mark.parametrize("line", ["", "test:\n", "test: ../nowhere/images\n"])
def test_a_part_that_data_yaml_does_not_name(put, line):
    for part in ("train", "valid", "test"):
        put(f"{part}/images/{part}.png")
        put(f"{part}/labels/{part}.txt", LINE)
    put("test/images/unlabelled.png")
    yaml = "train: ../train/images\nval: ../valid/images\nnames: [cat]\n"
    found = read_yolo(put("data.yaml", yaml + line))
    parts = {part: [r.image.name for r in found.parts[part]] for part in found.parts}
    assert parts == {"train": ["train.png"], "val": ["valid.png"], "test": ["test.png"]}
    assert found.notes == ["1 labelled image that data.yaml does not list included too"]


def test_an_image_that_is_not_stated_takes_no_text_of_another(put):
    put("images/a.png")
    put("images/a.jpg")
    put("labels/a.txt", LINE)
    put("train.txt", "./images/a.png\n")
    found = read_yolo(put("data.yaml", "train: train.txt\nval: train.txt\nnames: [cat]\n"))
    assert [example.image_path.name for example in found.examples] == ["a.png"]


def test_leaving_out_boxes_is_advised_only_when_one_is_bad(put):
    put("images/a.png")
    put("labels/a.txt", LINE)
    put("labels/b.txt", LINE)
    folder = put("classes.txt", "cat\n")
    with pytest.raises(UserError) as caught:
        read_yolo(folder)
    assert "skip_bad_boxes" not in str(caught.value.problems)
    put("labels/a.txt", "0 0.5 0.5 0 0.4\n")
    with raises_problem("box-zero-area", remedy=Remedy.SET) as problems:
        read_yolo(folder)
    assert problems[0].advice.arguments["setting"] == "skip_bad_boxes"
