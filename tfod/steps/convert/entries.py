"""What readers of JSON and XML share: files gone through, entries checked, shapes made boxes.

Whatever is not as it should be is a `BadEntry`, which names the entry.
"""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tfod.data.label_kinds import kind_of
from tfod.errors import UserError, refusal
from tfod.listing import files_below, read_text
from tfod.progress import Progress
from tfod.remedies import Remedy
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.rows import BadEntry, DataSet, Row, is_plain_text, part_of

MOST_BYTES = 500 * 2**20  # LabelMe's files may hold the image
_MOST_PX = 1e9
Corners = tuple[float, float, float, float]  # xmin, ymin, xmax, ymax


def read_entries(
    path: Path,
    kind: str,
    images: Path | None,
    progress: Progress,
    entries_of: Callable[[Path], Iterable[Any]],
    add: Callable[[Any, Row, ImageFinder, DataSet], None],
) -> DataSet:
    """Read the files of one format at a path, entry by entry, each about one image.

    Args:
        path: a file, or a folder and all below it.
        kind: the format, see `kind_of`.
        images: folder of the images, or None.
        progress: reports each file.
        entries_of: the entries of a file.
        add: gives a row its image and boxes; a row that is left without an image is left out.

    Raises:
        UserError: a folder cannot be read; what cannot be used is in `problems`.
    """
    data, rows, finders = DataSet(), dict[Path, Row](), dict[Path, ImageFinder]()
    root = path.parent if path.is_file() else path
    found = [path] if path.is_file() else [f for f in files_below(path) if kind_of(f) == kind]
    for file in progress.track(found, "reading labels"):
        usual, deep = [file.parent, file.parent / "images"], path.is_dir()
        finder = finders.setdefault(file.parent, ImageFinder(root, images, usual, deep))
        try:
            for entry in entries_of(file):
                row = Row(Path(), part_of(file.relative_to(root).parent / "*"), file)
                add(entry, row, finder, data)
                if row.image == Path():
                    continue
                row.part = row.part or _part_of(row.image, finder.root)
                if rows.setdefault(row.image, row) is not row:
                    raise BadEntry("another entry is of the same image", None, row.image.name)
                data.rows.append(row)
        except BadEntry as error:
            data.refuse(file, None, error)
        except UserError as error:
            data.problems += error.problems
    return data


def _part_of(image: Path, root: Path) -> str:
    is_inside = image.is_relative_to(root)
    return part_of(image.relative_to(root).parent / "*") if is_inside else ""


def load(file: Path, kind: type) -> Any:
    """Read JSON that is a list or a dict.

    Raises:
        UserError: it cannot be read, or is not JSON.
        BadEntry: it is something else.
    """
    try:
        content = json.loads(read_text(file, MOST_BYTES))
    except (RecursionError, ValueError) as error:
        what, line = f"not JSON, or cut off ({error})", getattr(error, "lineno", None)
        raise refusal("not-json", file, what, line, remedy=Remedy.COPY_AGAIN) from error
    if not isinstance(content, kind):
        raise BadEntry("not labels of this format", kind.__name__, type(content).__name__)
    return content


def entries(value: Any, name: str) -> list[dict[str, Any]]:
    """A list of objects, as it has to be."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadEntry(f"{name}: not a list of objects", None, None)
    return value


def class_name(name: Any, at: str) -> str:
    """A text that can be the name of a class."""
    if not isinstance(name, str) or not is_plain_text(name):
        raise BadEntry(f"{at}: no usable label", "a name", name if name is None else repr(name))
    return name.strip()


def coordinate(value: Any, at: str) -> float:
    """A number that can be a coordinate, as JSON has it or as the text of an attribute."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            pass
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not abs(value) < _MOST_PX:
        raise BadEntry(f"{at}: no usable coordinates", "numbers", repr(value)[:40])
    return float(value)


def around(xs: Sequence[float], ys: Sequence[float]) -> Corners:
    """The box around points."""
    return min(xs), min(ys), max(xs), max(ys)


def turned(box: Corners, degrees: float, x: float, y: float) -> Corners:
    """The upright box around a box that is turned clockwise about a point."""
    if not degrees % 360:
        return box
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    points = [(px - x, py - y) for px in box[::2] for py in box[1::2]]
    xs = [x + px * cosine - py * sine for px, py in points]
    ys = [y + px * sine + py * cosine for px, py in points]
    return around(xs, ys)


def upright(box: Corners, degrees: float) -> Corners:
    """The upright box around a box that is turned about its middle."""
    return turned(box, degrees, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
