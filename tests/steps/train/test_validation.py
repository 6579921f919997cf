"""Evaluation while training: the best weights are kept, used and exported; it ends when done."""

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem
from training import after, records, small_config, summaries

from tfod.model.checkpoints.best import choose_checkpoint, read_best
from tfod.model.checkpoints.files import latest_checkpoint
from tfod.model.checkpoints.format import read_checkpoint
from tfod.progress import Progress
from tfod.steps.evaluate.coco import PRECISION
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.export.export import export
from tfod.steps.train.loop import enough_memory
from tfod.steps.train.train import TrainOptions, is_done, train
from tfod.steps.train.validation import SHORTEST, chosen_reader, steps_between
from tfod.workspace import Workspace

HERE = Workspace(".")


class Notes(Progress):
    """Keeps what is noted."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """A detector that learnt its scenes, then went on with boxes in wrong places."""
    folder = tmp_path_factory.mktemp("spoilt")
    config = small_config(folder, range(4), "train_config.batch_size=4")
    del config.train_config.data_augmentation_options[:]
    config.train_config.num_steps = 80
    rate = config.train_config.optimizer.momentum_optimizer.learning_rate
    rate.constant_learning_rate.learning_rate = 0.05
    model_dir, notes = folder / "model", Notes()
    options = TrainOptions(seed=0, evaluate_every=20)
    good = train(HERE, config, model_dir, options, notes)
    wrong = folder / "wrong.record"
    records(wrong, range(4), shifted=True)
    config.train_input_reader.tf_record_input_reader.input_path[0] = str(wrong)
    config.train_config.num_steps = 120
    bad = train(HERE, config, model_dir, options, notes)
    return config, model_dir, good, bad, notes.notes


def test_best_differs_from_last(spoilt):
    config, model_dir, good, bad, _ = spoilt
    assert good.best.mean_ap > 0.3 and bad.best == good.best, "no later one was better"
    assert bad.last_step == 120 and good.best.step <= 80
    best = read_checkpoint(choose_checkpoint(model_dir))
    assert best.step == good.best.step == read_best(model_dir).step
    assert read_checkpoint(choose_checkpoint(model_dir, "last")).step == 120
    figures = [
        evaluate(config, model_dir, which).figures[PRECISION + "mAP"] for which in (None, "last")
    ]
    assert figures[0] == pytest.approx(good.best.mean_ap, abs=1e-6)
    assert figures[0] > figures[1] + 0.1


def test_the_best_is_exported(spoilt, tmp_path):
    config, model_dir, *_ = spoilt
    result = export(Workspace(tmp_path), config, choose_checkpoint(model_dir), tmp_path / "out")
    assert result.checkpoint.parent == model_dir / "best"
    best = read_checkpoint(result.checkpoint).variables
    exported = read_checkpoint(tmp_path / "out" / "checkpoint").variables
    for key in best.keys() & exported.keys() - {"save_counter"}:
        np.testing.assert_array_equal(best[key], exported[key], err_msg=key)


def test_figures_and_pictures_of_each_evaluation_go_to_tensorboard(spoilt):
    _, model_dir, good, *_ = spoilt
    found = summaries(model_dir, "eval")
    scores = found[PRECISION + "mAP"]
    assert sorted(step for step in scores if step <= 120) == [20, 40, 60, 80, 100, 120]
    assert scores[good.best.step] == pytest.approx(good.best.mean_ap)
    assert {"Loss/total_loss", "eval_side_by_side_0_0"} <= found.keys()
    trained = summaries(model_dir, "train")
    assert {
        "images_per_sec",
        "gradient_norm",
        "waiting_for_data",
        "learning_rate",
    } <= trained.keys()
    assert 0 <= min(trained["waiting_for_data"].values()) <= 1


def test_each_evaluation_is_told(spoilt):
    *_, notes = spoilt
    assert "evaluating every 20 steps on 4 test photos" in notes
    assert [note for note in notes if note.startswith("step 20: mAP")]


@pytest.mark.parametrize(
    "images, batch_size, steps, expected",
    [(8, 8, 300, 20), (8, 8, 3000, 150), (160, 8, 600, 220), (2000, 8, 3000, 2750), (8, 8, 5, 5)],
)
def test_evaluations_take_a_tenth_of_the_time_at_most(images, batch_size, steps, expected):
    assert steps_between(images, batch_size, steps) == expected


def test_val_is_chosen_before_test(tmp_path):
    config = small_config(tmp_path)
    assert chosen_reader(config) == (config.eval_input_reader[0], "test")
    config.eval_input_reader.add(name="val")
    assert chosen_reader(config) == (config.eval_input_reader[1], "val")


def test_a_short_training_is_not_evaluated_unasked(tmp_path):
    assert SHORTEST > 4
    result = train(HERE, small_config(tmp_path), tmp_path / "model")
    assert result.best is None and not (tmp_path / "model" / "best").exists()


def test_photos_that_cannot_be_used_stop_a_training_only_when_asked_for(tmp_path):
    config = small_config(tmp_path)
    config.eval_input_reader[0].tf_record_input_reader.input_path[0] = str(tmp_path / "no.record")
    with raises_problem("config-file-missing"):
        train(HERE, config, tmp_path / "model", TrainOptions(evaluate_every=2))
    notes = Notes()
    config.train_config.num_steps = SHORTEST
    train(HERE, config, tmp_path / "model", TrainOptions(), notes, stop=after(1))
    assert any(note.startswith("note: no evaluation while training") for note in notes.notes)


def test_it_ends_when_it_gets_no_better_and_stays_ended(tmp_path):
    """With a rate of 0 no evaluation is better than the first."""
    config = small_config(tmp_path, range(2))
    rate = config.train_config.optimizer.momentum_optimizer.learning_rate
    rate.constant_learning_rate.learning_rate = 0
    config.train_config.num_steps = 40
    options = TrainOptions(evaluate_every=1, patience=3, seed=0)
    result = train(HERE, config, tmp_path / "model", options)
    assert result.stopped_early and not result.interrupted and result.last_step == 4
    assert read_checkpoint(latest_checkpoint(tmp_path / "model")).step == 4
    again = train(HERE, config, tmp_path / "model", options)
    assert again.stopped_early and again.first_step == again.last_step == 4
    assert not is_done(config, TrainOptions(steps=41, patience=3), 4, tmp_path / "model")
    assert not is_done(config, TrainOptions(patience=0), 4, tmp_path / "model")
    assert not is_done(config, options, 3, tmp_path / "model")
    records(Path(config.eval_input_reader[0].tf_record_input_reader.input_path[0]), range(3))
    assert not is_done(config, options, 4, tmp_path / "model"), "there are new photos"


def test_a_stop_during_an_evaluation_measures_nothing(tmp_path):
    """Asked after each step and each photo: it stops at the second photo after step 2."""
    config = small_config(tmp_path, range(4))
    options, answers = TrainOptions(evaluate_every=2), iter([False] * 3)
    result = train(HERE, config, tmp_path / "model", options, stop=lambda: next(answers, True))
    assert result.interrupted and result.last_step == 2 and result.best is None


def test_a_damaged_score_does_not_matter(tmp_path):
    (tmp_path / "best").mkdir()
    for text in ("", "{", "[]", '{"step": 1}', json.dumps({"unknown": 1})):
        (tmp_path / "best" / "best.json").write_text(text)
        assert read_best(tmp_path) is None
    assert choose_checkpoint(tmp_path) == tmp_path, "no checkpoint in it"


@pytest.mark.parametrize(
    "size, action", [(8, {"action": "set", "value": 4}), (1, {"action": "free-memory"})]
)
def test_too_large_a_batch_ends_in_one_sentence(size, action):
    with raises_problem("out-of-memory", setting="train_config.batch_size") as caught:
        with enough_memory((size, 640, 640, 3)):
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    assert action.items() <= caught[0].advice.as_dict().items()


def test_a_second_training_of_a_model_is_refused_and_the_first_goes_on(tmp_path):
    config = small_config(tmp_path, range(2))
    (tmp_path / "model").mkdir()
    asked = []

    def second():
        if not asked:
            asked.append(True)
            with raises_problem("already-training"):
                train(HERE, config, tmp_path / "model")
        return False

    result = train(HERE, config, tmp_path / "model", TrainOptions(steps=2), stop=second)
    assert asked and result.last_step == 2 and not list((tmp_path / "model").glob("*.lock"))
