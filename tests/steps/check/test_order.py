"""What is worst comes first, wherever it is read; what needs nothing done, only when asked for."""

import json
from pathlib import Path

import pytest

from tfod.cli import main
from tfod.steps.check.kinds import HEADINGS


@pytest.fixture
def mixed(workspace, put, session):
    """Photos with an error that stops the records, one that does not, a warning and infos."""
    for index in range(12):
        put(f"p{index}.png", ("cat", 5 + index, 5, 30 + index, 40))
    put("swapped.jpg", ("cat", 30, 5, 10, 40))
    for index in range(5):
        put(f"bare{index}.jpg", None)
    put("resized.png", ("cat", 5, 5, 30, 40), stated=(200, 300))
    put("cut.png", ("cat", 5, 5, 65, 40))
    put("name.png", ("cat", 5, 5, 30, 40), named="photo.png")
    (workspace / "workspace").mkdir()
    session.parent.rename(workspace / "workspace/images")


CODES = ["box-swapped", "size-mismatch", "xml-missing", "name-mismatch"]
GROUPS = ["stops-records", "spoils-training", "spoils-training", "good-to-know"]


def in_a_terminal(capsys, monkeypatch):
    """What the command prints into a window of 90 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    main(["check"])
    text = capsys.readouterr().out
    assert "\x1b[" in text
    return text


def test_what_stops_the_records_comes_first(mixed, capsys, monkeypatch):
    """In JSON, as lines, in the table of a terminal and on the page."""
    assert main(["check", "--json", "--html", "page.html"]) == 3
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [finding["code"] for finding in found] == CODES
    assert [finding["group"] for finding in found] == GROUPS
    assert main(["check"]) == 3
    lines = [line for line in capsys.readouterr().out.splitlines() if line[0] != " "]
    found = [line.split(" ")[1] for line in lines if line.startswith(("error", "warning", "info"))]
    assert found == CODES
    headings = [line for line in lines if line.endswith(":")]
    assert headings == [*HEADINGS.values()]
    texts = (Path("page.html").read_text(encoding="utf-8"), in_a_terminal(capsys, monkeypatch))
    for text in texts:
        words = [HEADINGS[GROUPS[0]][:-1], CODES[0], HEADINGS[GROUPS[1]][:-1], *CODES[1:3]]
        words += [HEADINGS[GROUPS[3]][:-1], CODES[3]]
        words.append("1 more place needs nothing done")
        places = [text.index(word) for word in words]
        assert places == sorted(places)


def test_what_needs_nothing_done_is_listed_when_asked_for(mixed, capsys):
    main(["check"])
    out = capsys.readouterr().out
    assert "box-cut" not in out and "1 more place needs nothing done: `--all` lists them" in out
    assert main(["check", "--all"]) == 3
    out = capsys.readouterr().out
    assert "info: box-cut (1)" in out and "--all" not in out
    for everything, quiet in (([], {"box-cut": 1}), (["--all"], {})):
        assert main(["check", "--json", *everything]) == 3
        found = json.loads(capsys.readouterr().out)
        assert found["quiet"] == quiet
        assert ("box-cut" in [one["code"] for one in found["findings"]]) == bool(everything)
