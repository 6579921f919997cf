"""Label maps in the spellings people use, and what is wrong with the others, by line."""

import csv
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import raises_problem

from tfod.errors import UserError
from tfod.labels import LabelMap, read_fitting_label_map, read_label_map, write_label_map
from tfod.remedies import Remedy

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


BAD = {  # text -> code, line, a part of what is wrong
    "item { id: 1 name: 'a' }\nitem { id: 1 name: 'b' }": ("class-id-twice", 2, '"b" has id 1'),
    "item { id: 1 name: 'a' }\nitem { id: 2 name: 'a' }": ("class-twice", 2, '"a"'),
    "\nitem { id: 0 name: 'a' }": ("class-id", 2, '"a"'),
    "item { id: -1 name: 'a' }": ("class-id", 1, '"a"'),
    "item { id: 1 }": ("class-without-name", 1, "id 1"),
    "item { name: 'a' }": ("class-id", 1, '"a"'),
    "item { id: 1 name: 'a'\nitem { id: 2 name: 'b' }": ("label-map-unknown-field", 2, '"item"'),
    "item { id: 1 name: 'a'\n id: 2 name: 'b' }": ("label-map-field-twice", 2, "two ids"),
    "item { id: 1 nmae: 'a' }": ("label-map-unknown-field", 1, '"nmae"'),
    "item {\n id: 1.5\n name: 'a' }": ("label-map-syntax", 2, ""),
    "item {\n id: 1\n name: 'a }": ("label-map-syntax", 3, ""),
    "item { id: 1 name: a }": ("label-map-syntax", 1, "Expected string"),
    "model { ssd {} }": ("not-a-label-map", 1, ""),
    "a,b\n1,2": ("not-a-label-map", 1, ""),
    "{}": ("label-map-syntax", 1, ""),
    '{"a": 1}': ("label-map-syntax", 1, ""),
    "": ("label-map-empty", None, "no classes"),
    "item { id: 0 name: 'background' }": ("label-map-empty", None, "no classes"),
}


@pytest.mark.parametrize("text", BAD)
def test_one_problem_with_its_line(text, tmp_path):
    path = tmp_path / "label_map.pbtxt"
    path.write_text(text)
    code, line, what = BAD[text]
    with pytest.raises(UserError) as error:
        read_label_map(path)
    (problem,) = error.value.problems
    assert (problem.code, problem.where, problem.line) == (code, path, line)
    assert what in problem.what and "\n" not in str(problem)


def test_the_field_that_is_meant(tmp_path):
    path = tmp_path / "label_map.pbtxt"
    path.write_text("item { id: 1 nmae: 'a' }")
    with raises_problem("label-map-unknown-field") as found:
        read_label_map(path)
    assert found[0].remedy == Remedy.DID_YOU_MEAN(name="name")


def test_all_problems_together(tmp_path):
    path = tmp_path / "label_map.pbtxt"
    path.write_text("item { id: 1 name: 'a' }\nitem { id: 1 name: 'a' }\nitem { id: 0 name: 'b' }")
    with pytest.raises(UserError) as error:
        read_label_map(path)
    assert error.value.codes == ["class-twice", "class-id-twice", "class-id"]


def test_no_file_and_not_utf8(tmp_path):
    with raises_problem("no-label-map", where="none.pbtxt") as found:
        read_label_map(tmp_path / "none.pbtxt")
    assert found[0].remedy == Remedy.RUN(step="records")
    path = tmp_path / "latin.pbtxt"
    path.write_bytes(b"item { id: 1\n name: 'M\xe4nner' }")
    with raises_problem("not-utf8", where=path, line=2):
        read_label_map(path)
    with raises_problem("not-readable", where=tmp_path):
        read_label_map(tmp_path)


def test_more_classes_than_the_model(tmp_path):
    write_label_map(tmp_path / "map.pbtxt", ["a", "b"])
    assert read_fitting_label_map(tmp_path / "map.pbtxt", 2).num_classes == 2
    with raises_problem("label-map-too-large", got=2, expected="ids up to 1"):
        read_fitting_label_map(tmp_path / "map.pbtxt", 1)


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


@pytest.mark.parametrize(
    ("names", "code"),
    [([], "no-classes"), (["a", ""], "class-without-name"), (["a", "a"], "class-twice")],
)
def test_nothing_is_written_for_bad_names(names, code, tmp_path):
    with raises_problem(code):
        write_label_map(tmp_path / "label_map.pbtxt", names)
    assert not list(tmp_path.iterdir())


def test_tensorflow_is_not_imported():
    code = "import sys, tfod.labels, tfod.config.templates; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
