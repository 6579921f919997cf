"""Names of classes nobody meant, and classes with too little to learn from."""

from pathlib import Path

import pytest

from tfod.labels import LabelMap
from tfod.remedies import Remedy
from tfod.steps.check import classes
from tfod.steps.check.classes import nearest
from tfod.steps.check.dataset import read_dataset

ALL = (
    classes.unknown_classes,
    classes.misspelt_classes,
    classes.rare_classes,
    classes.unused_classes,
    classes.images_without_boxes,
)
MAP = {"label_map": LabelMap({1: "Mask", 2: "No-mask"}, {}), "label_map_path": Path("map.pbtxt")}


def box(name, index=0):
    return (name, 5 + index, 5, 30 + index, 40)


@pytest.fixture
def photos(put):
    """Ten photos of Mask and No-mask each."""
    for index in range(10):
        put(f"p{index}.jpg", box("Mask"), box("No-mask", 9))


def test_enough_of_each_class_is_not_reported(photos, say):
    assert say(*ALL) == {}
    assert say(*ALL, **MAP) == {}


@pytest.mark.parametrize("name", ["Maks", "mask", "Mask1", "MASK ", "No mask", "no_mask"])
def test_a_class_the_label_map_lacks(photos, put, say, name):
    put("bad.jpg", box(name))
    found = say(classes.unknown_classes, **MAP)
    assert [*found] == ["class-unknown"]
    finding = found["class-unknown"]
    assert (finding.severity, finding.count, finding.places[0].line) == ("error", 1, 4)
    near = "No-mask" if name.lower().startswith("no") else "Mask"
    assert f'"{name.strip()}"' in finding.problem.what
    if name in ("Maks", "Mask1"):
        is_near = finding.problem.advice == Remedy.DID_YOU_MEAN(name=f'"{near}"')
        assert is_near == (name != "Mask1")
    else:  # only the case or the separators differ
        assert finding.fixable


def test_each_misspelt_class_is_a_finding(photos, put, session):
    put("bad.jpg", box("Maks"), box("no mask", 9))
    found = classes.misspelt_classes(read_dataset(session.parent))
    assert [finding.severity for finding in found] == ["warning", "warning"]
    meant = [finding.problem.advice.arguments["name"] for finding in found]
    assert meant == ['"Mask"', '"No-mask"']
    assert '"Maks"; "Mask" has 10 boxes' in found[0].problem.what


@pytest.mark.parametrize(
    ("rare", "reported"),
    [("Maks", True), ("Masks", True), ("mask", True), ("Task", True), ("Helmet", False)],
)
def test_what_counts_as_misspelt(photos, put, say, rare, reported):
    put("bad.jpg", box(rare))
    assert ("class-misspelt" in say(classes.misspelt_classes)) == reported


@pytest.mark.parametrize("name", ["M\u0430sk", "Ma\u200bsk", "\uff2dask"])
def test_a_letter_that_only_looks_right_is_named(photos, put, say, name):
    put("bad.jpg", box(name))
    (found,) = say(classes.misspelt_classes).values()
    assert "U+" in found.problem.what
    labels = LabelMap({1: "Mask", 2: "No-mask"}, {})
    (found,) = say(classes.unknown_classes, label_map=labels, label_map_path=Path("m")).values()
    assert found.problem.remedy == "fix" and "U+" in found.problem.what
    labels = LabelMap({1: "Mask", 2: name}, {})
    found = say(classes.label_map_names, label_map=labels, label_map_path=Path("map.pbtxt"))
    assert "U+" in found["label-map-alike"].places[0].detail


def test_two_spellings_used_equally_often(put, say):
    put("a.jpg", box("No mask"))
    put("b.jpg", box("No-mask"))
    found = say(classes.misspelt_classes)["class-misspelt"]
    assert found.count == 1


def test_classes_that_only_look_alike(put, say):
    for index in range(20):
        put(f"p{index}.jpg", box("car"), box("cls_1", 9), box("with_mask", 20))
    put("z.jpg", box("cat"), box("cls_2", 9), box("without_mask", 20))
    assert say(classes.misspelt_classes) == {}


def test_rare_and_uneven_classes(photos, put, say):
    put("bad.jpg", box("Helmet"))
    found = say(*ALL)
    assert [*found] == ["class-rare"]
    assert found["class-rare"].places[0].detail == '"Helmet": 1 box in 1 image'
    for index in range(10):
        put(f"helmet{index}.jpg", box("Helmet"), *[box("Mask", i) for i in range(10)])
    found = say(*ALL)
    assert [*found] == ["class-imbalance"]
    assert found["class-imbalance"].places[0].detail == '"Helmet": 11 boxes, "Mask": 110'


def test_a_class_of_the_label_map_without_boxes(photos, say):
    labels = LabelMap({1: "Mask", 2: "No-mask", 3: "Helmet"}, {3: "A helmet"})
    found = say(*ALL, label_map=labels, label_map_path=Path("map.pbtxt"))
    assert str(found["class-unused"].places[0]) == 'map.pbtxt: "Helmet"'


def test_images_without_boxes(photos, put, say, session):
    for index in range(3):
        path = put(f"empty{index}.jpg")
        path.with_suffix(".xml").write_text("<annotation></annotation>")
    found = say(*ALL)
    assert (
        found["image-without-boxes"].severity == "info"
        and " 23%" in found["image-without-boxes"].problem.what
    )
    for index in range(9):
        path = put(f"more{index}.jpg")
        path.with_suffix(".xml").write_text("<annotation></annotation>")
    assert say(*ALL)["image-without-boxes"].severity == "warning"


def test_no_box_anywhere(put, say, session):
    put("a.jpg")
    (session / "a.xml").write_text("<annotation></annotation>")
    found = say(*ALL)
    assert [*found] == ["nothing-labelled"] and found["nothing-labelled"].severity == "error"


def test_the_nearest_name():
    assert nearest("no mask", ["Mask", "No-mask"]) == "No-mask"
    assert nearest("Maks", ["Mask", "No-mask"]) == "Mask"
    assert nearest("giraffe", ["Mask", "No-mask"]) is None
    assert nearest("cls_2", ["cls_1"]) is None
