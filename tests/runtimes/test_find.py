"""Models found by name, in the workspace that is meant and in no other."""

import pytest
from refusals import raises_problem

from tfod.runtimes.load import find_exported, find_model
from tfod.workspace import Workspace


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The current directory is another one than the workspace."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Workspace(tmp_path / "there")


def make(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_by_name_or_path(root):
    config = make(root.model("masks") / "pipeline.config")
    assert find_model(root, "masks") == config.parent == find_model(root, str(config.parent))
    model = make(root.exported("masks") / "saved_model/saved_model.pb").parents[1]
    tflite = make(root.exported("small.TFLITE"))
    assert find_exported(root, "masks") == model == find_exported(root, str(model))
    assert find_exported(root, str(model / "saved_model")) == model / "saved_model"
    assert find_exported(root, "small.TFLITE") == tflite


def test_what_is_not_there_is_answered_with_what_is(root):
    with raises_problem("no-such-model", where=root.model("masks"), remedy="run", expected=None):
        find_model(root, "masks")
    for name in ("masks", "cups", "image_2", "image_10"):
        make(root.model(name) / "pipeline.config")
    with raises_problem("no-such-model", remedy="did-you-mean") as problems:
        find_model(root, "mask")
    assert problems[0].advice.arguments == {"name": "masks"}
    with raises_problem("no-such-model", expected="cups, image_10, image_2, masks") as problems:
        find_model(root, "dogs")
    assert problems[0].advice.arguments == {"step": "config", "name": "dogs"}
    with raises_problem("no-such-model") as problems:
        find_exported(root, "masks")
    assert problems[0].advice.arguments == {"step": "export", "name": "masks"}


def test_a_checkpoint_or_another_file_is_called_what_it_is(root, tmp_path):
    zoo = make(tmp_path / "here/pre trained/ssd/checkpoint/ckpt-0.index").parents[1]
    with raises_problem("checkpoint-not-exported", where="pre trained/ssd") as problems:
        find_exported(root, "pre trained/ssd")
    assert problems[0].advice.arguments["checkpoint"] == "pre trained/ssd"
    with raises_problem("checkpoint-not-exported", where=zoo):
        find_exported(root, str(zoo))
    make(root.model("tiny") / "ckpt-1.index")
    with raises_problem("no-such-model"):
        find_exported(root, str(root.model("tiny")))
    with raises_problem("not-an-exported-model", where="photo.png"):
        find_exported(root, str(make(tmp_path / "here/photo.png")))
