"""The tutorial's CSV: a row per box, `filename,width,height,class,xmin,ymin,xmax,ymax` in pixels.

Columns are found by their names, in any order. A row with an empty class and no numbers is an image
without objects.
"""

import csv
import io
from pathlib import Path

from tfod.data.drawn_boxes import SIDES
from tfod.data.label_kinds import CSV_NAMES, kind_of
from tfod.errors import Problem, UserError, refusal
from tfod.listing import files_below, read_text
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.rows import CSV_COLUMNS, BadEntry, Box, DataSet, Row, part_of, read_number

MOST_BYTES = 500 * 2**20  # about ten million boxes


def find_csv(path: Path) -> list[Path]:
    """Find the files at a path: itself, those in the folder, else those in folders below.

    Roboflow writes `train/_annotations.csv`, `valid/_annotations.csv` and so on.
    """
    if path.is_file():
        return [path]
    found = [file for file in files_below(path, [".csv"]) if kind_of(file) == "csv"]
    return [file for file in found if file.parent == path] or found


def read_csv(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read one CSV file, or those that `find_csv` finds in a folder, each a part of the data.

    Args:
        path: the file or folder.
        images: folder of the images; None when they are next to the file, or where `records`
            found them for annotations/train.csv.
        progress: reports each row.

    Raises:
        UserError: not such a CSV file; rows that cannot be used are in `problems`.
    """
    data = DataSet()
    files = find_csv(path)
    for file in files:
        part = part_of(file.relative_to(path)) if len(files) > 1 else ""
        here, above = file.parent, file.parent.parent
        places = [here / "images" / file.stem, above / "workspace" / "images" / file.stem]
        usual = [here, *places, here / "images"]
        finder = ImageFinder(path if path.is_dir() else here, images, usual, path.is_dir())
        data.rows += _read_file(file, part, finder, data, progress)
    return data


def _read_file(
    file: Path, part: str, finder: ImageFinder, data: DataSet, progress: Progress
) -> list[Row]:
    """Read the rows of a file, one for each image."""
    rows: dict[str, Row] = {}
    text = io.StringIO(read_text(file, MOST_BYTES), newline="")
    reader = csv.reader(text, skipinitialspace=True)
    header: list[str] = []
    try:
        for values in progress.track(reader, "reading rows"):
            values = [value.strip() for value in values]
            if not any(values):
                continue
            if not header:
                header = [CSV_NAMES.get(value.lower(), value.lower()) for value in values]
                _check_header(header, file)
                continue
            try:
                if len(values) != len(header):
                    raise BadEntry("wrong number of values", len(header), len(values))
                cells = dict(zip(header, values, strict=True))
                row = Row(Path(), part, file, reader.line_num)
                _add(cells, row, rows, finder)
            except BadEntry as error:
                data.refuse(file, reader.line_num, error)
            except UserError as error:
                data.problems += error.problems
            else:
                extra = (key for key in cells if key not in CSV_COLUMNS and cells[key])
                data.lost.update(f'values of column "{key}"' for key in extra)
    except csv.Error as error:
        data.problems.append(Problem("not-csv", file, f"not CSV ({error})", reader.line_num))
    if not rows and not data.problems:
        expected = ",".join(CSV_COLUMNS)
        data.problems.append(Problem("csv-empty", file, "no rows", expected=expected))
    return list(rows.values())


def _check_header(header: list[str], file: Path) -> None:
    missing = [column for column in ("filename", "class", *SIDES) if column not in header]
    twice = [column for column in CSV_COLUMNS if header.count(column) > 1]
    if missing or twice:
        what = f"two columns {', '.join(twice)}" if twice else f"no column {', '.join(missing)}"
        if len(header) == 1 and ";" in header[0]:
            what = "semicolons between the columns, not commas"
        expected = ",".join(CSV_COLUMNS)
        raise refusal("csv-header", file, what, 1, expected=expected, remedy=Remedy.EDIT_LINE)


def _add(cells: dict[str, str], new: Row, rows: dict[str, Row], finder: ImageFinder) -> None:
    """Add the box of a line to its image, which is `new` when no line named it before."""
    name = cells["filename"].replace("\\", "/")
    if not name.strip("/ "):
        raise BadEntry("no filename", "the name of an image", None)
    new.stated_size = _size(cells)
    if name not in rows:
        new.image = finder.find(name, new)
        rows[name] = new
    elif new.stated_size != rows[name].stated_size:
        sizes = [_shown(row.stated_size) for row in (rows[name], new)]
        raise BadEntry(f'"{name}" has a different size than on line {rows[name].line}', *sizes)
    if any(cells[column] for column in ("class", *SIDES)):
        if not cells["class"]:
            raise BadEntry("no class", "the name of a class", None)
        xmin, ymin, xmax, ymax = (read_number(cells[side], side) for side in SIDES)
        rows[name].boxes.append(Box(cells["class"], (xmin, ymin, xmax, ymax), new.line))


def _size(cells: dict[str, str]) -> tuple[int, int] | None:
    """(height, width) of a row, or None when it gives none."""
    if not (cells.get("height") or cells.get("width")):
        return None
    height, width = (read_number(cells.get(side, ""), side) for side in ("height", "width"))
    if not (height >= 1 and width >= 1):
        raise BadEntry("not the size of an image", "pixels", f"{width:g}x{height:g}")
    return int(height), int(width)


def _shown(size: tuple[int, int] | None) -> str:
    return f"{size[1]}x{size[0]}" if size else "no size"
