"""Does a number mean the same class in the weights and in the data?

Weights know only numbers. What these stand for says the label map next to the checkpoint, or next
to its folder where that is called "checkpoint", as exported models have it. Wherever weights meet
another label map, `agree` is asked.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from tfod.errors import Problem, UserError, refusal
from tfod.files import replace_file
from tfod.labels import LabelMap, read_label_map, write_label_map
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.words import closest, some, told_apart

LABEL_MAP = "label_map.pbtxt"


def label_map_of(checkpoint: Path) -> Path | None:
    """Find the label map that names the classes of a checkpoint, given its prefix."""
    folder = checkpoint.parent
    folders = [folder, folder.parent] if folder.name in ("checkpoint", "best") else [folder]
    return next((one / LABEL_MAP for one in folders if (one / LABEL_MAP).is_file()), None)


def agree(
    checkpoint: Path,
    data: LabelMap,
    data_path: Path,
    rename: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> LabelMap:
    """Make sure that weights and data mean the same class by each number.

    Args:
        checkpoint: prefix of the weights.
        data: the label map of the data, read from `data_path`.
        rename: name in the weights -> name in the data, of classes that got another name.
        progress: gets a note of classes that only one of them has.

    Returns:
        The classes of the data, and those that only the weights have.

    Raises:
        UserError: a number has another class, or another name that `rename` does not allow.
    """
    path = label_map_of(checkpoint)
    if path is None:
        check_rename(rename, None)
        progress.note(
            f"note: there is no {LABEL_MAP} next to {checkpoint}, so the classes of the weights "
            f"cannot be compared with those in {data_path}"
        )
        return data
    weights = read_label_map(path, names_twice=True)
    different = partial(differences, data=data, data_path=data_path, weights_path=path)
    problems = list(different(weights))
    check_rename(rename, checkpoint)
    if rename and problems:  # else it was renamed before
        renamed = _renamed(weights, rename)
        problems = list(different(renamed, before=weights))
        weights = renamed
    if problems:
        heading = f"classes differ between the data and the weights ({path})"
        raise UserError(*problems, heading=heading)
    check_new_names(rename, data, data_path)
    for number in sorted(weights.names.keys() ^ data.names.keys()):
        gone = number in weights.names
        name = (weights if gone else data).names[number]
        said = "of the weights is not in the data" if gone else "is not in the weights"
        progress.note(f'note: class {number} ("{name}") {said}')
    return LabelMap(
        names=dict(sorted((weights.names | data.names).items())),
        display_names=weights.display_names | data.display_names,
    )


def differences(
    weights: LabelMap,
    data: LabelMap,
    data_path: Path,
    weights_path: Path,
    before: LabelMap | None = None,
) -> Iterator[Problem]:
    """Name each number that means one class in the weights and another one in the data.

    A number that only one of them has is none when its class is new, or gone. `before` has the
    names of the weights to show, where some have been renamed.
    """
    ours, theirs = set(data.ids), set(weights.ids)
    for number in sorted(weights.names.keys() | data.names.keys()):
        old, new = (before or weights).names.get(number), data.names.get(number)
        if not _called(weights, number).isdisjoint(_called(data, number)):
            continue
        moved = not _called(weights, number).isdisjoint(ours)
        moved |= not _called(data, number).isdisjoint(theirs)
        shown, other = told_apart(old or "", new or "")
        shown, other = shown if old else "missing", other if new else "missing"
        what = f"class {number} is {shown} in the weights and {other} in the data"
        if moved:
            remedy = Remedy.KEEP_NUMBERS(label_map=data_path, weights=weights_path)
            yield Problem("class-number-moved", data_path, what, remedy=remedy)
        elif old is not None and new is not None:
            remedy = Remedy.RENAME_CLASS(old=old, new=new)
            yield Problem("class-renamed", data_path, what, remedy=remedy)


def keep_label_map(labels: LabelMap, folder: Path) -> None:
    """Leave the label map next to checkpoints; a different one there is kept as .old, .old2."""
    path = folder / LABEL_MAP
    if path.is_file():
        try:
            if read_label_map(path, names_twice=True) == labels:
                return
        except UserError:
            pass  # whatever it is, it is kept
    with replace_file(path) as temporary:
        write_label_map(temporary, labels)


def keep_renamed(labels: LabelMap, checkpoint: Path) -> None:
    """Write the agreed classes into the label map of a checkpoint, where there is one."""
    if path := label_map_of(checkpoint):
        keep_label_map(labels, path.parent)


def check_rename(rename: Mapping[str, str] | None, checkpoint: Path | None) -> None:
    """Make sure that the classes to rename are in the weights, under the old name or the new one.

    Raises:
        UserError: one is not, or the weights have no names.
    """
    if not rename:
        return
    path = label_map_of(checkpoint) if checkpoint else None
    if path is None:
        what = "nothing to rename: the weights or the data have no label map"
        got = some([f"{old}={new}" for old, new in rename.items()])
        remedy = Remedy.LEAVE_OUT(setting="rename")
        raise refusal("unknown-class", what=what, setting="rename", got=got, remedy=remedy)
    labels = read_label_map(path, names_twice=True)
    for old, new in rename.items():
        if old not in labels.ids and new not in labels.ids:  # else it was renamed before
            raise _not_there("weights", path, labels, old)


def check_new_names(rename: Mapping[str, str] | None, data: LabelMap, path: Path) -> None:
    """Make sure that the data know the new names, so that no rename is ignored.

    Raises:
        UserError: one is not in the label map of the data, which is read from `path`.
    """
    for name in (rename or {}).values():
        if name not in data.ids:
            raise _not_there("data", path, data, name)


def _not_there(whose: str, path: Path, labels: LabelMap, name: str) -> UserError:
    known = list(labels.ids)
    guess = closest(name, known)
    return refusal(
        "unknown-class",
        path,
        f'the {whose} have no class "{name}"',
        expected=some(known, 5),
        remedy=Remedy.DID_YOU_MEAN(name=guess) if guess else None,
    )


def _renamed(weights: LabelMap, rename: Mapping[str, str]) -> LabelMap:
    """The weights' classes under their new names."""
    names = dict(weights.names)
    for number, name in names.items():
        shown = weights.display_names.get(number, name)
        names[number] = rename.get(name) or rename.get(shown) or name
    kept = {n: shown for n, shown in weights.display_names.items() if names[n] == weights.names[n]}
    return LabelMap(names, kept)


def _called(labels: LabelMap, number: int) -> set[str]:
    names = {labels.names.get(number), labels.display_names.get(number)}
    return {name for name in names if name is not None}
