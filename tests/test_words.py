"""Words for numbers and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfod.words import closest, natural_key, plural, some


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("No mask", ["Mask", "No-mask"], "No-mask"),
        ("mask", ["Mask", "No-mask"], "Mask"),
        ("num_step", ["num_steps", "batch_size"], "num_steps"),
        ("abtch_size", ["num_steps", "batch_size"], "batch_size"),
        ("zebra", ["Mask", "No-mask"], None),
        ("", ["Mask"], None),
        ("Mask", [], None),
    ],
)
def test_closest(name, known, found):
    assert closest(name, known) == found


def test_some_names_the_first_and_counts_the_rest():
    assert some(["a"]) == "a"
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(list("abcd")) == "a, b, c and 1 more"
    assert some(list(range(2000)), most=1) == "0 and 1,999 more"


def test_plural():
    assert [plural(1, "box"), plural(2, "box"), plural(1234, "image"), plural(0, "class")] == [
        "1 box",
        "2 boxes",
        "1,234 images",
        "0 classes",
    ]


def test_natural_order():
    names = ["image_10.jpg", "Image_2.jpg", "image_1.jpg", "image.jpg", "10", "9"]
    assert sorted(names, key=natural_key) == [
        "9",
        "10",
        "image.jpg",
        "image_1.jpg",
        "Image_2.jpg",
        "image_10.jpg",
    ]


@given(st.lists(st.text()))
def test_any_names_can_be_sorted(names):
    assert len(sorted(names, key=natural_key)) == len(names)
