"""What was trained, listed and compared, from files as training and evaluation leave them."""

import json

import pytest
import tensorflow as tf
from browser import ask
from refusals import raises_problem

from tfod.cli import main
from tfod.config import apply_overrides, write_config
from tfod.config.templates import new_config
from tfod.data.images import read_image
from tfod.run_file import keep_in_run_file
from tfod.steps.runs.curves import MAP, TOTAL, read_curves
from tfod.steps.runs.runs import runs
from tfod.workspace import Workspace

CALL = "tfod train {} --set 'a=<b>'"


def write_events(folder, figures, suffix=""):
    """A TensorBoard file with the figures by tag and step, and a picture."""
    writer = tf.summary.create_file_writer(str(folder), filename_suffix=suffix)
    with writer.as_default(step=1):
        tf.summary.image("train_input_images", tf.zeros([1, 8, 8, 3]))
        for tag, curve in figures.items():
            for step, value in curve.items():
                tf.summary.scalar(tag, value, step=step)
    writer.close()


def model(here, name, *settings, losses=(3.0, 1.0), mean=None):
    """A model folder as a training of 200 steps leaves it; `mean` is its mAP."""
    config = new_config(here, 2, size=96)
    apply_overrides(config, settings)
    folder = here.model(name)
    write_config(config, folder / "pipeline.config", here)
    write_events(folder / "train", {TOTAL: {100: losses[0], 200: losses[1]}})
    session = {"begun": "2026-11-01T10:20:30+01:00", "call": CALL.format(name), "seed": 1}
    session |= {"photos": 40, "records": {"annotations/train.record": f"{name}0123"}}
    session |= {"first_step": 0, "last_step": 200, "seconds": 61.0, "outcome": "finished"}
    keep_in_run_file(folder, "sessions", session | {"device": "CPU (2 threads)"})
    if mean is not None:
        write_events(folder / "eval", {MAP: {200: mean}, TOTAL: {200: 9.0}})
        metrics = {"figures": {MAP: mean, "DetectionBoxes_Precision/mAP@.50IOU": None}}
        (folder / "eval/metrics.json").write_text(json.dumps(metrics))
    return folder


@pytest.fixture
def here(tmp_path):
    """A workspace of three models; the third is as versions before run.json left it."""
    here = Workspace(tmp_path)
    model(here, "masks", mean=0.5)
    model(here, "masks10", "train_config.batch_size=4", losses=(2.5, 0.5))
    (model(here, "masks2") / "run.json").unlink()
    return here


def test_the_models_are_listed_with_what_is_known_of_them(here):
    first, second, third = runs(here).runs
    assert [one.name for one in (first, second, third)] == ["masks", "masks2", "masks10"]
    assert (first.steps, first.photos, first.map, first.ap50) == (200, 40, 0.5, None)
    assert (first.seconds, first.outcome, third.map) == (61.0, "finished", None)
    assert (second.steps, second.photos, second.sessions) == (200, None, [])
    assert not here.runs.exists()


def test_a_comparison_names_each_difference_and_nothing_else(here):
    result = runs(here, ["masks", "masks10"])
    found = {(one.group, one.what): one.values for one in result.differences}
    assert found.pop(("config", "train_config.batch_size")) == ["8", "4"]
    assert found.pop(("data", "train.record (SHA-256)")) == ["masks0123", "masks10012"]
    assert found.pop(("result", "mAP")) == ["0.500", "-"]
    assert found.pop(("training", "call")) == [CALL.format(name) for name in ("masks", "masks10")]
    assert {group for group, _ in found} == {"result"}
    picture = read_image(result.picture)
    assert result.picture == here.runs / "masks_masks10.png" and len(set(picture[..., 0].flat)) > 20


def test_a_browser_shows_the_page_without_asking_anybody(here, tmp_path):
    page = runs(here, ["masks", "masks10"]).page
    questions = {
        "title": "document.querySelector('h1').textContent",
        "headings": "[...document.querySelectorAll('h2')].map(one => one.textContent)",
        "curve": "document.querySelector('svg').getBoundingClientRect().height",
        "asked": "performance.getEntriesByType('resource').length",
        "width": "document.documentElement.scrollWidth",
    }
    shown = ask(page, questions, tmp_path)
    assert shown["title"] == "masks and masks10" and shown["curve"] > 100
    assert shown["headings"][:4] == ["Figures", "Training", "Data", "Settings"]
    assert shown["asked"] == 0 and shown["width"] <= 1200
    assert "&lt;b&gt;" in page.read_text() and "<b>" not in page.read_text()


def test_the_commands(here, capsys):
    at = ["--workspace", str(here.root)]
    assert main(["runs", *at]) == 0
    said = capsys.readouterr().out
    assert "masks10" in said and "0.500" in said and "next:  tfod runs" in said
    assert main(["runs", "masks", "masks10", "--json", *at]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["wrote"] == [str(here.runs / f"masks_masks10.{one}") for one in ("html", "png")]
    assert main(["runs", "masks", *at]) == 0
    assert "0 to 200" in capsys.readouterr().out
    assert main(["runs", "mask", *at]) == 2
    assert "Did you mean masks?" in capsys.readouterr().err


def test_an_empty_workspace_and_a_model_that_is_not_there(tmp_path, capsys):
    assert main(["runs", "--workspace", str(tmp_path)]) == 0
    assert "no models yet" in capsys.readouterr().out
    with raises_problem("no-such-model"):
        runs(Workspace(tmp_path), ["masks"])


def test_damaged_files_hide_no_other_model(here):
    (here.model("masks") / "run.json").write_text("{")
    (here.model("masks") / "eval/metrics.json").write_text("[]")
    first, *others = runs(here).runs
    assert "run.json" in first.problem and first.steps == 200 and first.map is None
    assert others[1].photos == 40


def test_of_a_resumed_run_the_last_curve_counts_and_a_file_may_be_cut_off(tmp_path):
    write_events(tmp_path, {TOTAL: {1: 5.0, 2: 4.0, 3: 3.0}}, ".a")
    first = next(tmp_path.glob("*.a"))
    first.rename(tmp_path / "events.out.tfevents.1")
    write_events(tmp_path, {TOTAL: {3: 2.5, 4: 2.0}}, ".b")
    next(tmp_path.glob("*.b")).rename(tmp_path / "events.out.tfevents.2")
    assert read_curves(tmp_path) == {TOTAL: {1: 5.0, 2: 4.0, 3: 2.5, 4: 2.0}}
    second = tmp_path / "events.out.tfevents.2"
    whole = second.read_bytes()
    for cut in (5, 20, len(whole) - 3):
        second.write_bytes(whole[:cut])
        assert read_curves(tmp_path)[TOTAL][2] == 4.0
    second.write_bytes(whole[:60] + b"\xff" * 40 + whole[100:])
    assert read_curves(tmp_path)[TOTAL][1] == 5.0
