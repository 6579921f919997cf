"""Words for numbers and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfod.words import closest, likeness, natural_key, plural, some, told_apart


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


ALIKE = {
    "zero width": "Ma\u200bsk",
    "byte order mark": "\ufeffMask",
    "soft hyphen": "Ma\u00adsk",
    "full width": "\uff2d\uff41\uff53\uff4b",
    "Cyrillic": "M\u0430sk",
    "Cyrillic capital": "\u041cask",
    "Greek capital": "\u039cas\u03ba",
    "no-break space": "Mask\u00a0",
    "direction": "\u200eMask\u200f",
    "variant": "Mask\ufe0f",
}


@pytest.mark.parametrize("kind", ALIKE)
def test_what_a_reader_takes_for_the_same_name(kind):
    name = ALIKE[kind]
    assert likeness(name) == likeness("Mask")
    assert closest(name, ["Helmet", "Mask", "No-mask"]) == "Mask"
    shown, other = told_apart(name, "Mask")
    assert "U+" in shown and other == '"Mask"'
    assert "U+" in told_apart("Mask", name)[1]


@pytest.mark.parametrize(
    "names",
    [
        ["Mask", "Task"],
        ["\u041c\u0438\u0440", "\u041c\u043e\u0440"],  # two words of one alphabet
        ["\u738b", "\u7389"],
        ["caf\u00e9", "cafe"],
        ["\u200b", "\u200d"],  # nothing else to tell them by
        ["5", "6"],
    ],
)
def test_other_names_stay_apart(names):
    assert len({likeness(name) for name in names}) == 2


@given(st.text(), st.text())
def test_any_two_names_can_be_told_apart(name, other):
    assert told_apart(name, other) == tuple(reversed(told_apart(other, name)))


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
