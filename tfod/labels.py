"""label_map.pbtxt: which number stands for which class.

Reads every spelling that the old API and its tutorials produced and names the line of what is
wrong. Ids are 1-based in the file; `class_names` gives the 0-based numbers used inside.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tfod.errors import Problem, UserError, refusal
from tfod.files import from_user, whole_file
from tfod.label_text import EXPECTED, Item, parse
from tfod.listing import read_text
from tfod.remedies import Remedy

MOST_BYTES = 10_000_000

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


def read_label_map(path: str | Path, names_twice: bool = False) -> LabelMap:
    """Read a label map.

    An item with id 0 is accepted when it is the background, and is not a class.

    Args:
        names_twice: accept a name at two numbers, in the label map of a model that was trained
            with it; the old API did.

    Raises:
        UserError: there is no such file, it is not a label map, or it has ids or names that cannot
            be used; each problem with its line.
    """
    path = from_user(path)
    if not path.exists():
        what = "label map not found"
        raise refusal("no-label-map", path, what, remedy=Remedy.RUN(step="records"))
    items = parse(read_text(path, MOST_BYTES), path)
    problems = [replace(problem, where=path) for problem in _problems(items)]
    if names_twice:
        problems = [problem for problem in problems if problem.code != "class-twice"]
    if problems:
        raise UserError(*problems, heading="problems in the label map")
    items = sorted((item for item in items if item.id), key=lambda item: item.id or 0)
    if not items:
        raise refusal(
            "label-map-empty", path, "no classes", expected=EXPECTED, remedy=Remedy.MAKE_LABEL_MAP
        )
    return LabelMap(
        names={item.id or 0: item.name or item.display_name for item in items},
        display_names={item.id or 0: item.display_name for item in items if item.display_name},
    )


def read_fitting_label_map(
    path: str | Path, num_classes: int, names_twice: bool = False
) -> LabelMap:
    """Read the label map of a model.

    Raises:
        UserError: as `read_label_map`, or the model has fewer classes than the label map.
    """
    labels = read_label_map(path, names_twice)
    if labels.num_classes > num_classes:
        raise refusal(
            "label-map-too-large",
            path,
            "has more classes than the model",
            expected=f"ids up to {num_classes}",
            got=labels.num_classes,
            remedy=Remedy.RUN(step="config", name="NAME"),
        )
    return labels


def write_label_map(path: str | Path, names: LabelMap | Sequence[str] | Mapping[int, str]) -> None:
    """Write a label map.

    Args:
        path: the file.
        names: in the order of the ids 1, 2, ...; or id (1 or more) -> name, with gaps or not; or a
            label map as it was read.

    Raises:
        UserError: no names, an empty one or one given twice; or the file cannot be written.
    """
    if isinstance(names, LabelMap):
        return _write(path, names)
    by_id = names if isinstance(names, Mapping) else dict(enumerate(names, start=1))
    if not by_id:
        raise refusal("no-classes", path, "no classes to write", remedy=Remedy.RUN(step="label"))
    counts = Counter(by_id.values())
    if "" in counts:
        raise refusal("class-without-name", path, "a class has no name")
    if twice := [name for name, count in counts.items() if count > 1]:
        raise refusal("class-twice", path, f'the class "{twice[0]}" is given twice')
    _write(path, LabelMap(dict(by_id), {}))


def _write(path: str | Path, labels: LabelMap) -> None:
    items = []
    for number, name in sorted(labels.names.items()):
        lines = [f"id: {number}", f"name: {_quoted(name)}"]
        if shown := labels.display_names.get(number):
            lines.append(f"display_name: {_quoted(shown)}")
        items.append("".join(["item {\n", *(f"  {line}\n" for line in lines), "}\n"]))
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


def _problems(items: Sequence[Item]) -> Iterator[Problem]:
    first_id: dict[int, Item] = {}
    first_name: dict[str, Item] = {}
    for item in items:
        name = item.name or item.display_name
        if not name:
            what = f"the item with id {item.id} has no name"
            yield Problem("class-without-name", what=what, line=item.line)
        elif first_name.setdefault(name, item) is not item:
            what = f'the class "{name}" is already on line {first_name[name].line}'
            yield Problem("class-twice", what=what, line=item.line)
        if item.id is None or item.id < 0 or (item.id == 0 and name != "background"):
            yield Problem(
                "class-id",
                what=f'"{name}" has no usable id (0 is the background)',
                line=item.line,
                expected="1 or more",
                got="no id" if item.id is None else item.id,
            )
        elif first_id.setdefault(item.id, item) is not item:
            first = first_id[item.id]
            what = f'"{name}" has id {item.id}, the same as "{first.name}" on line {first.line}'
            yield Problem("class-id-twice", what=what, line=item.line)
