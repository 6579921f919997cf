"""tfod convert into folders that hold something: the copies of split, and an older, larger set."""

import pytest
from PIL import Image

from tfod.data.convert.step import convert
from tfod.data.split.stratify import MANIFEST
from tfod.data.voc import Example, write_voc
from tfod.errors import UserError


def labelled_photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("1", (60, 40)).save(path)
    write_voc(path.with_suffix(".xml"), Example(path, 40, 60, [[0.1, 0.2, 0.5, 0.6]], ("cat",)))


@pytest.fixture
def images(tmp_path):
    """Folder of images as split leaves it: train/, test/ and a session."""
    folder = tmp_path / "workspace/images"
    for part in ("train", "test"):
        labelled_photo(folder / part / "mine.png")
        (folder / part / MANIFEST).write_text("{}")
    labelled_photo(folder / "s1/mine.png")
    return folder


@pytest.fixture
def parts(tmp_path):
    """Set of others, in parts."""
    for part in ("train", "valid"):
        labelled_photo(tmp_path / "masks" / part / f"{part}.png")
    return tmp_path / "masks"


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


@pytest.mark.parametrize("take", ["", "leave"])
def test_parts_of_others_do_not_come_among_the_copies_of_split(parts, images, take):
    before = files(images)
    with pytest.raises(UserError, match=r"train: `tfod split` made this folder.*masks\.") as caught:
        convert(parts, images, to_format="voc", take=take)
    new = images.parent / "masks"
    assert f"such as {new}." in str(caught.value) and files(images) == before
    assert convert(parts, new, to_format="voc").images == {"train": 1, "val": 1}


def test_one_part_of_others_does_not_come_into_a_copy_of_split(parts, images):
    with pytest.raises(UserError, match=r"such as .*images.valid\."):
        convert(parts / "valid", images / "train", to_format="voc")
    assert convert(parts / "valid", images / "valid", to_format="voc").images == {"": 1}


def test_yolo_of_others_does_not_come_among_the_copies_of_split(parts, images):
    with pytest.raises(UserError, match="`tfod split` made this folder"):
        convert(parts, images.parent, to_format="yolo")


def test_a_name_that_is_taken_is_not_advised(parts, images):
    (images.parent / "masks").mkdir()
    with pytest.raises(UserError, match=r"such as .*workspace.masks_voc\."):
        convert(parts, images, to_format="voc")


def test_labels_of_the_copies_themselves_come_beside_them(images):
    result = convert(images, images.parent, to_format="yolo")
    assert (result.images, result.images_taken) == ({"train": 1, "test": 1}, 0)
