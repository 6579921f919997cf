"""Which groups are for which part: every class in its share, and no group is torn."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tfod.steps.split.stratify import deal

IMAGES = st.frozensets(st.sampled_from("abcdef"), max_size=4)
GROUPS = st.lists(st.lists(IMAGES, min_size=1, max_size=6), min_size=2, max_size=40)
SHARES = st.tuples(st.floats(0.05, 0.45), st.sampled_from([0.0, 0.1, 0.3])).map(
    lambda pair: {"train": 1 - sum(pair), "test": pair[0], "val": pair[1]}
)


def singles(classes):
    return [[names] for names in classes]


def of_two(test):
    return {"train": 1 - test, "test": test}


@settings(deadline=None)
@given(groups=GROUPS, shares=SHARES, seed=st.integers(0, 5))
def test_every_class_of_two_groups_has_one_in_test(groups, shares, seed):
    shares = {part: share for part, share in shares.items() if share}
    parts = deal(groups, shares, seed)
    assert parts == deal(groups, shares, seed)
    assert {"train", "test"} <= set(parts) <= set(shares)
    for name in "abcdef":
        held = [
            part
            for group, part in zip(groups, parts, strict=True)
            if any(name in names for names in group)
        ]
        assert len(held) < 2 or "test" in held


@settings(deadline=None)
@given(groups=GROUPS, seed=st.integers(0, 5), data=st.data())
def test_what_is_fixed_stays(groups, seed, data):
    options = st.sampled_from([None, "train", "test"])
    fixed = data.draw(st.lists(options, min_size=len(groups), max_size=len(groups)))
    parts = deal(groups, of_two(0.2), seed, fixed)
    assert all(old in (None, new) for old, new in zip(fixed, parts, strict=True))


@settings(deadline=None)
@given(groups=GROUPS, test=st.floats(0.05, 0.95))
def test_the_share_of_test_is_within_what_groups_allow(groups, test):
    """Wanted is the share; a class that must be seen adds its smallest group at most."""
    parts = deal(groups, of_two(test), 0)
    sizes = Counter()
    for group, part in zip(groups, parts, strict=True):
        sizes[part] += len(group)
    largest = max(map(len, groups))
    off = abs(sizes["test"] - test * sizes.total())
    assert off <= largest * (
        1 + len({name for group in groups for names in group for name in names})
    )


def test_a_class_of_one_stays_in_train():
    groups = singles([frozenset("a")] * 9 + [frozenset("b")])
    assert deal(groups, of_two(0.3))[9] == "train"


def test_the_seed_decides_who():
    groups = singles([frozenset("a")] * 20)
    dealt = [deal(groups, of_two(0.2), seed) for seed in range(5)]
    assert len(set(map(tuple, dealt))) == 5
    assert {parts.count("test") for parts in dealt} == {4}


def test_new_groups_fill_up_the_shortage():
    groups = singles([frozenset("a")] * 20)
    parts = deal(groups, of_two(0.5), 0, ["train"] * 10 + [None] * 10)
    assert parts[10:] == ["test"] * 10


def test_shares_of_overlapping_rare_and_empty_classes():
    random = np.random.default_rng(0)
    rates = {"a": 0.9, "b": 0.3, "c": 0.05}
    classes = [
        frozenset(n for n, rate in rates.items() if random.random() < rate) for _ in "x" * 900
    ]
    shares = {"train": 0.7, "test": 0.2, "val": 0.1}
    parts = deal(singles(classes), shares)
    for part, share in shares.items():
        chosen = {index for index, p in enumerate(parts) if p == part}
        assert abs(len(chosen) - 900 * share) <= 3
        for name in ("a", "b", "c", ""):
            members = {i for i, names in enumerate(classes) if name in names or not (name or names)}
            assert abs(len(members & chosen) / len(members) - share) < 0.03, (part, name)


def test_groups_of_many_sizes_fall_in_their_shares():
    random = np.random.default_rng(0)
    groups = [
        [frozenset(random.choice(list("abc"), size=1))] * int(size)
        for size in random.geometric(0.2, 300)
    ]
    parts = deal(groups, of_two(0.2))
    for name in "abc":
        count = {
            part: sum(
                len(g) for g, p in zip(groups, parts, strict=True) if p == part and name in g[0]
            )
            for part in ("train", "test")
        }
        assert abs(count["test"] / sum(count.values()) - 0.2) < 0.02, name
