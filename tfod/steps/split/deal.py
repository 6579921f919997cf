"""Give every photo its part: what was placed stays, what is alike goes together.

A group that holds (nearly) all photos of a class cannot be both in train and in test. Only then it
is cut, into runs of photos in a row; how alike train and test are by that is counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tfod.data.near_duplicates import is_near, nearest
from tfod.steps.split.candidates import Candidate, looks_of
from tfod.steps.split.groups import cut, families_of, group_photos
from tfod.steps.split.stratify import deal, sum_counts


@dataclass
class Dealt:
    """Where the photos go.

    Attributes:
        parts: the part of each photo.
        by: what was kept together: "burst" in place of "session" when there is only one, or when
            identical photos join all.
        groups: number of photos in each group of two and more that is in one part, largest first.
        cut: number of photos in each group that was cut.
        runs: number of pieces they were cut into.
    """

    parts: list[str]
    by: str
    groups: list[int] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)
    runs: int = 0


@dataclass
class _Unit:
    """Photos that go to the same part; `part` where that is settled; `whole`: can be cut."""

    members: list[int]
    part: str | None = None
    whole: bool = False


def deal_photos(
    photos: Sequence[Candidate],
    by: str,
    shares: Mapping[str, float],
    seed: int,
    placed: Sequence[str | None],
) -> Dealt:
    """Choose the part of each photo; one can stay empty when all photos are one file or placed.

    Args:
        photos: to place.
        by: as `group_photos` takes it.
        shares: part -> share of the photos.
        seed: of the order in which groups are placed.
        placed: the part where a photo was put by an earlier run, or None.
    """
    groups = group_photos(photos, by)
    if by == "session" and len(groups) == 1:
        by, groups = "burst", group_photos(photos, "burst")
    dealt = Dealt([""] * len(photos), by)
    units = _units(groups, photos, placed, can_be_cut=by == "burst")
    while True:
        classes = [[photos[index].classes for index in unit.members] for unit in units]
        parts = deal(classes, shares, seed, [unit.part for unit in units])
        at = _to_cut(units, parts, photos, shares)
        if at is None:
            break
        units[at].whole = False
        runs = cut(units[at].members, photos, min(shares.values()))
        if len(runs) > 1:
            dealt.cut.append(len(units[at].members))
            dealt.runs += len(runs)
            units[at : at + 1] = [_Unit(run) for run in runs]
    for unit, part in zip(units, parts, strict=True):
        for index in unit.members:
            dealt.parts[index] = part
    kept = [members for members in groups if len({dealt.parts[index] for index in members}) == 1]
    dealt.groups = sorted((len(members) for members in kept if len(members) > 1), reverse=True)
    return dealt


def _units(
    groups: Sequence[list[int]],
    photos: Sequence[Candidate],
    placed: Sequence[str | None],
    can_be_cut: bool,
) -> list[_Unit]:
    """Split groups by where their photos were placed; a new photo goes where its nearest one is."""
    units = []
    for members in groups:
        old = [index for index in members if placed[index]]
        new = [index for index in members if not placed[index]]
        sides: dict[str | None, list[int]] = {}
        for index in old:
            sides.setdefault(placed[index], []).append(index)
        for index, like in zip(new, _most_alike(new, old, photos), strict=True):
            sides.setdefault(None if like is None else placed[like], []).append(index)
        units += [
            _Unit(sorted(side), part, can_be_cut and part is None and len(side) > 1)
            for part, side in sides.items()
        ]
    return units


def _most_alike(
    new: Sequence[int], old: Sequence[int], photos: Sequence[Candidate]
) -> Sequence[int | None]:
    """Find for each new photo the old one that is the same file, its copy, or most alike."""
    if not old:
        return [None] * len(new)
    by_content = {photos[index].sha256: index for index in reversed(old)}
    family = families_of(photos)
    by_family = {family[index]: index for index in reversed(old)}
    looks, others = (looks_of([photos[index] for index in side]) for side in (new, old))
    nearest_at = nearest(looks, others)[0].tolist()
    return [
        by_content.get(photos[index].sha256, by_family.get(family[index], old[at]))
        for index, at in zip(new, nearest_at, strict=True)
    ]


def _to_cut(
    units: Sequence[_Unit],
    parts: Sequence[str],
    photos: Sequence[Candidate],
    shares: Mapping[str, float],
) -> int | None:
    """Choose the group that must be cut, or None.

    It is the largest, when a part is empty, and the one with most photos of a class, when a part
    holds none of them though its share is a whole photo.
    """
    whole = [at for at, unit in enumerate(units) if unit.whole]
    if not whole:
        return None
    if set(shares) - set(parts):
        return max(whole, key=lambda at: len(units[at].members))
    counts = [Counter(name for i in unit.members for name in photos[i].classes) for unit in units]
    held: dict[str, Counter] = {part: Counter() for part in shares}
    for count, part in zip(counts, parts, strict=True):
        held[part].update(count)
    total = sum_counts(held.values())
    for name in sorted(total):
        holders = [at for at in whole if counts[at][name] > 1]
        lacking = [p for p in shares if total[name] * shares[p] >= 1 and not held[p][name]]
        if holders and lacking:
            return max(holders, key=lambda at: counts[at][name])
    return None


def alike_in_train(photos: Sequence[Candidate], parts: Sequence[str]) -> list[int]:
    """Find the photos outside train with a near-duplicate in it; the bits (of 256) they differ in.

    Args:
        photos: with their looks.
        parts: the part of each.
    """
    in_train = np.array(parts) == "train"
    looks = looks_of(photos)
    train, rest = looks[in_train], looks[~in_train]
    where, bits = nearest(rest, train)
    near = [is_near(look, train[at]) for look, at in zip(rest, where, strict=True)]
    return np.sort(bits[near]).tolist()
