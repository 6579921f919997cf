"""Classes with enough photos, of which train or test has few, or one session all."""

import pytest

from tfod.steps.check import spread
from tfod.steps.check.classes import FEW_IMAGES

ALL = (spread.rare_in_parts, spread.in_one_session)


@pytest.fixture
def place(put, session):
    """A function that puts photos with boxes of the classes into a folder of the data set."""
    numbers = iter(range(1000))

    def many(folder, count, *names):
        boxes = [(name, 5, 5, 30, 40) for name in names]
        for _ in range(count):
            put(f"{next(numbers)}.png", *boxes, folder=session.parent / folder)

    return many


@pytest.mark.parametrize(
    ("train", "test", "code"),
    [
        ((3, 12), (10, 3), "class-rare-in-train"),  # of 13 photos with a hat train has 3
        ((FEW_IMAGES, 12), (1, 3), "class-rare-in-test"),
        ((FEW_IMAGES, 12), (2, 3), None),
        ((3, 12), (1, 3), None),  # rare over all, which another finding says
    ],
)
def test_classes_that_a_part_has_few_of(place, say, train, test, code):
    for part, (hats, others) in {"train": train, "test": test}.items():
        place(part, hats, "hat", "cap")
        place(part, others, "cap")
    found = say(*ALL)
    assert [*found] == ([code] if code else [])
    if code:
        (one,) = found[code].places
        assert (found[code].severity, one.detail[:5]) == ("warning", '"hat"')
        assert one.path.name == code.rpartition("-")[2]


def test_val_counts_with_the_other_parts(place, say):
    place("train", 4, "hat")
    place("train", 12, "cap")
    place("val", 8, "hat")
    place("test", 3, "hat", "cap")
    assert [*say(*ALL)] == ["class-rare-in-train"]


def test_a_class_of_one_session(place, say):
    place("s1", FEW_IMAGES, "hat", "cap")
    place("s2", 2, "cap")
    (found,) = say(*ALL).values()
    assert (found.code, found.severity, found.count) == ("class-in-one-session", "warning", 1)
    assert found.places[0].detail == f'"hat": all {FEW_IMAGES} images in s1'


def test_a_session_for_each_class_may_be_meant(place, say):
    place("s1", FEW_IMAGES, "hat")
    place("s2", FEW_IMAGES, "cap")
    (found,) = say(*ALL).values()
    assert (found.severity, found.count) == ("info", 2)
    place("s2", 1, "scarf")  # a rare class beside them changes nothing
    (found,) = say(*ALL).values()
    assert (found.severity, found.count) == ("info", 2)


def test_one_session_alone_or_few_photos_say_nothing(place, say):
    place("s1", FEW_IMAGES + 2, "hat", "cap")
    assert say(*ALL) == {}
    place("s2", FEW_IMAGES - 1, "scarf")
    place("s2", 1, "hat", "cap")
    assert say(*ALL) == {}
