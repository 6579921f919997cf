"""Which photos have to stay on one side of a split, and how a group that is too large is cut.

Knows photos and groups of their indices, nothing of folders or shares of classes.
"""

import re
from collections.abc import Callable, Hashable, Sequence

from tfod.data.families import Family, families
from tfod.data.near_duplicates import group
from tfod.steps.split.candidates import Candidate, looks_of
from tfod.words import natural_key

BY = ("burst", "session", "image")
Groups = list[list[int]]


def group_photos(photos: Sequence[Candidate], by: str) -> Groups:
    """Put the photos that stay together into groups.

    Args:
        photos: to place.
        by: "burst": near-duplicates, and near-duplicates of these; "session": all of a session;
            "image": every photo for itself. Photos that are the same file, and copies by their
            names, are always together.

    Returns:
        Indices, ascending in each group; groups in the order of their first photo.
    """
    if by == "burst":
        looks = group(looks_of(photos)).tolist()
        groups = _by_key(range(len(photos)), lambda index: looks[index])
    elif by == "session":
        groups = _by_key(range(len(photos)), lambda index: photos[index].session)
    else:
        groups = [[index] for index in range(len(photos))]
    return _join_copies(groups, photos)


def families_of(photos: Sequence[Candidate]) -> list[Family]:
    """Tell of each photo whose copy it is by its name."""
    return families([(photo.session, photo.image.stem) for photo in photos])


def cut(members: Sequence[int], photos: Sequence[Candidate], share: float) -> Groups:
    """Cut a group into runs of photos that were taken one after the other.

    Photos of a run have the same session and the same name but for the number at its end; one run
    is as large as the part it is for, so that few neighbours in time are separated. Photos that
    are the same file, or copies by their names, stay together; where that joins all runs, every
    file is a run.

    Args:
        members: indices of the photos of the group.
        photos: all photos.
        share: of the photos that a run shall hold, like 0.2.
    """

    def series(index: int) -> tuple[str, str]:
        return photos[index].session, re.sub(r"\d+$", "", photos[index].image.stem)

    all_series = _by_key(members, series)
    long = [run for run in all_series if len(run) * share >= 1]
    rest = [index for run in all_series if len(run) * share < 1 for index in run]
    runs = []
    for indices in long + _by_key(rest, lambda index: photos[index].session):
        indices = sorted(indices, key=lambda index: natural_key(photos[index].image.name))
        number = max(1, min(len(indices), round(1 / share)))
        bounds = [round(len(indices) * step / number) for step in range(number + 1)]
        runs += [indices[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    runs = _join_copies(runs, photos)
    return runs if len(runs) > 1 else _join_copies([[index] for index in members], photos)


def _by_key(indices: Sequence[int], key: Callable[[int], Hashable]) -> Groups:
    groups: dict[Hashable, list[int]] = {}
    for index in indices:
        groups.setdefault(key(index), []).append(index)
    return list(groups.values())


def _join_copies(groups: Groups, photos: Sequence[Candidate]) -> Groups:
    """Join groups that hold the same file, or copies of one photo by their names."""
    number = {index: at for at, members in enumerate(groups) for index in members}
    joined = list(range(len(groups)))

    def root(at: int) -> int:
        while joined[at] != at:
            at = joined[at]
        return at

    family = families_of(photos)
    same = _by_key(sorted(number), lambda index: photos[index].sha256)
    for copies in same + _by_key(sorted(number), family.__getitem__):
        roots = {root(number[index]) for index in copies}
        for at in roots:
            joined[at] = min(roots)
    merged = _by_key(sorted(number), lambda index: root(number[index]))
    return [sorted(members) for members in merged]
