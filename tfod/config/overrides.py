"""Settings on the command line: `--set train_config.batch_size=4`."""

import re
from collections.abc import Sequence
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import Message

from tfod.config.explain import unknown_field, wrong_value
from tfod.config.files import resolve_paths
from tfod.config.schema import Field, fields
from tfod.errors import UserError
from tfod.workspace import Workspace

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+)\])?")


def apply_overrides(
    config: Message, overrides: Sequence[str], workspace: Workspace | None = None
) -> None:
    """Change a config in place, one setting after the other.

    Args:
        config: the message to change.
        overrides: each "path=value", for example
            "train_config.batch_size=4",
            "eval_input_reader[0].shuffle=false" (an index one past the end adds an element),
            "model.ssd.post_processing.score_converter=SIGMOID",
            "train_input_reader.tf_record_input_reader.input_path=annotations/train.record"
            (a list gets this one value, or several as "[a, b]"),
            "model.ssd.loss.localization_loss.weighted_l2={}" (a whole section in braces).
            Setting one member of a choice, such as an optimizer, removes the others.
        workspace: paths in the overrides start from its root; they stay as they are when None.

    Raises:
        UserError: an unknown field, a wrong type or an index that is not there.
    """
    for override in overrides:
        path, equals, value = override.partition("=")
        if not equals:
            raise UserError(
                f"--set {override}: no value (expected path.to.field=value, for example "
                "train_config.batch_size=4)."
            )
        try:
            _apply(config, path.strip(), value.strip(), workspace)
        except _Problem as problem:
            raise UserError(f"--set {override}: {problem}") from problem


class _Problem(Exception):
    """What is wrong with one override, still without the override itself."""


def _apply(config: Message, path: str, value: str, workspace: Workspace | None) -> None:
    message: Any = config
    walked: list[str] = []
    *outer, last = path.split(".")
    for step in outer:
        field, index = _find(message, step, walked)
        if field.type not in fields():
            raise _Problem(f"{'.'.join([*walked, field.name])} has no fields of its own.")
        walked.append(step)
        message = _enter(message, field, index, ".".join(walked))
    field, index = _find(message, last, walked)
    parsed = _parse(message, field, value, ".".join([*walked, last]))
    if workspace is not None:
        resolve_paths(parsed, workspace)
    _set(message, field, index, parsed, ".".join([*walked, last]))


def _find(message: Any, step: str, walked: list[str]) -> tuple[Field, int | None]:
    """Look up one step of a path, "name" or "name[index]", among the fields of the message."""
    match = _STEP.fullmatch(step)
    if match is None:
        raise _Problem(f'"{step}" is not a field (expected a name, or name[0] in a list).')
    kind = message.DESCRIPTOR.name
    field = next((field for field in fields()[kind] if field.name == match["name"]), None)
    if field is None:
        raise _Problem(unknown_field(kind, match["name"], ".".join(walked)))
    if match["index"] is None:
        return field, None
    if not field.repeated:
        raise _Problem(f"{field.name} is not a list. Leave out [{match['index']}].")
    return field, int(match["index"])


def _enter(message: Any, field: Field, index: int | None, where: str) -> Any:
    inner = getattr(message, field.name)
    if not field.repeated:
        inner.SetInParent()
        return inner
    if index is None and len(inner) > 1:
        raise _Problem(f"{where} has {len(inner)} elements. Say which: {field.name}[0].")
    _need_index(index or 0, len(inner), where)
    return inner.add() if (index or 0) == len(inner) else inner[index or 0]


def _need_index(index: int, length: int, where: str) -> None:
    if index > length:
        raise _Problem(f"{where}: the list has {length} elements, counted from 0.")


def _set(message: Any, field: Field, index: int | None, parsed: Any, where: str) -> None:
    if not field.repeated:
        message.ClearField(field.name)
        message.MergeFrom(parsed)
        return
    values, new = getattr(message, field.name), getattr(parsed, field.name)
    if index is None:
        del values[:]
        values.extend(new)
        return
    _need_index(index, len(values), where)
    tail = list(values[index + 1 :])
    del values[index:]
    values.extend([*new, *tail])


def _parse(message: Any, field: Field, value: str, where: str) -> Any:
    """Read the value as protobuf would, into a message that has only this field."""
    parsed = type(message)()
    if field.type == "string" and not value.startswith(("[", '"', "'")):
        (getattr(parsed, field.name).append if field.repeated else _setter(parsed, field))(value)
        return parsed
    if field.type == "string" and value.startswith("["):
        items = [item.strip().strip("\"'") for item in value.strip("[]").split(",")]
        getattr(parsed, field.name).extend(item for item in items if item)
        return parsed
    if field.type == "bool":
        value = value.lower()
    try:
        text_format.Parse(f"{field.name}: {value}", parsed)
    except text_format.ParseError as error:
        raise _Problem(wrong_value(where, field, value or "empty")) from error
    if [descriptor.name for descriptor, _ in parsed.ListFields()] not in ([], [field.name]):
        raise _Problem(wrong_value(where, field, value))  # it went on with another field
    return parsed


def _setter(message: Any, field: Field) -> Any:
    return lambda value: setattr(message, field.name, value)
