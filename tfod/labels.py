"""label_map.pbtxt: which number stands for which class.

Reads every spelling that the old API and its tutorials produced and names the line of what is
wrong. Ids are 1-based in the file; `class_names` gives the 0-based numbers used inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tfod.errors import UserError, raise_together
from tfod.files import from_user, whole_file
from tfod.label_text import EXPECTED, Item, parse, read_text

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True)
class LabelMap:
    """The classes of a data set.

    Attributes:
        names: id (1-based, as in the file, gaps allowed) -> name, in ascending order of ids.
        display_names: id -> the name to show, for the items that have their own.
    """

    names: dict[int, str]
    display_names: dict[int, str]

    @property
    def num_classes(self) -> int:
        """The number of classes a model needs: the largest id."""
        return max(self.names, default=0)

    @cached_property
    def class_names(self) -> dict[int, str]:
        """Class id inside (0-based) -> the name to show."""
        return {id_ - 1: self.display_names.get(id_, name) for id_, name in self.names.items()}

    @cached_property
    def ids(self) -> dict[str, int]:
        """Name or display name -> id (1-based); of two the larger id, as in the old API."""
        pairs = [*self.names.items(), *self.display_names.items()]
        return {name: id_ for id_, name in sorted(pairs)}


def read_label_map(path: str | Path) -> LabelMap:
    """Read a label map.

    An item with id 0 is accepted when it is the background, and is not a class.

    Raises:
        UserError: no such file, not a label map, or ids or names that cannot be used; each
            problem with its line.
    """
    path = from_user(path)
    items = parse(read_text(path), path)
    raise_together(_problems(items, path), "problems in the label map", "Correct it there.")
    items = sorted((item for item in items if item.id), key=lambda item: item.id or 0)
    if not items:
        raise UserError(
            f"{path}: no classes ({EXPECTED} for each class). Make one from your labelled images "
            "with `tfod records`."
        )
    return LabelMap(
        names={item.id or 0: item.name or item.display_name for item in items},
        display_names={item.id or 0: item.display_name for item in items if item.display_name},
    )


def read_fitting_label_map(path: str | Path, num_classes: int) -> LabelMap:
    """Read the label map of a model.

    Raises:
        UserError: as `read_label_map`, or the model has fewer classes than the label map.
    """
    labels = read_label_map(path)
    if labels.num_classes > num_classes:
        raise UserError(
            f"{path}: has class ids up to {labels.num_classes}, but the model has {num_classes} "
            "classes (num_classes in pipeline.config). Name the label map the model was made for, "
            "or make a new config with `tfod config NAME`."
        )
    return labels


def write_label_map(path: str | Path, names: Sequence[str] | Mapping[int, str]) -> None:
    """Write a label map.

    Args:
        path: the file.
        names: in the order of the ids 1, 2, ...; or id (1 or more) -> name, with gaps or not.

    Raises:
        UserError: no names, an empty one or one given twice; or the file cannot be written.
    """
    if not names:
        raise UserError(f"{path}: no classes to write. Label some images first.")
    by_id = names if isinstance(names, Mapping) else dict(enumerate(names, start=1))
    names = [name for _, name in sorted(by_id.items())]
    for name in names:
        if not name:
            raise UserError(f"{path}: a class without a name. Give every class a name.")
        if names.count(name) > 1:
            raise UserError(f'{path}: class "{name}" is given twice. Name each class once.')
    items = [
        f"item {{\n  id: {number}\n  name: {_quoted(name)}\n}}\n"
        for number, name in sorted(by_id.items())
    ]
    with whole_file(Path(path)) as temporary:
        temporary.write_text("\n".join(items), encoding="utf-8", newline="\n")


def _quoted(text: str) -> str:
    """Put text in quotes as protobuf's text format wants it; letters stay readable."""
    escaped = (
        _ESCAPES.get(letter) or (letter if letter.isprintable() else _octal(letter))
        for letter in text
    )
    return f'"{"".join(escaped)}"'


def _octal(letter: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8"))


def _problems(items: list[Item], path: Path) -> list[str]:
    problems = []
    first_id: dict[int, Item] = {}
    first_name: dict[str, Item] = {}
    for item in items:
        where = f"{path}:{item.line}:"
        name = item.name or item.display_name
        if not name:
            problems.append(f"{where} the item with id {item.id} has no name")
        if item.id is None:
            problems.append(f'{where} the item "{name}" has no id (expected 1 or more)')
        elif item.id < 0:
            problems.append(f'{where} "{name}" has id {item.id} (expected 1 or more)')
        elif item.id == 0 and name != "background":
            problems.append(
                f'{where} "{name}" has id 0, which is the background (expected 1 or more)'
            )
        elif first_id.setdefault(item.id, item) is not item:
            earlier = first_id[item.id]
            problems.append(
                f'{where} "{name}" has id {item.id}, which "{earlier.name}" has in line '
                f"{earlier.line}"
            )
        if name and first_name.setdefault(name, item) is not item:
            problems.append(
                f'{where} the class "{name}" stands in line {first_name[name].line} already'
            )
    return problems
