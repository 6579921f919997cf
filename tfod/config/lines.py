"""Where each field is in the text of a pipeline.config.

Protobuf messages do not remember lines; this reads the text once more, knowing only its grammar
(names, values, braces, lists, comments), so that a message can name the line.
"""

import re
from typing import NamedTuple

FieldPath = tuple[
    tuple[str, int], ...
]  # (field name, its n-th time in this section), outermost first

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>"(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?)
      | (?P<word>[A-Za-z0-9_.+-]+)
      | (?P<mark>[{}<>\[\]:])
      | (?P<newline>\n)""",
    re.VERBOSE,
)


class Place(NamedTuple):
    """One field in the text: its path and where its name begins (both counted from 1)."""

    path: FieldPath
    line: int
    column: int


def dotted(path: FieldPath) -> str:
    """Write a path as people do: "train_config.data_augmentation_options[1].random_crop_image"."""
    return ".".join(f"{name}[{index}]" if index else name for name, index in path)


class _Section:
    """An open brace while reading: its path, the fields seen in it, and an open list."""

    def __init__(self, path: FieldPath) -> None:
        self.path = path
        self.seen: dict[str, int] = {}
        self.in_list = False

    def next(self, name: str) -> FieldPath:
        self.seen[name] = self.seen.get(name, -1) + 1
        return (*self.path, (name, self.seen[name]))


def find_fields(text: str) -> list[Place]:
    """List every field of the text in its order, whether the schema knows it or not."""
    found: list[Place] = []
    sections = [_Section(())]
    line, line_start = 1, 0
    name, is_value, is_open = "", False, False
    for token in _TOKEN.finditer(text):
        section, mark = sections[-1], token["mark"]
        if token["newline"]:
            line, line_start = line + 1, token.end()
        elif token["word"] and not is_value and not section.in_list:
            name, is_open = token["word"], False
            found.append(Place(section.next(name), line, token.start() - line_start + 1))
        elif token["word"] or token["string"]:
            is_value = False
        elif mark == ":":
            is_value = True
        elif mark and mark in "{<":
            if is_open and section.in_list:  # the next message of a list belongs to the same name
                found.append(Place(section.next(name), line, token.start() - line_start + 1))
            opened = found[-1].path if found and name else ()
            sections.append(_Section(opened))
            is_value = False
        elif mark and mark in "}>":
            if len(sections) > 1:
                closed = sections.pop()
                name, is_open = (closed.path[-1][0] if closed.path else ""), True
        elif mark == "[":
            section.in_list, is_value = True, False
        elif mark == "]":
            section.in_list = False
    return found


def field_at(places: list[Place], line: int, column: int) -> Place | None:
    """Give the last field that begins at or before a position."""
    before = [place for place in places if (place.line, place.column) <= (line, column)]
    return before[-1] if before else None
