"""The classes of a model against those of the project: renamed, dropped and counted.

A model made by others finds other things, or calls them something else.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tfod.detections import Detections
from tfod.errors import UserError, refusal
from tfod.remedies import Remedy
from tfod.words import closest, some

CLOSE = 0.5  # a wrong guess among a handful of classes does no harm
MOST_NAMES = 5
_NUMBERED = re.compile(r"class [1-9]\d*$")  # how `Detections` calls a class without a name


@dataclass(frozen=True)
class ProjectClasses:
    """What the project calls things.

    Attributes:
        names: of its classes; None: any class of the model counts.
        rename: class name of the model -> class name of the project.
    """

    names: Collection[str] | None = None
    rename: Mapping[str, str] = field(default_factory=dict)

    def count(self, name: str) -> bool:
        """Whether a class of the model is one of the project."""
        return self.names is None or self.rename.get(name, name) in self.names


def check_names(model_classes: Collection[str], project: ProjectClasses) -> None:
    """Make sure that the new names exist, and that the model knows a class of the project.

    Raises:
        UserError: a name does not exist, or no class is known to both.
    """
    for old, new in project.rename.items():
        for name, owner, names in ((old, "model", model_classes), (new, "project", project.names)):
            if names and name not in names:
                raise _unknown_class(name, owner, names, f"{old}={new}")
    if project.names and model_classes and not any(map(project.count, model_classes)):
        old, new = next(iter(model_classes)), next(iter(project.names))
        raise refusal(
            "no-class-in-common",
            what="the model has none of the project's classes",
            setting="rename",
            expected=some(list(project.names), MOST_NAMES),
            got=some(list(model_classes), MOST_NAMES),
            remedy=Remedy.SET(setting="rename", value=f"{old}={new}"),
        )


def _unknown_class(name: str, owner: str, names: Collection[str], got: str) -> UserError:
    guess = closest(name, names, CLOSE)
    return refusal(
        "unknown-class",
        what=f'the {owner} has no class "{name}"',
        setting="rename",
        expected=some(list(names), MOST_NAMES),
        got=got,
        remedy=Remedy.DID_YOU_MEAN(name=guess) if guess else None,
    )


def check_numbered(model: str, names_file: Path, project: ProjectClasses) -> None:
    """Make sure that the classes of a model without names are named by their number.

    Raises:
        UserError: nothing is renamed, or from a name that the model does not have.
    """
    misnamed = [old for old in project.rename if not _NUMBERED.match(old)]
    if project.rename and not misnamed:
        return
    ours = next(iter(project.rename.values()), next(iter(project.names or ()), "YOURS"))
    raise refusal(
        "class-names-missing",
        names_file,
        f"the classes of the model {model} have no names",
        setting="rename",
        expected="the names in this file, or a number for each class",
        got=misnamed[0] if misnamed else None,
        remedy=Remedy.SET(setting="rename", value=f"class 1={ours}"),
    )


def in_project_words(found: Detections, project: ProjectClasses) -> tuple[Detections, Counter[str]]:
    """Rename the classes, drop those that the project does not have, and count these."""
    names = [found.name_of(row) for row in range(len(found))]
    class_names = {
        int(class_id): project.rename.get(name, name)
        for class_id, name in zip(found.class_ids, names, strict=True)
    }
    counts = np.array([project.count(name) for name in names], bool)
    dropped = Counter(name for name, keep in zip(names, counts, strict=True) if not keep)
    return replace(found, class_names=class_names).rows(counts), dropped
