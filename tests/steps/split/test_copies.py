"""Copies that were changed, and files that nobody made: what split replaces, and what it says."""

import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from tfod.data.voc import Example, write_voc
from tfod.errors import UserError
from tfod.steps.split.split import split


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


def edit(path, old="<xmax>40</xmax>", new="<xmax>30</xmax>"):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("copy", "original"), [("cam_1.xml", "s1/cam_1.xml"), ("s2_cam_0.xml", "s2/cam_0.xml")]
)
def test_a_change_is_taken_over_into_the_session(images, copy, original):
    edit(copy_of(images, copy))
    words = rf"{copy} was changed .* Take the change over into \S*images/{original} or delete"
    for fresh in (False, True):
        with pytest.raises(UserError, match=words):
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
    with pytest.raises(UserError, match=r"over into \S*s1/cam_1.jpg or delete the copy"):
        split()
    shutil.copy(copy, images / "s1")
    assert split().stayed == 7


def test_a_changed_copy_without_an_original(images):
    copy = copy_of(images, "cam_1.xml")
    edit(copy)
    (images / "s1/cam_1.xml").unlink()
    with pytest.raises(UserError, match=r"over into \S*s1/cam_1.xml or delete the copy"):
        split()
    (images / "s1/cam_1.jpg").unlink()
    with pytest.raises(UserError, match=r"s1/cam_1.jpg is no longer there.*move photo and XML to"):
        split()
    (images / "more").mkdir()
    for path in (copy, copy.with_suffix(".jpg")):
        shutil.move(path, images / "more")
    assert sum(split().images.values()) == 7


def test_a_changed_copy_that_is_no_xml(images):
    for path in (copy_of(images, "cam_1.xml"), images / "s1/cam_1.xml"):
        path.write_text("no xml" if path.parent.name == "s1" else "neither")
    with pytest.raises(UserError, match=r"over into \S*s1/cam_1.xml"):
        split()


@pytest.mark.parametrize("keep", ["session file sha256", ""])
def test_a_changed_copy_and_a_manifest_of_an_earlier_version(images, keep):
    """Earlier ones did not say what the copies are called, or did not even name photos."""
    for part in ("train", "test"):
        path = images / part / ".split.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["photos"] = [{k: p[k] for k in keep.split()} for p in manifest["photos"]]
        path.write_text(json.dumps(manifest if keep else manifest["files"]), encoding="utf-8")
    edit(copy_of(images, "cam_1.xml"))
    into = r"\S*s1/cam_1.xml" if keep else "the session it came from"
    with pytest.raises(UserError, match=f"over into {into} or delete"):
        split()
    copy_of(images, "cam_1.xml").unlink()
    edit(copy_of(images, "s1_cam_0.xml"))
    into = r"\S*s1/cam_0.xml" if keep else "the session it came from"
    with pytest.raises(UserError, match=f"over into {into} or delete"):
        split()


@pytest.mark.parametrize(
    "name", ["Thumbs.db", "desktop.ini", "classes.txt", "cam_1.jpg~", ".DS_Store", "._cam_1.jpg"]
)
def test_files_that_nobody_made_are_no_obstacle(images, name):
    for part in ("train", "test"):
        (images / part / name).write_bytes(b"junk")
    assert split().stayed == 7


@pytest.mark.parametrize(
    "name", ["notes.txt", "cam_1.txt", "photos.zip", "mine.jpg", "mine.xml", "Thumbs.db/mine.jpg"]
)
def test_what_somebody_could_have_made_is_not_replaced(images, name):
    path = images / "train" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"mine")
    first = re.escape(name.split("/")[0])
    with pytest.raises(UserError, match=f"{first} was not put there by split. Move what you made"):
        split(fresh=True)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("output", [None, "elsewhere"])
def test_a_part_is_no_folder_of_sessions(images, output):
    before = sorted(images.rglob("*"))
    words = r"images/train: holds copies .*: `tfod split --images \S*workspace/images`\."
    with pytest.raises(UserError, match=words):
        split(images / "train", output)
    assert sorted(images.rglob("*")) == before
    split()


def test_a_part_beside_no_session(images):
    split(output_dir="parts")
    with pytest.raises(UserError, match="parts/test: holds .* --images workspace/images`"):
        split("parts/test")
