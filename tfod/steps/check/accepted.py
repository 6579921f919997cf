"""Findings that are meant to be so, by name, in workspace/check.toml: accept = ["class-rare"].

What stops the records cannot be accepted: no record would be written of it all the same.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from tfod.errors import Problem, UserError, refusal
from tfod.listing import read_text
from tfod.remedies import Remedy
from tfod.steps.check.kinds import KINDS, STOPS_RECORDS
from tfod.words import closest

FIELD = "accept"
MOST_BYTES = 1_000_000
LIST = 'accept = ["class-rare", "xml-missing"]'


def read_accepted(path: Path) -> frozenset[str]:
    """Read the codes of the findings that are accepted; none without the file.

    Raises:
        UserError: it cannot be read, or names what is no finding, or what cannot be accepted; all
            of it is reported.
    """
    if not path.exists():
        return frozenset()
    try:
        settings = tomllib.loads(read_text(path, MOST_BYTES))
    except tomllib.TOMLDecodeError as error:
        what, remedy = "not TOML", Remedy.EDIT_LINE
        raise refusal(
            "not-toml", path, what, expected=LIST, got=str(error), remedy=remedy
        ) from None
    names = settings.get(FIELD, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        what, remedy = "not a list of names in quotes", Remedy.EDIT_LINE
        raise refusal("accept-no-list", path, what, setting=FIELD, expected=LIST, remedy=remedy)
    problems = [*_other_fields(path, settings), *_unusable(path, names)]
    if problems:
        raise UserError(*problems, heading=f"problems in {path}")
    return frozenset(names)


def _other_fields(path: Path, settings: dict[str, object]) -> Iterator[Problem]:
    for name in settings:
        if name != FIELD:
            what, remedy = "unknown setting", Remedy.DID_YOU_MEAN(name=FIELD)
            yield Problem("unknown-setting", path, what, setting=name, remedy=remedy)


def _unusable(path: Path, names: list[str]) -> Iterator[Problem]:
    for name in names:
        if name in STOPS_RECORDS:
            what = f"{name} stops the records, so it cannot be accepted"
            yield Problem("accept-impossible", path, what, setting=FIELD, remedy=Remedy.EDIT_LINE)
        elif name not in KINDS:
            near = closest(name, KINDS)
            remedy = Remedy.DID_YOU_MEAN(name=near) if near else Remedy.EDIT_LINE
            what = f'no finding is called "{name}"'
            yield Problem("accept-unknown", path, what, setting=FIELD, remedy=remedy)
