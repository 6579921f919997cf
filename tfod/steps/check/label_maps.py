"""Checks of the label map alone: its numbers and its names.

Whether it fits the config: `settings.py`; whether it fits the annotations: `classes.py`.
"""

from collections import defaultdict

from tfod.steps.check.classes import simple
from tfod.steps.check.finding import Finding, Place, found
from tfod.steps.check.scan import Dataset


def numbers(dataset: Dataset) -> list[Finding]:
    """Numbers that are left out: the model gets a class for each that it never sees."""
    labels, path = dataset.label_map, dataset.label_map_path
    if labels is None or path is None:
        return []
    missing = sorted(set(range(1, labels.num_classes + 1)) - set(labels.names))
    places = [Place(path, None, f"no class has the id {number}") for number in missing]
    return found(
        "label-map-gap",
        "warning",
        f"numbers between 1 and {labels.num_classes} are no class in the label map",
        "Number the classes 1, 2, 3 ... and write the records again: `tfod records`; keep the "
        "numbers if a trained model has them.",
        places,
    )


def names(dataset: Dataset) -> list[Finding]:
    """Two names that differ in case or separators only."""
    labels, path = dataset.label_map, dataset.label_map_path
    if labels is None or path is None:
        return []
    alike: dict[str, list[str]] = defaultdict(list)
    for name in labels.names.values():
        alike[simple(name)].append(name)
    places = [
        Place(path, None, " and ".join(f'"{name}"' for name in group))
        for group in alike.values()
        if len(group) > 1
    ]
    return found(
        "label-map-alike",
        "warning",
        "classes of the label map differ in case, spaces, hyphens or underscores only",
        "Keep one of them, correct the names in LabelImg and write the records again.",
        places,
    )
