"""What kinds of mistakes a model makes, and what each kind costs.

The kinds are those of TIDE (Bolya et al., A General Toolbox for Identifying Object Detection
Errors, 2020), at IoU 0.5: what a detection near an object of the right class, of another class, or
near nothing got wrong. The cost of a kind is the AP that a model without it would gain. NumPy only.
"""

from enum import IntEnum

import numpy as np

from tfod.steps.evaluate.matches import IOUS, Matches, average_precision

FOREGROUND, BACKGROUND = IOUS[0], 0.1  # IoU from which on a box is at an object, is near one


class Kind(IntEnum):
    """What a detection is, or that an object has none."""

    RIGHT = 0
    WRONG_CLASS = 1
    PLACE = 2
    BOTH = 3
    DOUBLE = 4
    BACKGROUND = 5
    NOT_COUNTED = 6
    MISSED = 7


MISTAKES = (*(kind for kind in Kind if Kind.RIGHT < kind < Kind.NOT_COUNTED), Kind.MISSED)
IN_WORDS = {
    Kind.WRONG_CLASS: "wrong class",
    Kind.PLACE: "right class, box off",
    Kind.BOTH: "wrong class, box off",
    Kind.DOUBLE: "found twice",
    Kind.BACKGROUND: "where nothing is",
    Kind.MISSED: "missed",
}


def kinds_of(matches: Matches) -> np.ndarray:
    """Say of each detection which `Kind` it is: int [D]."""
    own, other = matches.near_iou
    is_near_own, is_near_other = own >= BACKGROUND, other >= BACKGROUND
    return np.select(
        [
            ~matches.is_counted[0],
            matches.truth[0] >= 0,
            is_near_own & (own < FOREGROUND),
            other >= FOREGROUND,
            own >= FOREGROUND,
            ~(is_near_own | is_near_other),
        ],
        [Kind.NOT_COUNTED, Kind.RIGHT, Kind.PLACE, Kind.WRONG_CLASS, Kind.DOUBLE, Kind.BACKGROUND],
        Kind.BOTH,
    )


def objects_meant(matches: Matches, kinds: np.ndarray) -> np.ndarray:
    """The object that each detection of the wrong class or place means: int [D]; else -1."""
    meant = np.where(kinds == Kind.PLACE, matches.near[0], -1)
    return np.where(kinds == Kind.WRONG_CLASS, matches.near[1], meant)


def missed(matches: Matches, kinds: np.ndarray, is_shown: np.ndarray | None = None) -> np.ndarray:
    """Say which objects have no detection at all, not even a wrong one: bool [G].

    Args:
        matches: of all images.
        kinds: as `kinds_of` gives them.
        is_shown: bool [D], the detections that count; None: all.
    """
    shown = np.ones(len(kinds), bool) if is_shown is None else is_shown
    is_met = np.zeros(len(matches.is_crowd), bool)
    for objects in (matches.truth[0], objects_meant(matches, kinds)):
        is_met[objects[shown & (objects >= 0)]] = True
    return ~is_met & ~matches.is_crowd


def lost_precision(matches: Matches) -> dict[Kind, float]:
    """What AP at IoU 0.5 a model would gain without the mistakes of each kind, 0..1.

    A detection of the wrong class or place is put right when its object is not found otherwise, and
    left out when it is; the others are left out; missed objects are not asked for. The gains do not
    add up, as one mistake hides another.
    """
    if matches.is_crowd.all():
        return dict.fromkeys(MISTAKES, 0.0)
    kinds = kinds_of(matches)
    class_of = matches.class_id
    is_found = kinds == Kind.RIGHT
    is_counted = kinds != Kind.NOT_COUNTED
    objects = matches.truth_class[~matches.is_crowd]
    before = _mean_ap(matches, class_of, is_found, is_counted, objects)
    gains: dict[Kind, float] = {}
    for kind in MISTAKES[:-1]:
        of_kind = kinds == kind
        repaired = _repaired(matches, kinds, of_kind)
        meant = matches.truth_class[matches.near[1]] if kind == Kind.WRONG_CLASS else class_of
        after = _mean_ap(
            matches,
            np.where(repaired, meant, class_of),
            is_found | repaired,
            is_counted & (~of_kind | repaired),
            objects,
        )
        gains[kind] = after - before
    kept = matches.truth_class[~matches.is_crowd & ~missed(matches, kinds)]
    gains[Kind.MISSED] = _mean_ap(matches, class_of, is_found, is_counted, kept) - before
    return gains


def _repaired(matches: Matches, kinds: np.ndarray, of_kind: np.ndarray) -> np.ndarray:
    """The best detection of a kind for each object that is not found otherwise: bool [D]."""
    meant = np.where(of_kind, objects_meant(matches, kinds), -1)
    places = np.flatnonzero(meant >= 0)
    places = places[~np.isin(meant[places], matches.truth[0])]
    _, first = np.unique(meant[places], return_index=True)
    repaired = np.zeros(len(kinds), bool)
    repaired[places[first]] = True
    return repaired


def _mean_ap(
    matches: Matches,
    class_of: np.ndarray,
    is_found: np.ndarray,
    is_counted: np.ndarray,
    objects: np.ndarray,
) -> float:
    """Mean AP at IoU 0.5 over the classes that have objects; 1 for one whose objects are gone."""
    known = np.unique(matches.truth_class[~matches.is_crowd])
    values = []
    for class_id in known:
        own, count = class_of == class_id, np.array([np.sum(objects == class_id)])
        found, counted = is_found[own][None], is_counted[own][None]
        weights = np.ones((1, found.shape[1]), np.float32)
        values.append(average_precision(found, counted, weights, count)[0, 0] if count[0] else 1.0)
    return float(np.mean(values)) if values else 0.0
