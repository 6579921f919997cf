"""Whatever stands in a file, reading it ends in labels or in one clear sentence."""

import contextlib
import json

import pytest
from converting import checked, convert, read_coco, read_csv, read_voc_folder, read_yolo
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tfod.data.label_kinds import kind_of
from tfod.errors import UserError
from tfod.steps.convert.read_cvat import read_cvat
from tfod.steps.convert.read_json import read_createml, read_labelme
from tfod.steps.convert.read_label_studio import read_label_studio
from tfod.steps.convert.read_texts import read_kitti, read_oidv4
from tfod.steps.convert.read_tfrecord import read_tfrecord
from tfod.steps.convert.read_via import read_via

NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, 1, -1, 7, 10**400, True, "7", None, "", [], {}])
)
ANYTHING = st.recursive(
    st.one_of(NUMBERS, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
BOX = st.one_of(st.lists(NUMBERS, min_size=4, max_size=4), ANYTHING)


def entry(**fields):
    """An entry with some of the fields, or no entry at all."""
    return st.one_of(st.fixed_dictionaries({}, optional=fields), ANYTHING)


IDS = st.one_of(st.sampled_from([1, 2, 3]), NUMBERS)
COCO = st.fixed_dictionaries(
    {
        "images": st.lists(
            entry(id=IDS, file_name=st.one_of(st.text(), NUMBERS), width=NUMBERS, height=NUMBERS),
            max_size=3,
        ),
        "annotations": st.lists(
            entry(id=IDS, image_id=IDS, category_id=IDS, bbox=BOX, area=NUMBERS, iscrowd=NUMBERS),
            max_size=3,
        ),
        "categories": st.lists(
            entry(id=IDS, name=st.one_of(st.text(), ANYTHING), supercategory=ANYTHING), max_size=3
        ),
    }
)
GOOD_IMAGES = [{"id": n, "file_name": f"{n}.png", "width": 9, "height": 9} for n in (1, 2)]
GOOD = st.fixed_dictionaries(
    {
        "images": st.just(GOOD_IMAGES),
        "annotations": st.lists(
            st.fixed_dictionaries(
                {"image_id": st.just(1), "category_id": st.just(1), "bbox": BOX},
                optional={"area": NUMBERS, "iscrowd": NUMBERS, "pose": ANYTHING, "id": IDS},
            ),
            max_size=3,
        ),
        "categories": st.just([{"id": 1, "name": "cat"}]),
    }
)


def read(function, *arguments):
    with contextlib.suppress(UserError):
        for example in function(*arguments).examples:
            assert (example.boxes >= 0).all() and (example.boxes <= 1).all()
            assert all(isinstance(name, str) and name for name in example.names)


@settings(max_examples=60)
@given(data=st.one_of(COCO, GOOD, ANYTHING))
def test_any_json(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "a.json"
    path.write_text(json.dumps(data))
    read(read_coco, path)
    with contextlib.suppress(UserError):
        result = convert(path, path.parent / "voc", "coco", "voc", take="leave")
        again = read_voc_folder(path.parent / "voc")
        assert sum(len(example.names) for example in again.examples) == result.boxes


WORD = st.one_of(
    st.sampled_from(["0", "1", "0.5", "-1", "nan", "1e999", "0,5", "a.png", '"', ";", "cat", ""]),
    st.floats().map(str),
    st.text(max_size=4),
)


def table(separator):
    line = st.lists(WORD, max_size=9).map(separator.join)
    return st.lists(line, max_size=5).map("\n".join)


@settings(max_examples=60)
@given(text=table(","), with_header=st.booleans())
def test_any_csv(tmp_path_factory, text, with_header):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    header = "filename,width,height,class,xmin,ymin,xmax,ymax\n" if with_header else ""
    path.write_text(header + text, encoding="utf-8", errors="replace")
    read(read_csv, path)


@pytest.fixture(scope="session")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "a.png"
    Image.new("1", (20, 10)).save(path)
    return path.read_bytes()


@settings(max_examples=60)
@given(text=table(" "), yaml=st.one_of(st.just("names: [cat]"), st.text(), table(": ")))
def test_any_yolo(tmp_path_factory, photo, text, yaml):
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.png").write_bytes(photo)
    (folder / "a.txt").write_text(text, encoding="utf-8", errors="replace")
    (folder / "data.yaml").write_text(yaml, encoding="utf-8", errors="replace")
    read(read_yolo, folder)


SIDES = {name: NUMBERS for name in ("x", "y", "width", "height", "cx", "cy", "r", "rotation")}
POINTS = st.lists(st.lists(NUMBERS, max_size=3), max_size=4)
VALUE = entry(
    **SIDES,
    rectanglelabels=st.one_of(st.lists(st.text(max_size=3)), ANYTHING),
    polygonlabels=st.just(["cat"]),
    points=POINTS,
    original_width=NUMBERS,
    original_height=NUMBERS,
)
NAME = st.one_of(st.sampled_from(["a.png", "b.png", "", "../a.png", "%", "http://[", 3]), ANYTHING)
TASK = entry(
    data=entry(image=NAME),
    image=NAME,
    annotations=st.lists(entry(result=st.lists(entry(value=VALUE, type=st.text())))),
    label=st.lists(VALUE),
)
SHAPE = entry(
    **SIDES,
    name=st.sampled_from(["rect", "circle", "ellipse", "polygon", "point", None]),
    all_points_x=st.lists(NUMBERS, max_size=3),
    all_points_y=st.lists(NUMBERS, max_size=3),
)
REGION = entry(shape_attributes=SHAPE, region_attributes=entry(**{"class": ANYTHING}))
VIA = st.dictionaries(st.text(max_size=2), entry(filename=NAME, regions=st.lists(REGION)))


@settings(max_examples=60)
@given(data=st.one_of(st.lists(TASK, max_size=3), VIA, ANYTHING))
@example(data=[{"image": "http://[", "annotations": []}])
def test_any_json_of_other_tools(tmp_path_factory, photo, data):
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.png").write_bytes(photo)
    (folder / "a.json").write_text(json.dumps(data))
    kind_of(folder / "a.json")
    for reader in (read_via, read_label_studio, read_labelme, read_createml):
        read(lambda path, reader=reader: checked(reader(path)), folder / "a.json")


XML_WORDS = st.sampled_from(["a.png", "", "cat", "9", "1e999", "nan", "-3", "1,2;3,4;5,0", ";"])
BOX_XML = st.builds(
    '<box label="{}" xtl="{}" ytl="{}" xbr="{}" ybr="{}" rotation="{}"/>'.format, *[XML_WORDS] * 6
)
POLYGON_XML = st.builds(
    '<polygon label="{}" points="{}"/><mask left="{}"/>'.format, *[XML_WORDS] * 3
)


@settings(max_examples=60)
@given(name=XML_WORDS, size=XML_WORDS, shapes=st.lists(st.one_of(BOX_XML, POLYGON_XML)))
def test_any_xml_of_cvat(tmp_path_factory, photo, name, size, shapes):
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.png").write_bytes(photo)
    image = f'<image name="{name}" width="{size}" height="9">{"".join(shapes)}</image>'
    (folder / "a.xml").write_text(f"<annotations>{image}</annotations>")
    read(lambda path: checked(read_cvat(path)), folder)


@settings(max_examples=60)
@given(data=st.binary(max_size=60))
@example(data=b"\x00\r\x00")
def test_any_bytes(tmp_path_factory, photo, data):
    folder = tmp_path_factory.mktemp("any")
    for name in ("a.json", "a.csv", "a.txt", "data.yaml"):
        (folder / name).write_bytes(data)
    (folder / "a.png").write_bytes(photo)
    read(read_coco, folder / "a.json")
    read(read_csv, folder / "a.csv")
    read(read_yolo, folder)
    for name in ("a.xml", "a.record", "a.zip"):
        (folder / name).write_bytes(data)
        kind_of(folder / name)
    for reader in (read_cvat, read_via, read_kitti, read_oidv4):
        read(lambda path, reader=reader: checked(reader(path)), folder)
    read(lambda path: checked(read_tfrecord(path, folder / "new")), folder / "a.record")
    with contextlib.suppress(UserError):
        convert(folder / "a.zip", folder / "out")
