"""Which folders beside the sessions are parts, and get a record."""

import json

import numpy as np
import pytest
from dealing import write_parts
from PIL import Image

from tfod.camera.scenes import draw_scene
from tfod.cli import main
from tfod.data.example import Example
from tfod.data.folders import find_folders
from tfod.data.photo_folder import MANIFEST
from tfod.data.records.file import read_records
from tfod.data.voc import write_voc
from tfod.steps.label.sessions import count_sessions
from tfod.workspace import Workspace


@pytest.fixture
def images(workspace):
    return workspace / "workspace" / "images"


def put(folder, count, first=0, labelled=True):
    """Photos of both classes, no two alike."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(first, first + count):
        pixels, boxes, names = draw_scene(index, ("a", "b"), (96, 128), 0)
        image = folder / f"p{index}.png"
        Image.fromarray(pixels).save(image)
        if labelled:
            example = Example(image, 96, 128, np.round(boxes * 32) / 32, names)
            write_voc(image.with_suffix(".xml"), example)


def write(images):
    return write_parts(images, images.parent, images.parent / "label_map.pbtxt", with_csv=True)


def check(capsys):
    """What `tfod check` says: name -> finding, parts, and the line that names what follows."""
    capsys.readouterr()
    main(["check", "--json"])
    told = json.loads(capsys.readouterr().out)
    main(["check"])
    following = [line for line in capsys.readouterr().out.splitlines() if line.startswith("next:")]
    return {found["code"]: found for found in told["findings"]}, told["parts"], following


@pytest.mark.parametrize("made_by_split", [True, False])
def test_val_has_a_record_whoever_made_it(images, made_by_split):
    for number, part in enumerate(("train", "test", "val")):
        put(images / part, 1, number)
        if made_by_split:
            (images / part / MANIFEST).write_text("{}")
    assert write(images)["val"].images == 1
    (record,) = read_records(images.parent / "val.record")
    assert record["image/filename"] == [b"p2.png"]
    assert (images.parent / "val.csv").exists()


def test_a_split_made_by_hand_goes_on_after_records(images, capsys):
    for number, part in enumerate(("train", "test", "val")):
        put(images / part, 6, 10 * number)
    assert main(["records"]) == 0
    assert "val.record" in capsys.readouterr().out
    found, parts, following = check(capsys)
    assert not found.keys() & {"duplicate-across-parts", "part-empty"}
    assert parts == {"train": 6, "test": 6, "val": 6}
    assert following == ["next:  tfod train NAME"]


def test_beside_the_parts_of_split_val_is_a_session_as_split_sees_it(images, capsys):
    put(images / "s1", 8)
    assert main(["split"]) == 0
    put(images / "val", 4, 20)
    assert images / "val" in count_sessions(Workspace(images.parents[1]))
    assert write(images).keys() == {"train", "test"}
    found, parts, following = check(capsys)
    assert found["split-lacks-photos"]["count"] == 4 and following == ["next:  tfod train NAME"]


@pytest.mark.parametrize("beside", [None, "test", "empty train"])
def test_val_without_a_train_is_a_session(images, beside):
    put(images / "val", 1)
    if beside:
        put(images / beside.split()[-1], 0 if "empty" in beside else 1)
    assert "val" not in find_folders(images).parts
    assert images / "val" in count_sessions(Workspace(images.parents[1]))


@pytest.mark.parametrize("name", ["val", "valid", "validation", "Validation"])
def test_without_test_val_is_the_test(images, name):
    put(images / "train", 2)
    put(images / name, 2, 10)
    assert find_folders(images).parts.keys() == {"train", "val"}
    assert {part: one.images for part, one in write(images).items()} == {"train": 2, "test": 2}


@pytest.mark.parametrize("names", ["train test valid", "training testing validation"])
def test_a_split_of_another_tool_is_written_whole(images, names):
    """Roboflow and others call the parts so; none was lost without a word."""
    for number, name in enumerate(names.split()):
        put(images / name, number + 1, 10 * number)
    assert {part: one.images for part, one in write(images).items()} == {
        "train": 1,
        "test": 2,
        "val": 3,
    }


def test_a_second_folder_for_a_part_is_named(images, capsys):
    for number, name in enumerate(("train", "test", "val", "validation")):
        put(images / name, 2, 10 * number)
    assert main(["records"]) == 0
    assert "note: workspace/images/validation is not part of this split" in capsys.readouterr().out


def test_a_session_called_val_is_dealt_out_like_any_other(images, capsys):
    put(images / "val", 10)
    assert main(["check"]) == 0 and main(["split"]) == 0 and main(["records"]) == 0
    assert sorted(path.name for path in images.parents[1].glob("annotations/*.record")) == [
        "test.record",
        "train.record",
    ]
    assert "not part of this split" not in capsys.readouterr().out
    found, parts, following = check(capsys)
    assert not [check for check in found if check.startswith(("split-", "duplicate-", "record-"))]
    assert parts["val (session)"] == 10
    assert following == ["next:  tfod train NAME"]


def test_val_without_labels_does_not_stop_the_records(images, capsys):
    for number, part in enumerate(("train", "test", "val")):
        put(images / part, 1, number, labelled=part != "val")
    assert write(images).keys() == {"train", "test"}
    assert main(["records"]) == 0
    assert "images/val was left out: no image in it is labelled" in capsys.readouterr().out


def test_folders_next_to_images_are_too_deep_and_reported(images, capsys):
    for number, name in enumerate(("images", "more", "even")):
        put(images / "s1" / name, 4, 10 * number)
    (session,) = find_folders(images).sessions
    assert session.path == images / "s1/images"
    found, _, _ = check(capsys)
    assert found["folder-too-deep"]["count"] == 2
