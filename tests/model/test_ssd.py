"""The whole network against the old API: outputs, losses, gradients, one step of training."""

import json

import numpy as np
import pytest
import tensorflow as tf
from detector_config import ssd_config
from stand_in import listed_keys

from tfod.config import read_config
from tfod.config.templates import FROZEN
from tfod.model.ssd import SSD
from tfod.steps.train.optimizer import Optimizer
from tfod.workspace import Workspace

SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
SLOT = "/.OPTIMIZER_SLOT/optimizer/momentum"
# Training mode multiplies rounding errors: changing the last bit of the preprocessed pixels moves
# the gradient of Conv1 by 1 % (1.8 % at 640), the norm of the whole gradient by 4e-4 (6e-4) and
# the outputs by 5e-4 (9e-4) of their deviation; measured 2026-11-21. The old figures come from
# other builds of the same kernels, so they are reached up to that. The batch norm kernel also
# cuts its float32 sums of 200,000 pixels by threads: with another number of threads than the two
# of the old run (conftest.py sets them) the figures are 100 times further apart.


@pytest.fixture(scope="module", params=[320, 640])
def old(request, shared):
    """What the old API computed at this size."""
    return request.param, np.load(shared / f"golden/golden_{request.param}.npz")


@pytest.fixture(scope="module")
def order(shared):
    """Keys of the trainable and the other variables, in the order of the golden arrays."""
    names = json.loads((shared / "golden/var_order.json").read_text())
    return [
        [key.removesuffix(SUFFIX) for key in names[f"{kind}_ckpt_keys"]]
        for kind in ("trainable", "nontrainable")
    ]


@pytest.fixture(scope="module")
def stored(shared):
    """Function of a key, the old checkpoint's tensor."""
    reader = tf.train.load_checkpoint(str(shared / "golden/ckpt-1"))
    return lambda key: reader.get_tensor(key + SUFFIX)


@pytest.fixture(scope="module")
def config(old, shared):
    config = read_config(shared / "datasets/mask/pipeline.config", Workspace("."))
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    resizer.height = resizer.width = old[0]
    return config


@pytest.fixture(scope="module")
def model(config, stored):
    model = SSD(config.model.ssd)
    for key, variable in model.variables_by_key.items():
        variable.assign(stored(key))
    return model


@pytest.fixture(scope="module")
def batch(model, shared):
    """The golden batch: two images."""
    inputs = np.load(shared / "golden/inputs.npz")
    classes = inputs["gt_classes_onehot"]
    batch = {
        "image": model.preprocess(inputs["images_uint8"]),
        "boxes": inputs["gt_boxes"].astype(np.float32),
        "class_ids": np.where(classes.any(-1), classes.argmax(-1), -1).astype(np.int32),
        "weights": inputs["gt_weights"].astype(np.float32),
    }
    return {name: tf.convert_to_tensor(value) for name, value in batch.items()}


@pytest.fixture(scope="module")
def predictions(model, batch):
    """In inference mode; before the training step, which changes the weights."""
    return tf.function(model)(batch["image"])


@pytest.fixture(scope="module")
def eval_losses(model, predictions, batch):
    return model.losses(predictions, batch)


@pytest.fixture(scope="module")
def stepped(model, batch, config, order, old, stored, predictions, eval_losses):
    """One step of training from the checkpoint: predictions, losses, gradients."""
    optimizer = Optimizer(config.train_config)
    optimizer.build({key: model.variables_by_key[key] for key in order[0]})
    for key, slot in optimizer.slots_by_name["momentum"].items():
        slot.assign(stored(key + SLOT))
    variables = [model.variables_by_key[key].value for key in order[0]]

    @tf.function(autograph=False)
    def step(batch):
        with tf.GradientTape() as tape:
            predictions = model(batch["image"], training=True)
            losses = model.losses(predictions, batch)
        gradients = tape.gradient(losses["Loss/total_loss"], variables)
        rate = optimizer.apply(gradients, tf.constant(int(old[1]["step_before"]), tf.int64))
        return predictions, losses, gradients, rate

    return step(batch)


def apart(ours, theirs):
    """Largest difference, in standard deviations of the old array."""
    return np.abs(np.asarray(ours) - theirs).max() / theirs.std()


def test_keys_and_shapes_are_those_of_the_old_checkpoint(model, shared):
    old_keys = listed_keys(shared / "od_api/CKPT_KEYS_mobilenetv2fpn.txt")
    old_shapes = {key: shape for key, shape in old_keys.items() if key.startswith("model/")}
    ours = {key: tuple(value.shape) for key, value in model.variables_by_key.items()}
    assert ours == old_shapes
    assert len(ours) == 384
    assert len(model.trainable_variables) == 232


def test_outputs_are_those_of_the_old_api(predictions, old):
    size, golden = old
    assert apart(predictions["box_encodings"], golden["box_encodings"]) <= 1e-3
    logits = golden["class_predictions_with_background"]
    assert apart(predictions["class_logits"], logits) <= 1e-3
    assert len(predictions["feature_maps"]) == 5
    for level, maps in enumerate(predictions["feature_maps"]):
        theirs = golden[f"feature_map_{level}"]  # of the first image only at 640
        assert apart(maps[: len(theirs)], theirs) <= 1e-3, level


def test_anchors_and_predictions_agree(model, predictions):
    assert predictions["box_encodings"].shape == (2, len(model.anchors), 4)
    assert predictions["class_logits"].shape == (2, len(model.anchors), 3)


def test_a_batch_gives_what_single_images_give(model, batch, predictions):
    single = model(batch["image"][1:])
    assert apart(single["class_logits"][0], predictions["class_logits"][1].numpy()) <= 1e-3


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_losses_are_those_of_the_old_api(mode, eval_losses, stepped, old):
    losses = eval_losses if mode == "eval" else stepped[1]
    assert len(losses) == 4
    for name, value in losses.items():
        theirs = float(old[1][f"{mode}_{name.replace('/', '_')}"])
        assert float(value) == pytest.approx(theirs, rel=1e-4), name


def test_regularisation_can_be_left_out(model, predictions, batch, eval_losses):
    losses = model.losses(predictions, batch, add_regularization_loss=False)
    assert "Loss/regularization_loss" not in losses
    left_out = eval_losses["Loss/total_loss"] - losses["Loss/total_loss"]
    np.testing.assert_allclose(left_out, model.regularization_loss(), rtol=1e-2)


def test_training_outputs_are_those_of_the_old_api(stepped, old):
    predictions, golden = stepped[0], old[1]
    assert apart(predictions["box_encodings"], golden["train_box_encodings"]) <= 1e-3
    logits = golden["train_class_predictions_with_background"]
    assert apart(predictions["class_logits"], logits) <= 1e-3


def test_gradients_are_those_of_the_old_api(stepped, old, order):
    size, golden = old
    gradients = stepped[2]
    norms = np.array([np.linalg.norm(np.asarray(gradient, np.float64)) for gradient in gradients])
    tolerance = {320: 1e-3, 640: 2e-3}[size]
    assert np.linalg.norm(norms) == pytest.approx(float(golden["grad_global_norm"]), rel=tolerance)
    # what is nothing but rounding noise, far below the rest, is left out
    large = golden["grad_norms"] > 1e-2
    off = np.abs(norms / golden["grad_norms"] - 1)[large]
    assert off.max() <= {320: 5e-3, 640: 5e-2}[size]
    assert np.median(off) <= 1e-3


def test_the_regularised_kernels_are_those_of_the_old_api(model, old, order):
    golden = old[1]
    assert golden["regularised"].sum() == 63
    for key, coefficient in zip(order[0], golden["reg_coeff"], strict=True):
        regularizer = model.variables_by_key[key].regularizer
        ours = 0.0 if regularizer is None else 2 * float(regularizer.l2)
        assert ours == pytest.approx(coefficient, rel=1e-4), key


def test_one_step_changes_the_variables_as_the_old_api_did(model, stepped, old, order):
    golden = old[1]
    assert float(stepped[3]) == float(golden["lr_used"])
    for keys, theirs in (
        (order[0], golden["trainable_norms_after"]),
        (order[1], golden["nontrainable_norms_after_step"]),
    ):
        norms = np.array([np.linalg.norm(model.variables_by_key[key].numpy()) for key in keys])
        off = np.abs(norms / theirs - 1)
        assert np.mean(off <= 1e-4) >= 0.98
        assert off.max() <= 5e-4, keys[off.argmax()]
    by_name = dict(zip(golden["trainable_names"], order[0], strict=True))
    by_name |= dict(zip(golden["nontrainable_names"], order[1], strict=True))
    full = [name for name in golden.files if name.startswith("after::")]
    assert len(full) == 5
    for name in full:
        ours = model.variables_by_key[by_name[name.removeprefix("after::")]].numpy()
        off = np.abs(ours - golden[name]).max() / np.abs(golden[name]).max()
        assert off <= (1e-2 if "kernel" in name else 1e-6), name


def test_frozen_layers_get_no_gradient_and_keep_their_statistics():
    model = SSD(
        ssd_config("image_resizer { fixed_shape_resizer { height: 64 width: 64 } }"), seed=0
    )
    frozen = model.freeze([FROZEN])
    assert {"Conv1", "bn_Conv1", "block_12_project_BN"} <= set(frozen)
    assert not {name for name in frozen if name.startswith(("block_13", "Conv_1", "proj"))}
    names = {key: variable.trainable for key, variable in model.variables_by_key.items()}
    before = {key: v.numpy() for key, v in model.variables_by_key.items() if "moving" in key}
    images = tf.random.stateless_uniform((2, 64, 64, 3), (0, 0), -1.0, 1.0)
    model(images, training=True)
    backbone = "model/_feature_extractor/classification_backbone/layer_with_weights-"
    for key, value in before.items():
        number = int(key.removeprefix(backbone).split("/")[0]) if key.startswith(backbone) else 99
        changed = not np.array_equal(value, model.variables_by_key[key])
        assert changed == (number >= 78), key
    assert not names[f"{backbone}0/kernel"] and names[f"{backbone}78/kernel"]
