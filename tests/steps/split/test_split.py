"""Split: copies in the parts, alike photos on one side, and nothing people made is ever lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import cv2
import numpy as np
import pytest
from dealing import split
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from refusals import raises_problem

from tfod.cli import main
from tfod.data.example import Example
from tfod.data.near_duplicates import is_near, look_of
from tfod.data.photo_folder import read_folder
from tfod.data.voc import read_voc, write_voc
from tfod.errors import UserError


def add(folder, stem, *names, labelled=True, suffix=".jpg"):
    """Put an image that looks like no other into a folder, with objects of these names."""
    save(folder, stem, picture(f"{folder.name}/{stem}"), *names, labelled=labelled, suffix=suffix)


def picture(scene, shot=0):
    """Draw soft blobs: of another scene all others, of another shot nearly the same."""
    field = np.random.default_rng(crc32(scene.encode())).random((9, 12), np.float32)
    blobs = cv2.resize(field, (96, 72), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(shot).normal(0, 8 if shot else 0, blobs.shape)
    return np.uint8(np.clip(blobs * 255 + noise, 0, 255))


def save(folder, stem, pixels, *names, labelled=True, suffix=".jpg", suggested_by=""):
    """Put an image into a folder, with an XML that has an object of each name."""
    folder.mkdir(parents=True, exist_ok=True)
    image = folder / f"{stem}{suffix}"
    Image.fromarray(pixels).save(image)
    if labelled:
        boxes = [[0, 0, 0.5, 1]] * len(names)
        example = Example(image, 72, 96, boxes, names, suggested_by=suggested_by)
        write_voc(folder / f"{stem}.xml", example)


@pytest.fixture
def images(workspace):
    """workspace/images with two sessions of 10 and 5 images, of which two are negatives."""
    folder = workspace / "workspace/images"
    for number in range(8):
        add(folder / "s1", f"cam_{number}", "Mask")
    for number in range(8, 10):
        add(folder / "s1", f"cam_{number}")
    for number in range(10, 15):
        add(folder / "s2", f"cam_{number}", "No-mask")
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."}


def test_every_image_is_copied_once_with_its_xml(images):
    before = {name: contents(images / name) for name in ("s1", "s2")}
    result = split()
    train, test = contents(images / "train"), contents(images / "test")
    assert {**train, **test} == {**before["s1"], **before["s2"]}
    assert not train.keys() & test.keys()
    assert {name: contents(images / name) for name in ("s1", "s2")} == before
    assert result.images == {"train": 12, "test": 3}
    assert result.classes == {"Mask": {"train": 6, "test": 2}, "No-mask": {"train": 4, "test": 1}}
    assert result.negatives["train"] + result.negatives["test"] == 2
    assert result.renamed == result.unlabelled == result.orphans == 0


def test_again_is_the_same_and_another_seed_is_not(images):
    split()
    first = contents(images / "test")
    split()
    assert contents(images / "test") == first
    split(seed=1)
    assert contents(images / "test").keys() != first.keys()


def test_new_images_replace_the_old_split(images):
    split()
    shutil.rmtree(images / "s2")
    add(images / "s3", "new_1", "Mask")
    assert split().images == {"train": 9, "test": 2}
    names = contents(images / "train").keys() | contents(images / "test").keys()
    assert "new_1.jpg" in names and "cam_10.jpg" not in names


def test_unlabelled_images_and_orphans_are_left_out_and_counted(images):
    add(images / "s1", "cam_99", labelled=False)
    (images / "s1/cam_0.jpg").unlink()
    result = split()
    assert (result.unlabelled, result.orphans) == (1, 1)
    assert sum(result.images.values()) == 14


def test_without_xml_unlabelled_images_are_split_too(images):
    add(images / "s1", "cam_99", labelled=False)
    result = split(labelled_only=False)
    assert sum(result.images.values()) == 16
    assert not list(images.glob("t*/*.xml"))


def test_equal_names_get_their_session_as_prefix(images):
    add(images / "s2", "CAM_1", "No-mask", suffix=".png")
    result = split()
    assert result.renamed == 2
    names = contents(images / "train").keys() | contents(images / "test").keys()
    assert {"s1_cam_1.jpg", "s1_cam_1.xml", "s2_CAM_1.png", "s2_CAM_1.xml"} <= names
    for part in ("train", "test"):
        for image, xml in read_folder(images / part).pairs:
            assert read_voc(xml).image_path == image  # the old scripts look at <filename>
            if "CAM_1" in image.name:
                assert read_voc(xml).names == ("No-mask",)


def test_images_beside_the_sessions_count_too(images):
    add(images, "loose", "Mask")
    assert sum(split().images.values()) == 16


def test_another_output_folder(images, workspace):
    result = split(images / "s1", workspace / "out", test=0.1)
    assert result.images == {"train": 9, "test": 1}
    assert (workspace / "out/train/cam_0.jpg").exists() != (
        workspace / "out/test/cam_0.jpg"
    ).exists()


def foreign_image(folder):
    add(folder, "mine", "Mask")


def foreign_folder(folder):
    (folder / "more").mkdir()


def edited_label(folder):
    path = next(folder.glob("*.xml"))
    path.write_text(path.read_text().replace("</annotation>", "<!-- better --></annotation>"))


@pytest.mark.parametrize("change", [foreign_image, foreign_folder, edited_label])
def test_what_people_made_in_train_is_never_replaced(images, change):
    split()
    change(images / "train")
    before = {part: contents_or_folders(images / part) for part in ("train", "test")}
    with pytest.raises(UserError) as caught:
        split(seed=1)
    assert caught.value.codes in (["not-made-by-split"], ["copy-changed"])
    assert caught.value.problems[0].where.parent == Path("workspace/images/train")
    assert {part: contents_or_folders(images / part) for part in ("train", "test")} == before


def contents_or_folders(folder):
    return sorted((path.name, path.is_file() and path.read_bytes()) for path in folder.iterdir())


def test_a_train_folder_made_by_hand_is_not_touched(images):
    shutil.copytree(images / "s1", images / "train")
    with raises_problem("split-by-hand", where="images/train", remedy="run"):
        split()
    assert len(contents(images / "train")) == 20


def test_photos_that_lie_too_deep_are_told(images):
    for session in ("s1", "s2"):
        (images / "all").mkdir(exist_ok=True)
        (images / session).rename(images / "all" / session)
    with raises_problem("no-images", where="images", remedy="move-to") as problems:
        split()
    assert "images/all/s1, nested too deep" in problems[0].got


def test_folders_called_train_and_test_are_sessions_when_the_parts_go_elsewhere(images, tmp_path):
    (images / "s1").rename(images / "train")
    (images / "s2").rename(images / "test")
    assert sum(split(output_dir=tmp_path / "parts").images.values()) == 15
    shutil.copytree(tmp_path / "parts/train", images / "copies")  # of a split: would come twice
    assert sum(split(output_dir=tmp_path / "more").images.values()) == 15


def test_a_split_made_by_hand_leads_to_records(images):
    """As the tutorial has it: train/ and test/, and nothing else."""
    (images / "s1").rename(images / "train")
    (images / "s2").rename(images / "test")
    with raises_problem("split-by-hand", where="images/train", remedy="run") as problems:
        split()
    assert problems[0].advice.arguments == {"step": "records"}


def test_ctrl_c_between_train_and_test_changes_neither(images, monkeypatch):
    """A new train beside an old test may hold the same photos."""
    split(val=0.2)
    before = parts_of(images)
    replace = os.replace

    def interrupted(source, target):
        replace(source, target)
        if Path(target).name == "train" and Path(source).name.startswith(".part-"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", interrupted)
        split(val=0, seed=1)
    assert parts_of(images) == before
    assert not [path for path in images.iterdir() if path.name[0] == "."]


def test_a_file_called_train_is_not_touched(images):
    (images / "train").write_text("mine")
    with raises_problem("file-in-the-way", where="images/train"):
        split()
    assert (images / "train").read_text() == "mine" and not (images / "test").exists()


def test_broken_annotations_are_told_together(images):
    (images / "s1/cam_0.xml").write_text("no xml")
    (images / "s2/cam_10.xml").write_text("")
    with pytest.raises(UserError) as caught:
        split()
    assert caught.value.codes == ["xml-unreadable"] * 2
    places = [(problem.where.name, problem.line) for problem in caught.value.problems]
    assert places == [("cam_0.xml", 1), ("cam_10.xml", None)]
    assert not (images / "train").exists()


@pytest.mark.parametrize("name", ["<name></name>", "<name> </name>", ""])
def test_a_box_without_a_class_is_told_with_its_line(images, name):
    path = images / "s1/cam_0.xml"
    text = path.read_text(encoding="utf-8")
    line = text[: text.index("<object>")].count("\n") + 1
    path.write_text(text.replace("<name>Mask</name>", name), encoding="utf-8")
    with raises_problem("box-without-class", where="s1/cam_0.xml", line=line):
        split()
    assert not (images / "train").exists()


@pytest.mark.parametrize("share", [0, 1, 20, -0.1, float("nan")])
def test_a_share_that_is_none(images, share):
    with raises_problem("number-out-of-range", setting="test", expected="above 0 and below 1"):
        split(test=share)


def test_nothing_to_split(workspace):
    with raises_problem("no-such-folder", where="workspace/images", remedy="run"):
        split()
    add(workspace / "workspace/images/s1", "a", "Mask")
    add(workspace / "workspace/images/s1", "b", labelled=False)
    with raises_problem("too-few-images", got="1 labelled image, 1 without XML"):
        split()


def parts_of(folder):
    """File name of each image copied -> its part."""
    return {
        path.name: part
        for part in ("train", "test", "val")
        for path in (folder / part).glob("*.jpg")
    }


def test_bursts_stay_on_one_side(workspace):
    folder = workspace / "workspace/images"
    for scene in range(20):
        for shot in range(4):
            save(folder / "s1", f"scene {scene}_{shot}", picture(str(scene), shot), "Mask")
    result = split()
    assert (result.groups, result.grouped, result.largest_group) == (20, 80, 4)
    assert result.images == {"train": 64, "test": 16} and result.cut == [] and result.alike == 0
    assert result.warnings == []
    sides = {(name.split("_")[0], part) for name, part in parts_of(folder).items()}
    assert len(sides) == 20
    assert split(by="image", fresh=True).alike is None
    assert len({(name.split("_")[0], part) for name, part in parts_of(folder).items()}) > 20


def test_by_session_keeps_sessions_whole(workspace):
    folder = workspace / "workspace/images"
    for session in range(5):
        for number in range(6):
            add(folder / f"day {session}", f"{session}_{number}", "Mask", "Hut")
    result = split(by="session", val=0.2)
    assert result.images == {"train": 18, "test": 6, "val": 6}
    assert len({(name[0], part) for name, part in parts_of(folder).items()}) == 5
    assert result.classes["Hut"] == {"train": 18, "test": 6, "val": 6}


def test_one_session_by_session_says_so(images):
    shutil.rmtree(images / "s2")
    result = split(by="session")
    assert result.images == {"train": 8, "test": 2}
    assert "there is only one:" in result.warnings[0]
    assert (result.by, result.settings["by"]) == ("burst", "session")


def test_sessions_that_identical_photos_join_are_told(images):
    for suffix in (".jpg", ".xml"):
        shutil.copy(images / f"s1/cam_0{suffix}", images / f"s2/copy{suffix}")
    result = split(by="session")
    assert result.by == "burst"
    assert "identical photos join all 2 of them:" in result.warnings[0]


def test_only_groups_that_are_on_one_side_count_as_kept_together(images):
    split()
    result = split(by="session")  # the photos of a session stay where they were, on both sides
    assert (result.stayed, result.groups, result.grouped) == (15, 0, 0)


def test_a_scene_too_large_for_one_side_is_cut_into_runs(workspace):
    folder = workspace / "workspace/images"
    for name in ("Mask", "No-mask"):
        for number in range(1, 21):
            save(folder / "s1", f"{name}_{number}", picture("room", number), name)
    result = split()
    assert result.cut == [40] and result.groups == 0
    assert result.images == {"train": 32, "test": 8} and result.alike == 8
    assert result.classes["Mask"] == {"train": 16, "test": 4}
    test = [name for name, part in parts_of(folder).items() if part == "test"]
    for name in ("Mask", "No-mask"):
        numbers = sorted(int(n.split("_")[1][:-4]) for n in test if n.startswith(f"{name}_"))
        assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert "40 of 40 photos look alike" in result.warnings[0]
    assert "8 of 8 photos outside train look like one in train" in result.warnings[1]


def test_a_class_of_one_scene_is_cut_only_when_it_is_large(workspace):
    folder = workspace / "workspace/images"
    for number in range(20):
        add(folder / "s1", f"cam_{number}", "Mask")
    for number in range(3):
        save(folder / "s1", f"rare_{number}", picture("room", number), "Hut")
    result = split()
    assert result.cut == [] and result.classes["Hut"] == {"train": 3, "test": 0}
    assert result.warnings == ["Hut (3 images) is not in test."]
    for number in range(3, 10):
        save(folder / "s1", f"rare_{number}", picture("room", number), "Hut")
    assert split(fresh=True).classes["Hut"]["test"] == 2


def test_photos_that_are_one_file_cannot_be_split(workspace):
    folder = workspace / "workspace/images/s1"
    for number in range(6):
        save(folder, f"cam_{number}", picture("room"), "Mask")
    got = "all 6 are the same file, or were placed elsewhere earlier"
    with raises_problem("part-empty", got=got):
        split()
    assert not (folder.parent / "train").exists()


@pytest.mark.parametrize("by", ["burst", "image", "session"])
def test_copies_of_one_file_stay_together(workspace, by):
    folder = workspace / "workspace/images"
    for number in range(12):
        add(folder / f"s{number % 6}", f"cam_{number}", "Mask")
    shutil.copy(folder / "s0/cam_0.jpg", folder / "s1/copy.jpg")
    shutil.copy(folder / "s0/cam_0.xml", folder / "s1/copy.xml")
    for seed in range(4):
        split(by=by, seed=seed)
        parts = parts_of(folder)
        assert parts["cam_0.jpg"] == parts["copy.jpg"]


def test_adding_photos_moves_none(images):
    split(test=0.25, val=0.2)
    before = parts_of(images)
    for number in range(20):
        add(images / "s0", f"new {number}", "Mask", "Été")
    result = split()  # settings as the last time
    after = parts_of(images)
    assert {name: after[name] for name in before} == before
    assert (result.stayed, result.new, result.gone) == (15, 20, 0)
    assert result.settings == {"test": 0.25, "val": 0.2, "by": "burst", "seed": 0}
    assert result.classes["Été"]["test"] and result.classes["Été"]["val"]
    assert abs(result.images["test"] - 0.25 * 35) <= 2


def test_renamed_and_moved_photos_stay_and_deleted_ones_are_gone(images):
    split()
    before = parts_of(images)
    (images / "s1").rename(images / "2026")
    (images / "2026/cam_0.jpg").rename(images / "2026/first.jpg")
    (images / "2026/cam_0.xml").rename(images / "2026/first.xml")
    before["first.jpg"] = before.pop("cam_0.jpg")
    for suffix in (".jpg", ".xml"):
        (images / f"s2/cam_14{suffix}").unlink()
    del before["cam_14.jpg"]
    result = split()
    assert parts_of(images) == before
    assert (result.stayed, result.new, result.gone) == (14, 0, 1)


def test_photos_that_have_copies_are_counted_once(images):
    split()
    shutil.copytree(images / "s1", images / "backup")
    assert counted(split()) == (15, 10, 0)
    for suffix in (".jpg", ".xml"):
        (images / f"s1/cam_0{suffix}").unlink()
    assert counted(split()) == (24, 0, 1)
    (images / "backup").rename(images / "s0")
    assert counted(split()) == (24, 0, 0)
    shutil.rmtree(images / "s0")
    assert counted(split()) == (14, 0, 10)


def counted(result):
    assert result.stayed + result.new == sum(result.images.values())
    return result.stayed, result.new, result.gone


def test_an_edited_photo_stays(images):
    split()
    before = parts_of(images)
    Image.open(images / "s1/cam_3.jpg").rotate(180).save(images / "s1/cam_3.jpg")
    split()
    assert parts_of(images) == before


def test_a_new_twin_goes_where_the_placed_one_is(images):
    split()
    for number in range(15):
        folder = images / ("s1" if number < 10 else "s2")
        pixels = np.asarray(Image.open(folder / f"cam_{number}.jpg"))
        save(images / "s3", f"twin_{number}", pixels[1:-1, 1:-1], "Mask")
    result = split()
    parts = parts_of(images)
    for number in range(15):
        assert parts[f"twin_{number}.jpg"] == parts[f"cam_{number}.jpg"]
    assert result.alike == 0


def test_another_seed_or_fresh_deals_out_again(images):
    split()
    first = parts_of(images)
    assert split(seed=5).stayed == 0
    assert parts_of(images) != first
    assert split(seed=5).stayed == 15
    split(seed=0)
    assert parts_of(images) == first


def test_val_comes_and_goes(images):
    split(val=0.2)
    before = parts_of(images)
    assert len(contents(images / "val")) == 2 * list(before.values()).count("val") == 6
    result = split(val=0)
    assert not (images / "val").exists() and result.folders.keys() == {"train", "test"}
    after = parts_of(images)
    assert all(after[name] == part for name, part in before.items() if part != "val")
    assert result.stayed == 12 and 3 <= result.images["test"] <= 4
    result = split(val=0.2)
    assert "val" not in result.images and "start over" in result.warnings[-1]
    assert split(val=0.2, fresh=True).images["val"] == 3


def test_a_session_named_val_is_a_session(images):
    (images / "s2").rename(images / "val")
    assert split().images == {"train": 12, "test": 3}
    assert (images / "val/cam_10.jpg").exists()
    with raises_problem("not-made-by-split", where="images/val"):
        split(val=0.1)


@pytest.mark.parametrize(
    "text", ["[", "[]", '{"files": {}}', '{"files": {}, "photos": [{}], "settings": {"test": "a"}}']
)
def test_a_broken_manifest_protects_what_is_there(images, text):
    split()
    (images / "train/.split.json").write_text(text)
    with raises_problem("not-made-by-split", where="images/train"):
        split()


def test_suggested_boxes_are_left_out(images):
    for number in range(3):
        save(images / "s1", f"sug_{number}", picture(f"x{number}"), "Mask", suggested_by="m1")
    result = split()
    assert result.suggested == 3 and sum(result.images.values()) == 15
    assert not [name for name in parts_of(images) if "sug" in name]


def test_a_scene_of_which_all_shots_have_copies_is_cut_between_files(workspace):
    folder = workspace / "workspace/images"
    for number in range(30):
        save(folder / "s1", f"cam_{number}", picture("room", number % 5), "Mask")
    assert split().images == {"train": 24, "test": 6}


def test_damaged_images_are_told_together(images):
    for number in (1, 4):
        path = images / f"s1/cam_{number}.jpg"
        path.write_bytes(path.read_bytes()[:-200])
    (images / "s2/cam_11.jpg").write_bytes(b"no image")
    (images / "s2/cam_12.xml").write_text("no xml")
    with pytest.raises(UserError) as caught:
        split()
    assert [(problem.code, problem.where.name) for problem in caught.value.problems] == [
        ("image-unreadable", "cam_1.jpg"),
        ("image-unreadable", "cam_4.jpg"),
        ("image-unreadable", "cam_11.jpg"),
        ("xml-unreadable", "cam_12.xml"),
    ]
    assert not (images / "train").exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"val": 0.8}, "number-out-of-range"),
        ({"val": -0.1}, "number-out-of-range"),
        ({"val": float("nan")}, "number-out-of-range"),
        ({"by": "person"}, "unknown-value"),
    ],
)
def test_settings_that_cannot_be(images, given, code):
    with raises_problem(code, setting=next(iter(given))):
        split(**given)


SCENES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 4), st.sets(st.sampled_from(["a", "b"]))),
    min_size=2,
    max_size=10,
)


@given(scenes=SCENES, more=SCENES, seed=st.integers(0, 3), val=st.sampled_from([0, 0.2]))
@settings(max_examples=15)
def test_properties_of_any_split(scenes, more, seed, val):
    """Every image in one part, no group torn, again the same, and adding moves none."""
    with TemporaryDirectory() as name:
        folder = Path(name)

        def put(scenes, first):
            for number, (session, shots, classes) in enumerate(scenes, first):
                for shot in range(shots):
                    pixels = picture(str(number), shot)
                    save(folder / f"s{session}", f"{number}_{shot}", pixels, *sorted(classes))

        put(scenes, 0)
        result = split(folder, test=0.3, seed=seed, val=val)
        parts = parts_of(folder)
        assert sum(result.images.values()) == len(parts) == sum(shots for _, shots, _ in scenes)
        assert result.images["train"] and result.images["test"]
        assert result.cut or result.alike == 0
        split(folder, test=0.3, seed=seed, val=val, fresh=True)
        assert parts_of(folder) == parts
        put(more, len(scenes))
        result = split(folder)
        after = parts_of(folder)
        assert {name: after[name] for name in parts} == parts
        assert (result.stayed, result.gone) == (len(parts), 0)


def test_a_thousand_photos(workspace):
    folder = workspace / "workspace/images/s1"
    folder.mkdir(parents=True)
    save(folder, "cam_0", picture("0"), "Mask")
    xml = (folder / "cam_0.xml").read_text()
    random = np.random.default_rng(0)
    for number in range(1, 1000):
        Image.fromarray(random.integers(0, 256, (16, 16), np.uint8)).resize((64, 64)).save(
            folder / f"cam_{number}.png"
        )
        (folder / f"cam_{number}.xml").write_text(xml.replace("cam_0.jpg", f"cam_{number}.png"))
    assert split().images == {"train": 700, "test": 200, "val": 100}
    assert split(val=0).images == {"train": 800, "test": 200}
    assert split().images == {"train": 800, "test": 200}, "as last time"


def test_the_command_tells_where_everything_went(images, capsys):
    for shot in range(4):
        save(images / "s1", f"burst_{shot}", picture("room", shot), "Mask")
    assert main(["split", "--val", "0.2", "--test", "0.3"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["class", "train", "boxes", "test", "boxes", "val", "boxes"]
    assert [line.split()[0] for line in out[1:4]] == ["Mask", "No-mask", "images"]
    assert (
        "1 group of photos that look alike kept together, --by burst (4 photos, at most 4 in one)"
    ) in out
    assert out[-1] == "next:  tfod records"
    add(images / "s1", "new", "Mask")
    assert main(["split", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["stayed"], result["new"], result["settings"]["test"]) == (19, 1, 0.3)
    assert sum(result["images"].values()) == 20 and result["next"] == "tfod records"
    assert main(["records"]) == 0
    assert (images.parents[1] / "annotations/val.record").exists()


def test_the_next_command_names_parts_that_lie_elsewhere(images, capsys):
    assert main(["split", "--output", "parts"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "next:  tfod records --images parts"


def test_real_faces(shared, workspace):
    result = split(shared / "datasets/crowd_masks", workspace, test=0.2, val=0)
    assert sum(result.images.values()) == 640
    assert (result.groups, result.grouped, result.cut, result.alike) == (15, 30, [], 0)
    for counts in (*result.classes.values(), result.images):
        assert abs(counts["test"] / (counts["train"] + counts["test"]) - 0.2) < 0.01


def test_the_published_split_of_the_mask_photos_leaks(shared, workspace):
    """Every test photo has a twin in train; a fair split of one scene does not exist."""
    looks = {
        part: [
            look_of(np.asarray(Image.open(path).convert("L")))
            for path in sorted((shared / "datasets/mask" / part).glob("*.jpg"))
        ]
        for part in ("train", "test")
    }
    assert all(any(is_near(a, b) for b in looks["train"]) for a in looks["test"])
    for part in looks:
        shutil.copytree(
            shared / "datasets/mask" / part, workspace / "workspace/images/s1", dirs_exist_ok=True
        )
    result = split()
    assert result.cut == [40] and result.alike == 8
    assert result.classes["Mask"] == result.classes["No-mask"] == {"train": 16, "test": 4}


def test_the_door_deals_out_every_image_for_itself(root, workspace):
    for number in range(20):
        save(workspace / "all photos", f"cam {number}", picture("room", number), "Mask")
    door = [sys.executable, str(root / "scripts/partition_dataset.py"), "-x"]
    flags = ["-i", "all photos", "-o", "out", "-r", "0.2"]
    for _ in range(2):
        done = subprocess.run(
            [*door, *flags], capture_output=True, text=True, env=os.environ, cwd=workspace
        )
        assert done.returncode == 0, done.stderr
        assert len(list((workspace / "out/test").glob("*.jpg"))) == 4
