"""Findings that workspace/check.toml accepts, and what it cannot accept."""

import json
from pathlib import Path

import pytest
from refusals import raises_problem

from tfod.cli import main
from tfod.errors import UserError
from tfod.steps.check.accepted import read_accepted
from tfod.steps.check.kinds import KINDS, STOPS_RECORDS

BARE_AND_DOUBLED = (("bare.jpg", None), ("two.jpg", ("cat", 5, 5, 30, 40), ("cat", 7, 7, 32, 42)))


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "check.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def accept(workspace, put, session):
    """A workspace with a photo without XML and a doubled box; a function that accepts findings."""
    for name, *objects in BARE_AND_DOUBLED:
        put(name, *objects)
    (workspace / "workspace").mkdir()
    session.parent.rename(workspace / "workspace/images")

    def write(*codes):
        text = f"# meant to be so\naccept = {json.dumps(codes)}\n"
        Path("workspace/check.toml").write_text(text)

    return write


def reported(capsys, *arguments):
    status = main(["check", "--json", *arguments])
    return status, json.loads(capsys.readouterr().out)


def codes(found):
    return [finding["code"] for finding in found["findings"]]


def test_what_is_accepted_is_counted_and_not_listed(accept, capsys):
    _, before = reported(capsys)
    assert codes(before) == ["xml-missing", "box-near-duplicate", "class-rare"]
    assert before["accepted"] == {}
    accept("xml-missing", "class-rare")
    _, found = reported(capsys)
    assert codes(found) == ["box-near-duplicate"]
    assert found["accepted"] == {"xml-missing": 1, "class-rare": 1}
    assert main(["check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "accepted in check.toml: xml-missing 1, class-rare 1" in lines
    assert "0 errors, 1 warning" in lines[-2]


def test_what_is_accepted_fails_no_strict_check(accept, capsys):
    assert reported(capsys, "--strict")[0] == 3
    accept("xml-missing", "class-rare")
    assert reported(capsys, "--strict")[0] == 3
    accept("xml-missing", "class-rare", "box-near-duplicate")
    status, found = reported(capsys, "--strict")
    assert (status, codes(found)) == (0, [])


def test_the_page_says_what_is_accepted(accept, capsys):
    accept("xml-missing")
    assert main(["check", "--html", "page.html"]) == 0
    page = Path("page.html").read_text()
    assert "accepted in check.toml: xml-missing 1" in page and "without XML" not in page


def test_nothing_is_accepted_without_the_file_or_by_an_empty_one(toml, tmp_path):
    assert read_accepted(tmp_path / "nowhere.toml") == frozenset()
    assert read_accepted(toml("")) == read_accepted(toml("accept = []")) == frozenset()


@pytest.mark.parametrize("code", sorted(set(KINDS) - STOPS_RECORDS))
def test_every_finding_can_be_accepted_by_its_name(toml, code):
    assert read_accepted(toml(f'\ufeffaccept = ["{code}"]')) == {code}


@pytest.mark.parametrize("code", sorted(STOPS_RECORDS))
def test_what_stops_the_records_cannot(toml, code):
    path = toml(f'accept = ["class-rare", "{code}"]')
    with raises_problem("accept-impossible", where=path, setting="accept"):
        read_accepted(path)


def test_a_misspelt_name_gets_the_right_one(toml):
    path = toml('accept = ["class-rear"]')
    with raises_problem("accept-unknown", where=path) as found:
        read_accepted(path)
    assert found[0].advice.arguments == {"name": "class-rare"}
    with raises_problem("accept-unknown", where=path):
        read_accepted(toml('accept = ["zzz"]'))


def test_all_that_is_wrong_is_said_at_once(toml):
    with pytest.raises(UserError) as caught:
        read_accepted(toml('accept = ["class-rear", "box-swapped"]\naccepted = []\n[more]\n'))
    assert [problem.code for problem in caught.value.problems] == [
        *("unknown-setting", "unknown-setting", "accept-unknown", "accept-impossible")
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("accept = [class-rare]", "not-toml"),
        ("accept", "not-toml"),
        ('accept = "class-rare"', "accept-no-list"),
        ("accept = [1]", "accept-no-list"),
        ("accept = {class-rare = true}", "accept-no-list"),
        (b'accept = ["\xff"]', "not-utf8"),
    ],
)
def test_a_file_that_says_nothing_usable(toml, text, code):
    path = toml(text)
    with raises_problem(code, where=path):
        read_accepted(path)


def test_a_slip_in_the_file_ends_the_check(accept, capsys):
    accept("xml-mising")
    assert main(["check"]) == 2
    assert "xml-missing" in capsys.readouterr().err
