"""Several class names after one `--classes`, and where they end.

`--classes A,B` is complete in itself. After `--classes A B` every word up to the next flag is a
class, but for the last ones that the command still needs: FROM and TO of `convert`, SOURCE of
`import`, and the SESSION of `label` when there is a session of that name.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
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


def spread(
    words: Sequence[str],
    valued: Collection[str],
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
    waiting = deque(words)
    pieces: list[list[str]] = []  # a flag with what belongs to it, or an argument
    bare = 0
    while waiting:
        word = waiting.popleft()
        flag, equals, value = word.partition("=")
        if word == "--":
            pieces.append([word, *waiting])
            bare += len(waiting)
            break
        if flag == FLAG:
            pieces.append([FLAG, *_classes([value] if equals else [], waiting)])
        elif word.startswith("-"):
            pieces.append([word, waiting.popleft()] if word in valued and waiting else [word])
        else:
            pieces.append([word])
            bare += 1
    _give_back(pieces, required - bare, None if bare else is_optional)
    return [word for piece in pieces for word in _one_flag_each(piece)]


def _classes(classes: list[str], waiting: deque[str]) -> list[str]:
    """Take the classes from the words that wait: up to a flag, or to the end of a list A,B."""
    while waiting and not waiting[0].startswith("-"):
        if _is_list(classes) and not classes[-1].endswith(","):
            break
        classes.append(waiting.popleft())
    return classes


def _give_back(
    pieces: list[list[str]], missing: int, is_optional: Callable[[str], bool] | None
) -> None:
    """Take the arguments that are missing from the end of the last classes that can spare them."""
    for index in reversed(range(len(pieces))):
        flag, *classes = pieces[index]
        if flag != FLAG or _is_list(classes) or len(classes) <= max(missing, 1):
            continue
        if missing <= 0 and is_optional and is_optional(classes[-1]):
            missing = 1
        if missing > 0:
            pieces[index : index + 1] = [[FLAG, *classes[:-missing]], classes[-missing:]]
        return


def _is_list(classes: Sequence[str]) -> bool:
    return any("," in word for word in classes)


def _one_flag_each(piece: list[str]) -> list[str]:
    if piece[0] != FLAG or len(piece) == 1:
        return piece
    names = [name.strip() for word in piece[1:] for name in word.split(",")]
    return [word for name in names if name for word in (FLAG, name)]


def _is_session(word: str) -> bool:
    is_path = "/" in word or "\\" in word
    return (workspace().images / word).is_dir() or (is_path and Path(word).is_dir())
