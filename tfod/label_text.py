"""The text of a label map, item by item with their lines; what they mean is in `labels.py`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from tfod.errors import Problem, UserError, refusal
from tfod.remedies import Remedy
from tfod.words import closest

READ = ("name", "id", "display_name")
# without effect on detection
LEFT_ASIDE = ("keypoints", "ancestor_ids", "descendant_ids", "frequency", "instance_count")
EXPECTED = "item { id: 1 name: 'Mask' }"


@dataclass
class Item:
    """An item as it is written: `line` from 1; None or empty where a field is missing."""

    line: int
    id: int | None = None
    name: str = ""
    display_name: str = ""


def parse(text: str, path: Path) -> list[Item]:
    """Read the items of a label map, whatever their ids and names.

    Raises:
        UserError: not a label map; names the line.
    """
    # the tokenizer of protobuf itself, because a message would not remember its lines
    tokens: Any = text_format.Tokenizer(text.split("\n"))
    items = []
    try:
        while not tokens.AtEnd():
            line = _line(tokens)
            field = tokens.ConsumeIdentifier()
            if field != "item":
                raise refusal(
                    "not-a-label-map",
                    path,
                    "not a label map",
                    line=line,
                    expected=EXPECTED,
                    got=f'"{field}"',
                    remedy=Remedy.CHECK_PATH,
                )
            items += _items(tokens, path)
            _consume_separator(tokens)
    except text_format.ParseError as error:
        detail = str(error).rpartition("': ")[2].rstrip(".")
        raise refusal(
            "label-map-syntax",
            path,
            f"not valid label map syntax: {detail}",
            line=error.GetLine(),
            expected=EXPECTED,
            remedy=Remedy.EDIT_LINE,
        ) from error
    return items


def _items(tokens: Any, path: Path) -> list[Item]:
    """Read what follows the word "item": one, or a list in brackets."""
    tokens.TryConsume(":")
    in_list = tokens.TryConsume("[")
    items = [_item(tokens, path)]
    while in_list and tokens.TryConsume(","):
        items.append(_item(tokens, path))
    if in_list:
        tokens.Consume("]")
    return items


def _item(tokens: Any, path: Path) -> Item:
    item = Item(line=_line(tokens))
    end = "}" if tokens.TryConsume("{") else ">"
    if end == ">":
        tokens.Consume("<")
    while not tokens.TryConsume(end):
        line = _line(tokens)
        field = tokens.ConsumeIdentifier()
        if field in LEFT_ASIDE:
            _skip_value(tokens)
        else:
            if field not in READ or getattr(item, field):
                raise UserError(_wrong_field(path, line, field))
            tokens.Consume(":")
            value = tokens.ConsumeInteger() if field == "id" else tokens.ConsumeString()
            setattr(item, field, value)
        _consume_separator(tokens)
    return item


def _wrong_field(path: Path, line: int, field: str) -> Problem:
    if field in READ:
        return Problem(
            "label-map-field-twice",
            path,
            f"the item has two {field}s",
            line=line,
            expected="a closing brace before it",
            remedy=Remedy.EDIT_LINE,
        )
    meant = closest(field, (*READ, *LEFT_ASIDE))
    return Problem(
        "label-map-unknown-field",
        path,
        f'unknown field "{field}"',
        line=line,
        expected=None if meant else ", ".join(READ),
        remedy=Remedy.DID_YOU_MEAN(name=meant) if meant else Remedy.EDIT_LINE,
    )


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
