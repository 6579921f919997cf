"""A record file that no longer says what images and XML say is reported, in whatever it differs."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from dealing import write_records
from PIL import Image

from tfod.camera.scenes import draw_scene
from tfod.data.example import Example
from tfod.data.records.file import encode_example, frame, read_records
from tfod.data.voc import read_voc, write_voc
from tfod.labels import LabelMap
from tfod.steps.check.dataset import read_dataset
from tfod.steps.check.records import records
from tfod.steps.check.settings import Settings

LABELS = LabelMap({1: "a", 2: "b"}, {})
FILES = 6
KINDS = {"image/height": int, "image/width": int}


def kind(name):
    if "bbox" in name:
        return float
    return int if name in KINDS or re.search(r"label|difficult|truncated", name) else bytes


def rewrite(path, change):
    """Write a record file again, each record (dict) as `change(number, record)` leaves it."""
    changed = []
    for number, record in enumerate(read_records(path)):
        new = change(number, record)
        changed += [record] if new is None else new
    data = [
        frame(encode_example({name: (kind(name), values) for name, values in record.items()}))
        for record in changed
    ]
    path.write_bytes(b"".join(data))


@pytest.fixture
def folder(tmp_path):
    """train/ of six photos, one of them a negative, and its record."""
    (tmp_path / "train").mkdir()
    for index in range(FILES):
        image = tmp_path / "train" / f"p{index}.jpg"
        pixels = draw_scene(index, ("a", "b"), (96, 128), 0)[0]
        Image.fromarray(pixels).save(image)
        boxes = [[0.1, 0.2, 0.5, 0.6 + 0.03 * i] for i in range(index)]
        names = ["a", "b", "a", "b", "b"][:index]
        write_voc(image.with_suffix(".xml"), Example(image, 96, 128, boxes, names))
    write_records(tmp_path / "train", tmp_path / "train.record", LABELS)
    return tmp_path


def findings(folder, label_map=LABELS, decode=True):
    dataset = read_dataset(folder / "train" if (folder / "train").exists() else folder, decode)
    dataset.records = sorted(folder.glob("*.record*"))
    dataset.settings = Settings(label_map=label_map)
    return {found.code: found for found in records(dataset)}


def test_a_fresh_record_has_nothing(folder):
    assert findings(folder) == findings(folder, decode=False) == {}
    assert findings(folder, label_map=None) == {}


def test_shards_have_nothing_and_one_that_is_missing_is_reported(folder):
    write_records(folder / "train", folder / "train.record", LABELS, shards=3)
    assert findings(folder) == {}
    (folder / "train.record-00001-of-00003").unlink()
    (found,) = findings(folder).values()
    assert (found.code, found.severity, found.count) == ("record-unreadable", "error", 1)
    assert found.places[0].path.name == "train.record-00001-of-00003"


def test_the_order_of_records_and_boxes_does_not_matter(folder):
    def turn_round(_, record):
        for name, values in record.items():
            if name.startswith("image/object"):
                record[name] = values[::-1]

    path = folder / "train.record"
    rewrite(path, turn_round)
    assert findings(folder) == {}


@pytest.mark.parametrize("edit", ["moved", "renamed", "added", "removed"])
def test_xml_edited_after_the_record(folder, edit):
    xml = folder / "train" / "p3.xml"
    example = read_voc(xml)
    names = {"renamed": ["b", "b", "a"], "added": "abab", "removed": "ab"}
    boxes = example.boxes.copy()
    boxes[0] += 0.02 * (edit == "moved")
    boxes = np.concatenate([boxes, [[0.7, 0.7, 0.8, 0.8]]])[: len(names.get(edit, "aba"))]
    write_voc(xml, Example(xml.with_suffix(".jpg"), 96, 128, boxes, names.get(edit, "aba")))
    (found,) = findings(folder).values()
    assert (found.code, found.severity, found.count) == ("record-boxes-differ", "error", 1)
    assert found.places[0].detail.startswith("record 4: p3.jpg: ")
    write_records(folder / "train", folder / "train.record", LABELS)
    assert findings(folder) == {}


def test_images_added_removed_and_replaced(folder):
    train = folder / "train"
    shutil.copy(train / "p1.jpg", train / "new.jpg")
    shutil.copy(train / "p1.xml", train / "new.xml")
    (train / "p2.jpg").unlink()
    (train / "p2.xml").unlink()
    Image.fromarray(draw_scene(50, ("a", "b"), (96, 128), 0)[0]).save(train / "p4.jpg")
    found = findings(folder)
    assert {code: (f.severity, f.count) for code, f in found.items()} == {
        "record-missing": ("warning", 1),
        "record-of-no-image": ("warning", 1),
        "record-image-differs": ("error", 1),
    }
    assert found["record-missing"].places[0].path == train / "new.jpg"
    assert "p2.jpg" in found["record-of-no-image"].places[0].detail
    assert found["record-image-differs"].places[0].detail == "record 5: p4.jpg"
    assert "record-image-differs" not in findings(folder, decode=False)


@pytest.mark.parametrize("at", [-1, -5, 0.5, 1, 0])
def test_a_record_file_cut_off(folder, at):
    path = folder / "train.record"
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * at) if isinstance(at, float) else at])
    (found,) = findings(folder).values()
    assert (found.code, found.severity, found.count) == ("record-unreadable", "error", 1)


def test_a_damaged_record_file_and_one_that_is_not_one(folder):
    path = folder / "train.record"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    (folder / "other.record").write_text("no record")
    found = findings(folder)["record-unreadable"]
    assert found.count == 2
    assert {place.path for place in found.places} == {path, folder / "other.record"}


@pytest.mark.parametrize("side", ["xmax", "ymin"])
def test_boxes_outside_the_image(folder, side):
    def spoil(number, record):
        if number == 3:
            record[f"image/object/bbox/{side}"][1] = 1.2

    rewrite(folder / "train.record", spoil)
    assert findings(folder)["record-box-outside"].count == 1


def test_class_numbers_of_another_label_map(folder):
    (found,) = findings(folder, LabelMap({1: "b", 2: "a"}, {})).values()
    assert (found.code, found.severity, found.count) == ("record-class-number", "error", 5)
    assert found.places[0].detail == 'record 2: p1.jpg: "a" has number 1, in the label map 2'
    (found,) = findings(folder, LabelMap({1: "a"}, {})).values()
    assert found.count == 4  # of the photos that have a "b"


def test_records_with_numbers_alone(folder):
    def forget_names(_, record):
        del record["image/object/class/text"]

    rewrite(folder / "train.record", forget_names)
    assert findings(folder) == {}


def test_a_record_twice_and_one_without_image(folder):
    def spoil(number, record):
        if number == 0:
            record["image/encoded"] = [b""]
        return [record, record] if number == 2 else None

    rewrite(folder / "train.record", spoil)
    counts = {code: found.count for code, found in findings(folder).items()}
    assert counts == {"record-twice": 1, "record-without-image": 1}


def test_a_record_of_another_name_lacks_nothing(folder):
    (folder / "train.record").rename(folder / "mine.record")
    shutil.copy(folder / "train/p1.jpg", folder / "train/new.jpg")
    shutil.copy(folder / "train/p1.xml", folder / "train/new.xml")
    assert findings(folder) == {}


def test_images_that_are_encoded_again_for_the_record(folder):
    (folder / "train/p1.jpg").unlink()
    Image.new("RGBA", (128, 96), (9, 9, 9, 99)).save(folder / "train/p1.png")
    write_records(folder / "train", folder / "train.record", LABELS)
    assert findings(folder) == {}


def test_tensorflow_is_not_imported(folder):
    code = (
        "import sys; from pathlib import Path; from tfod.steps.check.check import *;"
        f"options = CheckOptions(Path({str(folder / 'train')!r}), "
        f"records=(Path({str(folder / 'train.record')!r}),));"
        f"check(Workspace('.'), options);"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
