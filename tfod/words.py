"""Words for numbers and names: counts, times, short lists, the closest name, people's order."""

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

CLOSE = 0.6  # share of letters that must agree for a name to be suggested


def plural(count: int, noun: str) -> str:
    """Count in words: "1 box", "1,234 boxes"."""
    many = f"{noun}es" if noun.endswith(("x", "s")) else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"


def figure(value: float | None, digits: int = 3) -> str:
    """Write a figure; "-" where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def duration(seconds: float) -> str:
    """Write a time as a person would: "40 s", "12 min", "3 h 5 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def some(names: Sequence[object], most: int = 3) -> str:
    """Name the first few: "a, b, c and 4 more"."""
    more = len(names) - most
    shown = ", ".join(str(name) for name in names[:most])
    return f"{shown} and {more:,} more" if more > 0 else shown


def closest(name: str, known: Iterable[str], least: float = CLOSE) -> str | None:
    """Find the known name that a misspelt one most likely means; None when none is close.

    Args:
        name: as it was written; upper and lower case count as equal.
        known: the names there are.
        least: similarity from which on a name is close, 0..1: 1 minus the edits (optimal string
            alignment: a letter added, dropped, replaced, or two swapped) over the longer length.
    """
    found = process.extractOne(
        name,
        list(known),
        scorer=OSA.normalized_similarity,
        processor=str.casefold,
        score_cutoff=least,
    )
    return found[0] if found else None


def natural_key(name: str) -> list[tuple[int, str]]:
    """Key that sorts names as people do: image_2 before image_10, case aside."""
    pieces = re.split(r"(\d+)", name.casefold())
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces]
