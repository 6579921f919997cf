"""LabelImg's XML: round trips, real files, and what is refused with file and line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from refusals import raises_problem

from tfod.boxes import from_xyxy_px
from tfod.data.annotation import read_annotation
from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.images import check_image, read_image
from tfod.data.photo_folder import read_folder
from tfod.data.voc import fit, read_voc, write_voc
from tfod.errors import UserError

OBJECT = """<object>
  <name>{name}</name>
  <bndbox><ymax>{3}</ymax><xmin>{0}</xmin><junk><xmin>1</xmin></junk><ymin>{1}</ymin><xmax>{2}</xmax>
  </bndbox>
</object>
"""


def annotation(*boxes, size="<size><width>100</width><height>50</height></size>", name="cat"):
    objects = "".join(OBJECT.format(*box, name=name) for box in boxes)
    return f"<annotation>\n<filename>a.jpg</filename>\n{size}\n{objects}</annotation>"


@pytest.fixture
def xml(tmp_path):
    def write(text):
        path = tmp_path / "a.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def equal(one, other):
    arrays = ("boxes", "difficult", "truncated", "occluded", "outside_px")
    words = ("names", "poses", "height_px", "width_px")
    return all(np.array_equal(getattr(one, key), getattr(other, key)) for key in arrays) and all(
        getattr(one, key) == getattr(other, key) for key in words
    )


def side(low, high):
    return st.tuples(st.integers(low, high), st.integers(low, high)).filter(lambda p: p[0] < p[1])


@st.composite
def examples(draw):
    height, width = draw(st.integers(1, 5000)), draw(st.integers(1, 5000))
    unit = st.floats(0, 1, width=32)
    pair = st.tuples(unit, unit).map(sorted).filter(lambda p: p[1] - p[0] > 1e-6)
    boxes = draw(st.lists(st.tuples(pair, pair), max_size=5))
    count = len(boxes)
    flags = st.lists(st.booleans(), min_size=count, max_size=count)
    text = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=9)
    texts = st.lists(text, min_size=count, max_size=count)
    return Example(
        image_path=Path("sé/b & c.jpg"),
        height_px=height,
        width_px=width,
        boxes=[[y[0], x[0], y[1], x[1]] for y, x in boxes],
        names=draw(texts),
        difficult=draw(flags),
        truncated=draw(flags),
        occluded=draw(flags),
        poses=draw(texts),
    )


@given(examples())
def test_read_of_write_is_equal(tmp_path_factory, example):
    path = tmp_path_factory.mktemp("voc") / "a.xml"
    write_voc(path, example)
    found = read_voc(path)
    assert equal(found, example)
    assert found.image_path == path.parent / "b & c.jpg"
    assert found.stated_size == (example.height_px, example.width_px)


def test_the_mark_of_a_suggestion_is_kept_and_not_made(tmp_path):
    example = Example(Path("a.jpg"), 10, 20, [[0, 0, 0.5, 0.5]], ("cat",), suggested_by="masks")
    write_voc(tmp_path / "a.xml", example)
    assert read_voc(tmp_path / "a.xml").suggested_by == "masks"
    example.suggested_by = ""
    write_voc(tmp_path / "a.xml", example)
    assert read_voc(tmp_path / "a.xml").suggested_by == ""


@given(size=st.integers(2, 20000), pair=st.data())
def test_whole_pixels_stay_whole(size, pair):
    low, high = pair.draw(side(0, size))
    boxes = np.array([[low / size, low / size, high / size, high / size]], np.float32)
    assert boxes_xyxy_px(Example(Path("a"), size, size, boxes, ("a",))) == [(low, low, high, high)]


def test_what_labelimg_would_write(tmp_path):
    box = [[45 / 50, 0.1, 1, 0.335]]
    write_voc(tmp_path / "a.xml", Example(Path("s1/a.jpg"), 50, 100, box, ("cat",), [True]))
    expected = """<annotation>
\t<folder>s1</folder>
\t<filename>a.jpg</filename>
\t<path>a.jpg</path>
\t<source>
\t\t<database>Unknown</database>
\t</source>
\t<size>
\t\t<width>100</width>
\t\t<height>50</height>
\t\t<depth>3</depth>
\t</size>
\t<segmented>0</segmented>
\t<object>
\t\t<name>cat</name>
\t\t<pose>Unspecified</pose>
\t\t<truncated>0</truncated>
\t\t<difficult>1</difficult>
\t\t<bndbox>
\t\t\t<xmin>10</xmin>
\t\t\t<ymin>45</ymin>
\t\t\t<xmax>33.5</xmax>
\t\t\t<ymax>50</ymax>
\t\t</bndbox>
\t</object>
</annotation>
"""
    assert (tmp_path / "a.xml").read_text() == expected


def test_a_name_of_each_box_is_needed():
    with pytest.raises(ValueError, match="1 boxes, but .*'names': 2"):
        Example(Path("a"), 1, 1, [[0, 0, 1, 1]], ("a", "b"))


def test_any_order_and_float_coordinates(xml):
    example = read_voc(xml(annotation((10.5, 5, "2e1", " 25 "))))
    assert np.allclose(example.boxes, [[0.1, 0.105, 0.5, 0.2]])
    assert example.names == ("cat",)


def test_the_image_decides_about_the_size(xml):
    text = annotation((10, 5, 20, 25), size="<size><width>0</width></size>")
    example = read_voc(xml(text), (25, 40))
    assert np.allclose(example.boxes, [[0.2, 0.25, 1, 0.5]])
    assert example.stated_size is None
    example = read_voc(xml(annotation((10, 5, 20, 25))), (25, 40))
    assert (example.height_px, example.width_px) == (25, 40)
    assert example.stated_size == (50, 100)


def test_no_objects_is_a_negative(xml):
    example = read_voc(xml(annotation()))
    assert example.boxes.shape == (0, 4) and example.names == ()


@pytest.mark.parametrize(
    "text, flag",
    [("1", True), ("0", False), ("Unspecified", False), ("", False), ("0.4", True), ("yes", True)],
)
def test_flags_in_many_spellings(xml, text, flag):
    given = annotation((1, 1, 2, 2)).replace("<bndbox>", f"<difficult>{text}</difficult><bndbox>")
    assert read_voc(xml(given)).difficult.tolist() == [flag]


def test_parts_of_an_object_are_not_objects(xml):
    part = "<part><name>head</name><bndbox><xmin>3</xmin></bndbox></part></object>"
    example = read_voc(xml(annotation((1, 1, 2, 2)).replace("</object>", part)))
    assert example.names == ("cat",)


def test_a_pixel_over_the_edge_is_cut(xml):
    example = read_voc(xml(annotation((-1, 0, 50, 50.5), (0, 0, 101, 50), (0, 0, 100, 50))))
    assert example.boxes.tolist() == [[0, 0, 1, 0.5], [0, 0, 1, 1], [0, 0, 1, 1]]
    assert example.outside_px.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    "box, code, expected, got",
    [
        ((0, 0, 110, 50), "box-outside-image", "at most 100", "xmax 110"),
        ((-3, 0, 50, 50), "box-outside-image", "0 or more", "xmin -3"),
        ((0, 50, 10, 51), "box-outside-image", "at most 50", "ymin 50"),
        ((20, 0, 10, 50), "box-swapped", None, "xmin 20 > xmax 10"),
        ((0, 7, 10, 7), "box-zero-area", None, "ymin 7, ymax 7"),
        ((0, 7, "ten", 9), "box-not-a-number", None, '"ten"'),
        ((0, 7, "1e999", 9), "box-not-a-number", None, '"1e999"'),
        ((0, "nan", 3, 9), "box-not-a-number", None, '"nan"'),
    ],
)
def test_boxes_that_are_none(xml, box, code, expected, got):
    with raises_problem(code, where="a.xml", line=6, expected=expected, got=got):
        read_voc(xml(annotation(box)))


def read(path, size=None):
    return fit(read_annotation(path), path.with_suffix(".jpg"), size)


def test_good_boxes_are_read_beside_bad_ones(xml):
    text = annotation((1, 2, 30, 40), (20, 0, 10, 50), (5, 6, 7, 8), (0, 7, "ten", 9), (9, 9, 9, 9))
    example, lines, bad, _ = read(xml(text))
    assert boxes_xyxy_px(example) == [(1, 2, 30, 40), (5, 6, 7, 8)]
    assert [(one.problem.code, one.problem.line, one.name) for one in bad] == [
        ("box-swapped", 11, "cat"),
        ("box-not-a-number", 21, "cat"),
        ("box-zero-area", 26, "cat"),
    ]
    assert [one.xyxy_px for one in bad] == [(20, 0, 10, 50), None, (9, 9, 9, 9)]
    assert lines == [4, 14]


@pytest.mark.parametrize(
    "more", ["<!-- <object> -->", "<![CDATA[ <bndbox> ]]>", "\r\n", "<objects/>"]
)
def test_lines_are_right_whatever_else_is_in_the_file(xml, more):
    path = xml(annotation((1, 2, 30, 40), (9, 9, 9, 9)).replace("<object>", f"{more}<object>"))
    _, lines, bad, _ = read(path)
    text = path.read_bytes().decode().split("\n")
    assert "<object>" in text[lines[0] - 1] and "<bndbox>" in text[bad[0].problem.line - 1]
    assert bad[0].problem.line > lines[0]


def test_an_object_with_two_problems(xml):
    text = annotation((20, 0, 10, 50), name="")
    bad = read(xml(text)).bad_boxes
    assert [one.problem.code for one in bad] == ["box-without-class", "box-swapped"]


def test_a_file_that_cannot_be_used_tells_line_and_reason(xml):
    what = "not XML (no element found"
    with raises_problem("xml-unreadable", where="a.xml", line=2, what=what):
        read_annotation(xml("<annotation>\n<object>"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_entities_are_refused_in_any_encoding(xml, encoding):
    text = '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>'
    with raises_problem("xml-unreadable"):
        read_voc(xml(text.encode(encoding)))


def test_all_problems_are_told_together(xml):
    boxes = [(5, 5, 5, 9)] * 24
    with pytest.raises(UserError, match="24 problems in .*a.xml") as caught:
        read_voc(xml(annotation(*boxes)))
    assert "a.xml:6: " in str(caught.value) and "a.xml:11: " in str(caught.value)
    assert "and 4 more" in str(caught.value)


ENTITY = (
    '<?xml version="1.0"?>\n<!DOCTYPE a [\n<!ENTITY lol "lol">]>\n<annotation>&lol;</annotation>'
)
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>'
KLINGON = '<?xml version="1.0" encoding="klingon"?><annotation/>'


@pytest.mark.parametrize(
    "text, line, what",
    [
        ("", None, "the file is empty"),
        ("Hello", 1, "not XML"),
        ("<annotation>\n<object>\n</annotation>", 3, "not XML (mismatched tag, column 3)"),
        ("<html>\n</html>", 1, "not an annotation"),
        (b"\x00\x01\x02", 1, "not XML"),
        (KLINGON, 1, "not XML"),
        (annotation(size=""), None, "no usable <size>, and no image"),
        (ENTITY, 3, "declares XML entities"),
        (OUTSIDE, 1, "declares XML entities"),
        (annotation() + " " * 20_000_000, None, "too large"),
    ],
)
def test_files_that_are_no_annotation(xml, text, line, what):
    with raises_problem("xml-unreadable", where="a.xml", line=line, what=what):
        read_voc(xml(text))


def test_objects_without_a_class_or_a_box(xml):
    with raises_problem("box-without-class", where="a.xml", line=4):
        read_voc(xml(annotation((1, 1, 2, 2), name=" ")))
    with raises_problem("box-missing", where="a.xml", line=4, what='"cat"'):
        read_voc(xml(annotation((1, 1, 2, 2)).replace("bndbox", "robndbox")))


def test_encodings(xml):
    text = annotation((1, 1, 2, 2), name="käse")
    for encoding in ("utf-8-sig", "utf-16"):
        assert read_voc(xml(text.encode(encoding))).names == ("käse",)
    declared = '<?xml version="1.0" encoding="ISO-8859-1"?>' + text
    assert read_voc(xml(declared.encode("latin-1"))).names == ("käse",)
    assert read_voc(xml(text.replace("\n", "\r\n"))).names == ("käse",)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_boxes_drawn_on_unturned_pixels_turn_with_them(xml, tmp_path, orientation):
    stored = np.zeros((50, 100, 3), np.uint8)
    stored[5:25, 10:20] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    header = check_image(tmp_path / "a.png")

    size = (header.height_px, header.width_px)
    example = read_voc(xml(annotation((10, 5, 20, 25))), size, header.orientation)
    (xmin, ymin, xmax, ymax) = boxes_xyxy_px(example)[0]
    image = read_image(tmp_path / "a.png")
    assert size == (100, 50)
    assert (image[ymin:ymax, xmin:xmax] == 255).all() and image.sum() == 255 * 3 * 200


def test_real_odd_files_are_read_or_refused_with_the_reason(shared):
    refused = {}
    paths = sorted((shared / "wild/xml_odd").glob("*.xml"))
    assert len(paths) == 23
    index = (shared / "wild/xml_odd/index.tsv").read_text().splitlines()[1:]
    objects = {line.split("\t")[0]: int(line.split("\t")[4]) for line in index}
    for path in paths:
        try:
            example = read_voc(path)
        except UserError as error:
            refused[path.name[:2]] = error
            example = read_voc(path, (2000, 2000))
        assert len(example.names) == objects[path.name]
    assert set(refused) == {"08", "44"}
    assert all("no usable <size>" in str(error) for error in refused.values())


def test_real_datasets(shared):
    counts = {}
    for name in ("mask/train", "mask/test", "crowd_masks"):
        found = [read_voc(xml, check_size(image)) for image, xml in pairs(shared, name)]
        cut = sum(int((example.outside_px > 0).sum()) for example in found)
        counts[name] = (len(found), sum(len(example.names) for example in found), cut)
    assert counts == {
        "mask/train": (32, 32, 0),
        "mask/test": (8, 8, 0),
        "crowd_masks": (640, 3108, 10),
    }


def pairs(shared, name):
    return read_folder(shared / "datasets" / name).pairs


def check_size(image):
    header = check_image(image)
    return header.height_px, header.width_px


# --- which image belongs to which XML


def touch(folder, **files):
    """Make files; the value is the <filename> of an XML, or None for an image."""
    for name, stated in files.items():
        name = name.replace("_", ".")
        text = "" if stated is None else f"<annotation><filename>{stated}</filename></annotation>"
        (folder / name).write_text(text)


def found(folder):
    return {image.name: xml and xml.name for image, xml in read_folder(folder).pairs}


def test_images_find_their_xml(tmp_path):
    touch(tmp_path, a_jpg=None, b_JPG=None, c_png=None, d_jpg=None)
    touch(tmp_path, a_xml="old name.jpg", B_XML="", other_xml=r"C:\photos\C.PNG", e_xml="e.jpg")
    assert found(tmp_path) == {"a.jpg": "a.xml", "b.JPG": "B.XML", "c.png": "other.xml"} | {
        "d.jpg": None
    }
    assert read_folder(tmp_path).orphans == (tmp_path / "e.xml",)


def test_the_same_stem_wins_over_the_stated_name(tmp_path):
    touch(tmp_path, a_jpg=None, b_jpg=None, a_xml="b.jpg", b_xml="a.jpg")
    assert found(tmp_path) == {"a.jpg": "a.xml", "b.jpg": "b.xml"}


def test_the_stated_name_decides_between_two_of_one_stem(tmp_path):
    touch(tmp_path, a_jpg=None, a_png=None, a_xml="a.png")
    assert found(tmp_path) == {"a.jpg": None, "a.png": "a.xml"}


def test_annotations_kept_apart(tmp_path):
    for name in ("images", "xml"):
        (tmp_path / name).mkdir()
    touch(tmp_path / "images", a_jpg=None)
    touch(tmp_path / "xml", a_xml="")
    pairs = read_folder(tmp_path / "images", tmp_path / "xml").pairs
    assert pairs == ((tmp_path / "images/a.jpg", tmp_path / "xml/a.xml"),)


def test_a_folder_without_images(tmp_path):
    with raises_problem("no-images", where=tmp_path):
        read_folder(tmp_path)
    with raises_problem("no-such-folder", where=tmp_path / "nowhere"):
        read_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("boxes", [[(0, 0, 0.5, 0.75)], [(0.25, 0, 1, 1), (0, 0, 1, 1)]])
def test_boxes_in_the_first_pixel_that_were_written_here_are_no_fractions(tmp_path, boxes):
    """A photo converted from a format that has them is refused by no later command."""
    xml = tmp_path / "a.xml"
    written = Example(
        tmp_path / "a.jpg", 50, 100, from_xyxy_px(boxes, 50, 100), ["cat"] * len(boxes)
    )
    write_voc(xml, written)
    annotation = read_annotation(xml)
    assert not annotation.unknown
    fitted = fit(annotation, tmp_path / "a.jpg", (50, 100))
    assert not fitted.in_fractions and equal(fitted.example, written)


@pytest.mark.parametrize(
    "box, in_fractions",
    [((0.1, 0.2, 0.9, 1), True), ((-0.5, 0, 0.5, 0.5), False), ((0.5, 0.5, 1.5, 1), False)],
)
def test_fractions_are_from_0_to_1(xml, box, in_fractions):
    fitted = fit(read_annotation(xml(annotation(box))), Path("a.jpg"), (50, 100))
    assert fitted.in_fractions == in_fractions


def test_what_a_file_in_pixels_says_is_as_ever(tmp_path):
    write_voc(tmp_path / "a.xml", Example(Path("a.jpg"), 50, 100, [[0, 0, 0.5, 0.5]], ["cat"]))
    assert "unit" not in (tmp_path / "a.xml").read_text()
