"""What passes from a reader to a writer: labelled images, their classes, and what got lost."""

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.drawn_boxes import SIDES
from tfod.data.example import Example
from tfod.data.images import check_image
from tfod.data.label_kinds import TITLES as OTHERS
from tfod.data.photo_folder import PART_WORDS
from tfod.errors import Problem
from tfod.remedies import Remedy

FORMATS = ("voc", "coco", "yolo", "csv")  # that are written
TITLES = {"voc": "VOC XML", **OTHERS}  # of those that are read
PART_ORDER = ("", "train", "val", "test")
CSV_COLUMNS = ("filename", "width", "height", "class", *SIDES)
FLAGS = ("difficult", "truncated", "occluded")


@dataclass(slots=True)
class Box:
    """One box as a file states it, not checked yet.

    Attributes:
        name: the class.
        corners: xmin, ymin, xmax, ymax; in pixels, or in shares of the image (see `Row`).
        line: where it is in the file.
        entry: its name in the file: "annotation 7".
        is_crowd: one box around many objects.
        area_px: of the object in square pixels, when that is not the area of the box; else 0.
    """

    name: str
    corners: tuple[float, float, float, float]
    line: int | None = None
    entry: str = ""
    difficult: bool = False
    truncated: bool = False
    occluded: bool = False
    is_crowd: bool = False
    area_px: float = 0.0
    pose: str = "Unspecified"


@dataclass
class Row:
    """One labelled image as a data set states it.

    Attributes:
        image: the file, which may be missing.
        part: "train", "val" or "test"; "" when the set is not split.
        file: the file of its labels.
        line: where it is in the file.
        entry: its name in the file: "image 7".
        boxes: what the file states.
        in_shares: corners are shares of the image, 0 to 1, not pixels.
        stated_size: (height, width) in pixels that the file gives, or None.
        size: (height, width) of the upright image in pixels, once it was measured.
        orientation: EXIF orientation of the image.
        by_model: its boxes have scores, so that a model found them and no person drew them.
        example: the image with boxes that were checked; a reader may have checked them itself.
        name: the file name of the image in the labels of the target.
        labels: where its labels belong in the target, from its folder.
        place: where the image belongs in the target, from its folder.
        is_in_place: whether the image lies at its place already.
    """

    image: Path
    part: str
    file: Path
    line: int | None = None
    entry: str = ""
    boxes: list[Box] = field(default_factory=list)
    in_shares: bool = False
    stated_size: tuple[int, int] | None = None
    size: tuple[int, int] | None = None
    orientation: int = 1
    by_model: bool = False
    example: Example | None = None
    name: str = ""
    labels: Path = Path()
    place: Path = Path()
    is_in_place: bool = False

    def measure(self) -> None:
        """Read the size of the image, unless it is missing.

        Raises:
            UserError: it is damaged.
        """
        if self.size is None and self.image.is_file():
            header = check_image(self.image)
            self.size, self.orientation = header.size, header.orientation


class BadEntry(ValueError):
    """An entry of a label file that cannot be used: the problem, expected, got."""


@dataclass
class DataSet:
    """Labelled images, and what a reader has to say about them.

    Attributes:
        rows: the images.
        class_ids: class name -> number, 0 or more, with gaps or not; empty when the set has names
            alone.
        lost: what the set holds and a `Row` does not -> how many.
        notes: sentences on what was changed or left out.
        problems: what cannot be used.
    """

    rows: list[Row] = field(default_factory=list)
    class_ids: dict[str, int] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def examples(self) -> list[Example]:
        """The images that were checked."""
        return [row.example for row in self.rows if row.example is not None]

    @property
    def parts(self) -> dict[str, list[Row]]:
        """Part -> its images, in the order of PART_ORDER."""
        parts = {part: [row for row in self.rows if row.part == part] for part in PART_ORDER}
        return {part: rows for part, rows in parts.items() if rows}

    def refuse(self, file: Path, line: int | None, error: BadEntry) -> None:
        """Remember an entry of a label file that cannot be used."""
        what, expected, got = error.args
        remedy = Remedy.EDIT_LINE if line else None
        self.problems.append(Problem("bad-entry", file, what, line, "", expected, got, remedy))


def at(entry: str, what: str) -> str:
    """Name the entry before a problem with it; "" where the line is enough."""
    return f"{entry}: {what}" if entry else what


def part_of(path: Path) -> str:
    """Tell the part from folders and files like `valid/labels`, `instances_val2017.json`.

    The last one that says a part counts; "" when none does. Folders count when they are called so
    (`train2017` too), a file when its name ends so.
    """
    *folders, name = path.parts
    last = [word for word in re.split(r"[^a-z]+", Path(name).stem.lower()) if word][-1:]
    for word in [*last, *(folder.lower().rstrip("0123456789") for folder in reversed(folders))]:
        if word in PART_WORDS:
            return PART_WORDS[word]
    return ""


def is_plain_text(text: str) -> bool:
    """Whether every format can hold a text as a name: something, on one line, in letters."""
    odd = any(unicodedata.category(letter) in ("Cc", "Cs", "Cn") for letter in text)
    return bool(text.strip()) and not odd


def read_number(text: str, name: str = "") -> float:
    """Read a finite number.

    Raises:
        BadEntry: it is not one.
    """
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        expected = "a decimal point, not a comma" if "," in text else "a number"
        raise BadEntry(f"{name or 'it'} is not a number", expected, f'"{text}"')
    return value
