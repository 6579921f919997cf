"""Where fields stand in a text, in every spelling of the text format."""

import re

from tfod.config.lines import dotted, field_at, find_fields

TEXT = """\
# model { a: 1 }
model: {
  ssd < num_classes: 2, activation: RELU_6; sizes: [1, 2.5, x] >
}
steps { flip { } }
steps: [ { crop { area: 0.5 } },
  { flip { } } ]
path: "a } { b: 3 # no" 'c'
last: -1e-08
"""


def test_every_field_and_its_line():
    assert [(dotted(place.path), place.line) for place in find_fields(TEXT)] == [
        ("model", 2),
        ("model.ssd", 3),
        ("model.ssd.num_classes", 3),
        ("model.ssd.activation", 3),
        ("model.ssd.sizes", 3),
        ("steps", 5),
        ("steps.flip", 5),
        ("steps[1]", 6),
        ("steps[1].crop", 6),
        ("steps[1].crop.area", 6),
        ("steps[2]", 7),
        ("steps[2].flip", 7),
        ("path", 8),
        ("last", 9),
    ]


def test_the_column_points_at_the_name():
    lines = TEXT.split("\n")
    for place in find_fields(TEXT):
        at = lines[place.line - 1][place.column - 1 :]
        assert at.startswith((place.path[-1][0], "{")), place


def test_the_field_at_a_position():
    places = find_fields(TEXT)
    assert dotted(field_at(places, 3, 22).path) == "model.ssd.num_classes"
    assert field_at(places, 1, 5) is None


def test_broken_text_does_no_harm(shared):
    text = (shared / "datasets/mask/pipeline.config").read_text()
    for cut in range(0, len(text), 37):
        find_fields(text[:cut] + "}}>{" + text[cut + 11 :])


def test_names_and_lines_of_a_real_file(shared):
    text = (shared / "datasets/mask/pipeline.config").read_text()
    names = [(place.path[-1][0], place.line) for place in find_fields(text)]
    expected = [
        (match[1], number)
        for number, line in enumerate(text.split("\n"), start=1)
        if (match := re.match(r"\s*(\w+)", line))
    ]
    assert names == expected
