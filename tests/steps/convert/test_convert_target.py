"""tfod convert into folders that hold something: the copies of split, and an older, larger set."""

import pytest
from converting import convert
from PIL import Image
from refusals import raises_problem

from tfod.data.example import Example
from tfod.data.photo_folder import MANIFEST
from tfod.data.voc import write_voc
from tfod.remedies import Remedy


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
    with raises_problem("split-folder", where=images / "train", remedy=Remedy.USE) as problems:
        convert(parts, images, to_format="voc", take=take)
    new = images.parent / "masks"
    assert problems[0].advice.arguments == {"value": new} and files(images) == before
    assert convert(parts, new, to_format="voc").images == {"train": 1, "val": 1}


def test_one_part_of_others_does_not_come_into_a_copy_of_split(parts, images):
    with raises_problem("split-folder") as problems:
        convert(parts / "valid", images / "train", to_format="voc")
    assert problems[0].advice.arguments["value"] == images / "valid"
    assert convert(parts / "valid", images / "valid", to_format="voc").images == {"": 1}


def test_yolo_of_others_does_not_come_among_the_copies_of_split(parts, images):
    with raises_problem("split-folder"):
        convert(parts, images.parent, to_format="yolo")


def test_a_name_that_is_taken_is_not_advised(parts, images):
    (images.parent / "masks").mkdir()
    with raises_problem("split-folder") as problems:
        convert(parts, images, to_format="voc")
    assert problems[0].advice.arguments["value"] == images.parent / "masks_voc"


def test_labels_of_the_copies_themselves_come_beside_them(images):
    result = convert(images, images.parent, to_format="yolo")
    assert (result.images, result.images_taken) == ({"train": 1, "test": 1}, 0)


# --- an older, larger set


@pytest.fixture
def larger(tmp_path):
    """Set of four images, and one of them alone in a file."""
    for name in "abcd":
        labelled_photo(tmp_path / f"old/{name}.png")
    labelled_photo(tmp_path / "new/a.png")
    convert(tmp_path / "new", tmp_path / "new.json")
    return tmp_path / "old"


def from_before(tmp_path, target, to_format):
    """The notes on files that were there, of a conversion over them."""
    source, images = tmp_path / "new.json", tmp_path / "new"
    result = convert(source, target, to_format=to_format, images=images, overwrite=True)
    return [note for note in result.notes if "from an earlier run" in note]


def test_xml_from_before_is_reported(larger, tmp_path):
    before = files(larger)
    assert from_before(tmp_path, larger, "voc") == [
        f"3 files from an earlier run will be read together with the new ones in {larger}: b.xml, "
        "c.xml, d.xml; move them away if you do not want them"
    ]
    assert files(larger) == before


def test_yolo_from_before_is_reported(larger, tmp_path):
    target = tmp_path / "yolo"
    convert(larger, target, to_format="yolo")
    (target / "labels/classes.txt").write_text("cat\n")
    before = files(target)
    assert from_before(tmp_path, target, "yolo") == [
        f"6 files from an earlier run will be read together with the new ones in {target}: "
        "images/b.png, images/c.png, images/d.png and 3 more; move them away if you do not want "
        "them"
    ]
    assert files(target) == before
    assert len(convert(target, tmp_path / "all.json").images) == 1


@pytest.mark.parametrize(("to_format", "old"), [("coco", "instances_val.json"), ("csv", "val.csv")])
def test_files_of_parts_from_before_are_reported(larger, parts, tmp_path, to_format, old):
    convert(parts, tmp_path / "out", to_format=to_format)
    (note,) = from_before(tmp_path, tmp_path / "out", to_format)
    assert note.startswith("2 files from an earlier run") and old in note


@pytest.mark.parametrize("to_format", ["voc", "yolo", "coco", "csv"])
def test_nothing_is_reported_of_what_was_written_over(larger, tmp_path, to_format):
    for _ in range(2):
        assert from_before(tmp_path, tmp_path / "out", to_format) == []


def test_a_file_that_is_named_is_read_alone(larger, tmp_path):
    for name in ("instances_old.json", "instances.json"):
        assert from_before(tmp_path, tmp_path / "out" / name, "coco") == []


def test_the_copies_of_split_are_not_from_before(larger, images, tmp_path):
    assert from_before(tmp_path, images, "voc") == []
