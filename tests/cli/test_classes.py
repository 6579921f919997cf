"""Several classes after one --classes, and the words that are not classes."""

import json

import pytest
from PIL import Image

from tfod.cli import main
from tfod.cli.classes import spread


def photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("1", (60, 40)).save(path)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("--classes A B --number 3", "--classes A --classes B --number 3"),
        ("--classes A --classes B", "--classes A --classes B"),
        ("--classes=A B -v", "--classes A --classes B -v"),
        ("--classes A,B", "--classes A --classes B"),
        ("--classes A, B, C -v", "--classes A --classes B --classes C -v"),
        ("--number 3 rest", "--number 3 rest"),
        ("--classes", "--classes"),
        ("", ""),
    ],
)
def test_several_values_after_one_flag(given, expected):
    assert spread(given.split(), {"--number"}, 0) == expected.split()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("--classes A B FROM TO", "--classes A --classes B FROM TO"),
        ("FROM --classes A B TO", "FROM --classes A --classes B TO"),
        ("FROM TO --classes A B", "FROM TO --classes A --classes B"),
        ("--classes A,B FROM TO", "--classes A --classes B FROM TO"),
        ("--classes A FROM --json TO", "--classes A FROM --json TO"),
        ("--classes A FROM TO --images DIR", "--classes A FROM TO --images DIR"),
        ("--images DIR --classes A B FROM TO", "--images DIR --classes A --classes B FROM TO"),
        ("--classes A B -- FROM TO", "--classes A --classes B -- FROM TO"),
        ("--classes FROM TO", "--classes FROM --classes TO"),
    ],
)
def test_what_a_command_needs_is_not_swallowed(given, expected):
    assert spread(given.split(), {"--images"}, 2) == expected.split()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("--classes A B s1", "--classes A --classes B s1"),
        ("--classes A,B s1", "--classes A --classes B s1"),
        ("--classes A,B other", "--classes A --classes B other"),
        ("--classes A B", "--classes A --classes B"),
        ("s2 --classes A s1", "s2 --classes A --classes s1"),
        ("--classes s1", "--classes s1"),
    ],
)
def test_a_session_is_one_only_when_it_exists(given, expected):
    assert spread(given.split(), set(), 0, {"s1", "s2"}.__contains__) == expected.split()


def test_label_with_classes_before_the_session(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for session in ("s1", "s2"):
        photo(tmp_path / "workspace/images" / session / "a.png")
    assert main(["label", "--status", "--json", "--classes", "A", "B", "s1"]) == 0
    assert json.loads(capsys.readouterr().out)["session"].endswith("s1")


def test_convert_with_classes_before_the_folders(tmp_path, capsys):
    photo(tmp_path / "in/a.png")
    (tmp_path / "in/a.txt").write_text("1 0.5 0.5 0.2 0.4\n")
    source, target = str(tmp_path / "in"), str(tmp_path / "out")
    assert main(["convert", "--json", "--classes", "A", "B", source, target]) == 0
    assert json.loads(capsys.readouterr().out)["classes"] == {"A": 0, "B": 1}
