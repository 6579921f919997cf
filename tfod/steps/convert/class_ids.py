"""Which number each class has: as the user gives it, the source, or the alphabet."""

from collections import Counter
from pathlib import Path

from tfod.errors import Problem, UserError, refusal
from tfod.labels import read_label_map, write_label_map
from tfod.remedies import Remedy
from tfod.steps.convert.rows import DataSet, is_plain_text
from tfod.words import plural

CLASS_NUMBERS = "class numbers (a label map keeps them)"  # what a data set may lose
IMAGE_IDS = "image ids (renumbered)"


def known_ids(classes: tuple[str, ...], label_map: Path | None) -> dict[str, int]:
    """Class name -> 1-based id as the user gives it; {} when nothing is given.

    Raises:
        UserError: a class is given twice, or classes and an existing label map are given.
    """
    twice = [name for name, count in Counter(classes).items() if count > 1]
    if twice:
        what = f'"{twice[0]}" is given twice'
        raise refusal("class-given-twice", None, what, setting="classes")
    if label_map and label_map.exists():
        if classes:
            what, remedy = "already has the classes", Remedy.LEAVE_OUT(setting="classes")
            raise refusal("label-map-exists", label_map, what, remedy=remedy)
        return {name: id_ for id_, name in read_label_map(label_map).names.items()}
    return {name: id_ for id_, name in enumerate(classes, 1)}


def class_ids(data: DataSet, known: dict[str, int], label_map: Path | None) -> dict[str, int]:
    """Class name -> id, in the order of ids: those known, of the source, or by the alphabet.

    Raises:
        UserError: a class has no id, or a name that the formats cannot hold.
    """
    used = Counter(name for example in data.examples for name in example.names)
    ids = known or data.class_ids
    ids = ids or {name: number for number, name in enumerate(sorted(used), 1)}
    problems = [
        Problem(
            "unknown-class",
            label_map,
            f'the class "{name}" is missing; {plural(count, "box")} would be lost',
            setting="" if label_map else "classes",
            expected=", ".join(ids),
        )
        for name, count in used.items()
        if name not in ids
    ]
    problems += [
        Problem(
            "name-not-text",
            None,
            f"the name of class {name!r} contains characters that cannot be written",
        )
        for name in ids
        if not is_plain_text(name)
    ]
    if problems:
        raise UserError(*problems, heading="problems with the classes, nothing was written")
    return dict(sorted(ids.items(), key=lambda item: item[1]))


def count_lost_ids(data: DataSet, to_format: str, label_map: Path | None) -> None:
    """Count the class numbers of the source that only a label map would keep.

    Those of the images are lost in COCO alone: no other format has any.
    """
    if to_format != "coco":
        data.lost.pop(IMAGE_IDS, None)
    ids = sorted(data.class_ids.values())
    is_dense = not ids or ids == list(range(ids[0], len(ids) + ids[0]))
    is_kept = label_map or to_format == "coco" or (to_format == "yolo" and is_dense)
    if ids and not is_kept:
        data.lost[CLASS_NUMBERS] = len(ids)


def write_ids(path: Path, data: DataSet) -> None:
    """Write a label map with the ids of the source; those from 0 are raised by one."""
    raised = int(min(data.class_ids.values()) == 0)
    if raised:
        data.notes.append("the label map begins with 1, so its ids are the class numbers plus 1")
    write_label_map(path, {id_ + raised: name for name, id_ in data.class_ids.items()})
