"""tfod convert: all pairs of formats there and back, real data, and the files it leaves."""

import json
import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import messy
import numpy as np
import pytest
from converting import convert, read_coco, read_voc_folder
from faster_coco_eval import COCO, COCOeval_faster
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from refusals import raises_problem

from tfod.cli import main
from tfod.data.example import Example
from tfod.data.voc import read_voc, write_voc
from tfod.errors import UserError
from tfod.labels import read_label_map
from tfod.remedies import Remedy

FORMATS = ("voc", "coco", "yolo", "csv")
TARGETS = {"voc": "voc", "coco": "a.json", "yolo": "yolo", "csv": "a.csv"}
FLAGS = ("difficult", "truncated", "occluded")


def write_image(path, height=40, width=60):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("1", (width, height)).save(path, format="PNG")
    return path


def write_example(folder, name="a.png", size=(40, 60), boxes=(), names=(), **fields):
    image = write_image(folder / name, *size)
    example = Example(image, *size, np.array(boxes, np.float32), names, **fields)
    write_voc(image.with_suffix(".xml"), example)
    return example


BOXES = [[0.1, 0.2, 0.5, 0.6], [0, 0, 1, 1]]


@pytest.fixture
def voc(tmp_path):
    """A folder of three images: two boxes, one box, none."""
    write_example(tmp_path / "in", "a.png", (40, 60), BOXES, ("dog", "cat"), difficult=[1, 0])
    write_example(tmp_path / "in", "ä b.PNG", (30, 30), BOXES[:1], ("cat",))
    write_example(tmp_path / "in", "empty.png")
    return tmp_path / "in"


def by_name(folder):
    return {example.image_path.name: example for example in read_voc_folder(folder).examples}


# --- all pairs of formats


@st.composite
def examples(draw):
    height, width = draw(st.integers(1, 800)), draw(st.integers(1, 800))
    # YOLO's middle and side are float64: of a corner nearer to 0 they lose the last bits
    unit = st.one_of(st.just(0.0), st.floats(2**-20, 1, width=32))
    pair = st.tuples(unit, unit).map(sorted).filter(lambda p: p[1] - p[0] > 1e-6)
    boxes = draw(st.lists(st.tuples(pair, pair), max_size=4))
    flags = st.lists(st.booleans(), min_size=len(boxes), max_size=len(boxes))
    word = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6)
    areas = st.one_of(st.just(0.0), st.floats(0.5, 1e6))
    many = {"min_size": len(boxes), "max_size": len(boxes)}
    return Example(
        image_path=Path("a"),
        height_px=height,
        width_px=width,
        boxes=[[y[0], x[0], y[1], x[1]] for y, x in boxes],
        names=draw(st.lists(word, **many)),
        poses=draw(st.lists(word, **many)),
        is_crowd=draw(flags),
        areas_px=draw(st.lists(areas, **many)),
        **{flag: draw(flags) for flag in FLAGS},
    )


def expected(example, ways):
    """What is left of an example on the way through these formats."""
    if not {"yolo", "csv"} & set(ways):
        return example
    keep = ~example.is_crowd
    names = [name for name, kept in zip(example.names, keep, strict=True) if kept]
    return Example(
        example.image_path, example.height_px, example.width_px, example.boxes[keep], names
    )


def same(found, example):
    assert found.boxes.tobytes() == example.boxes.tobytes()
    assert (found.names, found.poses) == (example.names, example.poses)
    assert all(np.array_equal(getattr(found, f), getattr(example, f)) for f in (*FLAGS, "is_crowd"))
    # an area that is that of the box is not kept apart
    apart = found.areas_px > 0
    assert np.array_equal(found.areas_px[apart], example.areas_px[apart])


@pytest.mark.parametrize("second", FORMATS)
@pytest.mark.parametrize("first", FORMATS)
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.lists(examples(), min_size=1, max_size=2))
def test_there_and_back_through_all_pairs(tmp_path_factory, first, second, data):
    folder = tmp_path_factory.mktemp("pairs")
    for number, example in enumerate(data):
        image = write_image(folder / f"in/é {number}.png", example.height_px, example.width_px)
        write_voc(image.with_suffix(".xml"), replace(example, image_path=image))
    ways = ("voc", first, second, "voc")
    if "csv" in ways and not any(expected(example, ways).names for example in data):
        return  # CSV has no row for an image without boxes
    place = folder / "in"
    for number, way in enumerate(ways[1:]):
        target = folder / f"{number}" / TARGETS[way]
        images = folder / "in"
        convert(place, target, ways[number], way, images=images, take="leave")
        place = target
    found = by_name(place)
    for number, example in enumerate(data):
        left = expected(example, ways)
        if left.names or "csv" not in ways:
            same(found[f"é {number}.png"], left)


# --- real data


def figures(annotations, seed=0):
    """The twelve figures of detections that were made of the ground truth, with errors."""
    truth = COCO(str(annotations), print_function=quiet)
    rng = np.random.default_rng(seed)
    found = []
    for row in sorted(ORIGINAL["annotations"], key=lambda row: row["id"]):
        if rng.random() < 0.8:
            x, y, w, h = np.array(row["bbox"]) + rng.normal(0, 0.06, 4) * row["bbox"][2]
            other = row["category_id"] if rng.random() < 0.9 else 1
            one = {"image_id": row["image_id"], "category_id": other, "score": rng.random()}
            found.append({**one, "bbox": [x, y, max(w, 1), max(h, 1)]})
    evaluation = COCOeval_faster(truth, truth.loadRes(found), "bbox", print_function=quiet)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats[:12].tolist()


ORIGINAL: dict = {}


def quiet(*message):
    """Take what faster-coco-eval would print."""


@pytest.fixture
def coco(shared, tmp_path):
    """COCO's 128 images; some objects made crowds, as the real ones are."""
    folder = shared / "datasets/coco_val128"
    data = json.loads((folder / "instances.json").read_text())
    for row in data["annotations"][::9]:
        row["iscrowd"] = 1
    ORIGINAL.clear()
    ORIGINAL.update(data)
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(data))
    return path, folder / "images"


def test_coco_through_voc_and_back_has_equal_figures(coco, tmp_path):
    path, images = coco
    ids = tmp_path / "label_map.pbtxt"
    first = convert(path, tmp_path / "voc", images=images, label_map=ids, take="link")
    assert (first.boxes, first.images_taken, first.lost) == (898, 128, {})
    assert len(read_label_map(ids).names) == 80 and read_label_map(ids).num_classes == 90
    convert(tmp_path / "voc", tmp_path / "back.json", label_map=ids)
    again = json.loads((tmp_path / "back.json").read_text())
    before = figures(path)
    assert min(before) > 0.1 and figures(tmp_path / "back.json") == before

    names = {row["id"]: row["name"] for row in ORIGINAL["categories"]}
    assert {row["id"]: row["name"] for row in again["categories"]} == names
    keys = ("image_id", "category_id", "bbox", "area", "iscrowd")
    rows = [
        sorted(json.dumps([abs(v) if v == 0 else v for v in flat(row, keys)]) for row in rows)
        for rows in (ORIGINAL["annotations"], again["annotations"])
    ]
    different = sum((Counter(rows[0]) - Counter(rows[1])).values())
    assert different == 0


def flat(row, keys):
    return [float(v) for key in keys for v in (row[key] if key == "bbox" else [row[key]])]


@pytest.mark.parametrize("way", ["yolo", "csv", "coco"])
@pytest.mark.parametrize("name", ["mask", "crowd_masks"])
def test_real_xml_there_and_back(shared, tmp_path, name, way):
    source = shared / "datasets" / name
    target = tmp_path / ("out" if way != "csv" or name == "mask" else "out.csv")
    there = convert(source, target, to_format=way, take="link" if way == "yolo" else "leave")
    back = convert(target, tmp_path / "back", way, "voc", images=source, take="leave")
    if way == "yolo":
        back = convert(target, tmp_path / "b2", way, "voc", take="leave")
    assert there.boxes == back.boxes == (40 if name == "mask" else 3108)
    assert there.images == back.images
    before, after = read_voc_folder(source), read_voc_folder(back.files[0], source)
    assert list(before.parts) == list(after.parts)
    found = {example.image_path.stem: example for example in after.examples}
    for example in before.examples:
        again = found[example.image_path.stem]
        assert again.boxes.tobytes() == example.boxes.tobytes()
        assert again.names == example.names


def test_what_is_written_loads_elsewhere(voc, tmp_path):
    convert(voc, tmp_path / "a.json")
    loaded = COCO(str(tmp_path / "a.json"), print_function=quiet)
    assert len(loaded.getImgIds()) == 3 and len(loaded.getAnnIds()) == 3
    assert [cat["name"] for cat in loaded.loadCats(loaded.getCatIds())] == ["cat", "dog"]


# --- files


def test_images_go_with_voc_and_yolo(voc, tmp_path):
    result = convert(voc, tmp_path / "yolo", to_format="yolo")
    made = sorted(p.relative_to(tmp_path / "yolo").as_posix() for p in files(tmp_path / "yolo"))
    images = ["images/a.png", "images/empty.png", "images/ä b.PNG"]
    texts = ["labels/a.txt", "labels/empty.txt", "labels/ä b.txt"]
    assert made == sorted(["classes.txt", "data.yaml", *images, *texts])
    assert (tmp_path / "yolo/labels/empty.txt").read_text() == ""
    assert result.images_taken == 3
    first = (tmp_path / "yolo/labels/a.txt").read_text().splitlines()
    assert first[1] == "0 0.500000 0.500000 1.000000 1.000000"
    assert result.lost == {"boxes marked difficult (the boxes stay)": 1}


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_links_are_the_files_themselves(voc, tmp_path):
    convert(voc, tmp_path / "yolo", to_format="yolo", take="link")
    assert (tmp_path / "yolo/images/a.png").samefile(voc / "a.png")


def test_no_file_of_the_user_is_written_over(voc, tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "a.xml").write_text("mine")
    convert(voc, tmp_path / "a.json")
    with raises_problem("already-exists", where=target / "a.xml", remedy=Remedy.OVERWRITE):
        convert(tmp_path / "a.json", target, images=voc)
    assert [path.name for path in target.iterdir()] == ["a.xml"]
    assert (target / "a.xml").read_text() == "mine"
    convert(tmp_path / "a.json", target, images=voc, overwrite=True)
    assert read_voc(target / "a.xml").names == ("dog", "cat")
    with raises_problem("already-exists", where=tmp_path / "a.json"):
        convert(voc, tmp_path / "a.json")


def test_xml_comes_beside_images_that_are_there(voc, tmp_path):
    convert(voc, tmp_path / "a.json")
    for xml in voc.glob("*.xml"):
        xml.unlink()
    result = convert(tmp_path / "a.json", voc, images=voc)
    assert result.images_taken == 0
    assert sorted(path.suffix for path in voc.iterdir()) == [".PNG"] + [".png"] * 2 + [".xml"] * 3


def test_a_disk_that_refuses_leaves_everything_as_it_was(voc, tmp_path, monkeypatch):
    convert(voc, tmp_path / "a.json")
    target = tmp_path / "mine"
    write_example(target, "a.png", (40, 60), BOXES[:1], ("mine",))
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    replace_file, calls = os.replace, []

    def fail_at_the_fourth(source, place):
        calls.append(place)
        if len(calls) == 4:
            raise PermissionError(13, "in use")
        replace_file(source, place)

    monkeypatch.setattr(os, "replace", fail_at_the_fourth)
    with raises_problem("not-writable", where=target, what="in use"):
        convert(tmp_path / "a.json", target, take="leave", overwrite=True)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before


def test_images_of_one_name_in_two_folders(tmp_path):
    for session, name in (("s1", "dog"), ("s2", "cat")):
        write_example(tmp_path / "in" / session, "a.png", (40, 60), BOXES[:1], (name,))
    convert(tmp_path / "in", tmp_path / "a.json")
    names = [row["file_name"] for row in json.loads((tmp_path / "a.json").read_text())["images"]]
    assert names == ["s1/a.png", "s2/a.png"]
    result = convert(tmp_path / "a.json", tmp_path / "out", images=tmp_path / "in")
    assert result.notes == ["1 image renamed, because another has the same name"]
    assert by_name(tmp_path / "out")["s2_a.png"].names == ("cat",)


def test_parts_stay_parts(tmp_path):
    for part in ("train", "valid"):
        write_example(tmp_path / "in" / part, f"{part}.png", (40, 60), BOXES[:1], ("cat",))
    convert(tmp_path / "in", tmp_path / "yolo", to_format="yolo")
    yaml = (tmp_path / "yolo/data.yaml").read_text()
    assert "train: images/train\nval: images/val\n" in yaml
    result = convert(tmp_path / "yolo", tmp_path / "coco", to_format="coco")
    assert [path.name for path in result.files] == ["instances_train.json", "instances_val.json"]
    result = convert(tmp_path / "coco", tmp_path / "csv", "coco", "csv", tmp_path / "in")
    assert [path.name for path in result.files] == ["train.csv", "val.csv"]
    result = convert(tmp_path / "csv", tmp_path / "voc", images=tmp_path / "in")
    assert result.images == {"train": 1, "val": 1}
    with raises_problem("one-file-for-parts", got="train, val"):
        convert(tmp_path / "in", tmp_path / "all.json")


def test_suggested_and_unlabelled_images_are_left_out(voc, tmp_path):
    write_example(voc, "s.png", (40, 60), BOXES[:1], ("cat",), suggested_by="masks")
    write_image(voc / "unlabelled.png")
    result = convert(voc, tmp_path / "a.json")
    assert result.images == {"": 3}
    assert result.notes[0] == "1 image without XML left out"
    assert "1 image left out: nobody has checked the boxes" in result.notes[1]


def test_missing_images_are_named_together(voc, tmp_path):
    convert(voc, tmp_path / "a.json")
    with pytest.raises(UserError, match="nothing was written") as caught:
        convert(tmp_path / "a.json", tmp_path / "out")
    assert caught.value.codes == ["image-missing"] * 3
    assert not (tmp_path / "out").exists()
    result = convert(tmp_path / "a.json", tmp_path / "out", take="leave")
    assert "3 images not found" in result.notes[0]
    assert len(list((tmp_path / "out").glob("*.xml"))) == 3


def test_the_image_decides_about_its_size(voc, tmp_path):
    convert(voc, tmp_path / "a.json")
    write_image(voc / "a.png", 40, 120)
    result = convert(tmp_path / "a.json", tmp_path / "out", images=voc)
    assert (
        "perhaps resized after labelling, as the labels give another size, "
        "first a.png (120x40, not 60x40); look at the boxes" in result.notes[0]
    )
    assert by_name(tmp_path / "out")["a.png"].boxes[1].tolist() == [0, 0, 1, 0.5]


def test_classes_in_the_order_that_is_asked_for(voc, tmp_path):
    convert(voc, tmp_path / "a.json", classes=["dog", "bird", "cat"])
    assert read_coco(tmp_path / "a.json", voc).class_ids == {"dog": 1, "bird": 2, "cat": 3}
    with raises_problem(
        "unknown-class", setting="classes", what='the class "cat" is missing; 2 boxes'
    ):
        convert(voc, tmp_path / "b.json", classes=["dog"])
    with raises_problem("class-given-twice", setting="classes", what='"a"'):
        convert(voc, tmp_path / "b.json", classes=["a", "a"])


@pytest.mark.parametrize("way", ["coco", "yolo", "csv"])
def test_bad_boxes_are_left_out_on_demand(voc, tmp_path, way):
    convert(voc, tmp_path / TARGETS[way], to_format=way)
    texts = {
        "coco": ("a.json", '"bbox": [0, 0, 60, 40]', '"bbox": [0, 0, 60, 0]'),
        "yolo": ("yolo/labels/a.txt", "0.500000 0.500000 1.0", "0.900000 0.500000 1.0"),
        "csv": ("a.csv", "cat,0,0,60,40", "cat,0,0,80,40"),
    }
    name, old, new = texts[way]
    text = (tmp_path / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new))
    code = "box-zero-area" if way == "coco" else "box-outside-image"
    with raises_problem(code, remedy=Remedy.SET):
        convert(tmp_path / TARGETS[way], tmp_path / "out", way, "voc", images=voc)
    arguments = [str(tmp_path / TARGETS[way]), str(tmp_path / "out"), "--images", str(voc)]
    assert main(["convert", *arguments, "--skip-bad-boxes"]) == 0
    found = by_name(tmp_path / "out")["a.png"]
    assert found.names == ("dog",) and found.boxes.tolist() == np.float32(BOXES[:1]).tolist()


def test_an_image_whose_boxes_were_all_bad_is_reported(tmp_path):
    rows = ["filename,width,height,class,xmin,ymin,xmax,ymax", "a.png,9,9,cat,1,1,99,5"]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    result = convert(tmp_path / "a.csv", tmp_path / "a.json", skip_bad_boxes=True)
    assert result.negatives == 1 and result.boxes == 0
    assert any(
        note.startswith("1 image without boxes now, because all were bad") for note in result.notes
    )


def test_a_damaged_photo_is_reported_once(voc, tmp_path):
    (voc / "a.png").write_bytes(b"\x89PNG")
    with pytest.raises(UserError) as caught:
        convert(voc, tmp_path / "a.json")
    assert len(caught.value.problems) == 1 and caught.value.problems[0].where == voc / "a.png"


# --- the command


def test_the_command_says_what_it_guessed_and_lost(voc, tmp_path, capsys):
    assert main(["convert", str(voc), str(tmp_path / "a.csv")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:5] == [
        "VOC XML (guessed) -> CSV (guessed)",
        "3 images",
        "3 boxes of 2 classes, 1 image without boxes",
        "      2 cat",
        "      1 dog",
    ]
    assert "lost:  images without boxes (CSV cannot hold them): 1" in said
    assert said[-1] == f"wrote: {tmp_path / 'a.csv'}"


@pytest.mark.skipif(os.name == "nt", reason="Windows quotes in another way")
def test_the_next_command_can_be_copied(voc, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["convert", "in", "a.json"]) == 0
    assert main(["convert", "a.json", "my voc", "--images", "in"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "next:  tfod check 'my voc'"


def test_json_and_classes_with_several_values(voc, tmp_path, capsys):
    arguments = ["convert", str(voc), str(tmp_path / "a.json"), "--classes", "dog", "cat", "--json"]
    assert main(arguments) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["classes"] == {"dog": 1, "cat": 2} and result["guessed"] == ["from", "to"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "out"], "nowhere: file or folder not found"),
        (["in", "out"], "which format to write (expected coco, yolo or csv). Use --to FORMAT."),
        (
            ["in", "out", "--to", "pascal"],
            "unknown format (got pascal). Use voc, coco, yolo or csv.",
        ),
        (["in", "out", "--to", "yolo", "--link", "--no-images"], "Use only one of --copy-images"),
        (["in/a.png", "out"], "not a data set that is read"),
        (["in", "a.json", "--images", "nowhere"], "nowhere: file or folder not found"),
        (["in", "a.json", "--from", "coco"], "no labelled images in COCO JSON"),
        (["in", "a.json", "--from", "yolo"], "no labelled images in YOLO text"),
        (["in", "a.json", "--from", "csv"], "no labelled images in CSV"),
    ],
)
def test_what_is_mistyped(voc, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["convert", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_two_formats_in_one_folder(voc, tmp_path):
    convert(voc, voc / "instances.json")
    with raises_problem("several-formats", where=voc, got="voc and coco", remedy=Remedy.SET_ONE):
        convert(voc, tmp_path / "out.csv")


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text are Linux's own")
@pytest.mark.parametrize("target", ["coco", "csv", "yolo"])
def test_file_names_that_are_no_text(tmp_path, target, capsys):
    folder = tmp_path / "photos"
    messy.photo(folder, 0)
    odd = messy.photo(folder, 1)
    name = os.fsdecode(b"caf\xe9.jpg")
    odd.image.rename(folder / name)
    odd.xml.rename((folder / name).with_suffix(".xml"))
    code = main(["convert", str(folder), str(tmp_path / "out"), "--to", target])
    error = capsys.readouterr().err
    assert (code, "Traceback" in error) in ((0, False), (2, False))
    assert code == 0 or "cannot be written" in error
    assert (tmp_path / "out").exists() == (code == 0)


def test_after_a_split_each_photo_comes_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    made = [messy.photo(tmp_path / "workspace/images/s1", index) for index in range(10)]
    assert main(["split"]) == 0
    assert main(["convert", "workspace/images", "out.json", "--to", "coco"]) == 2
    assert main(["convert", "workspace/images", "out", "--to", "coco"]) == 0
    said = capsys.readouterr().out
    assert "1 session left out, because train and test hold copies of their photos" in said
    files = sorted((tmp_path / "out").rglob("*.json"))
    names = [
        image["file_name"] for path in files for image in json.loads(path.read_text())["images"]
    ]
    assert sorted(Path(name).name for name in names) == sorted(photo.image.name for photo in made)
    assert main(["convert", "workspace/images/s1", "s1.json"]) == 0
    assert len(json.loads((tmp_path / "s1.json").read_text())["images"]) == 10
