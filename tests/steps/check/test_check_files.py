"""Annotations that are none or of another image, and what lies beside."""

import numpy as np
import pytest
from refusals import raises_problem

from tfod.remedies import Remedy
from tfod.steps.check import pictures
from tfod.steps.check.dataset import read_dataset

ALL = (pictures.unreadable_xml, pictures.size_mismatch, pictures.lost_photos)


def test_an_image_that_was_resized_after_labelling(put, say):
    path = put("a.jpg", ("cat", 5, 5, 30, 40), size=(48, 64), stated=(96, 128))
    found = say(*ALL)
    assert list(found) == ["size-mismatch"]
    place = found["size-mismatch"].places[0]
    assert place.path == path.with_suffix(".xml") and place.image == path
    assert place.detail == "<size> is 128x96, the image 64x48"
    assert np.allclose(place.boxes, [[5 / 48, 5 / 64, 40 / 48, 30 / 64]])


def test_a_size_that_was_wrong_from_the_start(put, say):
    put("a.jpg", ("cat", 5, 5, 60, 40), stated=(20, 20))
    assert [*say(*ALL)] == ["size-wrong"]


def test_a_size_that_other_photos_prove_wrong(put, say):
    """A <size> left over from a template: most boxes lie in it, some do not."""
    for index in range(20):
        put(f"{index}.jpg", ("cat", 5, 5, 60 if index < 3 else 30, 30), stated=(40, 40))
    (found,) = say(*ALL).values()
    assert (found.code, found.severity, found.count, found.fixable) == (
        "size-wrong",
        "info",
        20,
        True,
    )
    put("other.jpg", ("cat", 5, 5, 30, 40), stated=(96, 128))  # of another size: nothing proves it
    found = say(*ALL)
    assert (found["size-wrong"].count, found["size-mismatch"].count) == (20, 1)


@pytest.mark.parametrize("proofs", [0, 2])
def test_a_size_that_too_few_photos_prove_wrong(put, say, proofs):
    for index in range(12):
        put(f"{index}.jpg", ("cat", 5, 5, 60 if index < proofs else 30, 30), stated=(40, 40))
    assert say(*ALL)["size-mismatch"].count == 12 - proofs


def test_one_photo_that_speaks_for_another_size_keeps_them_all_in_doubt(put, say):
    """Boxes beyond the image: some of the images at least were resized."""
    for index in range(12):
        put(f"{index}.jpg", ("cat", 5, 5, 60 if index < 6 else 30, 30), stated=(40, 40))
    put("resized.jpg", ("cat", 5, 5, 30, 90), stated=(40, 40))
    assert say(*ALL)["size-mismatch"].count == 7


def test_sizes_that_are_wrong_in_many_ways(put, say):
    """No two photos state the same size; most of them prove that theirs is wrong."""
    for index in range(12):
        put(f"{index}.jpg", ("cat", 5, 5, 60 if index < 6 else 30, 30), stated=(33 + index, 40))
    assert [*say(*ALL)] == ["size-wrong"]


def test_a_missing_size_is_not_reported(put, say, session):
    put("a.jpg")
    xml = session / "a.xml"
    xml.write_text(xml.read_text().replace("size>", "sized>"))
    assert say(*ALL) == {}


def test_xml_that_cannot_be_read(put, say, session):
    for name, text in {"a": "", "b": "<annotation>\n<object>", "c": "<html/>"}.items():
        put(f"{name}.jpg")
        (session / f"{name}.xml").write_text(text)
    found = say(*ALL)
    assert [*found] == ["xml-unreadable"]
    places = found["xml-unreadable"].places
    assert [place.line for place in places] == [None, 2, 1]
    assert found["xml-unreadable"].severity == "error"


def test_what_lies_next_to_the_photos(put, say, session):
    put("a.jpg")
    (session / ".DS_Store").write_bytes(b"")
    (session / "notes.txt").write_text("hello")
    put("deep.jpg", folder=session / "more")
    found = say(*ALL)
    assert {code: finding.places[0].path.name for code, finding in found.items()} == {
        "folder-too-deep": "more"
    }


def test_photos_of_a_format_that_is_not_read(put, say, session):
    put("a.jpg")
    for name in ("b.CR3", "c.jxl", "d.dng", "._e.dng", "f.mov"):
        (session / name).write_bytes(b"")
    (session.parent / "phone").mkdir()
    (session.parent / "phone" / "g.nef").write_bytes(b"")
    found = say(*ALL)
    assert set(found) == {"image-not-read"}
    finding = found["image-not-read"]
    assert finding.severity == "warning"
    assert [place.path.name for place in finding.places] == ["g.nef", "b.CR3", "c.jxl", "d.dng"]


def test_a_folder_of_nothing_else_says_so(session):
    for name in ("b.DNG", "c.dng", "d.jxl"):
        (session / name).write_bytes(b"")
    got = "3 photos in an unsupported format (.dng, .jxl)"
    for folder in (session, session.parent):
        with raises_problem("no-images", where=folder, got=got, remedy=Remedy.CONVERT_TO_JPEG):
            read_dataset(folder)
