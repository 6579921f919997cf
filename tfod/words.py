"""Words for numbers and names: counts, times, short lists, the closest name, people's order."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Cyrillic and Greek letters that look like Latin ones, small or capital; after casefolding
_LOOK_ALIKE = str.maketrans("авекмнорстухѕіјԁԛԝαβεζηικμνορτυχ", "abekmhopctyxsijdqwabezhikmnoptyx")
_UNSEEN = ("Cf", "Cc")  # formats, zero-width letters; control characters

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
        name: as it was written; what a reader does not see does not count, see `likeness`.
        known: the names there are.
        least: similarity from which on a name is close, 0..1: 1 minus the edits (optimal string
            alignment: a letter added, dropped, replaced, or two swapped) over the longer length.
    """
    found = process.extractOne(
        name, list(known), scorer=OSA.normalized_similarity, processor=likeness, score_cutoff=least
    )
    return found[0] if found else None


def likeness(name: str) -> str:
    """What a reader sees in a name, without case and separators: of "No-Mask " and "no_mask" one.

    Full-width letters, ligatures, accents in one letter or two, letters of other alphabets that
    look like Latin ones and letters that nobody sees make no difference either.
    """
    if not name.isascii():
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        plain = plain.translate(_LOOK_ALIKE)
        name = "".join(c for c in plain if not _is_unseen(c)) or name
    return re.sub(r"[\s_\-.]+", "", name).casefold()


def _is_unseen(letter: str) -> bool:
    selects_a_variant = "\ufe00" <= letter <= "\ufe0f"
    return selects_a_variant or unicodedata.category(letter) in _UNSEEN


def told_apart(name: str, other: str) -> tuple[str, str]:
    """Quote two names; where they look the same, with the letters that only one of them has."""
    shown, shown_other = f'"{name}"', f'"{other}"'
    if likeness(name) == likeness(other):
        shown += _odd_letters(name, other)
        shown_other += _odd_letters(other, name)
    return shown, shown_other


def _odd_letters(name: str, other: str) -> str:
    odd = [c for c in dict.fromkeys(name) if c not in other and not " " <= c <= "~"]
    codes = [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in odd]
    return f" (with {some(codes)})" if codes else ""


def natural_key(name: str) -> list[tuple[int, str]]:
    """Key that sorts names as people do: image_2 before image_10, case aside."""
    pieces = re.split(r"(\d+)", name.casefold())
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces]
