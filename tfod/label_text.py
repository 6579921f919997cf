"""The text of a label map, item by item with their lines; what they mean is `labels.py`."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from tfod.errors import UserError

# the fields of an item; those without effect on detection are read and left aside
_ITEM_FIELDS = {
    *("name", "id", "display_name"),
    *("keypoints", "ancestor_ids", "descendant_ids", "frequency", "instance_count"),
}
EXPECTED = "expected item { id: 1 name: 'Mask' }"


@dataclass
class Item:
    """An item as it stands there: `line` from 1; None or empty where a field is missing."""

    line: int
    id: int | None = None
    name: str = ""
    display_name: str = ""


def read_text(path: Path) -> str:
    """Read a file in UTF-8 or UTF-16, with any line ends."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(
            f"{path}: there is no such label map. Make one from your labelled images with "
            "`tfod records`, or name another."
        ) from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from error
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not text in UTF-8. Save it in UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str, path: Path) -> list[Item]:
    """Read the items of a label map, whatever their ids and names."""
    # the tokenizer of protobuf itself, because a message would not remember its lines
    tokens: Any = text_format.Tokenizer(text.split("\n"))
    items = []
    try:
        while not tokens.AtEnd():
            line = _line(tokens)
            field = tokens.ConsumeIdentifier()
            if field != "item":
                raise UserError(f'{path}:{line}: not a label map: it has "{field}" ({EXPECTED}).')
            tokens.TryConsume(":")
            in_list = tokens.TryConsume("[")
            items.append(_parse_item(tokens, path))
            while in_list and tokens.TryConsume(","):
                items.append(_parse_item(tokens, path))
            if in_list:
                tokens.Consume("]")
            _consume_separator(tokens)
    except text_format.ParseError as error:
        detail = str(error).rpartition("': ")[2].rstrip(".")
        raise UserError(
            f"{path}:{error.GetLine()}: not in the form of a label map ({detail}). Look for a "
            f"missing brace, colon or quote ({EXPECTED})."
        ) from error
    return items


def _parse_item(tokens: Any, path: Path) -> Item:
    item = Item(line=_line(tokens))
    end = "}" if tokens.TryConsume("{") else ">"
    if end == ">":
        tokens.Consume("<")
    while not tokens.TryConsume(end):
        line = _line(tokens)
        field = tokens.ConsumeIdentifier()
        if field not in _ITEM_FIELDS:
            near = difflib.get_close_matches(field, sorted(_ITEM_FIELDS), n=1)
            hint = f'Did you mean "{near[0]}"?' if near else "An item has id, name, display_name."
            raise UserError(f'{path}:{line}: unknown field "{field}" in an item. {hint}')
        if field not in ("id", "name", "display_name"):
            _skip_value(tokens)
        else:
            if getattr(item, field):
                raise UserError(
                    f"{path}:{line}: the item has two {field}s. Is a closing brace missing above?"
                )
            tokens.Consume(":")
            value = tokens.ConsumeInteger() if field == "id" else tokens.ConsumeString()
            setattr(item, field, value)
        _consume_separator(tokens)
    return item


def _consume_separator(tokens: Any) -> None:
    _ = tokens.TryConsume(",") or tokens.TryConsume(";")


def _skip_value(tokens: Any) -> None:
    """Step over a value or a message and what is in it."""
    tokens.TryConsume(":")
    depth = 0
    while True:
        token = tokens.token
        if token in ("{", "<", "["):
            depth += 1
        elif token in ("}", ">", "]"):
            depth -= 1
        tokens.NextToken()
        if depth <= 0 or tokens.AtEnd():
            return


def _line(tokens: Any) -> int:
    """The line of the next token, from 1."""
    return int(tokens.ParseError("").GetLine())
