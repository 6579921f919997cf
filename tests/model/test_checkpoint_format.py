import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem
from stand_in import SMALL, built_optimizer, listed_keys, module_tree, stand_in, values_of

from tfod.errors import UserError
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.checkpoints.save import save_checkpoint, save_exporter_checkpoint
from tfod.remedies import Remedy

ZOO = "pre-trained/ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8/checkpoint/ckpt-0"


def model_shapes(shapes):
    return {key: shape for key, shape in shapes.items() if key.startswith("model/")}


def keys_in(prefix):
    return {key: tuple(shape) for key, shape in tf.train.list_variables(str(prefix))}


@pytest.fixture(scope="module")
def golden_keys(shared):
    return listed_keys(shared / "od_api/CKPT_KEYS_mobilenetv2fpn.txt")


@pytest.fixture(scope="module")
def resaved(shared, golden_keys, tmp_path_factory):
    """The golden checkpoint read into a model and an optimizer, and saved again: its prefix."""
    model = stand_in(model_shapes(golden_keys))
    optimizer = built_optimizer(model)
    golden = read_checkpoint(shared / "golden/ckpt-1")
    restore_model(model, golden, "all")
    for key, slot in optimizer.slots_by_name["momentum"].items():
        slot.assign(golden.slots["momentum"][key])
    optimizer.iterations.assign(20)
    return save_checkpoint(tmp_path_factory.mktemp("resaved"), model, 20, optimizer)


def assert_same(found, expected):
    assert set(found) == set(expected)
    for key, value in expected.items():
        assert found[key].dtype == value.dtype, key
        np.testing.assert_array_equal(found[key], value, err_msg=key)


def test_golden_checkpoint_has_the_listed_keys(shared, golden_keys):
    golden = read_checkpoint(shared / "golden/ckpt-1")
    found = {key: value.shape for key, value in golden.variables.items()}
    assert found == {key: s for key, s in golden_keys.items() if not key.startswith("_CHECK")}
    assert golden.variables["step"] == 20 and golden.variables["step"].dtype == np.int64
    assert len(golden.slots["momentum"]) == 232


def test_what_we_write_has_the_keys_shapes_types_and_values_of_the_old_api(shared, resaved):
    golden = shared / "golden/ckpt-1"
    assert keys_in(resaved) == keys_in(golden)
    ours, theirs = read_checkpoint(resaved), read_checkpoint(golden)
    assert_same(ours.variables, theirs.variables)
    assert_same(ours.slots["momentum"], theirs.slots["momentum"])


def test_write_read_write_gives_the_same_bytes(resaved, golden_keys, tmp_path):
    model = stand_in(model_shapes(golden_keys), seed=1)
    optimizer = built_optimizer(model, seed=1)
    first = read_checkpoint(resaved)
    restore_model(model, resaved, "all")
    for key, slot in optimizer.slots_by_name["momentum"].items():
        slot.assign(first.slots["momentum"][key])
    optimizer.iterations.assign(20)
    again = save_checkpoint(tmp_path, model, 20, optimizer)
    for ending in (".index", ".data-00000-of-00001"):
        first_bytes = resaved.with_name(resaved.name + ending).read_bytes()
        assert again.with_name(again.name + ending).read_bytes() == first_bytes, ending


def test_exporter_checkpoint_has_the_keys_of_the_zoo(shared, tmp_path):
    zoo = keys_in(shared / ZOO)
    model = stand_in(model_shapes(listed_keys(shared / "od_api/zoo320_ckpt-0.vars.txt")))
    restore_model(model, shared / ZOO, "all")
    path = save_exporter_checkpoint(tmp_path / "checkpoint", model)
    assert path.name == "ckpt-0"
    assert keys_in(path) == zoo and len(zoo) == 386


@pytest.mark.parametrize("source", ["golden", "ours"])
def test_stock_tensorflow_restores_it_slots_included(shared, golden_keys, resaved, source):
    path = shared / "golden/ckpt-1" if source == "golden" else resaved
    root, by_key = module_tree(model_shapes(golden_keys))
    optimizer = tf.compat.v1.train.MomentumOptimizer(0.0, 0.9)
    trained = [variable for variable in by_key.values() if variable.trainable]
    optimizer.apply_gradients([(tf.zeros_like(variable), variable) for variable in trained])
    step = tf.Variable(0, dtype=tf.int64)
    stock = tf.train.Checkpoint(model=root.model, optimizer=optimizer, step=step)
    stock.restore(str(path)).assert_existing_objects_matched()
    expected = read_checkpoint(path)
    assert step.numpy() == 20
    for key, variable in by_key.items():
        np.testing.assert_array_equal(variable, expected.variables[key], err_msg=key)
        if variable.trainable:
            slot = optimizer.get_slot(variable, "momentum")
            np.testing.assert_array_equal(slot, expected.slots["momentum"][key], err_msg=key)


def test_stock_tensorflow_finds_nothing_left_over_in_ours(tmp_path):
    path = save_exporter_checkpoint(tmp_path, stand_in())
    root, _ = module_tree(SMALL)
    tf.train.Checkpoint(model=root.model).restore(str(path)).assert_consumed()


def test_what_stock_tensorflow_writes_is_read(tmp_path):
    root, by_key = module_tree(SMALL)
    for i, variable in enumerate(by_key.values()):
        variable.assign(tf.fill(variable.shape, float(i)))
    path = tf.train.Checkpoint(model=root.model).save(str(tmp_path / "ckpt"))
    model = stand_in()
    report = restore_model(model, path, "full")
    assert report.restored == len(SMALL)
    assert_same(values_of(model.variables_by_key), values_of(by_key))


# what is wrong with a checkpoint


@pytest.fixture
def saved(tmp_path):
    return save_checkpoint(tmp_path / "m", stand_in(), 3)


def beside(prefix, ending):
    return prefix.with_name(prefix.name + ending)


DATA = ".data-00000-of-00001"


def test_missing_data_file_is_named(saved):
    beside(saved, DATA).unlink()
    what = "ckpt-1.data-00000-of-00001 is not"
    with raises_problem("checkpoint-half-copied", where=saved, what=what, remedy=Remedy.COPY_AGAIN):
        read_checkpoint(saved)


def test_missing_index_file_is_named(saved):
    beside(saved, ".index").unlink()
    for path in (saved, saved.parent):
        with raises_problem("checkpoint-half-copied", where=saved, what="ckpt-1.index is not"):
            read_checkpoint(path)


def test_short_data_file_is_named_with_both_sizes(saved):
    data = beside(saved, DATA)
    data.write_bytes(data.read_bytes()[:100])
    with raises_problem("checkpoint-half-copied", where=data, got=100) as found:
        read_checkpoint(saved)
    assert "bytes or more" in found[0].expected


@pytest.mark.parametrize("ending", [".index", DATA])
def test_every_cut_and_any_flipped_byte_is_noticed(saved, ending):
    file = beside(saved, ending)
    whole = file.read_bytes()
    for size in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(UserError) as error:
            read_checkpoint(saved)
        assert error.value.codes[0] in ("checkpoint-damaged", "checkpoint-half-copied")
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    file.write_bytes(changed)
    with raises_problem("checkpoint-damaged", where=saved):
        read_checkpoint(saved)


def test_a_name_based_checkpoint_is_refused(tmp_path):
    tf.raw_ops.SaveV2(
        prefix=str(tmp_path / "model.ckpt"),
        tensor_names=["FeatureExtractor/MobilenetV2/Conv/weights"],
        shape_and_slices=[""],
        tensors=[tf.zeros([3])],
    )
    what = "FeatureExtractor/MobilenetV2"
    with raises_problem("checkpoint-of-tensorflow-1", what=what):
        read_checkpoint(tmp_path / "model.ckpt")
