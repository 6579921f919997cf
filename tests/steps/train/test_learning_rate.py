import numpy as np
import pytest
import tensorflow as tf

from tfod.config import parse_config
from tfod.steps.train.learning_rate import learning_rate

COSINE = """cosine_decay_learning_rate {{ learning_rate_base: .08 total_steps: {total}
    warmup_learning_rate: .026666 warmup_steps: {warmup} hold_base_rate_steps: {hold} }}"""


def schedule(text, kind="momentum_optimizer"):
    text = f"train_config {{ optimizer {{ {kind} {{ learning_rate {{ {text} }} }} }} }}"
    return learning_rate(parse_config(text, "test.config").train_config.optimizer)


def cosine(total=50000, warmup=1000, hold=0):
    return schedule(COSINE.format(total=total, warmup=warmup, hold=hold))


def at(rate, *steps):
    return [rate(step).numpy() for step in steps]


def test_cosine_is_exact_to_the_old_api_eagerly_and_traced(shared):
    golden = np.load(shared / "golden/misc.npz")
    expected = golden["lr_values"].astype(np.float32)
    rate = cosine()
    traced = tf.function(rate, input_signature=[tf.TensorSpec([], tf.int64)])
    eager = np.array([rate(step) for step in golden["lr_steps"]])
    assert eager.dtype == np.float32
    np.testing.assert_array_equal(eager, expected)
    np.testing.assert_array_equal([traced(step) for step in golden["lr_steps"]], expected)


def test_cosine_holds_the_base_then_falls_and_ends_at_zero():
    rate = cosine(total=100, warmup=10, hold=20)
    base = np.float32(0.08)
    assert at(rate, 10, 29, 30) == [base] * 3
    assert at(rate, 31)[0] < base
    assert at(rate, 65)[0] == pytest.approx(0.04)
    assert at(rate, 101) == [0]
    falling = at(rate, *range(30, 101))
    assert all(later <= earlier for earlier, later in zip(falling, falling[1:], strict=False))


def test_cosine_that_is_all_warmup_stays_finite():
    assert np.isfinite(at(cosine(total=10, warmup=10), *range(12))).all()
    assert np.isfinite(at(cosine(total=10, warmup=0), *range(12))).all()


def test_cosine_without_warmup_leaves_its_rate_aside():
    # warmup_learning_rate has a default, .0002
    rate = schedule(
        "cosine_decay_learning_rate { learning_rate_base: .0001 total_steps: 10 warmup_steps: 0 }"
    )
    assert float(rate(0)) == np.float32(0.0001)


def test_constant():
    assert (
        at(schedule("constant_learning_rate { learning_rate: .01 }"), 0, 10**6)
        == [np.float32(0.01)] * 2
    )


def test_exponential_in_stairs_and_smooth():
    text = "exponential_decay_learning_rate { initial_learning_rate: .1 decay_steps: 10 "
    stairs = schedule(text + "decay_factor: .5 }")
    np.testing.assert_allclose(at(stairs, 0, 9, 10, 19, 20), [0.1, 0.1, 0.05, 0.05, 0.025], 1e-6)
    smooth = schedule(text + "decay_factor: .5 staircase: false }")
    np.testing.assert_allclose(at(smooth, 5), [0.1 * 0.5**0.5], 1e-6)


def test_exponential_burns_in_and_keeps_a_minimum():
    rate = schedule(
        "exponential_decay_learning_rate { initial_learning_rate: .1 decay_steps: 10 "
        "decay_factor: .5 burnin_learning_rate: .01 burnin_steps: 5 min_learning_rate: .003 }"
    )
    np.testing.assert_allclose(at(rate, 0, 4, 5, 14, 15), [0.01, 0.01, 0.1, 0.1, 0.05], 1e-6)
    assert at(rate, 10**6) == [np.float32(0.003)]


MANUAL = """manual_step_learning_rate {{ initial_learning_rate: {initial} warmup: {warmup}
    schedule {{ step: 4 learning_rate: .1 }} schedule {{ step: 8 learning_rate: .01 }} }}"""


def test_manual_steps_change_at_the_step():
    rate = schedule(MANUAL.format(initial=1, warmup="false"))
    expected = [1, 1, np.float32(0.1), np.float32(0.1), np.float32(0.01), np.float32(0.01)]
    assert at(rate, 0, 3, 4, 7, 8, 10**6) == expected


def test_manual_steps_warm_up_to_the_first_rate():
    rate = schedule(MANUAL.format(initial=0.02, warmup="true"))
    expected = [0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.01]
    np.testing.assert_allclose(at(rate, 0, 1, 2, 3, 4, 7, 8), expected, 1e-6)
