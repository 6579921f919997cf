"""A rare class whose boxes fit no anchor: it is found, and the command that is named cures it."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from tfod.cli import main
from tfod.cli.problems import in_terminal
from tfod.config import read_config
from tfod.config.templates import SIDE_MULTIPLE
from tfod.remedies import Remedy
from tfod.steps.check.check import CheckOptions, check
from tfod.workspace import Workspace

COMMON, RARE = "cell", "platelet"


@pytest.fixture
def blood(workspace, put, session):
    """Photos of many cells that fit, and few platelets, half of which are small."""
    chance = np.random.default_rng(0)
    for index in range(12):
        cells = [(COMMON, x, y, x + 128, y + 128) for x, y in chance.integers(0, 500, (20, 2))]
        platelets = [(RARE, 8, 8, 8 + side, 8 + side) for side in (40, 75)]
        put(f"{index}.png", *cells, *platelets[index % 2 :][:1], size=(640, 640))
    (workspace / "workspace").mkdir()
    session.parent.rename(workspace / "workspace/images")
    Path("annotations").mkdir()
    items = [f'item {{ id: {id_} name: "{name}" }}\n' for id_, name in ((1, COMMON), (2, RARE))]
    Path("annotations/label_map.pbtxt").write_text("".join(items))
    return workspace


def unfit(model):
    options = CheckOptions(quick=True, config=Path(f"workspace/models/{model}/pipeline.config"))
    found = check(Workspace(Path()), options).findings
    return next((one for one in found if one.code == "box-fits-no-anchor"), None)


def test_a_rare_class_is_a_warning_though_nearly_all_boxes_fit(blood):
    assert main(["config", "blood", "--size", "320"]) == 0
    found = unfit("blood")
    assert (found.severity, found.count) == ("warning", 6)
    assert "2% of 252 (platelet 6 of 12)" in found.problem.what
    assert "6 smaller than the smallest anchor (32 px)" in found.problem.what


def test_the_command_makes_the_smallest_network_that_cures_it(blood, capsys):
    assert main(["config", "blood", "--size", "320"]) == 0
    advice = unfit("blood").problem.advice
    assert advice.action == Remedy.RUN and advice.arguments["name"].startswith("blood-")
    command = in_terminal(advice).partition("`")[2].partition("`")[0]
    assert main(shlex.split(command)[1:]) == 0
    size = advice.arguments["size"]
    assert unfit(advice.arguments["name"]) is None
    assert main(["config", "smaller", "--size", str(size - SIDE_MULTIPLE)]) == 0
    assert unfit("smaller") is not None
    capsys.readouterr()
    assert unfit("blood").problem.advice.arguments["name"] == f"blood-{size}-2"


def test_it_starts_from_the_checkpoint_that_the_model_starts_from(blood, shared):
    place = shared / "pre-trained/ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
    assert main(["config", "blood", "--size", "320", "--checkpoint", str(place)]) == 0
    advice = unfit("blood").problem.advice
    assert Path(advice.arguments["checkpoint"]).resolve() == place.resolve()
    command = in_terminal(advice).partition("`")[2].partition("`")[0]
    assert main(shlex.split(command)[1:]) == 0
    config = read_config(
        Path("workspace/models", advice.arguments["name"], "pipeline.config"), Workspace(Path())
    )
    assert Path(config.train_config.fine_tune_checkpoint).parent.parent.resolve() == place.resolve()
