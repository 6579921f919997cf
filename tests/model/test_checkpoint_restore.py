import re

import numpy as np
import pytest
import tensorflow as tf
from refusals import raises_problem
from stand_in import listed_keys, module_tree, stand_in, values_of

from tfod.labels import write_label_map
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.checkpoints.save import save_checkpoint, save_exporter_checkpoint
from tfod.remedies import Remedy

ZOO = "pre-trained/ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8/checkpoint/ckpt-0"
BACKBONE = "model/_feature_extractor/classification_backbone/"
CLASS_HEAD = "model/_box_predictor/_prediction_heads/"
NAMES = {0: "Mask", 1: "No-mask"}


@pytest.fixture(scope="module")
def two_classes(shared):
    """Key -> shape of the golden model."""
    keys = listed_keys(shared / "od_api/CKPT_KEYS_mobilenetv2fpn.txt")
    return {key: shape for key, shape in keys.items() if key.startswith("model/")}


@pytest.fixture(scope="module")
def resnet_checkpoint(shared, tmp_path_factory):
    text = (shared / "od_api/RESNET_KEYS.txt").read_text().splitlines()
    shapes = {}
    for line in text:
        if line.startswith("model/") and " [" in line:
            key, shape = line.split("]")[0].split(" [")
            sizes = tuple(int(size) for size in shape.split(",") if size.strip())
            shapes[key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")] = sizes
    return save_checkpoint(tmp_path_factory.mktemp("resnet"), stand_in(shapes), 0)


def changed(model, path, how, **options):
    """Restore and give the report and the keys whose values changed; the new ones are checked."""
    before = values_of(model.variables_by_key)
    report = restore_model(model, path, how, **options)
    after, stored = values_of(model.variables_by_key), read_checkpoint(path).variables
    keys = {key for key in before if not np.array_equal(before[key], after[key])}
    for key in keys & set(stored):
        np.testing.assert_array_equal(after[key], stored[key], err_msg=key)
    assert report.restored == len(keys)
    assert report.restored + len(report.skipped) == report.total == len(before)
    assert not keys & set(report.skipped)
    return report, keys


@pytest.mark.parametrize("source", ["golden/ckpt-1", ZOO])
def test_detection_takes_the_feature_extractor_alone(shared, two_classes, source):
    report, keys = changed(stand_in(two_classes), shared / source, "detection")
    assert keys == {key for key in two_classes if key.startswith("model/_feature_extractor/")}
    assert len(keys) == 290
    assert "restored 290 of 384 variables" in str(report) and "box tower (88)" in str(report)


@pytest.mark.parametrize("how", ["full", "all"])
def test_full_and_all_take_everything(shared, two_classes, how):
    report, keys = changed(stand_in(two_classes), shared / "golden/ckpt-1", how)
    assert len(keys) == 384 and report.unused == 0
    assert str(report) == (f"restored 384 of 384 variables from {shared / 'golden/ckpt-1'} ({how})")


@pytest.mark.parametrize("how", ["full", "all"])
def test_full_and_all_refuse_other_classes_and_change_nothing(shared, two_classes, how):
    model = stand_in(two_classes)
    before = values_of(model.variables_by_key)
    what, remedy = "90 classes in the checkpoint, 2 here", Remedy.SET if how == "full" else None
    with raises_problem("checkpoint-does-not-fit", what=what) as found:
        restore_model(model, shared / ZOO, how)
    assert (found[0].advice.action if found[0].advice else None) == remedy
    after = values_of(model.variables_by_key)
    assert all(np.array_equal(before[key], after[key]) for key in before)


def test_transfer_takes_all_but_the_class_head_of_other_classes(shared, two_classes):
    report, keys = changed(stand_in(two_classes), shared / ZOO, "transfer", class_names=NAMES)
    assert keys == {key for key in two_classes if not key.startswith(CLASS_HEAD)}
    assert len(keys) == 381
    text = "restored 381 of 384 variables"
    assert str(report).startswith(text)
    assert "class head (3): 90 classes in the checkpoint, 2 here" in str(report)


@pytest.mark.parametrize(
    "beside, here, restored, says",
    [
        (["Mask", "No-mask"], NAMES, 5, ""),
        (["No-mask", "Mask"], NAMES, 4, "different class names"),
        (["cat", "dog"], NAMES, 4, "different class names"),
        (None, NAMES, 4, "no label_map.pbtxt"),
        (["Mask", "No-mask"], None, 4, "not known"),
    ],
)
def test_transfer_takes_the_class_head_of_the_same_classes(tmp_path, beside, here, restored, says):
    path = save_exporter_checkpoint(tmp_path / "export/checkpoint", stand_in(seed=1))
    if beside:
        write_label_map(tmp_path / "export/label_map.pbtxt", beside)
    report, keys = changed(stand_in(), path, "transfer", class_names=here)
    assert len(keys) == restored
    assert says in str(report)


@pytest.mark.parametrize("how", ["classification", "transfer"])
def test_an_image_classifier_gives_the_backbone(two_classes, tmp_path, how):
    shapes = {key: shape for key, shape in two_classes.items() if key.startswith(BACKBONE)}
    renamed = {key.removeprefix(BACKBONE): shape for key, shape in shapes.items()}
    root, by_key = module_tree(renamed)
    for i, variable in enumerate(by_key.values()):
        variable.assign(tf.fill(variable.shape, float(i)))
    path = tf.train.Checkpoint(feature_extractor=root).save(str(tmp_path / "ckpt"))
    model = stand_in(two_classes)
    report, keys = changed(model, path, how)
    assert keys == set(shapes) and len(keys) == 260
    for key, variable in by_key.items():
        np.testing.assert_array_equal(model.variables_by_key[BACKBONE + key].numpy(), variable)


def test_a_wrong_type_is_explained(shared, two_classes):
    what = "a detection checkpoint"
    with raises_problem("checkpoint-of-another-kind", what=what, remedy=Remedy.SET) as found:
        restore_model(stand_in(two_classes), shared / "golden/ckpt-1", "classification")
    assert found[0].remedy.arguments["value"] == ["transfer", "detection"]


@pytest.mark.parametrize("how", ["fine-tune", ""])
def test_an_unknown_type_is_a_programming_error(shared, how):
    """`check_config` knows the types."""
    with pytest.raises(KeyError):
        restore_model(stand_in(), shared / "golden/ckpt-1", how)


@pytest.mark.parametrize("how", ["detection", "full", "transfer", "all"])
def test_another_architecture_is_refused_though_some_shapes_fit(
    two_classes, resnet_checkpoint, how
):
    with raises_problem("checkpoint-does-not-fit", what="backbone (") as found:
        restore_model(stand_in(two_classes), resnet_checkpoint, how)
    assert re.search(r"backbone \(\d+\): ", found[0].what)


@pytest.mark.parametrize(
    ("root", "what"),
    [
        ("_model", "variables of a SavedModel"),
        ("net", "something else"),
        ("feature_extractor", "image classifier"),
    ],
)
def test_a_checkpoint_of_something_else_is_described(two_classes, tmp_path, root, what):
    tree, _ = module_tree({"dense/kernel": (3, 3)})
    path = tf.train.Checkpoint(**{root: tree}).save(str(tmp_path / "ckpt"))
    with raises_problem("checkpoint-of-another-kind", what=what) as found:
        restore_model(stand_in(two_classes), path, "full")
    assert f"{root}/dense/kernel" in found[0].got


def test_variables_unknown_here_are_counted(two_classes, tmp_path):
    more = {**two_classes, "model/_feature_extractor/extra/kernel": (3,)}
    path = save_checkpoint(tmp_path, stand_in(more, seed=1), 0)
    report, _ = changed(stand_in(two_classes), path, "full")
    assert report.unused == 1 and "1 variable of the checkpoint not used" in str(report)
