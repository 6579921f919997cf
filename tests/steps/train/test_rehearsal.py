"""A training is tried out without a trace in the model's folder."""

from refusals import raises_problem
from training import small_config

from tfod.steps.train.rehearsal import rehearse
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

HERE = Workspace(".")


def traces(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_it_tells_what_is_left_and_leaves_the_model_alone(tmp_path):
    config, model = small_config(tmp_path, range(3)), tmp_path / "model"
    model.mkdir()
    found = rehearse(HERE, config, model, TrainOptions(steps=50))
    assert found.steps == 50 and found.seconds_per_step > 0 and found.disk_mb > 1
    assert not list(model.iterdir())
    train(HERE, config, model, TrainOptions(steps=2))
    before = traces(model)
    assert rehearse(HERE, config, model, TrainOptions(steps=9)).steps == 7
    assert rehearse(HERE, config, model, TrainOptions(steps=2)).steps == 0
    assert traces(model) == before


def test_it_finds_what_would_stop_the_training(tmp_path):
    config = small_config(tmp_path)
    (tmp_path / "scenes.record").unlink()
    with raises_problem("config-file-missing"):
        rehearse(HERE, config, tmp_path, TrainOptions())
