"""run.json of a training: what repeats it, what came out, and what is left when it is killed."""

import subprocess

import pytest
import tensorflow as tf
from test_train import small_config, summaries

from tfod.errors import UserError
from tfod.model.checkpoints.format import read_checkpoint
from tfod.run_file import read_run_file, sha256
from tfod.steps.train.session import draw_seed, git_commit
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace


def curves(model_dir):
    """Losses and rate of the TensorBoard file by tag and step."""
    found = summaries(model_dir)
    return {tag: found[tag] for tag in found if tag.startswith(("Loss/", "learning_rate"))}


def test_the_seed_that_was_drawn_repeats_the_run_bit_by_bit(tmp_path):
    config, here = small_config(tmp_path, range(6)), Workspace(tmp_path)
    config.train_config.data_augmentation_options.add().random_adjust_brightness.max_delta = 0.3
    first = train(here, config, tmp_path / "first", TrainOptions(call="tfod train first"))
    (session,) = read_run_file(tmp_path / "first")["sessions"]
    assert session["call"] == "tfod train first" and session["outcome"] == "finished"
    assert (session["first_step"], session["last_step"]) == (0, 4)
    assert session["losses"] == dict(first.losses) and session["photos"] == 6
    assert {"tfod", "python", "tensorflow", "numpy"} <= session["versions"].keys()
    assert session["begun"] <= session["ended"] and session["device"].startswith("CPU")
    record, labels = tmp_path / "scenes.record", tmp_path / "label_map.pbtxt"
    assert session["records"] == {"scenes.record": sha256(record)}
    assert session["label_map"] == {"label_map.pbtxt": sha256(labels)}
    assert session["config"] == {
        "first/pipeline.config": sha256(tmp_path / "first/pipeline.config")
    }
    assert session["checkpoint"] == {}, "from random weights"

    again = train(here, config, tmp_path / "again", TrainOptions(seed=session["seed"]))
    assert curves(tmp_path / "again") == curves(tmp_path / "first")
    one, other = (read_checkpoint(run.checkpoint).variables for run in (first, again))
    assert all((one[key] == other[key]).all() for key in one)
    assert draw_seed() != draw_seed()
    # with it, weights differ between processes from the first step of a large enough network on
    assert tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"]


def test_a_run_that_is_killed_and_one_that_goes_on(tmp_path):
    config, model = small_config(tmp_path, range(4)), tmp_path / "model"
    at_the_kill = []

    def stop():
        (session,) = read_run_file(model)["sessions"]
        if session["last_step"] == 2:
            at_the_kill.append(session)
            raise KeyboardInterrupt
        return False

    options = TrainOptions(checkpoint_every=2, seed=1)
    with pytest.raises(KeyboardInterrupt):
        train(Workspace(tmp_path), config, model, options, stop=stop)
    assert at_the_kill[0]["outcome"] == "running" and at_the_kill[0]["losses"]
    (session,) = read_run_file(model)["sessions"]
    assert (session["outcome"], session["problem"]) == ("failed", "KeyboardInterrupt")

    rate = config.train_config.optimizer.momentum_optimizer.learning_rate
    rate.constant_learning_rate.learning_rate = float("inf")
    with pytest.raises(UserError):
        train(Workspace(tmp_path), config, model, options)
    first, second = read_run_file(model)["sessions"]
    assert first == session
    assert (second["first_step"], second["last_step"]) == (2, 2)
    assert second["outcome"] == "failed" and second["problem"].endswith("-not-finite")
    assert set(second["checkpoint"]) == {"model/ckpt-2.index", "model/ckpt-2.data-00000-of-00001"}


def test_the_commit_of_the_folder_where_there_is_one(tmp_path, monkeypatch):
    def git(*arguments):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True
        )

    assert git_commit(tmp_path) is None
    git("init", "-q")
    assert git_commit(tmp_path) is None, "no commit yet"
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-qm", "first")
    commit = git_commit(tmp_path)
    assert commit is not None and len(commit) == 40
    (tmp_path / "file").write_text("2")
    assert git_commit(tmp_path) == f"{commit}-dirty"
    monkeypatch.setenv("PATH", "")
    assert git_commit(tmp_path) is None
