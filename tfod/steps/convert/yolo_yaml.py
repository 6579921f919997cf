"""data.yaml of a YOLO data set: its top level, every scalar as the text it is.

Text, as YAML would otherwise make a class "no" False and a class "1e3" a number.
"""

from pathlib import Path

import yaml

from tfod.errors import UserError

Value = str | list[str] | dict[str, str]


def read_yaml(path: Path) -> dict[str, Value]:
    """Read the keys whose value is a text, a list of texts, or a mapping of texts to texts.

    Raises:
        UserError: no text, no YAML, or class names that are something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text. Save it as UTF-8.") from error
    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)  # makes texts, lists and dicts, no more
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}" if mark else f"{path}"
        raise UserError(f"{where}: not YAML ({error.problem}). Correct it.") from error
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path}: not YAML ({reason}). Correct it.") from error
    values = found if isinstance(found, dict) else {}
    if "names" in values and not _is_flat(values["names"]):
        raise UserError(f"{path}: names is no list of class names. Correct it.")
    return {key: value for key, value in values.items() if _is_flat(value)}


def _is_flat(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(text, str) for pair in value.items() for text in pair)
    if isinstance(value, list):
        return all(isinstance(text, str) for text in value)
    return isinstance(value, str)
