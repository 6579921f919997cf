"""Which images are for test: every class in its share."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tfod.data.stratify import choose_test

CLASSES = st.lists(st.frozensets(st.sampled_from("abcdef"), max_size=4), min_size=2, max_size=60)


@given(classes=CLASSES, test=st.floats(0.05, 0.95), seed=st.integers(0, 5))
def test_every_class_of_two_has_one_in_test(classes, test, seed):
    chosen = choose_test(classes, test, seed)
    assert chosen == choose_test(classes, test, seed)
    assert 0 < len(chosen) < len(classes)
    for name in "abcdef":
        members = {index for index, names in enumerate(classes) if name in names}
        assert len(members) < 2 or members & chosen


def test_a_class_of_one_stays_in_train():
    classes = [frozenset("a")] * 9 + [frozenset("b")]
    assert 9 not in choose_test(classes, 0.3, 0)


def test_the_seed_decides_who():
    classes = [frozenset("a")] * 20
    chosen = {frozenset(choose_test(classes, 0.2, seed)) for seed in range(5)}
    assert len(chosen) == 5 and {len(test) for test in chosen} == {4}


def test_shares_of_overlapping_rare_and_empty_classes():
    random = np.random.default_rng(0)
    rates = {"a": 0.9, "b": 0.3, "c": 0.05}
    classes = [
        frozenset(n for n, rate in rates.items() if random.random() < rate) for _ in "x" * 900
    ]
    test = choose_test(classes, 0.2, 0)
    for name in ("a", "b", "c", ""):
        members = {i for i, names in enumerate(classes) if name in names or not (name or names)}
        assert abs(len(members & test) / len(members) - 0.2) < 0.03, name
    assert abs(len(test) - 180) <= 3
