"""COCO JSON: what other tools write, what is lost, and what is refused with the id."""

import json
import shutil

import pytest
from converting import convert, read_coco
from PIL import Image
from refusals import raises_problem

from tfod.data.records.file import read_records
from tfod.data.voc import read_voc
from tfod.errors import UserError
from tfod.labels import read_label_map
from tfod.steps.records.records import write_records


def dataset(**changes):
    """A small annotation file; a change replaces a whole list or key."""
    return {
        "images": [{"id": 7, "file_name": "a.png", "width": 100, "height": 50}],
        "annotations": [row()],
        "categories": [{"id": 3, "name": "cat"}, {"id": 90, "name": "dog"}],
        **changes,
    }


def row(**changes):
    usual = {"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 5, 20.5, 10], "iscrowd": 0}
    return {**usual, **changes}


@pytest.fixture
def coco(tmp_path):
    def write(data, name="instances.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        data = data if isinstance(data, (str, bytes)) else json.dumps(data)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def test_what_is_lost_is_counted(coco):
    data = dataset(
        info={"year": 2017},
        licenses=[],
        annotations=[
            row(segmentation=[[1, 2, 3]], keypoints=[1, 2, 3], attributes={"a": 1}),
            row(id=2, segmentation=[]),
        ],
    )
    data["categories"][0]["supercategory"] = "animal"
    data["images"][0]["license"] = 4
    assert read_coco(coco(data)).lost == {
        '"file.info"': 1,
        '"image.license"': 1,
        '"category.supercategory"': 1,
        "segmentations (the boxes stay)": 1,
        "sets of keypoints": 1,
        '"annotation.attributes"': 1,
        "image ids (renumbered)": 1,
    }


def test_crowds_and_areas_stay_and_no_others_appear(coco, tmp_path):
    rows = [row(area=205), row(id=2, area=80.5), row(id=3, iscrowd=1), row(id=4, area=0)]
    convert(coco(dataset(annotations=rows)), tmp_path / "voc", take="leave")
    example = read_voc(tmp_path / "voc/a.xml")
    assert example.is_crowd.tolist() == [False, False, True, False]
    assert example.areas_px.tolist() == [0, 80.5, 0, 0]
    text = (tmp_path / "voc/a.xml").read_text()
    assert text.count("<area>") == 1 and text.count("<iscrowd>") == 1


def test_crowds_and_areas_go_into_the_records(coco, tmp_path):
    Image.new("RGB", (100, 50)).save(tmp_path / "a.png")
    rows = [row(area=80.5), row(id=2, iscrowd=1, category_id=90)]
    ids = tmp_path / "label_map.pbtxt"
    convert(coco(dataset(annotations=rows)), tmp_path / "voc", label_map=ids)
    write_records(tmp_path / "voc", tmp_path / "a.record", ids)
    (record,) = read_records(tmp_path / "a.record")
    assert record["image/object/is_crowd"] == [0, 1]
    assert record["image/object/area"] == [80.5, 0]
    assert record["image/object/class/label"] == [3, 90]


def test_crowds_are_not_made_objects(coco, tmp_path):
    path = coco(dataset(annotations=[row(), row(id=2, iscrowd=1)]))
    result = convert(path, tmp_path / "a.csv")
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 2
    left_out = "crowd boxes left out (in CSV each would count as one object)"
    assert result.lost[left_out] == 1 and result.boxes == 1


def test_flags_of_voc_are_further_keys(coco, tmp_path):
    path = coco(dataset(annotations=[row(difficult=1, occluded=1, pose="Left")]))
    convert(path, tmp_path / "b.json")
    (found,) = json.loads((tmp_path / "b.json").read_text())["annotations"]
    assert (found["difficult"], found["occluded"], found["pose"]) == (1, 1, "Left")
    assert "truncated" not in found


def test_numbers_are_the_same_numbers(coco, tmp_path):
    boxes = [
        [236.98, 142.51, 24.7, 69.5],
        [0.1, 0.2, 0.3, 0.4],
        [0, 0, 640, 426],
        [400.31, 1, 239.69, 9],
    ]
    image = {"id": 139, "file_name": "000139.png", "width": 640, "height": 426}
    rows = [row(id=n, image_id=139, bbox=box) for n, box in enumerate(boxes)]
    result = convert(coco(dataset(images=[image], annotations=rows)), tmp_path / "b.json")
    written = json.loads((tmp_path / "b.json").read_text())
    assert [found["bbox"] for found in written["annotations"]] == boxes
    assert written["images"][0]["id"] == 139 and "image ids" not in str(result.lost)
    assert not any("cut" in note for note in result.notes)


@pytest.mark.parametrize("target", ["b.json", "voc"])
def test_image_ids_are_lost_only_where_images_have_ids(coco, tmp_path, target):
    result = convert(coco(dataset()), tmp_path / target, take="leave")
    assert ("image ids (renumbered)" in result.lost) == (target == "b.json")


def test_category_ids_with_gaps_go_into_the_label_map(coco, tmp_path):
    ids = tmp_path / "label_map.pbtxt"
    convert(coco(dataset()), tmp_path / "voc", take="leave", label_map=ids)
    assert read_label_map(ids).names == {3: "cat", 90: "dog"}
    convert(tmp_path / "voc", tmp_path / "b.json", label_map=ids)
    written = json.loads((tmp_path / "b.json").read_text())
    assert [entry["id"] for entry in written["categories"]] == [3, 90]
    result = convert(coco(dataset()), tmp_path / "v2", take="leave")
    assert result.lost["class numbers (a label map keeps them)"] == 2


def test_roboflows_category_0_is_no_class(coco, tmp_path):
    categories = [{"id": 0, "name": "cat"}, {"id": 1, "name": "cat", "supercategory": "cat"}]
    data = dataset(categories=categories, annotations=[row(category_id=1)])
    found = read_coco(coco(data, "train/_annotations.coco.json"))
    assert found.class_ids == {"cat": 1}
    assert 'category 0 "cat" left out' in found.notes[0]


def test_ids_from_0_are_raised_in_a_label_map(coco, tmp_path):
    categories = [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}]
    path = coco(dataset(categories=categories, annotations=[row(category_id=0)]))
    result = convert(path, tmp_path / "v", take="leave", label_map=tmp_path / "l.pbtxt")
    assert read_label_map(tmp_path / "l.pbtxt").names == {1: "cat", 2: "dog"}
    assert any("plus 1" in note for note in result.notes)


@pytest.mark.parametrize(
    "name, stated",
    [
        ("a b.png", "a b.png"),
        ("A.PNG", "a.png"),
        ("a.png", r"C:\photos\train\a.png"),
        ("sub/a.png", "a.png"),
        ("sub/a.png", "sub\\a.png"),
        ("u\u0308.png", "ü.png"),
        ("a.png", "../../elsewhere/a.png"),
    ],
)
def test_images_are_found_by_name(coco, tmp_path, name, stated):
    image = tmp_path / "photos" / name
    image.parent.mkdir(parents=True)
    Image.new("1", (100, 50)).save(image)
    images = [{"id": 7, "file_name": stated}]
    found = read_coco(coco(dataset(images=images)), tmp_path / "photos")
    assert found.examples[0].image_path.samefile(image) and not found.notes


def test_usual_places_of_images(coco, tmp_path):
    Image.new("1", (100, 50)).save(tmp_path / "a.png")
    layouts = {
        "r/train/_annotations.coco.json": "r/train/a.png",
        "c/annotations/instances_val2017.json": "c/val2017/a.png",
        "d/annotations/instances_val2017.json": "d/images/val2017/a.png",
        "e/annotations/instances_default.json": "e/images/default/a.png",
        "f/instances.json": "f/images/a.png",
        "g/instances_test.json": "g/images/test/a.png",
    }
    for annotations, image in layouts.items():
        for place in (annotations, image):
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "a.png", tmp_path / image)
        (tmp_path / annotations).write_text(json.dumps(dataset()))
        found = read_coco(tmp_path / annotations)
        assert found.examples[0].image_path.is_file() and not found.notes, annotations
        assert read_coco(tmp_path / annotations.split("/")[0]).examples


def test_boxes_on_a_photo_that_exif_turns(coco, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (100, 50)).save(tmp_path / "a.png", exif=exif)
    found = read_coco(coco(dataset(annotations=[row(bbox=[0, 0, 50, 50])])))
    (example,) = found.examples
    assert (example.height_px, example.width_px) == (100, 50)
    assert example.boxes.tolist() == [[0, 0, 0.5, 1]] and not found.notes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_any_unicode(coco, encoding):
    data = dataset(categories=[{"id": 3, "name": "käse"}])
    text = json.dumps(data, ensure_ascii=False).replace(",", ",\r\n")
    assert read_coco(coco(text.encode(encoding))).class_ids == {"käse": 3}


def with_image(**changes):
    return dataset(images=[{**dataset()["images"][0], **changes}])


def with_row(**changes):
    return dataset(annotations=[row(**changes)])


DEEP = "[" * 200_000


ENTRY = "bad-entry"


@pytest.mark.parametrize(
    "data, code, fields",
    [
        ("", "not-json", {"line": 1}),
        (json.dumps(dataset(), indent=1)[:-20], "not-json", {"what": "cut off"}),
        (b"\x89PNG\xff\xfe", "not-utf8", {}),
        (DEEP, "not-json", {}),
        ("[]", "not-coco", {"got": "a list"}),
        ("3", "not-coco", {"got": "a int"}),
        (dataset(images={}), "not-coco", {"what": "not COCO"}),
        (dataset(images=[]), "no-images", {}),
        (dataset(images=[3]), ENTRY, {"what": "image number 1", "expected": "an object"}),
        (dataset(images=[{}]), ENTRY, {"what": "image number 1: no usable id"}),
        (dataset(images=dataset()["images"] * 2), ENTRY, {"what": "image 7: another image has"}),
        (with_image(file_name=None), ENTRY, {"what": "image 7: no usable file_name"}),
        (with_image(file_name=5), ENTRY, {"what": "image 7", "got": 5}),
        (with_image(file_name="/"), ENTRY, {"what": "image 7", "got": "'/'"}),
        (with_image(width="wide"), ENTRY, {"what": "image 7: not the size", "got": "'wide'"}),
        (with_image(width=0), ENTRY, {"what": "image 7", "expected": "pixels", "got": 0}),
        (with_image(width=None), "image-size-unknown", {"what": "image 7"}),
        (dataset(categories=[{"id": -3}]), ENTRY, {"expected": "0 or more", "got": -3}),
        (dataset(categories=[{}]), ENTRY, {"what": "category number 1: no usable id"}),
        (dataset(categories=[{"id": 3}]), ENTRY, {"what": "category 3: no usable name"}),
        (dataset(categories=dataset()["categories"] * 2), ENTRY, {"what": "category 3: another"}),
        (dataset(annotations=[row(), row()]), ENTRY, {"what": "annotation 1: another annotation"}),
        (dataset(annotations=["box"]), ENTRY, {"what": "annotation number 1", "got": "'box'"}),
        (with_row(image_id=8), ENTRY, {"what": "annotation 1: image_id matches nothing", "got": 8}),
        (with_row(category_id=None), ENTRY, {"what": "annotation 1: category_id matches nothing"}),
        (with_row(category_id=True), ENTRY, {"what": "category_id", "got": True}),
        (with_row(category_id=[3]), ENTRY, {"what": "category_id", "got": [3]}),
        (with_row(bbox=None), ENTRY, {"what": "annotation 1: no usable bbox", "got": None}),
        (with_row(bbox=[1, 2, 3]), ENTRY, {"expected": "4 numbers", "got": [1, 2, 3]}),
        (with_row(bbox=[1, 2, "3", 4]), ENTRY, {"expected": "4 numbers"}),
        (with_row(bbox=[1, 2, float("nan"), 4]), ENTRY, {"expected": "4 numbers"}),
        (with_row(bbox=[1, 2, 10**400, 4]), ENTRY, {"expected": "4 numbers"}),
        (with_row(area="big"), ENTRY, {"what": "area", "got": "'big'"}),
        (with_row(iscrowd=2), ENTRY, {"what": "iscrowd", "got": 2}),
        (
            with_row(bbox=[1, 2, 0, 4]),
            "box-zero-area",
            {"what": "annotation 1 (image 7): a box has no area"},
        ),
        (with_row(bbox=[1, 2, -3, 4]), "box-swapped", {"got": "xmin 1 > xmax -2"}),
        (with_row(bbox=[90, 2, 20, 4]), "box-outside-image", {"got": "xmax 110"}),
    ],
)
def test_what_is_refused(coco, tmp_path, data, code, fields):
    with raises_problem(code, where="instances.json", **fields):
        convert(coco(data), tmp_path / "out", from_format="coco", take="leave")
    assert not (tmp_path / "out").exists()


def test_two_used_categories_of_one_name(coco):
    categories = [{"id": 3, "name": "cat"}, {"id": 4, "name": "cat"}]
    rows = [row(), row(id=2, category_id=4)]
    with raises_problem("bad-entry", what='category 4: category 3 has the same name "cat"'):
        read_coco(coco(dataset(categories=categories, annotations=rows)))


def test_problems_are_reported_together(coco):
    rows = [row(id=n, bbox=[0, 0, 0, 0]) for n in range(30)]
    with pytest.raises(UserError) as caught:
        read_coco(coco(dataset(annotations=rows)))
    assert caught.value.codes == ["box-zero-area"] * 30
    assert "annotation 19 " in caught.value.problems[19].what


def test_a_pixel_over_the_edge_is_cut_and_said(coco):
    found = read_coco(coco(with_row(bbox=[-1, 0, 102, 50])))
    assert found.examples[0].boxes.tolist() == [[0, 0, 1, 1]]
    assert "1 box cut at the edge of the image" in found.notes


def test_a_folder_with_an_image_twice_asks_for_the_right_one(coco, tmp_path):
    for name in ("s1", "s2"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.new("1", (100, 50)).save(tmp_path / "photos" / name / "a.png")
    with raises_problem("image-ambiguous", what='image 7: there are 2 images named "a.png"'):
        read_coco(coco(dataset()), tmp_path / "photos")
