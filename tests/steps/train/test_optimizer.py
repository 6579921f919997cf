import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfod.config import parse_config
from tfod.model.checkpoints.format import read_checkpoint
from tfod.steps.train.optimizer import Optimizer

RATE = "learning_rate { constant_learning_rate { learning_rate: 0.1 } }"
MOMENTUM = f"momentum_optimizer {{ {RATE} momentum_optimizer_value: 0.9 }}"
ADAM = f"adam_optimizer {{ {RATE} epsilon: 1e-7 }}"
RMS = f"rms_prop_optimizer {{ {RATE} momentum_optimizer_value: 0.5 decay: 0.8 epsilon: 1.0 }}"


def optimizer_of(text, extra=""):
    text = f"train_config {{ optimizer {{ {text} }} {extra} }}"
    return Optimizer(parse_config(text, "test.config").train_config)


def variables(values):
    return {f"model/{i}": keras.Variable(np.float32(value)) for i, value in enumerate(values)}


def run(text, start, gradients, extra="", traced=True):
    """Apply each gradient in turn; returns the values and the optimizer."""
    weights = variables([start])
    optimizer = optimizer_of(text, extra)
    optimizer.build(weights)
    apply = tf.function(optimizer.apply) if traced else optimizer.apply
    for step, gradient in enumerate(gradients):
        apply([tf.constant(gradient, tf.float32)], tf.constant(step, tf.int64))
    return weights["model/0"].numpy(), optimizer


@pytest.fixture(scope="module")
def gradients():
    return np.random.default_rng(7).normal(size=(4, 3)).astype(np.float32)


def test_momentum_step_equals_the_old_api(shared):
    """Weights, slots and gradients of the golden step, and what the old API made of them."""
    golden = np.load(shared / "golden/golden_320.npz")
    checkpoint = read_checkpoint(shared / "golden/ckpt-1")
    order = json.loads((shared / "golden/var_order.json").read_text())
    suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
    keys = dict(
        zip(
            golden["trainable_names"].tolist(),
            [key.removesuffix(suffix) for key in order["trainable_ckpt_keys"]],
            strict=True,
        )
    )
    names = [name[6:] for name in golden.files if name.startswith("grad::")]
    names = [name for name in names if f"after::{name}" in golden.files]
    assert names
    weights = {keys[n]: keras.Variable(checkpoint.variables[keys[n]]) for n in names}
    rate = f"learning_rate {{ constant_learning_rate {{ learning_rate: {golden['lr_used']} }} }}"
    optimizer = optimizer_of(f"momentum_optimizer {{ {rate} momentum_optimizer_value: 0.9 }}")
    optimizer.build(weights)
    for key, slot in optimizer.slots_by_name["momentum"].items():
        slot.assign(checkpoint.slots["momentum"][key])
    optimizer.apply([golden[f"grad::{name}"] for name in names], 20)
    for name in names:
        np.testing.assert_allclose(weights[keys[name]], golden[f"after::{name}"], 1e-6, 1e-7)


@pytest.mark.parametrize("traced", [True, False])
def test_momentum_formula(gradients, traced):
    value, accum = np.ones(3, np.float32), np.zeros(3, np.float32)
    for gradient in gradients:
        accum = 0.9 * accum - 0.1 * gradient
        value = value + accum
    result, optimizer = run(MOMENTUM, np.ones(3), gradients, traced=traced)
    np.testing.assert_allclose(result, value, 1e-6)
    np.testing.assert_allclose(optimizer.slots_by_name["momentum"]["model/0"], accum, 1e-5)
    assert optimizer.iterations.numpy() == 4


def test_adam_formula(gradients):
    value, m, v = np.ones(3), 0, 0
    for t, gradient in enumerate(gradients.astype(np.float64), 1):
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        rate = 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        value = value - rate * m / (np.sqrt(v) + 1e-7)
    result, optimizer = run(ADAM, np.ones(3), gradients)
    np.testing.assert_allclose(result, value, 1e-5)
    np.testing.assert_allclose(optimizer.slots_by_name["v"]["model/0"], v, 1e-4)


@pytest.mark.parametrize("momentum", [0.5, 0.0])
def test_rms_prop_formula(momentum):
    """`decay` is that of the rate, and rho stays 0.9; without momentum epsilon is outside the root.

    FACTS, last section: the same formula came within 6e-8 of the old API's 14 steps.
    """
    gradients = np.random.default_rng(5).normal(size=(14, 3)).astype(np.float32)
    value, rms, mom = np.zeros(3), 0, 0
    for iterations, gradient in enumerate(gradients.astype(np.float64)):
        rate = 0.1 / (1 + 0.8 * iterations)
        rms = 0.9 * rms + 0.1 * gradient**2
        if momentum:
            mom = momentum * mom + rate * gradient / np.sqrt(rms + 1.0)
        else:
            mom = rate * gradient / (np.sqrt(rms) + 1.0)
        value = value - mom
    text = RMS.replace("value: 0.5", f"value: {momentum}")
    result, optimizer = run(text, np.zeros(3), gradients)
    np.testing.assert_allclose(result, value, 0, 6e-8)
    np.testing.assert_allclose(optimizer.slots_by_name["rms"]["model/0"], rms, 1e-6)
    assert set(optimizer.slots_by_name) == ({"rms", "momentum"} if momentum else {"rms"})


@pytest.mark.parametrize("text", [ADAM, RMS])
def test_epsilon_0_is_that_of_keras(text, gradients):
    epsilon = text.partition("epsilon: ")[2].split()[0]
    zero, small = (text.replace(f"epsilon: {epsilon}", f"epsilon: {e}") for e in ("0", "1e-7"))
    results = [run(one, np.ones(3), gradients)[0] for one in (zero, small)]
    np.testing.assert_array_equal(*results)


def test_the_rate_of_rms_prop_is_the_one_used():
    optimizer = optimizer_of(RMS)
    optimizer.build(variables([[0.0]]))
    rates = [float(optimizer.apply([tf.constant([1.0])], step)) for step in (0, 1)]
    np.testing.assert_allclose(rates, [0.1, 0.1 / 1.8], 1e-6)


def test_gradients_are_clipped_by_their_global_norm():
    weights = variables([[0.0, 0.0], [0.0]])
    optimizer = optimizer_of(MOMENTUM, "gradient_clipping_by_norm: 1.0")
    optimizer.build(weights)
    optimizer.apply([tf.constant([3.0, 0.0]), tf.constant([4.0])], 0)
    moved = [-variable.numpy() / 0.1 for variable in weights.values()]
    np.testing.assert_allclose(moved[0], [0.6, 0], 1e-6)
    np.testing.assert_allclose(moved[1], [0.8], 1e-6)


def test_the_rate_used_is_that_of_the_step():
    rate = "learning_rate { manual_step_learning_rate { schedule { step: 5 learning_rate: .5 } } }"
    optimizer = optimizer_of(f"momentum_optimizer {{ {rate} }}")
    weights = variables([[0.0]])
    optimizer.build(weights)
    assert optimizer.apply([tf.constant([1.0])], tf.constant(5, tf.int64)).numpy() == 0.5
    assert weights["model/0"].numpy() == [-0.5]


def test_a_missing_or_wrong_gradient_is_an_error():
    optimizer = optimizer_of(MOMENTUM)
    optimizer.build(variables([[0.0, 0.0]]))
    for wrong in ([None], [tf.zeros(3)], []):
        with pytest.raises(ValueError, match="gradient"):
            optimizer.apply(wrong, 0)


def test_scalars_have_the_old_names():
    names = {text: set(optimizer_of(text).scalars()) for text in (MOMENTUM, ADAM, RMS)}
    assert names[MOMENTUM] == {"iter", "decay", "momentum"}
    assert names[ADAM] == {"iter", "decay", "beta_1", "beta_2"}
    assert names[RMS] == {"iter", "decay", "momentum", "rho"}
    assert optimizer_of(RMS).scalars()["decay"] == np.float32(0.8)
    assert optimizer_of(RMS).scalars()["rho"] == np.float32(0.9)
    assert optimizer_of(MOMENTUM).scalars()["decay"] == 0
    assert optimizer_of(MOMENTUM).scalars()["iter"].dtype == np.int64
    assert optimizer_of(MOMENTUM).scalars()["momentum"] == np.float32(0.9)
