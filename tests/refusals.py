"""What a user is told, as data: assert on codes and fields, not on wording."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tfod.errors import UserError


@contextmanager
def raises_problem(code: str, **fields: object) -> Iterator[list]:
    """Expect a UserError whose problems include one of this code with these fields.

    Args:
        code: of the problem.
        fields: of the same problem, `where="photo.jpg"`: equal as text, or, for `where` and
            `what`, a part of it. `remedy` is compared with the action.

    Yields:
        A list that holds the matching problem once the block has raised.
    """
    matching: list = []
    with pytest.raises(UserError) as caught:
        yield matching
    problems = caught.value.problems
    of_code = [problem for problem in problems if problem.code == code]
    assert of_code, f"{code}: not among {[problem.code for problem in problems]}: {caught.value}"
    matching += [problem for problem in of_code if _has(problem, fields)]
    assert matching, f"{fields}: not in {of_code}"


def _has(problem, fields) -> bool:
    for name, wanted in fields.items():
        value = getattr(problem, name)
        if name == "remedy":
            if problem.advice is None or problem.advice.action != wanted:
                return False
        elif name in ("where", "what"):
            if str(wanted) not in str(value):
                return False
        elif str(value) != str(wanted):
            return False
    return True
