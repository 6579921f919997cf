"""Settings on the command line: `--set train_config.batch_size=4`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from google.protobuf import text_format
from google.protobuf.message import Message

from tfod.config.explain import unknown_field, wrong_value
from tfod.config.files import resolve_paths
from tfod.config.schema import Field, fields
from tfod.errors import Problem, UserError, refusal
from tfod.remedies import Remedy
from tfod.workspace import Workspace

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+)\])?")


def apply_overrides(
    config: Message, overrides: Sequence[str], workspace: Workspace | None = None
) -> None:
    """Change a config in place, one setting after the other.

    Args:
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
            what = "has no value"
            expected = "path.to.field=value, for example train_config.batch_size=4"
            raise refusal("override-without-value", setting=override, what=what, expected=expected)
        _apply(config, path.strip(), value.strip(), workspace)


def _apply(config: Message, path: str, value: str, workspace: Workspace | None) -> None:
    message = config
    walked: list[str] = []
    *outer, last = path.split(".")
    for step in outer:
        field, index = _find(message, step, walked)
        walked.append(step)
        if field.type not in fields():
            raise _no_such_place("is not a section", walked)
        message = _enter(message, field, index, walked)
    field, index = _find(message, last, walked)
    walked.append(last)
    parsed = _parse(message, field, value, ".".join(walked))
    if workspace is not None:
        resolve_paths(parsed, workspace)
    _set(message, field, index, parsed, walked)


def _find(message: Message, step: str, walked: list[str]) -> tuple[Field, int | None]:
    """Look up one step of a path, "name" or "name[index]", among the fields of the message."""
    match = _STEP.fullmatch(step)
    if match is None:
        raise _no_such_place(f'"{step}" is not a field', walked, "a name, or name[0] in a list")
    kind = message.DESCRIPTOR.name
    field = next((field for field in fields()[kind] if field.name == match["name"]), None)
    if field is None:
        problem = unknown_field(kind, ".".join([*walked, match["name"]]))
        raise UserError(_without_line(problem))
    if match["index"] is None:
        return field, None
    if not field.repeated:
        raise _no_such_place("is not a list", [*walked, step], f"{field.name} without an index")
    return field, int(match["index"])


def _enter(message: Message, field: Field, index: int | None, walked: list[str]) -> Message:
    inner = getattr(message, field.name)
    if not field.repeated:
        inner.SetInParent()
        return inner
    if index is None and len(inner) > 1:
        what = f"has {len(inner)} elements"
        raise _no_such_place(what, walked, f"the index of one, such as {field.name}[0]")
    _need_index(index or 0, len(inner), walked)
    return inner.add() if (index or 0) == len(inner) else inner[index or 0]


def _need_index(index: int, length: int, walked: list[str]) -> None:
    if index > length:
        raise _no_such_place("no element with this number", walked, f"0 to {length}", got=index)


def _set(
    message: Message, field: Field, index: int | None, parsed: Message, walked: list[str]
) -> None:
    if not field.repeated:
        message.ClearField(field.name)
        message.MergeFrom(parsed)
        return
    values, new = getattr(message, field.name), getattr(parsed, field.name)
    if index is None:
        del values[:]
        values.extend(new)
        return
    _need_index(index, len(values), walked)
    tail = list(values[index + 1 :])
    del values[index:]
    values.extend([*new, *tail])


def _parse(message: Message, field: Field, value: str, setting: str) -> Message:
    """Read the value as protobuf would, into a message that has only this field."""
    parsed = type(message)()
    if field.type == "string" and not value.startswith(('"', "'")):
        _put_text(parsed, field, value)
        return parsed
    if field.type == "bool":
        value = value.lower()
    try:
        text_format.Parse(f"{field.name}: {value}", parsed)
    except text_format.ParseError as error:
        problem = wrong_value(setting, field, value or "nothing")
        raise UserError(_without_line(problem)) from error
    if [descriptor.name for descriptor, _ in parsed.ListFields()] not in ([], [field.name]):
        raise UserError(
            _without_line(wrong_value(setting, field, value))
        )  # it went on with another field
    return parsed


def _put_text(message: Message, field: Field, text: str) -> None:
    """Set a text that was written without quotes, or a list of them."""
    if not field.repeated:
        setattr(message, field.name, text)
        return
    items = [item.strip().strip("\"'") for item in text.strip("[]").split(",")]
    is_list = text.startswith("[")
    getattr(message, field.name).extend(filter(None, items) if is_list else [text])


def _no_such_place(
    what: str, walked: list[str], expected: str | None = None, got: object = None
) -> UserError:
    where = ".".join(walked)
    return refusal("config-no-such-place", setting=where, what=what, expected=expected, got=got)


def _without_line(problem: Problem) -> Problem:
    """Drop the advice to edit a line: an override is not in a file."""
    return replace(problem, remedy=None) if problem.remedy is Remedy.EDIT_LINE else problem
