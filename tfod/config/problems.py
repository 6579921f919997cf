"""Problems of single settings; file and line are added where they are reported."""

from tfod.errors import Problem
from tfod.remedies import Remedy


def out_of_range(setting: str, got: object, expected: str) -> Problem:
    """Make the problem of a setting that has the right type and a value that cannot be used."""
    if isinstance(got, float):
        got = f"{got:.6g}"
    return Problem(
        "config-out-of-range",
        setting=setting,
        what="cannot be used",
        expected=expected,
        got=got,
        remedy=Remedy.EDIT_LINE,
    )


def not_set(setting: str, expected: str) -> Problem:
    """Make the problem of a setting that is needed and missing."""
    return Problem("config-setting-missing", setting=setting, what="not set", expected=expected)


def not_supported(setting: str, expected: str | None = None, got: object = None) -> Problem:
    """Make the problem of a setting that asks for something that tfod does not do."""
    return Problem(
        "config-not-supported",
        setting=setting,
        what="not supported",
        expected=expected,
        got=got,
        remedy=Remedy.EDIT_LINE,
    )
