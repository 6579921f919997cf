"""What a model takes from a checkpoint and what it leaves there.

A restore ends in a report in numbers, or changes nothing and raises. Sources: FACTS 1.5 for what
`fine_tune_checkpoint_type` means; `transfer` is our own default for new configs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfod.class_numbers import label_map_of
from tfod.errors import Problem, UserError
from tfod.labels import read_label_map
from tfod.model.checkpoints.format import Checkpoint, read_checkpoint
from tfod.remedies import Remedy
from tfod.words import plural

EXTRACTOR = "model/_feature_extractor/"
BACKBONE = EXTRACTOR + "classification_backbone/"
CLASS_HEAD = "model/_box_predictor/_prediction_heads/"
BOX_HEAD = "model/_box_predictor/_box_prediction_head/"
PARTS = {  # the first that fits
    BACKBONE: "backbone",
    EXTRACTOR: "feature pyramid",
    CLASS_HEAD: "class head",
    BOX_HEAD: "box head",
    "model/_box_predictor/": "box tower",
    "": "other variables",
}
# how to restore -> what must be there, and what a checkpoint of this kind is
NEEDED = {
    "detection": (EXTRACTOR, "a checkpoint of the feature extractor that the config describes"),
    "classification": (BACKBONE, "a checkpoint of the backbone that the config describes"),
    "transfer": (BACKBONE, "a checkpoint of the backbone that the config describes"),
    "full": ("", "a checkpoint of the model that the config describes"),
    "all": ("", "the pipeline.config that the checkpoint was trained with"),
}
TYPE = "train_config.fine_tune_checkpoint_type"


class Model(Protocol):
    """What is restored and saved."""

    @property
    def variables_by_key(self) -> Mapping[str, Any]:
        """Key as in `format.py` -> Keras variable."""


@dataclass(frozen=True)
class Report:
    """What a restore did; as text one line in numbers.

    Attributes:
        path: prefix of the checkpoint.
        how: the way to restore.
        restored: variables of the model that took their value from the checkpoint.
        total: variables of the model.
        skipped: key of each other variable of the model -> why it kept its value.
        unused: variables of the checkpoint's model that this model does not have.
    """

    path: Path
    how: str
    restored: int
    total: int
    skipped: Mapping[str, str]
    unused: int

    def __str__(self) -> str:
        text = f"restored {self.restored} of {self.total} variables from {self.path} ({self.how})"
        if self.skipped:
            text += f"; not restored: {_in_parts(self.skipped)}"
        if self.unused:
            text += f"; {plural(self.unused, 'variable')} of the checkpoint not used"
        return text


def restore_model(
    model: Model,
    checkpoint: Checkpoint | str | Path,
    how: str,
    class_names: Mapping[int, str] | None = None,
) -> Report:
    """Give a model the weights of a checkpoint.

    Args:
        checkpoint: as it was read, or its prefix, one of its files, or its folder.
        how: "detection" (backbone and feature pyramid), "classification" (the backbone, from an
            image classifier), "full" and "all" (every variable), or "transfer" (every variable
            that fits; the class head only when the class names are the same).
        class_names: 0-based class id -> name here, for "transfer"; the names of the checkpoint are
            read from a label_map.pbtxt next to it or next to its folder.

    Returns:
        What was restored and what was not.

    Raises:
        UserError: the checkpoint cannot be read, or does not hold what `how` needs. The model is
            unchanged then.
    """
    needed = NEEDED[how][0]
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = read_checkpoint(checkpoint)
    values, variables = model_values(checkpoint, how), model.variables_by_key
    skipped = _misfits(values, variables)
    if len(skipped) == len(variables) and not any(key in values for key in variables):
        raise UserError(_other_kind(checkpoint, how))
    missing = {key: why for key, why in skipped.items() if key.startswith(needed)}
    if missing:
        raise UserError(_does_not_fit(checkpoint.path, how, missing, values, variables))
    if how in ("detection", "classification"):
        rule = f"left at the start by {how}"
        skipped.update({key: rule for key in variables if not key.startswith(needed)})
    if how == "transfer":
        head = [key for key in variables if key.startswith(CLASS_HEAD)]
        misfit = next((skipped[key] for key in head if key in skipped), "")
        reason = misfit or _other_classes(checkpoint.path, class_names)
        skipped.update({key: reason for key in head if reason})
    used = [key for key in variables if key not in skipped]
    for key in used:
        variables[key].assign(values[key])
    unused = len(set(values) - set(variables))
    return Report(checkpoint.path, how, len(used), len(variables), skipped, unused)


def model_values(checkpoint: Checkpoint, how: str) -> dict[str, np.ndarray]:
    """Values of a checkpoint under the keys of a model; a classifier's backbone is found too."""
    stored = checkpoint.variables
    values = {key: value for key, value in stored.items() if key.startswith("model/")}
    if how == "classification" or (how == "transfer" and not values):
        root = "feature_extractor/"
        return {
            BACKBONE + key.removeprefix(root): value
            for key, value in stored.items()
            if key.startswith(root)
        }
    return values


def _misfits(values: Mapping[str, np.ndarray], variables: Mapping[str, Any]) -> dict[str, str]:
    """Key -> reason for each variable that has no value of its shape."""
    reasons = {}
    for key, variable in variables.items():
        shape = tuple(variable.shape)
        if key not in values:
            reasons[key] = "not in the checkpoint"
        elif values[key].shape != shape:
            reasons[key] = "different shapes"
    if any(key.startswith(CLASS_HEAD) for key in reasons):
        stored, wanted = _num_classes(values), _num_classes(variables)
        if stored and wanted and stored != wanted:
            text = f"{plural(stored, 'class')} in the checkpoint, {wanted} here"
            reasons.update({key: text for key in reasons if key.startswith(CLASS_HEAD)})
    return reasons


def _num_classes(variables: Mapping[str, Any]) -> int | None:
    """Read the number of classes off the shapes of the heads: A(C+1) and 4A values a place."""
    sizes = {
        head: value.shape[0]
        for key, value in variables.items()
        for head in (CLASS_HEAD, BOX_HEAD)
        if key.startswith(head) and key.endswith("/bias")
    }
    if len(sizes) < 2:
        return None
    return 4 * sizes[CLASS_HEAD] // sizes[BOX_HEAD] - 1


def _other_classes(prefix: Path, class_names: Mapping[int, str] | None) -> str:
    """Why the class head of a checkpoint is not for these classes; empty when it is."""
    if class_names is None:
        return "the class names of this run are not known"
    if path := label_map_of(prefix):
        names = dict(read_label_map(path, names_twice=True).class_names)
        return "" if names == dict(class_names) else f"{path} has different class names"
    return "same number of classes, but no label_map.pbtxt next to the checkpoint names them"


def _in_parts(skipped: Mapping[str, str]) -> str:
    """Count variables by part of the model and reason: "class head (3): ..."."""
    counts: dict[tuple[str, str], int] = {}
    for key, reason in skipped.items():
        part = next(name for start, name in PARTS.items() if key.startswith(start))
        counts[part, reason] = counts.get((part, reason), 0) + 1
    return ", ".join(f"{part} ({count}): {why}" for (part, why), count in counts.items())


def _does_not_fit(
    prefix: Path,
    how: str,
    missing: Mapping[str, str],
    values: Mapping[str, np.ndarray],
    variables: Mapping[str, Any],
) -> Problem:
    what = f"does not fit this model ({how}): {_in_parts(missing)}"
    expected: object = NEEDED[how][1]
    got = None
    if first := next((key for key in missing if key in values), None):
        what += f"; first {first}"
        expected, got = tuple(variables[first].shape), values[first].shape
    remedy = Remedy.SET(setting=TYPE, value="transfer") if how == "full" else None
    return Problem(
        "checkpoint-does-not-fit", prefix, what, expected=expected, got=got, remedy=remedy
    )


def _other_kind(checkpoint: Checkpoint, how: str) -> Problem:
    """Say what a checkpoint without a single key of the model seems to be."""
    keys = [key for key in sorted(checkpoint.variables) if "/" in key]
    remedy = None
    if any(key.startswith(EXTRACTOR) for key in keys):
        kind = "a detector with a different architecture"
        if how == "classification":
            kind = "a detection checkpoint"
            remedy = Remedy.SET(setting=TYPE, value=["transfer", "detection"])
    elif any(key.startswith("feature_extractor/") for key in keys):
        kind = "an image classifier's checkpoint"
        remedy = Remedy.SET(setting=TYPE, value=["classification", "transfer"])
    elif any(key.startswith("_model/") for key in keys):
        kind = 'the variables of a SavedModel, which has the folder "checkpoint" next to it'
    else:
        kind = "a checkpoint of something else" if keys else "it holds no variables of a model"
    return Problem(
        "checkpoint-of-another-kind",
        checkpoint.path,
        f"none of its variables fits this model: {kind}",
        expected=NEEDED[how][1],
        got=f"the keys {', '.join(keys[:3])}" if keys else None,
        remedy=remedy,
    )
