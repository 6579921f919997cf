"""Problems as data, and how each door puts them into words."""

import json
import re
import string
from pathlib import Path

import pytest

from tfod.cli.problems import TERMINAL, command, in_terminal, message, workspace_flag
from tfod.cli.terminal import report_errors
from tfod.errors import Problem, UserError
from tfod.remedies import PYTHON, WEB, Advice, Remedy, in_python, listed, on_the_web

DOORS = {"terminal": in_terminal, "python": in_python, "web": on_the_web}
# one value for each argument that the words of a remedy may name
ARGUMENTS = {
    "call": "ignored",
    "name": "masks",
    "package": "labelImg",
    "packages": ["libgl1", "libglib2.0-0"],
    "setting": "min_score",
    "settings": ["link", "copy_images"],
    "value": [320, 640],
    "step": "records",
}
WORDS = {"terminal": TERMINAL, "python": PYTHON, "web": WEB}


def advice_for(remedy: Remedy) -> Advice:
    """A remedy with every argument that any door's words ask for."""
    fields = {
        name
        for words in WORDS.values()
        for _, name, _, _ in string.Formatter().parse(words[remedy])
        if name
    }
    extra = {"step"} if "call" in fields else set()
    return remedy(
        **{name: ARGUMENTS.get(name, f"A {name}") for name in (fields | extra) - {"call"}}
    )


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("remedy", Remedy)
def test_every_remedy_has_words_at_every_door(door, remedy):
    said = DOORS[door](advice_for(remedy))
    assert re.fullmatch(r"[A-Z\"'`].*[.?!]", said, re.DOTALL), said
    assert "{" not in said and "None" not in said and "  " not in said
    if door != "terminal":  # flags and commands belong to the terminal
        assert " --" not in f" {said}" and "tfod " not in said


def test_every_remedy_is_used(root):
    words = ("remedies.py", "problems.py")
    code = "".join(p.read_text() for p in (root / "tfod").rglob("*.py") if p.name not in words)
    assert {r.name for r in Remedy} <= set(re.findall(r"Remedy\.(\w+)", code))


def test_a_command_names_the_workspace_of_this_command_line():
    token = workspace_flag.set(["--workspace", "my cups"])
    try:
        assert command("label", "s1", status=True) == "tfod label --workspace 'my cups' s1 --status"
        assert command("label", workspace="demo") == "tfod label --workspace demo"
        advice = in_terminal(Remedy.FIX(folder="in"))
        assert advice.startswith("Run `tfod check --workspace 'my cups' in --fix`")
    finally:
        workspace_flag.reset(token)


def test_a_problem_says_where_what_expected_and_got():
    problem = Problem(
        "bad-side", Path("a/pipeline.config"), "the side is odd", line=7, expected=320, got=321
    )
    assert str(problem) == "a/pipeline.config:7: the side is odd (expected 320, got 321)"
    assert str(Problem("x", what="nothing to do")) == "nothing to do"
    assert str(Problem("x", setting="every", what="too small", got=0)) == "every: too small (got 0)"


def test_the_terminal_names_flags_and_commands():
    problem = Problem(
        "bad-value", setting="min_score", what="too large", expected="0..1", got=2,
        remedy=Remedy.SET(setting="min_score", value=0.5),
    )  # fmt: skip
    said = message(UserError(problem))
    assert said == "--min-score: too large (expected 0..1, got 2). Use --min-score 0.5."
    call = {"step": "label", "name": "my session", "classes": ["A", "B"], "status": True}
    assert command(**call) == "tfod label 'my session' --classes A B --status"
    call = {"step": "train", "name": "masks", "seed": 0, "set": ["a=1", "b=2"], "every": 2.0}
    assert command(**call) == "tfod train masks --seed 0 --set a=1 --set b=2 --every 2"


def test_a_remedy_that_all_share_is_said_once():
    problems = [
        Problem("no-box", f"{n}.xml", "no box", remedy=Remedy.RUN(step="label")) for n in range(25)
    ]
    lines = message(UserError(*problems, heading="problems in the annotations")).splitlines()
    assert lines[0] == "25 problems in the annotations:"
    assert lines[1] == "  0.xml: no box"
    assert lines[-2:] == ["  ... and 5 more", "Run `tfod label`."]
    assert len(lines) == 23


def test_different_remedies_stand_with_their_problems():
    problems = [Problem("a", "1.xml", "one", remedy=Remedy.EDIT_LINE), Problem("b", "2.xml", "two")]
    assert message(UserError(*problems)).splitlines() == [
        "2 problems:",
        "  1.xml: one. Correct the line, or remove it.",
        "  2.xml: two.",
    ]


def test_json_holds_the_fields(capsys):
    def fail():
        raise UserError(
            Problem("odd", Path("a.txt"), "odd", line=3, got=[1], remedy=Remedy.USE(value=(2, 4)))
        )

    assert report_errors(fail, as_json=True) == 2
    out, err = capsys.readouterr()
    (problem,) = json.loads(out)["error"]["problems"]
    assert problem == {
        "code": "odd", "path": "a.txt", "line": 3, "setting": None, "what": "odd",
        "expected": None, "got": [1], "remedy": {"action": "use", "value": [2, 4]},
    }  # fmt: skip
    assert not err


def test_listed():
    assert [listed([1]), listed([1, 2]), listed([1, 2, 3]), listed("a")] == [
        "1",
        "1 or 2",
        "1, 2 or 3",
        "a",
    ]
