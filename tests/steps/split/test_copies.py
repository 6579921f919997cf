"""Copies that were changed, and files that nobody made: what split replaces, and what it says."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from dealing import split
from PIL import Image
from refusals import raises_problem

from tfod.data.example import Example
from tfod.data.voc import write_voc


@pytest.fixture
def images(workspace):
    """workspace/images with the sessions s1 and s2, split; both have a cam_0."""
    folder = workspace / "workspace/images"
    random = np.random.default_rng(0)
    for name in ("s2/cam_0", *(f"s1/cam_{number}" for number in range(6))):
        image = folder / f"{name}.jpg"
        image.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (40, 40), np.uint8)).save(image)
        write_voc(image.with_suffix(".xml"), Example(image, 40, 40, [[0, 0, 1, 1]], ["Mask"]))
    split(by="image")
    return folder


def copy_of(images, name):
    return next(images.glob(f"t*/{name}"))


@contextmanager
def changed(copy, original):
    """Expect that split refuses a changed copy and names its original."""
    with raises_problem("copy-changed", where=copy.name, remedy="change-original") as problems:
        yield
    assert problems[0].advice.arguments["original"] == Path("workspace/images") / original


def edit(path, old="<xmax>40</xmax>", new="<xmax>30</xmax>"):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("copy", "original"), [("cam_1.xml", "s1/cam_1.xml"), ("s2_cam_0.xml", "s2/cam_0.xml")]
)
def test_a_change_is_taken_over_into_the_session(images, copy, original):
    edit(copy_of(images, copy))
    for fresh in (False, True):
        with changed(Path(copy), original):
            split(fresh=fresh)
    edit(images / original)
    assert split().stayed == 7
    assert "<xmax>30</xmax>" in copy_of(images, copy).read_text(encoding="utf-8")


def test_where_a_file_lies_is_no_change(images):
    """LabelImg writes that into <folder> and <path>."""
    copy = copy_of(images, "cam_1.xml")
    for path in (copy, images / "s1/cam_1.xml"):
        edit(path)
        edit(path, "<path>", f"<path>{path.parent}/")
    split()
    assert copy.read_bytes() == (images / "s1/cam_1.xml").read_bytes()


def test_a_deleted_copy_comes_again(images):
    copy = copy_of(images, "cam_1.xml")
    edit(copy)
    copy.unlink()
    split()
    assert "<xmax>40</xmax>" in copy.read_text(encoding="utf-8")


def test_a_changed_photo(images):
    copy = copy_of(images, "cam_1.jpg")
    Image.new("L", (40, 40)).save(copy)
    with changed(copy, "s1/cam_1.jpg"):
        split()
    shutil.copy(copy, images / "s1")
    assert split().stayed == 7


def test_a_changed_copy_without_an_original(images):
    copy = copy_of(images, "cam_1.xml")
    edit(copy)
    (images / "s1/cam_1.xml").unlink()
    with changed(copy, "s1/cam_1.xml"):
        split()
    (images / "s1/cam_1.jpg").unlink()
    with raises_problem("copy-changed", where=copy.name, remedy="move-to") as problems:
        split()
    assert "s1/cam_1.jpg no longer exists" in problems[0].got
    (images / "more").mkdir()
    for path in (copy, copy.with_suffix(".jpg")):
        shutil.move(path, images / "more")
    assert sum(split().images.values()) == 7


def test_a_changed_copy_that_is_no_xml(images):
    for path in (copy_of(images, "cam_1.xml"), images / "s1/cam_1.xml"):
        path.write_text("no xml" if path.parent.name == "s1" else "neither")
    with changed(copy_of(images, "cam_1.xml"), "s1/cam_1.xml"):
        split()


@pytest.mark.parametrize(
    "name", ["Thumbs.db", "desktop.ini", "cam_1.jpg~", ".DS_Store", "._cam_1.jpg"]
)
def test_files_that_nobody_made_are_no_obstacle(images, name):
    for part in ("train", "test"):
        (images / part / name).write_bytes(b"junk")
    assert split().stayed == 7


@pytest.mark.parametrize(
    "name",
    [
        *("notes.txt", "cam_1.txt", "classes.txt", "photos.zip", "mine.jpg", "mine.xml"),
        "Thumbs.db/mine.jpg",
    ],
)
def test_what_somebody_could_have_made_is_not_replaced(images, name):
    path = images / "train" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"mine")
    where = Path("train") / name.split("/")[0]
    with raises_problem("not-made-by-split", where=where, remedy="move-to"):
        split(fresh=True)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("output", [None, "elsewhere"])
def test_a_part_is_no_folder_of_sessions(images, output):
    before = sorted(images.rglob("*"))
    with raises_problem("folder-is-a-copy", where="images/train", remedy="use") as problems:
        split(images / "train", output)
    assert problems[0].advice.arguments["value"] == images
    assert sorted(images.rglob("*")) == before
    split()
