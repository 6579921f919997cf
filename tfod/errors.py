"""What can be wrong with a user's files and settings, as data.

A `Problem` says what is wrong, where, and which kind of action mends it. A `UserError` carries one
or many. Neither knows how it is shown: the terminal (`tfod/cli/problems.py`), Python and the web
page (`tfod/remedies.py`) each put the remedy into their own words, and no code takes a sentence
apart to find out what happened. What a programmer causes (wrong shapes, wrong dtypes) is a
`ValueError`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfod.plain import plain
from tfod.remedies import Advice, Remedy, in_python
from tfod.words import closest, some

MOST_PROBLEMS, MOST_NAMES = 20, 10
MOST_INT32 = 2**31 - 1
SIMILAR = 0.5  # a wrong guess among a handful of names does no harm


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: stable name of the kind of problem, kebab-case. A literal where it is raised:
            docs/problems.md lists them all.
        where: the file, folder or address.
        what: what is wrong, without a full stop: "not a label map".
        line: line of the file, from 1.
        setting: the parameter of a step, or the field of a config, whose value is wrong.
        expected: what would have been right.
        got: what was there instead.
        remedy: the kind of action that mends it, with its arguments.
    """

    code: str
    where: Path | str | None = None
    what: str = ""
    line: int | None = None
    setting: str = ""
    expected: object = None
    got: object = None
    remedy: Advice | Remedy | None = None

    @property
    def place(self) -> str:
        """Where it is: "labels.pbtxt:7", "every", or ""."""
        if self.where is None:
            return self.setting
        line = "" if self.line is None else f":{self.line}"
        return f"{self.where}{line}" + (f": {self.setting}" if self.setting else "")

    @property
    def advice(self) -> Advice | None:
        """The remedy with its arguments, which may be none."""
        return self.remedy() if isinstance(self.remedy, Remedy) else self.remedy

    def __str__(self) -> str:
        """The neutral sentence, without a full stop: where: what (expected, got)."""
        return self.sentence(self.place)

    def sentence(self, place: str) -> str:
        """The neutral sentence for a place written in another way."""
        details = [("expected", self.expected), ("got", self.got)]
        given = ", ".join(f"{word} {value}" for word, value in details if value is not None)
        return (f"{place}: " if place else "") + self.what + (f" ({given})" if given else "")

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON can hold them."""

        advice = self.advice
        return {
            "code": self.code,
            "path": None if self.where is None else str(self.where),
            "line": self.line,
            "setting": self.setting or None,
            "what": self.what,
            "expected": plain(self.expected),
            "got": plain(self.got),
            "remedy": None if advice is None else advice.as_dict(),
        }


class UserError(Exception):
    """Problems that the user can mend: one, or several that were found together.

    Attributes:
        problems: at least one.
        heading: what they have in common, without the count: "problems in the annotations".
    """

    def __init__(self, *problems: Problem, heading: str = "problems") -> None:
        self.problems = problems
        self.heading = heading
        super().__init__(*problems)
        advices = [in_python(one.advice) for one in problems[:MOST_PROBLEMS] if one.advice]
        for advice in dict.fromkeys(advices):
            self.add_note(advice)  # Python and notebooks show it below an error nobody catches

    @property
    def codes(self) -> list[str]:
        """The code of each problem, in their order."""
        return [problem.code for problem in self.problems]

    def __str__(self) -> str:
        """The neutral sentences: one, or a list of at most 20 and the number of the rest."""
        if len(self.problems) == 1:
            return full_stop(str(self.problems[0]))
        count = len(self.problems)
        shown = [f"  {problem}" for problem in self.problems[:MOST_PROBLEMS]]
        if count > MOST_PROBLEMS:
            shown.append(f"  ... and {count - MOST_PROBLEMS:,} more")
        return "\n".join([f"{count:,} {self.heading}:", *shown])


def refusal(
    code: str,
    where: Path | str | None = None,
    what: str = "",
    line: int | None = None,
    *,
    setting: str = "",
    expected: object = None,
    got: object = None,
    remedy: Advice | Remedy | None = None,
) -> UserError:
    """The error of one problem, to be raised; the fields are those of `Problem`."""
    return UserError(Problem(code, where, what, line, setting, expected, got, remedy))


def no_such(
    code: str, where: Path, what: str, known: Sequence[str], remedy: Advice | Remedy | None
) -> UserError:
    """The error of a name that does not exist: what exists, and which one may be meant.

    Args:
        code, what: as in `Problem`.
        where: ends in the name.
        known: the names there are.
        remedy: when none of them is close.
    """
    guess = closest(where.name, known, SIMILAR)
    return refusal(
        code,
        where,
        what,
        expected=some(known, MOST_NAMES) if known else None,
        remedy=remedy if guess is None else Remedy.DID_YOU_MEAN(name=guess),
    )


def check_at_least_1(**settings: int | None) -> None:
    """Refuse the first of these settings that is below 1, or too large for a config.

    None stands for the default.
    """
    for setting, value in settings.items():
        if value is None or 1 <= value <= MOST_INT32:
            continue
        what = "too small" if value < 1 else "too large"
        expected = "1 or more" if value < 1 else f"at most {MOST_INT32:,}"
        raise refusal(
            "number-out-of-range", setting=setting, what=what, expected=expected, got=value
        )


def full_stop(sentence: str) -> str:
    """End a sentence that has no end yet."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
