"""Repairing any annotation: it can be used then, nothing else is touched, twice is once."""

from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from tfod.data.annotation import read_annotation
from tfod.data.voc import fit
from tfod.steps.check.fix.annotation import ImageNow, Spelling, repair_annotation

SIZE = (60, 80)
IMAGE = ImageNow("a.jpg", SIZE)
SPELLING = Spelling(frozenset({"Mask", "Größe & <b>"}), {"mask": "Mask"})
PATH = Path("a.xml")

numbers = st.integers(-30, 120) | st.floats(-30, 120, width=16).map(lambda value: round(value, 2))
names = st.sampled_from(["Mask", "mask ", "MA-SK", "Größe & <b>", "other"])
objects = st.lists(st.tuples(names, numbers, numbers, numbers, numbers), max_size=6)
sizes = st.sampled_from([None, SIZE, (0, 0), (30, 40), (600, 800)])
spaces = st.sampled_from(["", "\n", "\n\t", " <!-- <object> > --> ", "\r\n  "])


@st.composite
def annotations(draw):
    """The text of an annotation with all kinds of spaces, comments and unknown elements."""
    space = draw(spaces)
    parts = [
        f"<annotation a='x>y'>{space}<filename>{draw(st.sampled_from(['a.jpg', 'b']))}</filename>"
    ]
    size = draw(sizes)
    if size:
        parts.append(f"<size><width>{size[1]}</width ><height>{size[0]}</height></size>")
    for name, *box in draw(objects):
        escaped = name.replace("&", "&amp;").replace("<", "&lt;")
        sides = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        inside = space.join(f"<{side}> {value}</{side}>" for side, value in sides)
        parts.append(
            f'<object k="/>"><name>{escaped}</name><none/>{space}<bndbox>{inside}</bndbox>'
            f"<part><name>hand</name><bndbox><xmin>9999</xmin></bndbox></part></object>"
        )
    return space.join([*parts, "<![CDATA[ <object> ]]></annotation>"])


@given(annotations(), st.sampled_from(["utf-8", "utf-16", "iso-8859-1"]))
@settings(max_examples=150)
def test_what_is_repaired_can_be_used_and_stays(tmp_path_factory, text, encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?>\n{text}\n'.encode(encoding)
    new, done, left = repair_annotation(data, PATH, IMAGE, SPELLING)
    assert (new is not None) == bool(done)
    new = data if new is None else new
    again = repair_annotation(new, PATH, IMAGE, SPELLING)
    assert again[:2] == (None, []) and [change.what for change in again[2]] == [
        change.what for change in left
    ]
    path = tmp_path_factory.getbasetemp() / "a.xml"
    path.write_bytes(new)
    assert left or not fit(read_annotation(path), path, SIZE).bad_boxes
    before, after = ElementTree.fromstring(data), ElementTree.fromstring(new)
    kept = [node for node in before.iter("part")]
    assert len(list(after.iter("object"))) == len(list(after.iter("part"))) <= len(kept)
    removed = sum(change.what.startswith("removed") for change in done)
    assert len(kept) - len(list(after.iter("part"))) == removed
    assert before.attrib == after.attrib
