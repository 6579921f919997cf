"""The classes of a model against those of the project: renamed, dropped and counted.

A model of other people finds other things, or calls them something else.
"""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from tfod.detections import Detections
from tfod.errors import UserError

FEW = 5  # names told in a message
_NUMBERED = re.compile(r"class [1-9]\d*$")  # how `Detections` calls a class without a name


def check_names(
    model_classes: Collection[str], classes: Collection[str] | None, rename: Mapping[str, str]
) -> None:
    """Make sure that the new names exist, and that the model knows a class of the project.

    Args:
        model_classes: names of the model's classes; none when it has no label map.
        classes: names of the project's classes; None: any will do.
        rename: class name of the model -> class name of the project.

    Raises:
        UserError: names what does not exist, and the nearest name.
    """
    for old, new in rename.items():
        for name, whose, names in ((old, "model", model_classes), (new, "project", classes)):
            if names and name not in names:
                raise UserError(
                    f'--rename {old}={new}: the {whose} has no class "{name}". '
                    + _known(name, names)
                )
    ours = {rename.get(name, name) for name in model_classes}
    if classes and model_classes and ours.isdisjoint(classes):
        old, new = next(iter(model_classes)), next(iter(classes))
        raise UserError(
            f"no class of the model ({_few(model_classes)}) is one of the project "
            f"({_few(classes)}). Say which stands for which, for example: "
            f'--rename "{old}={new}"'
        )


def check_nameless(
    model: str, names_file: str, classes: Collection[str] | None, rename: Mapping[str, str]
) -> None:
    """Make sure that a model without class names is told its classes by number.

    Args:
        model: its name.
        names_file: the file its class names would be read from, in words.
        classes: names of the project's classes; None: any will do.
        rename: "class N" of the model -> class name of the project.

    Raises:
        UserError: nothing is told, or by a name that the model does not have.
    """
    wrong = [f"--rename {old}={new}: " for old, new in rename.items() if not _NUMBERED.match(old)]
    if rename and not wrong:
        return
    ours = next(iter(rename.values()), next(iter(classes or ()), "YOURS"))
    raise UserError(
        f"{''.join(wrong[:1])}the model {model} has no names of its classes. Put them into "
        f'{names_file}, or tell them by number: --rename "class 1={ours}".'
    )


def in_project_words(
    found: Detections, classes: Collection[str] | None, rename: Mapping[str, str]
) -> tuple[Detections, Counter]:
    """Rename the classes, drop those that the project does not have, and count these."""
    names = [found.name_of(row) for row in range(len(found))]
    class_names = {
        int(class_id): rename.get(name, name)
        for class_id, name in zip(found.class_ids, names, strict=True)
    }
    ours = np.array([classes is None or rename.get(name, name) in classes for name in names], bool)
    dropped = Counter(name for name, keep in zip(names, ours, strict=True) if not keep)
    return replace(found, class_names=class_names).rows(ours), dropped


def _known(name: str, names: Collection[str]) -> str:
    """The nearest known name as a hint, else the first few."""
    close = difflib.get_close_matches(name, list(names), 1, 0.5)
    return f'Did you mean "{close[0]}"?' if close else f"Known: {_few(names)}."


def _few(names: Collection[str]) -> str:
    rest = len(names) - FEW
    return ", ".join(list(names)[:FEW]) + (f" and {rest} more" if rest > 0 else "")
