"""Several class names after one `--classes`, and where they end.

`--classes A,B` is complete in itself. After `--classes A B` every word up to the next flag is a
class, but for the last ones that the command still needs: FROM and TO of `convert`, and the
SESSION of `label` when there is a session of that name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperOption

from tfod.cli.app import workspace

FLAG = "--classes"


class WithClasses(TyperCommand):
    """A command with `--classes`, which takes several words."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give each class a flag of its own, then parse as usual."""
        options = [param for param in self.params if isinstance(param, TyperOption)]
        arguments = [param for param in self.params if isinstance(param, TyperArgument)]
        valued = {name for option in options if not option.is_flag for name in option.opts}
        required = sum(argument.required for argument in arguments)
        is_optional = _is_session if len(arguments) > required else None
        return super().parse_args(ctx, spread(args, valued, required, is_optional))


@dataclass
class _Piece:
    """A stretch of the command line: classes with what follows them, or words as they are."""

    classes: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def spread(self) -> list[str]:
        names = [name.strip() for word in self.classes for name in word.split(",")]
        return [part for name in names if name for part in (FLAG, name)] + self.words


def spread(
    words: list[str],
    valued: set[str],
    required: int,
    is_optional: Callable[[str], bool] | None = None,
) -> list[str]:
    """Write `--classes A B` as `--classes A --classes B`.

    Args:
        words: the command line.
        valued: the flags that are followed by a value.
        required: how many arguments the command needs.
        is_optional: whether a word is the one argument that the command may have besides.
    """
    waiting = list(words)
    pieces: list[_Piece] = []
    bare = 0
    while waiting:
        word = waiting.pop(0)
        flag, equals, value = word.partition("=")
        if word == "--":
            pieces.append(_Piece(words=[word, *waiting]))
            bare += len(waiting)
            break
        if flag == FLAG:
            classes = _classes([value] if equals else [], waiting)
            pieces.append(_Piece(classes, [] if classes else [FLAG]))
        elif word.startswith("-"):
            pieces.append(_Piece(words=[word]))
            if word in valued and waiting:
                pieces.append(_Piece(words=[waiting.pop(0)]))
        else:
            pieces.append(_Piece(words=[word]))
            bare += 1
    _give_back(pieces, required - bare, None if bare else is_optional)
    return [word for piece in pieces for word in piece.spread()]


def _classes(classes: list[str], waiting: list[str]) -> list[str]:
    """Take the classes from the words that wait: up to a flag, or to the end of a list A,B."""
    while waiting and not waiting[0].startswith("-"):
        is_list = any("," in word for word in classes)
        if is_list and not classes[-1].endswith(","):
            break
        classes.append(waiting.pop(0))
    return classes


def _give_back(
    pieces: list[_Piece], missing: int, is_optional: Callable[[str], bool] | None
) -> None:
    """Take the arguments that are missing from the end of the classes."""
    for piece in reversed(pieces):
        is_list = any("," in word for word in piece.classes)
        if is_list or len(piece.classes) <= max(missing, 1):
            continue
        if missing <= 0 and is_optional and is_optional(piece.classes[-1]):
            missing = 1
        if missing > 0:
            piece.words = piece.classes[-missing:]
            piece.classes = piece.classes[:-missing]
        return


def _is_session(word: str) -> bool:
    is_path = "/" in word or "\\" in word
    return (workspace().images / word).is_dir() or (is_path and Path(word).is_dir())
