"""Deal groups of images out to train, test and val, each class in the shares asked for.

Knows class names and numbers, nothing of files.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Group = Sequence[frozenset[str]]  # the class names in each image


def deal(
    groups: Sequence[Group],
    shares: Mapping[str, float],
    seed: int = 0,
    fixed: Sequence[str | None] | None = None,
) -> list[str]:
    """Choose the part of each group by iterative stratification (Sechidis et al., 2011).

    The class with the fewest images left is placed first; each of its groups, large ones first,
    goes to the part that misses this class most. Images without a class are a class of their own.
    Afterwards groups are moved where that is needed for this: a class in two groups or more has one
    in test, and of two groups or more one is in train and one in test.

    Args:
        groups: images that stay together, each as the set of its class names.
        shares: part -> share of the images, of "train", "test" and, if wanted, "val"; sum 1.
        seed: of the order in which groups are placed.
        fixed: for each group the part where it has to stay, or None.

    Returns:
        The part of each group.
    """
    fixed = list(fixed or [None] * len(groups))
    counts = [Counter(name for image in group for name in image or {""}) for group in groups]
    total = sum_counts(counts)
    missing = {
        part: {name: share * total[name] for name in total} for part, share in shares.items()
    }
    missing_images = {part: share * sum(map(len, groups)) for part, share in shares.items()}

    def place(index: int, part: str) -> None:
        parts[index] = part
        missing_images[part] -= len(groups[index])
        for name, count in counts[index].items():
            missing[part][name] -= count

    parts: list[str] = [""] * len(groups)
    for index, part in enumerate(fixed):
        if part is not None:
            place(index, part)
    order = random.Random(seed).sample(range(len(groups)), len(groups))
    holders: dict[str, list[int]] = {}
    for index in order:
        for name in counts[index]:
            holders.setdefault(name, []).append(index)
    images_left = sum_counts(counts[index] for index in order if fixed[index] is None)
    while images_left:
        name = min(images_left, key=lambda name: (images_left[name], name))
        free = [index for index in holders[name] if not parts[index]]
        for index in sorted(free, key=lambda index: -counts[index][name]):
            place(index, max(shares, key=lambda p: (missing[p][name], missing_images[p])))
            images_left -= counts[index]  # without what is used up
    movable = [index for index in order if fixed[index] is None]
    _fill_empty(parts, groups, shares, movable)
    _show_all_in_test(parts, counts, movable)
    return parts


def sum_counts(counts: Iterable[Counter]) -> Counter:
    """Add counts up; with zeros, which `sum` would drop."""
    total: Counter = Counter()
    for count in counts:
        total.update(count)
    return total


def _show_all_in_test(parts: list[str], counts: Sequence[Counter], movable: Sequence[int]) -> None:
    """Move a group to test for each class in two groups or more that test lacks."""
    for name in sorted(set().union(*counts) - {""}):
        holders = [index for index, count in enumerate(counts) if name in count]
        if len(holders) < 2 or any(parts[index] == "test" for index in holders):
            continue
        free = [index for index in movable if name in counts[index]]
        if free:
            in_train = Counter(n for i, c in enumerate(counts) if parts[i] == "train" for n in c)

            def cost(index: int, in_train: Counter = in_train) -> tuple[int, int, int]:
                lost = sum(in_train[n] == 1 for n in counts[index]) * (parts[index] == "train")
                return lost, counts[index].total(), len(counts[index])

            best = min(free, key=cost)
            if parts[best] != "train" or parts.count("train") > 1:
                parts[best] = "test"


def _fill_empty(
    parts: list[str], groups: Sequence[Group], shares: Mapping[str, float], movable: Sequence[int]
) -> None:
    """Give an empty part the smallest group (train: the largest) of a part that has several."""
    for part in shares:
        if part in parts:
            continue
        held = Counter(parts)
        # val may become empty for train or test, these never
        free = [i for i in movable if held[parts[i]] > 1 or (parts[i] == "val" and part != "val")]
        if free:
            sign = -1 if part == "train" else 1
            parts[min(free, key=lambda index: sign * len(groups[index]))] = part
