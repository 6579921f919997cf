"""The tutorial's CSV: a row per box, `filename,width,height,class,xmin,ymin,xmax,ymax` in pixels.

Columns are found by their names, in any order. A row with an empty class and no numbers is an image
without objects; none is written, since the tutorial's scripts take it for a class.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfod import workspace as paths
from tfod.data.drawn_boxes import SIDES
from tfod.data.example import Example, boxes_xyxy_px
from tfod.errors import UserError
from tfod.steps.convert.find_images import ImageFinder, files_below
from tfod.steps.convert.labelled import Labelled, part_of, raise_problems, with_bar

COLUMNS = ("filename", "width", "height", "class", *SIDES)
_NEEDED = ("filename", "class", *SIDES)


@dataclass
class _Image:
    """The rows of one image: the line of each box in the file, its class and its sides."""

    size: tuple[int, int] | None
    lines: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    boxes: list[list[float]] = field(default_factory=list)


def find_csv(path: Path) -> list[Path]:
    """Find the files at a path: itself, those in the folder, else those in folders of parts below.

    Roboflow writes `train/_annotations.csv`, `valid/_annotations.csv` and so on.
    """
    if path.is_file():
        return [path]
    beside = sorted(path.glob("*.csv"))
    return beside or [
        file for file in files_below(path, ".csv") if part_of(Path(file.parent.name, "*"))
    ]


def read_csv(path: Path, images: Path | None = None, skip_bad: bool = False) -> Labelled:
    """Read one CSV file, or those that `find_csv` finds in a folder, each a part of the data.

    Args:
        path: the file or folder.
        images: folder of the images; looked for beside the file and in workspace/images when None.
        skip_bad: leave out boxes that are no part of their image.

    Raises:
        UserError: it is no such CSV, or what is wrong in all rows together.
    """
    labelled = Labelled()
    problems: list[str] = []
    files = find_csv(path)
    if not files:
        raise UserError(f"{path}: no CSV files here. Check the path.")
    for file in files:
        found = _read_rows(file, problems, labelled.lost)
        if not found and not problems:
            problems.append(f"{file}: has no rows")
        finder = ImageFinder(images, _image_folders(file), skip_bad)
        examples = []
        for name, image in with_bar(found.items(), "reading images"):
            example = _example(file, name, image, finder, problems, labelled.bad_boxes)
            examples += [example] if example else []
        labelled.add(part_of(file.relative_to(path)) if len(files) > 1 else "", examples)
        labelled.notes += finder.notes()
    raise_problems(path, problems, [] if skip_bad else labelled.bad_boxes)
    return labelled


def _image_folders(file: Path) -> list[Path]:
    """Beside the CSV, or where `tfod records --csv` found them."""
    places = (file.parent, file.parent.parent / "workspace", Path(paths.IMAGES).parent)
    return [
        file.parent,
        *(place / "images" / file.stem for place in places),
        file.parent / "images",
    ]


def _read_rows(file: Path, problems: list[str], lost: Counter[str]) -> dict[str, _Image]:
    """Collect the rows by file name."""
    found: dict[str, _Image] = {}
    for line, row in _rows(file, lost):
        where = f"{file}:{line}"
        if isinstance(row, str):
            problems.append(f"{where}: {row}")
            continue
        name = row["filename"].replace("\\", "/")
        if not name.strip("/ "):
            problems.append(f"{where}: no filename")
            continue
        try:
            size = _size(row)
            image = found.setdefault(name, _Image(size))
            if size != image.size:
                first = image.lines[0] if image.lines else "an earlier line"
                raise ValueError(f'another size of "{name}" than in line {first}')
            if not any(row[column] for column in ("class", *SIDES)):
                continue  # an image without objects
            if not row["class"]:
                raise ValueError("no class")
            box = [_number(row[side], side) for side in SIDES]
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        image.lines.append(line)
        image.names.append(row["class"])
        image.boxes.append(box)
    return found


def _rows(file: Path, lost: Counter[str]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yield each row with its line: its values by lower-case column, or what is wrong with it."""
    reader = csv.reader(io.StringIO(_text(file), newline=""), skipinitialspace=True)
    header: list[str] = []
    try:
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if not header:
                header = [value.strip().lower() for value in values]
                _check_header(header, file)
                continue
            if len(values) != len(header):
                yield reader.line_num, f"{len(values)} values, expected {len(header)}"
                continue
            stripped = (value.strip() for value in values)
            row = dict(zip(header, stripped, strict=True))
            extra = (key for key in row if key not in COLUMNS and row[key])
            lost.update(f'values of column "{key}"' for key in extra)
            yield reader.line_num, row
    except csv.Error as error:
        yield reader.line_num, f"not CSV ({error})"
    if not header:
        raise UserError(f"{file}: the file is empty (expected {','.join(COLUMNS)}).")


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        return data.decode("utf-16" if utf_16 else "utf-8-sig")
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text. Save it as CSV UTF-8.") from error


def _check_header(header: list[str], file: Path) -> None:
    expected = ",".join(COLUMNS)
    if len(header) == 1 and ";" in header[0]:
        raise UserError(
            f'{file}:1: the columns are separated by ";" (expected ","). Save it with commas '
            "between columns and points in numbers."
        )
    missing = [column for column in _NEEDED if column not in header]
    if missing:
        raise UserError(
            f"{file}:1: no column {', '.join(missing)} (expected {expected}). Correct the first "
            "line."
        )
    twice = [column for column, count in Counter(header).items() if count > 1 and column in COLUMNS]
    if twice:
        raise UserError(f"{file}:1: column {', '.join(twice)} is there twice. Delete one.")


def _size(row: dict[str, str]) -> tuple[int, int] | None:
    """(height, width) of a row, or None when it gives none."""
    texts = {side: row.get(side, "") for side in ("height", "width")}
    if not any(texts.values()):
        return None
    height, width = (_number(text, side) for side, text in texts.items())
    if not (height >= 1 and width >= 1):
        raise ValueError(f"a size of {width:g}x{height:g}, expected pixels")
    return int(height), int(width)


def _number(text: str, what: str) -> float:
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f'{what} is "{text}", expected a number like 12 or 12.5')
    return value


def _example(
    file: Path,
    name: str,
    image: _Image,
    finder: ImageFinder,
    problems: list[str],
    bad_boxes: list[str],
) -> Example | None:
    try:
        path = finder.find(name)
        example, wrong = finder.example(path, image.size, image.boxes, names=image.names)
    except UserError as error:
        line = image.lines[0] if image.lines else 1
        problems.append(f"{file}:{line}: {str(error).rstrip('.')}")
        return None
    bad_boxes += [f"{file}:{image.lines[index]}: {what}" for index, what in wrong]
    return example


def write_csv(path: Path, examples: Sequence[Example], names: Sequence[str]) -> None:
    """Write the boxes; pixels are the shortest numbers that read back as the same float32 boxes.

    Args:
        path: the file.
        examples: the images; those without boxes leave no row.
        names: file name of each.
    """
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for example, name in zip(examples, names, strict=True):
            for label, box in zip(example.names, boxes_xyxy_px(example), strict=True):
                writer.writerow([name, example.width_px, example.height_px, label, *box])
