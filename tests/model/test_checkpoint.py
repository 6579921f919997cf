import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem
from stand_in import SMALL, built_optimizer, listed_keys, stand_in, values_of

from tfod.config import read_config
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.save import restore_training, save_checkpoint, save_exporter_checkpoint
from tfod.model.ssd import SSD
from tfod.steps.train.optimizer import Optimizer
from tfod.workspace import Workspace

SIDES = ("height", "width")

KINDS = ["momentum_optimizer", "adam_optimizer", "rms_prop_optimizer"]


def state_of(model, optimizer):
    """All numbers of a run, by name."""
    state = values_of(model.variables_by_key)
    for slot, variables in optimizer.slots_by_name.items():
        state |= {f"{key}:{slot}": value for key, value in values_of(variables).items()}
    return state | {"iter": optimizer.iterations.numpy()}


def assert_same_state(run, other):
    found, expected = state_of(*run), state_of(*other)
    assert set(found) == set(expected)
    for key, value in expected.items():
        np.testing.assert_array_equal(found[key], value, err_msg=key)


def new_run(kind="momentum_optimizer", seed=0, shapes=SMALL):
    model = stand_in(shapes, seed)
    return model, built_optimizer(model, kind, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_goes_on_where_it_stopped(kind, tmp_path):
    model, optimizer = new_run(kind)
    save_checkpoint(tmp_path, model, 0, optimizer)
    save_checkpoint(tmp_path, model, 1000, optimizer)
    again = new_run(kind, seed=1)
    assert restore_training(tmp_path, *again) == 1000
    assert_same_state(again, (model, optimizer))
    # and both runs take the same next step
    for run_model, run_optimizer in ((model, optimizer), again):
        gradients = [tf.ones(variable.shape) for variable in run_model.trainable_variables]
        run_optimizer.apply(gradients, 1000)
    assert_same_state(again, (model, optimizer))


def test_a_training_checkpoint_of_the_old_api_goes_on_with_its_momentum(shared):
    keys = listed_keys(shared / "od_api/CKPT_KEYS_mobilenetv2fpn.txt")
    run = new_run(shapes={key: s for key, s in keys.items() if key.startswith("model/")})
    assert restore_training(shared / "golden", *run) == 20
    reader = tf.train.load_checkpoint(str(shared / "golden/ckpt-1"))
    slots = run[1].slots_by_name["momentum"]
    assert len(slots) == 232
    for key, slot in slots.items():
        stored = reader.get_tensor(
            f"{key}/.OPTIMIZER_SLOT/optimizer/momentum/.ATTRIBUTES/VARIABLE_VALUE"
        )
        np.testing.assert_array_equal(slot, stored, err_msg=key)
    assert run[1].iterations.numpy() == 20


def test_the_real_model_goes_on_from_a_checkpoint_of_the_old_api(shared, tmp_path):
    sizes = [f"model.ssd.image_resizer.fixed_shape_resizer.{side}=320" for side in SIDES]
    config = read_config(shared / "datasets/mask/pipeline.config", Workspace("."), sizes)
    model = SSD(config.model.ssd)
    optimizer = Optimizer(config.train_config)
    optimizer.build({key: v for key, v in model.variables_by_key.items() if v.trainable})
    assert restore_training(shared / "golden", model, optimizer) == 20
    path = save_checkpoint(tmp_path, model, 20, optimizer)
    golden, ours = (read_checkpoint(folder) for folder in (shared / "golden", path))
    assert set(ours.variables) == set(golden.variables)
    for key, value in golden.variables.items():
        np.testing.assert_array_equal(ours.variables[key], value, err_msg=key)
    assert set(ours.slots["momentum"]) == set(golden.slots["momentum"])


def test_the_first_checkpoint_of_an_old_run_from_random_weights(tmp_path):
    """It holds the step alone: the old API had no variables yet."""
    step = tf.Variable(0, dtype=tf.int64)
    tf.train.CheckpointManager(tf.train.Checkpoint(step=step), str(tmp_path), 7).save()
    run, untouched = new_run(), new_run()
    assert restore_training(tmp_path, *run) == 0
    assert_same_state(run, untouched)


def test_without_optimizer_state_it_starts_at_zero(tmp_path):
    model, _ = new_run(seed=1)
    save_checkpoint(tmp_path, model, 0)
    run = new_run()
    assert restore_training(tmp_path, *run) == 0
    np.testing.assert_array_equal(
        run[0].trainable_variables[0].numpy(), model.trainable_variables[0].numpy()
    )


def test_an_exported_checkpoint_cannot_be_resumed(tmp_path):
    save_exporter_checkpoint(tmp_path, stand_in())
    with raises_problem("checkpoint-without-step", where=tmp_path / "ckpt-0"):
        restore_training(tmp_path, *new_run())


def test_another_optimizer_is_refused_and_nothing_changes(tmp_path):
    save_checkpoint(tmp_path, stand_in(), 5, built_optimizer(stand_in()))
    run, untouched = new_run("adam_optimizer"), new_run("adam_optimizer")
    with raises_problem("optimizer-differs", got="momentum", expected="m, v"):
        restore_training(tmp_path, *run)
    assert_same_state(run, untouched)


def test_a_model_of_other_classes_is_refused(tmp_path):
    save_checkpoint(tmp_path, stand_in(), 5, built_optimizer(stand_in()))
    shapes = {key: (36,) if "class_predictor" in key else s for key, s in SMALL.items()}
    what = "2 classes in the checkpoint, 5 here"
    with raises_problem("checkpoint-does-not-fit", what=what):
        restore_training(tmp_path, *new_run(shapes=shapes))


def test_a_run_that_goes_on_reads_its_checkpoint_once(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, stand_in(), 5, built_optimizer(stand_in()))
    opened = []
    load = tf.train.load_checkpoint
    monkeypatch.setattr(tf.train, "load_checkpoint", lambda path: opened.append(path) or load(path))
    restore_training(tmp_path, *new_run())
    assert len(opened) == 1
    checkpoint = read_checkpoint(tmp_path)
    assert restore_training(checkpoint, *new_run()) == 5
    assert len(opened) == 2
