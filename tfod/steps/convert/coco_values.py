"""Values of COCO's entries: checked, and what stands in for a missing or turned box."""

import sys
from collections.abc import Mapping
from typing import Any

from tfod.steps.convert.entries import around
from tfod.steps.convert.rows import BadEntry, is_plain_text

Entry = dict[str, Any]


def numbered(ids: Mapping[str, int | str]) -> dict[str, int]:
    """Class name -> number; where ids are texts, those that are no numbers count from 1."""
    if all(isinstance(id_, int) or id_.isdecimal() for id_ in ids.values()):
        return {name: int(id_) for name, id_ in ids.items()}
    return {name: number for number, name in enumerate(sorted(ids, key=lambda n: str(ids[n])), 1)}


def box_of_polygons(polygons: Any) -> list[float] | None:
    """The bbox around polygons, each a list x, y, x, y ...; None when they are none."""
    lists = polygons if isinstance(polygons, list) else []
    numbers = [value for one in lists if isinstance(one, list) for value in one]
    if len(numbers) < 6 or len(numbers) % 2 or not all(map(is_number, numbers)):
        return None
    xmin, ymin, xmax, ymax = around(numbers[::2], numbers[1::2])
    return [xmin, ymin, xmax - xmin, ymax - ymin]


def rotation(annotation: Entry) -> float:
    """Degrees by which a box is turned clockwise about its middle, as CVAT writes it."""
    attributes = annotation.get("attributes")
    degrees = attributes.get("rotation") if isinstance(attributes, dict) else 0
    return float(degrees) % 360 if is_number(degrees) and degrees else 0.0


def need(condition: bool, what: str, expected: str | None, got: object) -> None:
    """Refuse an entry unless something holds."""
    if not condition:
        raise BadEntry(what, expected, None if expected is None else shown(got))


def is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= sys.float_info.max  # neither infinite nor NaN


def is_id(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def shown(value: object) -> str:
    """A value in a message: short, on one line."""
    text = repr(value) if not isinstance(value, str) or is_plain_text(value) else ascii(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
