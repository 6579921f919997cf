"""Choose which images are for test, each class in the same proportion.

Knows class names and indices, nothing of files.
"""

import random
from collections.abc import Sequence

PARTS = ("train", "test")
MANIFEST = ".split.json"  # in each part: what split put there


def choose_test(classes: Sequence[frozenset[str]], test: float, seed: int) -> set[int]:
    """Choose the images for test by iterative stratification (Sechidis et al., 2011).

    The class with the fewest images left is dealt out first; each of its images goes to the part
    that misses this class most. Images without a class are a class of their own. At least one
    image is chosen, and at least one of every class that has two; never all of several images.

    Args:
        classes: the class names in each image.
        test: share of the images for test, above 0 and below 1.
        seed: of the order in which images are dealt out.

    Returns:
        Indices of the chosen images.
    """
    chance = random.Random(seed)
    count = len(classes)
    groups: dict[str, list[int]] = {}
    for index in chance.sample(range(count), count):
        for name in classes[index] or {""}:
            groups.setdefault(name, []).append(index)
    share = {"train": 1 - test, "test": test}
    missing = {
        part: {name: share[part] * len(members) for name, members in groups.items()}
        for part in PARTS
    }
    missing_images = {part: share[part] * count for part in PARTS}

    left, chosen = set(range(count)), set()
    while left:
        open_groups = {name: [i for i in group if i in left] for name, group in groups.items()}
        name = min((len(group), name) for name, group in open_groups.items() if group)[1]
        for index in open_groups[name]:
            part = max(PARTS, key=lambda part: (missing[part][name], missing_images[part]))
            missing_images[part] -= 1
            for other in classes[index] or {""}:
                missing[part][other] -= 1
            if part == "test":
                chosen.add(index)
        left.difference_update(open_groups[name])
    for name, group in sorted(groups.items()):
        if name and len(group) >= 2 and not chosen.intersection(group):
            chosen.add(min(group, key=lambda index: len(classes[index])))
    if len(chosen) == count > 1:
        chosen.remove(max(chosen, key=lambda index: len(classes[index])))
    return chosen or {chance.randrange(count)}
