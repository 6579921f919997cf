"""The one error a user can cause.

`UserError` carries one message of the form *where: what is wrong (expected, got). What to do.*
The command line prints it on stderr without a traceback and exits with code 2. What a programmer
causes (wrong shapes, wrong dtypes) is a `ValueError`.
"""

from collections.abc import Sequence

MOST_PROBLEMS = 20


class UserError(Exception):
    """A problem the user can fix: the message says where, what, and what to do."""


def raise_together(problems: Sequence[str], heading: str, remedy: str) -> None:
    """Report problems of one kind as one `UserError`; do nothing when there are none.

    Args:
        problems: one line each, of the form "where: what is wrong".
        heading: what was found, without the count, for example "problems in the annotations".
        remedy: one sentence that says what to do.

    Raises:
        UserError: the one problem, or at most 20 of them in a list and the number of the rest.
    """
    if not problems:
        return
    if len(problems) == 1:
        raise UserError(f"{problems[0].rstrip('.')}. {remedy}")
    shown = [f"  {problem}" for problem in problems[:MOST_PROBLEMS]]
    if len(problems) > MOST_PROBLEMS:
        shown.append(f"  ... and {len(problems) - MOST_PROBLEMS} more")
    raise UserError("\n".join([f"{len(problems)} {heading}:", *shown, remedy]))


def plural(count: int, noun: str) -> str:
    """Count in words: "1 box", "1,234 boxes"."""
    many = f"{noun}es" if noun.endswith(("x", "s")) else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"
