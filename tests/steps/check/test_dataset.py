"""What is read: which folders, which files, which of them are copies; and what is kept."""

import shutil
from pathlib import Path

import messy
import numpy as np
import pytest
from dealing import split
from refusals import raises_problem

from tfod.data.folders import Folders
from tfod.data.photo_folder import PhotoFolder
from tfod.steps.check import dataset
from tfod.steps.check.check import CheckOptions, check
from tfod.steps.check.dataset import find_copies, read_dataset
from tfod.steps.check.finding import Place
from tfod.workspace import Workspace


def look_at(folder):
    return check(Workspace(folder), CheckOptions(folder))


def names(photos):
    return [photo.image_path.name for photo in photos]


def test_sessions_parts_and_loose_images(put, session):
    images = session.parent
    put("a.jpg")
    put("b.jpg", None, folder=images)
    put("c.jpg", folder=images / "train")
    put("d.jpg", folder=images / ".hidden")
    (images / "notes").mkdir()
    data = read_dataset(images)
    assert [(photo.part, photo.image_path.name) for photo in data.photos] == [
        ("images", "b.jpg"),
        ("s1", "a.jpg"),
        ("train", "c.jpg"),
    ]
    assert names(data.own) == ["b.jpg", "a.jpg", "c.jpg"]
    assert names(data.part("train")) == ["c.jpg"]


def test_copies_made_by_split_are_looked_at_once(put, session):
    images = session.parent
    for index in range(5):
        put(f"p{index}.jpg")
        put(f"p{index}.jpg", folder=images / "s2")
    split(images, test=0.3)
    for decode in (True, False):
        data = read_dataset(images, decode)
        assert len(data.photos) == 20 and len(data.own) == 10
        assert {photo.part for photo in data.own} == {"s1", "s2"}
    by_hand = put("mine.jpg", folder=images / "test")
    assert names(read_dataset(images).own)[-1] == by_hand.name


def test_parts_without_sessions_are_the_data(put, session):
    images = session.parent
    put("a.jpg", folder=images / "train")
    shutil.copytree(images / "train", images / "test")
    assert len(read_dataset(images).own) == 2


def test_a_copy_has_the_look_of_its_original(put, session):
    path = put("a.jpg")
    shutil.copy(path, session / "b.jpg")
    one, other = read_dataset(session.parent).photos
    assert one.sha256 == other.sha256 and other.look is one.look
    assert one.look.shape == (4,) and one.look.dtype == np.uint64


def test_a_quick_look_decodes_nothing(put, session):
    put("a.jpg")
    (photo,) = read_dataset(session.parent, decode=False).photos
    assert photo.sha256 is None and photo.look is None
    assert (photo.header.height_px, photo.header.width_px) == (48, 64)


def test_links_to_folders(put, session):
    put("a.jpg")
    (session.parent / "again").symlink_to(session)
    (session.parent / "self").symlink_to(session.parent)
    (session / "loop").symlink_to(session)
    data = read_dataset(session.parent)
    assert [photo.part for photo in data.photos] == ["s1"]


def test_a_session_that_is_a_link_has_its_own_name(put, session, tmp_path):
    put("a.jpg", folder=tmp_path / "away")
    (session.parent / "mine").symlink_to(tmp_path / "away")
    assert [photo.part for photo in read_dataset(session.parent).photos] == ["mine"]


def test_a_file_is_not_a_folder(put):
    path = put("a.jpg")
    with raises_problem("no-such-folder", where=path, what="not a folder"):
        read_dataset(path)


def test_names_that_are_not_text_are_shown_on_one_line(put, session):
    path = session / "line\nbreak.jpg"
    assert str(Place(path)).endswith("line\\nbreak.jpg")
    assert str(Place(Path("\udcff é 猫.jpg"))) == "\\udcff é 猫.jpg"


@pytest.mark.parametrize("inside", [None, "notes.txt", "a.xml"])
def test_folders_without_images(tmp_path, inside):
    folder = tmp_path / "images"
    with raises_problem("no-such-folder", where=folder):
        read_dataset(folder)
    folder.mkdir()
    if inside:
        (folder / inside).write_text("x")
    with raises_problem("no-images", where=folder) as problems:
        read_dataset(folder)
    assert ("1 XML file" in str(problems[0].got)) == (inside == "a.xml")


def test_the_bad_image_keeps_its_boxes(put, session):
    path = put("a.jpg")
    path.write_bytes(path.read_bytes()[:-100])
    (photo,) = read_dataset(session.parent).photos
    assert photo.image_problem is not None and photo.header is not None
    assert photo.example.names == ("cat",)


def test_all_that_can_be_used_has_no_error(tmp_path):
    photos = messy.photos(tmp_path / "s1")
    report = look_at(tmp_path)
    assert report.boxes == sum(len(photo.objects) for photo in photos)
    assert report.count("error") == 0
    warnings = {finding.code for finding in report.findings if finding.severity == "warning"}
    assert warnings <= {"wrong-extension", "exif-rotation-unclear"}


EXPECTED = {
    "cut off": "image-unreadable",
    "empty": "image-unreadable",
    "a web page": "image-unreadable",
    "damaged": "image-unreadable",
    "image gone": "xml-orphan",
    "xml cut off": "xml-unreadable",
    "xml empty": "xml-unreadable",
    "xml of something else": "xml-unreadable",
    "entities": "xml-unreadable",
    "swapped": "box-swapped",
    "outside": "box-outside-image",
    "no area": "box-zero-area",
    "not a number": "box-not-a-number",
    "no name": "box-without-class",
    "misspelt": "class-misspelt",
}


def test_every_kind_of_broken_photo_has_its_check():
    assert set(EXPECTED) == set(messy.BROKEN)


@pytest.mark.parametrize("kind", messy.BROKEN)
def test_a_broken_photo_among_good_ones(tmp_path, kind):
    photos = [messy.photo(tmp_path / "s1", index) for index in range(14)]
    before = look_at(tmp_path)
    messy.BROKEN[kind](photos[5])
    after = look_at(tmp_path)
    new = {found.code: found for found in after.findings}
    for found in before.findings:
        new.pop(found.code, None)
    assert list(new) == [EXPECTED[kind]]
    assert new[EXPECTED[kind]].count == 1
    assert new[EXPECTED[kind]].places[0].path in (photos[5].image, photos[5].xml)


def test_copies_of_one_size_are_told_by_their_names(tmp_path, monkeypatch):
    """A camera that writes BMP makes 20,000 files of one size."""
    monkeypatch.setattr(dataset, "_size", lambda path: 6_220_854)
    names = [f"photo_{index:05}.bmp" for index in range(20_000)]
    session, train = tmp_path / "s1", tmp_path / "train"
    by_hand = train / "mine_photo_00001.bmp"
    pairs = [(session / name, None) for name in names]
    copies = [(train / f"s1_{name}", None) for name in names]
    folders = Folders(
        tmp_path,
        (
            PhotoFolder(session, session, "s1", pairs=tuple(pairs)),
            PhotoFolder(train, train, "train", "part", "train", True, (*copies, (by_hand, None))),
        ),
    )
    assert find_copies(folders) == {image for image, _ in copies}
