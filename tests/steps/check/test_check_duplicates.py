"""Images that are the same, or nearly, and what their labels say."""

import shutil

import pytest
from PIL import Image

from tfod.steps.check import duplicates

ALL = (duplicates.exact_duplicates, duplicates.near_duplicates)


def test_unlike_photos_are_not_reported(put, say):
    for index in range(4):
        put(f"p{index}.png", size=(96, 128))
    assert say(*ALL) == {}


def test_a_copy_with_the_same_labels(put, say, session):
    path = put("a.jpg")
    for suffix in (".jpg", ".xml"):
        shutil.copy(path.with_suffix(suffix), session / f"b{suffix}")
    found = say(*ALL)
    assert str(found["duplicate-image"].places[0]) == f"{session / 'b.jpg'}: identical to {path}"
    assert "duplicate-labels-differ" not in found
    assert say(*ALL, decode=False) == {}


@pytest.mark.parametrize("other", [("dog", 5, 5, 30, 40), ("cat", 30, 10, 60, 45)])
def test_a_copy_with_other_labels(put, say, session, other):
    path = put("a.jpg")
    put("b.jpg", other)
    shutil.copy(path, session / "b.jpg")
    found = say(*ALL)["duplicate-labels-differ"]
    assert found.severity == "warning" and found.places[0].path == session / "b.xml"


def test_frames_of_a_burst(put, say, session):
    path = put("a.png", size=(96, 128))
    put("other.png", size=(96, 128))
    with Image.open(path) as image:
        image.resize((120, 90)).save(session / "b.jpg", quality=60)
    found = say(*ALL)["near-duplicates"]
    assert (found.severity, found.count) == ("info", 1)
    assert "2 of 3 images" in found.problem.what
    assert str(found.places[0]) == f"{path}: looks like b.jpg"


def test_near_duplicates_name_each_other(put, say, session):
    """Those beside it by their names, those of another folder with their paths."""
    first = put("a.png", size=(96, 128))
    others = [session / f"b{number}.jpg" for number in range(9)]
    others.append(session.parent / "s2" / "c.jpg")
    put("c.png", size=(96, 128), folder=session.parent / "s2")
    with Image.open(first) as image:
        for number, path in enumerate(others):
            image.resize((120 + number, 90)).save(path, quality=60)
    (place,) = say(*ALL)["near-duplicates"].places
    shown = ", ".join(f"b{number}.jpg" for number in range(8))
    assert str(place) == f"{first}: looks like {shown} and 2 more"
    for path in others[1:-1]:
        path.unlink()
    (place,) = say(*ALL)["near-duplicates"].places
    assert place.detail == f"looks like b0.jpg, {others[-1]}"
