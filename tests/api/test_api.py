"""`import tfod`: its names, and what the commands do, as functions; a model is trained here."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
from refusals import raises_problem

import tfod
from tfod.cli import app
from tfod.remedies import Remedy, in_python

CALLED = {"config": "new_config", "import": "import_data"}
COMMANDS = {
    CALLED.get(name, name): one
    for one in app.registered_commands
    for name in [one.name or one.callback.__name__]
}
FUNCTIONS = {name for name in tfod.__all__ if inspect.isfunction(getattr(tfod, name))}
OF_OTHERS = {"context", "as_json"}  # parameters of a command line alone
# setting of a command -> why the function of the same name has none, or what it is called there
ELSEWHERE = {
    "capture": {"film": "capture_film", "list_cameras": "a table for the terminal"},
    "train": {"show_batch": "show_batch", "check": "rehearse_training"},
    "fetch": {"show": "a table for the terminal"},
    "check": {"strict": "the exit code"},
    "convert": {
        "copy_images": "take",
        "link": "take",
        "no_images": "take",
        "skip_bad": "skip_bad_boxes",
    },
    "import_data": {"skip_bad": "skip_bad_boxes"},
    "detect": {"name": "model"},
    "live": {"name": "model"},
}
AT_ONCE = {"every": 0, "countdown": 0, "headless": True}
SMALL = [
    "model.ssd.feature_extractor.depth_multiplier=0.35",
    "model.ssd.feature_extractor.fpn.additional_layer_depth=32",
    "model.ssd.box_predictor.weight_shared_convolutional_box_predictor.depth=16",
]


NOTHING = tfod.Detections(
    np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32), {}
)


def test_importing_it_loads_nothing_until_a_name_is_used():
    code = "import sys, tfod; assert 'numpy' not in sys.modules; tfod.Workspace('.'); dir(tfod)"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        tfod.trian  # noqa: B018


def test_every_name_is_what_it_should_be_after_every_module_is_imported():
    for module in pkgutil.walk_packages(tfod.__path__, "tfod."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in tfod.__all__:
        found = getattr(tfod, name)
        assert callable(found) and found.__doc__ and found.__name__ == name
        assert name in dir(tfod)


def test_the_page_names_every_function(root):
    page = (root / "docs/python.md").read_text(encoding="utf-8")
    assert {name for name in FUNCTIONS if f"`{name}(" not in page} == set()


def test_a_function_takes_what_its_command_takes():
    assert COMMANDS.keys() <= FUNCTIONS, "every command is a function"
    for name, command in COMMANDS.items():
        wanted = inspect.signature(command.callback).parameters.keys() - OF_OTHERS
        wanted -= ELSEWHERE.get(name, {}).keys()
        taken = inspect.signature(getattr(tfod, name)).parameters.keys()
        assert wanted <= taken, (name, wanted - taken)


def test_settings_have_the_values_they_have_on_the_command_line():
    for name, command in COMMANDS.items():
        ours = inspect.signature(getattr(tfod, name)).parameters
        for setting, theirs in inspect.signature(command.callback).parameters.items():
            if setting not in ours or theirs.default in (None, [], theirs.empty):
                continue
            mine = ours[setting].default
            assert str(mine) == str(theirs.default) or mine in ("640",), (name, setting)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A workspace in which every function has run that leads to an exported model."""
    here = tmp_path_factory.mktemp("python")
    camera = "synthetic:size=96x128"
    done = tfod.capture(
        ["ball", "box"],
        number=8,
        every=0,
        countdown=0,
        camera=camera,
        headless=True,
        workspace=here,
    )
    assert done.images == {"ball": 8, "box": 8}
    assert tfod.label(done.folder.name, status=True, workspace=here).labelled == 16
    report = tfod.check(html=here / "report.html", workspace=here)
    assert report.count("error") == 0 and (here / "report.html").stat().st_size > 1000
    assert sum(tfod.split(test=0.25, workspace=here).images.values()) == 16
    assert tfod.records(csv=True, workspace=here).parts["test"].images == 3
    made = tfod.new_config("tiny", size=96, batch_size=2, steps=40, overrides=SMALL, workspace=here)
    assert made.path.is_file()
    result = tfod.train("tiny", steps=3, seed=0, workspace=here)
    assert result.last_step == 3
    assert 0 <= tfod.evaluate("tiny", workspace=here).figures["DetectionBoxes_Precision/mAP"] <= 1
    assert tfod.export("tiny", workspace=here).class_names == {0: "ball", 1: "box"}
    return here


@pytest.mark.slow
def test_training_again_goes_on_or_says_that_it_is_done(trained, capsys):
    assert tfod.train("tiny", steps=4, workspace=trained).first_step == 3
    assert "done:" not in capsys.readouterr().out
    again = tfod.train("tiny", steps=4, workspace=trained)
    assert (again.first_step, again.last_step, again.losses) == (4, 4, {})
    assert "done: tiny is already trained to step 4\n" in capsys.readouterr().out


@pytest.mark.slow
def test_detecting_in_files_and_on_a_camera(trained, capsys):
    detector = tfod.load("tiny", min_score=0, workspace=trained)
    photos = trained / "workspace/images/test"
    found = tfod.detect(detector, photos, min_score=0, workspace=trained)
    assert found.images == 3 and found.table == trained / "workspace/detections/detections.csv"
    seen = tfod.live("tiny", camera="synthetic:frames=3", headless=True, workspace=trained)
    assert seen.frames == 3
    with raises_problem("no-such-model"):
        tfod.load("teeny", workspace=trained)
    assert "note: " in capsys.readouterr().out, "the export is older than step 4"


def test_photos_of_a_film(tmp_path):
    done = tfod.capture_film(
        "synthetic:frames=30;scene=moving", session="film", min_change=0, workspace=tmp_path
    )
    assert (
        done.images == {"": 3}
        and len(list((tmp_path / "workspace/images/film").glob("*.jpg"))) == 3
    )


def test_labels_become_others(tmp_path):
    tfod.capture(
        ["a"], number=2, camera="synthetic:seed=1", session="s", workspace=tmp_path, **AT_ONCE
    )
    done = tfod.convert(tmp_path / "workspace/images/s", tmp_path / "coco.json", take="leave")
    assert done.images == {"": 2} and (tmp_path / "coco.json").is_file()


def test_a_data_set_is_brought_in(tmp_path):
    tfod.capture(
        ["a"], number=2, camera="synthetic", session="s", workspace=tmp_path / "theirs", **AT_ONCE
    )
    done = tfod.import_data(tmp_path / "theirs/workspace/images/s", workspace=tmp_path)
    assert sum(done.images.values()) == 2 and (tmp_path / "workspace/images/s").is_dir()


def test_findings_are_printed(tmp_path, capsys):
    tfod.capture(["a"], number=2, camera="synthetic", session="s", workspace=tmp_path, **AT_ONCE)
    capsys.readouterr()
    tfod.check(workspace=tmp_path)
    assert "2 images, " in capsys.readouterr().out


def test_a_repair_before_the_check(tmp_path):
    tfod.capture(
        ["a"], number=2, camera="synthetic:seed=1", session="s", workspace=tmp_path, **AT_ONCE
    )
    xml = min(Path(tmp_path, "workspace/images/s").glob("*.xml"))
    text = xml.read_text()
    xml.write_text(text.replace("<width>640</width>", "<width>64</width>"))
    assert text != xml.read_text()
    fixed = tfod.check(fix=True, workspace=tmp_path)
    assert fixed.count("error") == 0 and "<width>640</width>" in xml.read_text()
    with pytest.raises(ValueError, match="fix=True"):
        tfod.check(copy=tmp_path / "copy", workspace=tmp_path)


def test_one_name_needs_no_list(tmp_path):
    """Without this, "cup" was three classes: c, u and p."""
    result = tfod.capture("cup", number=1, camera="synthetic", workspace=tmp_path, **AT_ONCE)
    assert result.images == {"cup": 1}
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations/label_map.pbtxt").write_text('item { id: 1 name: "cup" }')
    one = tfod.new_config("m", overrides=SMALL[0], size=160, workspace=tmp_path)
    assert "depth_multiplier: 0.35" in one.path.read_text()


@pytest.mark.parametrize("score", [30, -0.1, "0.5", float("nan"), {0: 30}])
def test_a_percentage_is_not_a_score(tmp_path, score):
    for call in (
        lambda: tfod.load("m", min_score=score, workspace=tmp_path),
        lambda: tfod.detect("m", "a.jpg", min_score=score, workspace=tmp_path),
        lambda: tfod.label("s", min_score=score, workspace=tmp_path),
        lambda: NOTHING.above(score),
    ):
        with raises_problem("number-out-of-range", setting="min_score", expected="0 to 1"):
            call()


def test_scores_of_classes_go_by_their_id():
    with raises_problem("number-out-of-range", expected="class ids, from 0", got="'cup'"):
        NOTHING.above({"cup": 0.5})
    assert len(NOTHING.above({0: 0.5})) == 0


def test_what_completion_offers_is_what_there_is_to_use():
    importlib.import_module("tfod.steps.live.live")
    assert {name for name in dir(tfod) if not name.startswith("_")} == set(tfod.__all__)


def test_a_path_that_does_not_exist_is_named_as_it_was_given(tmp_path):
    with raises_problem("no-such-model", where="exported-models/nothere"):
        tfod.load("exported-models/nothere", workspace=tmp_path)


def test_errors_speak_python(tmp_path):
    with pytest.raises(tfod.UserError) as error:
        tfod.split(workspace=tmp_path)
    shown = "".join(traceback.format_exception_only(error.value))
    assert shown.endswith("images: folder not found.\nCall tfod.capture().\n")
    with pytest.raises(tfod.UserError) as error:
        tfod.evaluate("tiny", workspace=tmp_path)
    shown = "".join(traceback.format_exception_only(error.value))
    assert shown.endswith("model not found.\nCall tfod.new_config(name='tiny').\n")


def test_every_step_that_an_advice_names_is_a_function(root):
    named = set()
    for path in root.glob("tfod/**/*.py"):
        named |= set(re.findall(r'RUN\(\s*step="(\w+)"', path.read_text(encoding="utf-8")))
    assert "capture" in named
    assert {in_python(Remedy.RUN(step=step)) for step in named} <= {
        f"Call tfod.{name}()." for name in FUNCTIONS
    }
