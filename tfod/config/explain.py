"""What the parser refused, in the words of someone who edits a pipeline.config."""

import difflib
import re
from collections.abc import Iterable

from google.protobuf import text_format

from tfod.config.lines import Path, Place, field_at, find_fields
from tfod.config.schema import ROOT_MESSAGE, Field, fields

ARCHITECTURES = {
    "FasterRcnn": "Faster R-CNN",
    "CenterNet": "CenterNet",
    "ExperimentalModel": "an experimental model",
}
OUR_ARCHITECTURE = "ssd with the feature extractor ssd_mobilenet_v2_fpn_keras"

_EXPECTED = {
    "bool": "true or false",
    "int32": "a whole number",
    "uint32": "a whole number, 0 or more",
    "float": "a number",
    "string": "text in quotes",
}
_WRONG_VALUE = re.compile(
    r"Couldn't parse|Value out of range|Expected \"true\"|Expected string|Enum type|codec can't"
)


def explain(error: text_format.ParseError, text: str) -> str:
    """Say what the parser refused: "LINE: what is wrong (expected, got). What to do."."""
    line, column = error.GetLine() or 1, error.GetColumn() or 1
    # the parser writes "LINE:COLUMN : 'the text of the line': what is wrong"
    detail = re.sub(r"^\d+:\d+ : ", "", str(error))
    source = text.split("\n")[line - 1]
    detail = detail.removeprefix(f"'{source}': ")
    place = field_at(find_fields(text), line, column)
    unknown = re.match(r'Message type "tfod\.(\w+)" has no field named "([^"]+)"', detail)
    if unknown and place:
        return f"{line}: {_unknown_field(unknown[1], unknown[2], place)}"
    field = find_field(place.path) if place else None
    if field and place and _WRONG_VALUE.match(detail):
        got = re.match(r""""[^"]*"?|'[^']*'?|[^\s{}]+""", source[column - 1 :])
        return f"{line}: {wrong_value(place.field, field, got.group() if got else detail)}"
    detail = re.sub(r"tfod\.(\w+)", r"\1", detail).rstrip(".")
    return (
        f"{line}: not in the form of a pipeline.config: {detail}. Look for a missing brace, colon "
        "or quote in this line and the one above."
    )


def wrong_value(name: str, field: Field, got: str) -> str:
    """Say that a field has a value of the wrong kind; `got` is as the user wrote it."""
    if field.values:
        return f"{name} is {got} (expected {', '.join(field.values)})."
    if field.type not in _EXPECTED:
        return f"{name} is {got} (expected a section: {name.rpartition('.')[2]} {{ ... }})."
    return f"{name} is {got} (expected {_EXPECTED[field.type]})."


def nearest(word: str, known: Iterable[str]) -> str:
    """Say `Did you mean "..."?` with the known word most like this one, or list the known."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower().strip("\"'"), by_lower, n=1)
    if close:
        return f'Did you mean "{by_lower[close[0]]}"?'
    return f"Known here: {', '.join(sorted(by_lower.values()))}." if by_lower else "Remove it."


def unknown_field(message: str, name: str, section: str) -> str:
    """Say that a message has no such field, and which field may be meant."""
    where = f" in {section}" if section else ""
    return f'unknown field "{name}"{where}. {nearest(name, (f.name for f in fields()[message]))}'


def another_architecture(name: str) -> str:
    """Say that a config describes a model which is not trained here."""
    return (
        f"{name} is another architecture (expected {OUR_ARCHITECTURE}). Make a config for your "
        "classes with `tfod config NAME`."
    )


def find_field(path: Path) -> Field | None:
    """Look up the schema's field at the end of a path; None when there is none."""
    message, found = ROOT_MESSAGE, None
    for name, _ in path:
        found = next((field for field in fields().get(message, ()) if field.name == name), None)
        if found is None:
            return None
        message = found.type
    return found


def _unknown_field(message: str, name: str, place: Place) -> str:
    if message in ARCHITECTURES:
        return another_architecture(ARCHITECTURES[message])
    return unknown_field(message, name, place.section)
