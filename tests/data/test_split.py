"""Split: copies in train/ and test/, and nothing that people made is ever lost."""

import shutil

import numpy as np
import pytest
from PIL import Image

from tfod.data.split import split
from tfod.data.voc import Example, find_examples, read_voc, write_voc
from tfod.errors import UserError


def add(folder, stem, *names, labelled=True, suffix=".jpg"):
    """Put an image into a folder, with an XML that has an object of each name."""
    folder.mkdir(parents=True, exist_ok=True)
    shade = sum(map(ord, str(folder) + stem)) % 256
    image = folder / f"{stem}{suffix}"
    Image.fromarray(np.full((8, 8, 3), shade, np.uint8)).save(image)
    if labelled:
        boxes = [[0, 0, 0.5, 1]] * len(names)
        write_voc(folder / f"{stem}.xml", Example(image, 8, 8, boxes, names))


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
    result = split(copy_xml=False)
    assert sum(result.images.values()) == 16
    assert not list(images.glob("t*/*.xml"))


def test_equal_names_get_their_session_as_prefix(images):
    add(images / "s2", "CAM_1", "No-mask", suffix=".png")
    result = split()
    assert result.renamed == 2
    names = contents(images / "train").keys() | contents(images / "test").keys()
    assert {"s1_cam_1.jpg", "s1_cam_1.xml", "s2_CAM_1.png", "s2_CAM_1.xml"} <= names
    for part in ("train", "test"):
        for image, xml in find_examples(images / part):
            assert read_voc(xml).image_path == image  # the old scripts look at <filename>
            if "CAM_1" in image.name:
                assert read_voc(xml).names == ("No-mask",)


def test_images_beside_the_sessions_count_too(images):
    add(images, "loose", "Mask")
    assert sum(split().images.values()) == 16


def test_another_output_folder(images, workspace):
    result = split(images / "s1", workspace / "out", 0.1)
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
    with pytest.raises(UserError, match="images/train: would be replaced, but .* split"):
        split(seed=1)
    assert {part: contents_or_folders(images / part) for part in ("train", "test")} == before


def contents_or_folders(folder):
    return sorted((path.name, path.is_file() and path.read_bytes()) for path in folder.iterdir())


def test_a_train_folder_made_by_hand_is_not_touched(images):
    shutil.copytree(images / "s1", images / "train")
    with pytest.raises(UserError, match="cam_0.jpg was not put there by split"):
        split()
    assert len(contents(images / "train")) == 20


def test_a_file_called_train_is_not_touched(images):
    (images / "train").write_text("mine")
    with pytest.raises(UserError, match="images/train: is a file"):
        split()
    assert (images / "train").read_text() == "mine" and not (images / "test").exists()


def test_broken_annotations_are_told_together(images):
    (images / "s1/cam_0.xml").write_text("no xml")
    (images / "s2/cam_10.xml").write_text("")
    with pytest.raises(UserError, match=r"(?s)2 problems.*cam_0\.xml:1: not XML.*cam_10\.xml"):
        split()
    assert not (images / "train").exists()


@pytest.mark.parametrize("share", [0, 1, 20, -0.1, float("nan")])
def test_a_share_that_is_none(images, share):
    with pytest.raises(UserError, match="expected above 0 and below 1"):
        split(test=share)


def test_nothing_to_split(workspace):
    with pytest.raises(UserError, match="no such folder"):
        split()
    add(workspace / "workspace/images/s1", "a", "Mask")
    add(workspace / "workspace/images/s1", "b", labelled=False)
    with pytest.raises(UserError, match="1 labelled images .*; 1 have no XML"):
        split()


def test_real_faces(shared, workspace):
    result = split(shared / "datasets/crowd_masks", workspace, 0.2)
    assert sum(result.images.values()) == 640
    for counts in (*result.classes.values(), result.images):
        assert abs(counts["test"] / (counts["train"] + counts["test"]) - 0.2) < 0.01
