"""Problems of settings, as someone who edits a pipeline.config understands them.

File and line are added where the problems are reported.
"""

import re
from dataclasses import replace
from pathlib import Path

from google.protobuf import text_format

from tfod.config.lines import FieldPath, Place, dotted, field_at, find_fields
from tfod.config.schema import ROOT_MESSAGE, Field, fields
from tfod.errors import Problem
from tfod.remedies import Remedy
from tfod.words import closest

OUR_EXTRACTOR = "ssd_mobilenet_v2_fpn_keras"
PLANNED = ("ssd_resnet50_v1_fpn_keras",)
ARCHITECTURES = {
    "faster_rcnn": "Faster R-CNN",
    "center_net": "CenterNet",
    "experimental_model": "an experimental model",
}
NEW_CONFIG = Remedy.RUN(step="config", name="NAME")

_EXPECTED = {
    "bool": "true or false",
    "int32": "a whole number",
    "uint32": "a whole number, 0 or more",
    "float": "a number",
    "string": "text in quotes",
}
_OTHERS = {
    field.type: field.name for field in fields()["DetectionModel"] if field.name in ARCHITECTURES
}
_WRONG_VALUE = re.compile(
    r"Couldn't parse|Value out of range|Expected \"true\"|Expected string|Enum type|codec can't"
)


def explain(error: text_format.ParseError, text: str, path: str | Path) -> Problem:
    """Say what the parser refused in the text of a config, and in which line."""
    line, column = error.GetLine() or 1, error.GetColumn() or 1
    # the parser writes "LINE:COLUMN : 'the text of the line': what is wrong"
    detail = re.sub(r"^\d+:\d+ : ", "", str(error))
    source = text.split("\n")[line - 1]
    detail = detail.removeprefix(f"'{source}': ")
    place = field_at(find_fields(text), line, column)
    unknown = re.match(r'Message type "tfod\.(\w+)" has no field named "([^"]+)"', detail)
    if unknown and place:
        return replace(_unknown_field(unknown[1], place), where=path, line=line)
    field = find_field(place.path) if place else None
    if field and place and _WRONG_VALUE.match(detail):
        got = re.match(r""""[^"]*"?|'[^']*'?|[^\s{}]+""", source[column - 1 :])
        problem = wrong_value(dotted(place.path), field, got.group() if got else detail)
        return replace(problem, where=path, line=line)
    detail = re.sub(r"tfod\.(\w+)", r"\1", detail).rstrip(".")
    what = f"not valid pipeline.config syntax: {detail}"
    expected = "balanced braces, colons and quotes on this line and the one before"
    remedy = Remedy.EDIT_LINE
    return Problem("config-syntax", path, what, line=line, expected=expected, remedy=remedy)


def wrong_value(setting: str, field: Field, got: str) -> Problem:
    """Make the problem of a field whose value has another type; `got` is as the user wrote it."""
    expected = f"a section: {field.name} {{ ... }}"
    if field.type not in fields():
        expected = ", ".join(field.values) or _EXPECTED[field.type]
    what = "not a valid value"
    remedy = Remedy.EDIT_LINE
    return Problem(
        "config-wrong-type", setting=setting, what=what, expected=expected, got=got, remedy=remedy
    )


def unknown_field(message: str, setting: str) -> Problem:
    """Make the problem of a message that has no field of the last name in `setting`."""
    known = [field.name for field in fields()[message]]
    meant = closest(setting.rpartition(".")[2], known)
    what = "unknown field"
    expected = f"one of {', '.join(sorted(known))}" if known and not meant else None
    remedy = Remedy.DID_YOU_MEAN(name=meant) if meant else Remedy.EDIT_LINE
    return Problem(
        "config-unknown-field", setting=setting, what=what, expected=expected, remedy=remedy
    )


def out_of_range(setting: str, got: object, expected: str) -> Problem:
    """Make the problem of a setting that has the right type and a value that cannot be used."""
    if isinstance(got, float):
        got = f"{got:.6g}"
    what = "cannot be used"
    remedy = Remedy.EDIT_LINE
    return Problem(
        "config-out-of-range", setting=setting, what=what, expected=expected, got=got, remedy=remedy
    )


def not_set(setting: str, expected: str) -> Problem:
    """Make the problem of a setting that is needed and missing."""
    return Problem("config-setting-missing", setting=setting, what="not set", expected=expected)


def not_supported(setting: str, expected: str | None = None, got: object = None) -> Problem:
    """Make the problem of a setting that asks for something that tfod does not do."""
    return Problem(
        "config-not-supported",
        setting=setting,
        what="not supported",
        expected=expected,
        got=got,
        remedy=Remedy.EDIT_LINE,
    )


def another_architecture(setting: str, name: str) -> Problem:
    """Make the problem of a config that describes a model which is not trained here."""
    what = f"{ARCHITECTURES[name]} is a different architecture"
    expected = f"ssd with the feature extractor {OUR_EXTRACTOR}"
    return Problem(
        "another-architecture", setting=setting, what=what, expected=expected, remedy=NEW_CONFIG
    )


def another_extractor(setting: str, extractor: str) -> Problem:
    """Make the problem of an SSD with another feature extractor than ours."""
    state = "planned, but not built yet" if extractor in PLANNED else "a different architecture"
    if not extractor.endswith("_keras"):
        state = "a different architecture, for TensorFlow 1"
    return Problem(
        "another-architecture",
        setting=setting,
        what=state,
        expected=OUR_EXTRACTOR,
        got=extractor,
        remedy=NEW_CONFIG,
    )


def find_field(path: FieldPath) -> Field | None:
    """Look up the schema's field at the end of a path; None when there is none."""
    message, found = ROOT_MESSAGE, None
    for name, _ in path:
        found = next((field for field in fields().get(message, ()) if field.name == name), None)
        if found is None:
            return None
        message = found.type
    return found


def _unknown_field(message: str, place: Place) -> Problem:
    if message in _OTHERS:  # whose fields are not all listed
        return another_architecture(dotted(place.path[:-1]), _OTHERS[message])
    return unknown_field(message, dotted(place.path))
