"""Label maps in the spellings people use, and what is wrong with the others, by line."""

import csv
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfod.errors import UserError
from tfod.labels import LabelMap, read_label_map, write_label_map

TWO = LabelMap(names={1: "Mask", 2: "No-mask"}, display_names={})
SPELLINGS = [
    "item {\n  id: 1\n  name: 'Mask'\n}\nitem {\n  id: 2\n  name: 'No-mask'\n}\n",
    'item { \n\tname:"Mask"\n\tid:1\n}\nitem { \n\tname:"No-mask"\n\tid:2\n}',
    "\ufeffitem {\r\n  id: 1\r\n  name: 'Mask'\r\n}\r\nitem {\r\n id: 2 name: 'No-mask'\r\n}\r\n",
    "item:{name:'Mask',id:1,};item:<id:2;name:'No-' 'mask'>",
    "# classes\nitem { id: 2 name: 'No-mask' } # second\nitem { id: 1 name: 'Mask' }",
    "item: [{id: 1 name: 'Mask'}, {id: 2, name: 'No-mask'}]",
    "item { id: 0 name: 'background' } item { id: 1 name: 'Mask' } item { id: 2 name: 'No-mask' }",
    "item { id: 1 name: 'Mask' keypoints { id: 3 label: 'x' } frequency: RARE }\n"
    "item { id: 2 name: 'No-mask' ancestor_ids: [1, 2] instance_count: 4 }",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_spellings(text, tmp_path):
    path = tmp_path / "label_map.pbtxt"
    path.write_bytes(text.encode())
    assert read_label_map(path) == TWO
    assert list(read_label_map(path).names) == [1, 2]


def test_utf16_and_backslash_paths(workspace):
    (workspace / "annotations").mkdir()
    (workspace / "annotations/label_map.pbtxt").write_text(SPELLINGS[0], encoding="utf-16")
    assert read_label_map("annotations\\label_map.pbtxt") == TWO


def test_every_wild_file(shared):
    folder = shared / "wild/label_maps"
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    assert rows
    for row in rows:
        label_map = read_label_map(folder / row["file"])
        assert len(label_map.names) == int(row["items"]), row["file"]
        assert f"category_index {len(label_map.class_names)} " in row["upstream_parse"]
        assert min(label_map.names) >= 1
        if "ids with gaps" in row["oddities"]:
            assert label_map.num_classes > len(label_map.names)


def test_names_and_display_names(tmp_path):
    path = tmp_path / "coco.pbtxt"
    path.write_text(
        'item { name: "/m/01" id: 1 display_name: "person" }\nitem { name: "dog" id: 18 }'
    )
    label_map = read_label_map(path)
    assert label_map.num_classes == 18
    assert label_map.class_names == {0: "person", 17: "dog"}
    assert label_map.ids == {"/m/01": 1, "person": 1, "dog": 18}


def test_of_two_ids_for_a_name_the_larger_wins():
    label_map = LabelMap(names={1: "a", 2: "b"}, display_names={1: "b", 2: "c"})
    assert label_map.ids == {"a": 1, "b": 2, "c": 2}


BAD = {
    "item { id: 1 name: 'a' }\nitem { id: 1 name: 'b' }": ':2: "b" has id 1',
    "item { id: 1 name: 'a' }\nitem { id: 2 name: 'a' }": ':2: the class "a" stands in line 1',
    "\nitem { id: 0 name: 'a' }": ':2: "a" has id 0',
    "item { id: -1 name: 'a' }": ':1: "a" has id -1',
    "item { id: 1 }": ":1: the item with id 1 has no name",
    "item { name: 'a' }": ':1: the item "a" has no id',
    "item { id: 1 name: 'a'\nitem { id: 2 name: 'b' }": ':2: unknown field "item"',
    "item { id: 1 name: 'a'\n id: 2 name: 'b' }": ":2: the item has two ids",
    "item { id: 1 nmae: 'a' }": 'Did you mean "name"?',
    "item {\n id: 1.5\n name: 'a' }": ":2: not in the form of a label map",
    "item {\n id: 1\n name: 'a }": ":3: not in the form of a label map",
    "item { id: 1 name: a }": "Expected string",
    "model { ssd {} }": ":1: not a label map",
    "a,b\n1,2": ":1: not a label map",
    "{}": ":1: not in the form",
    '{"a": 1}': ":1: not in the form",
    "": "no classes",
    "item { id: 0 name: 'background' }": "no classes",
}


@pytest.mark.parametrize("text", BAD)
def test_one_message_with_the_line(text, tmp_path):
    path = tmp_path / "label_map.pbtxt"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        read_label_map(path)
    assert str(error.value).startswith(str(path))
    assert BAD[text] in str(error.value)
    assert "\n" not in str(error.value)


def test_all_problems_together(tmp_path):
    path = tmp_path / "label_map.pbtxt"
    path.write_text("item { id: 1 name: 'a' }\nitem { id: 1 name: 'a' }\nitem { id: 0 name: 'b' }")
    with pytest.raises(UserError, match="3 problems"):
        read_label_map(path)


def test_no_file_and_not_utf8(tmp_path):
    with pytest.raises(UserError, match="tfod records"):
        read_label_map(tmp_path / "none.pbtxt")
    path = tmp_path / "latin.pbtxt"
    path.write_bytes(b"item { id: 1\n name: 'M\xe4nner' }")
    with pytest.raises(UserError, match=r":2: not text in UTF-8"):
        read_label_map(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_label_map(tmp_path)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True))
def test_write_then_read(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("labels") / "label_map.pbtxt"
    write_label_map(path, names)
    assert read_label_map(path).names == dict(enumerate(names, start=1))


def test_written_as_the_tutorial_has_it(tmp_path):
    path = tmp_path / "new/label_map.pbtxt"
    write_label_map(path, ["Mäske", 'No"mask'])
    assert path.read_text(encoding="utf-8") == (
        'item {\n  id: 1\n  name: "Mäske"\n}\n\nitem {\n  id: 2\n  name: "No\\"mask"\n}\n'
    )


@pytest.mark.parametrize("names", [[], ["a", ""], ["a", "a"]])
def test_nothing_is_written_for_bad_names(names, tmp_path):
    with pytest.raises(UserError):
        write_label_map(tmp_path / "label_map.pbtxt", names)
    assert not list(tmp_path.iterdir())


def test_tensorflow_is_not_imported():
    code = "import sys, tfod.labels, tfod.config.templates; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
