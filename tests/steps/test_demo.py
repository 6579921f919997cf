"""The demo runs the whole path; with fewer steps it still learns and leaves everything it names."""

import json
import shlex

import cv2
import pytest
import typer
from refusals import raises_problem

from tfod.cli import app, main
from tfod.cli.app import workspace_first
from tfod.steps.demo import demo

COMMANDS = typer.main.get_command(app).commands


@pytest.mark.slow
def test_the_whole_path_learns(workspace, capsys):
    assert main(["demo", "--steps", "120", "--json"]) == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert result["map_50"] > 0.2, "600 steps reach 0.99"
    film = cv2.VideoCapture(result["video"])
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 150
    assert cv2.imread(result["picture"]).shape[1] == 960
    assert {path.name for path in (workspace / "demo").iterdir()} == {
        ".tfod-demo", "annotations", "exported-models", "live.mp4", "result.jpg", "workspace",
    }  # fmt: skip
    assert (workspace / "demo/exported-models/demo/thresholds.json").is_file(), (
        "of the best weights"
    )
    commands = {"capture", "split", "records", "config", "train", "evaluate", "export", "live"}
    assert set(result["seconds"]) == commands | {"all"}
    announced = [line for line in said.err.splitlines() if line.startswith("$ tfod ")]
    names = []
    for line in announced:
        first, folder, name, *flags = workspace_first(shlex.split(line)[2:])
        assert (first, folder) == ("--workspace", "demo")
        assert COMMANDS[name].make_context(name, flags).params, "it parses"
        names.append(name)
    assert names == list(result["seconds"])[:-1]


def test_a_file_in_the_place_of_the_folder_is_left_alone(workspace):
    (workspace / "demo").write_text("mine")
    with raises_problem("file-in-the-way", where="demo"):
        demo(workspace / "demo")
    assert (workspace / "demo").read_text() == "mine"


def test_a_folder_with_something_else_in_it_is_left_alone(workspace):
    (workspace / "demo").mkdir()
    (workspace / "demo" / "thesis.txt").write_text("mine")
    with raises_problem("folder-of-others", where="demo"):
        demo(workspace / "demo")
    assert (workspace / "demo" / "thesis.txt").read_text() == "mine"
