"""data.yaml of a YOLO data set: the few kinds of lines that describe one, read without a library.

Knows scalars, lists (`[a, b]` or `- a`) and mappings (`{0: a}` or `0: a`), all one level deep.
"""

import json
import re
from pathlib import Path

from tfod.errors import UserError

Value = str | list[str] | dict[str, str]

_KEY = re.compile(r"([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$")
_SCALAR = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,#\[\]{}:]+)\s*""")
_ENTRY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^:#'"]+?)\s*:\s*(.+)$""")


def read_yaml(path: Path) -> dict[str, Value]:
    """Read the top level of a data.yaml; what is nested deeper is kept as text.

    Raises:
        UserError: no text, or a line that cannot be understood where classes stand.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text. Save it as UTF-8.") from error
    blocks: dict[str, tuple[int, list[str]]] = {}
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        key = _KEY.match(line)
        if key and line[0] not in " \t-":
            lines = [key[2] or ""]
            blocks[key[1]] = (number, lines)
        elif line.strip() and not line.lstrip().startswith("#"):
            lines.append(line)
    return {key: _value(lines, f"{path}:{number}") for key, (number, lines) in blocks.items()}


def _value(lines: list[str], where: str) -> Value:
    first = lines[0].strip()
    if first[:1] in ("[", "{"):
        return _flow(" ".join(_without_comment(line) for line in lines), where)
    if first and not first.startswith("#"):
        return _plain(_without_comment(first))
    inner = [_without_comment(line) for line in lines[1:]]
    inner = [line for line in inner if line.strip()]
    if all(line.lstrip().startswith("-") for line in inner):
        return [_plain(line.lstrip()[1:]) for line in inner]
    entries = [_ENTRY.match(line) for line in inner]
    return {_plain(entry[1]): _plain(entry[2]) for entry in entries if entry}


def _flow(text: str, where: str) -> Value:
    """Read `[a, "b"]` or `{0: a, 1: b}`."""
    text = text.strip()
    inner, mapping = text[1:-1], text[0] == "{"
    if text[-1] != ("}" if mapping else "]"):
        raise UserError(f"{where}: the list is not closed (it ends with {text[-1]}). Correct it.")
    words: list[str] = []
    place = 0
    while inner[place:].strip():
        word = _SCALAR.match(inner, place)
        if not word:
            raise UserError(f"{where}: not understood: {inner[place : place + 20]}. Correct it.")
        words.append(_plain(word[1]))
        place = word.end() + 1  # the comma or colon behind it
    if mapping:
        return dict(zip(words[::2], words[1::2], strict=False))
    return words


def _without_comment(line: str) -> str:
    quoted = re.match(r"""((?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*?)(?:^|\s)#.*$""", line)
    return quoted[1] if quoted else line


def _plain(text: str) -> str:
    text = text.strip()
    if text[:1] == '"' and text[-1:] == '"' and len(text) > 1:
        try:
            return json.loads(text)
        except ValueError:
            return text[1:-1]
    if text[:1] == "'" and text[-1:] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    return text
