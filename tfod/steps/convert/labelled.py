"""What passes from a reader to a writer: examples by part, class numbers, and what got lost."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track

from tfod.data.example import Example
from tfod.errors import raise_together

# words that others use -> the part it is here
PART_WORDS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
PART_ORDER = ("", "train", "val", "test")


@dataclass
class Labelled:
    """Labelled images as they were read.

    Attributes:
        parts: "train", "val" or "test" -> its images; "" -> all of them when they are not split.
        class_ids: class name -> the number that the source has for it (0 or more, gaps allowed);
            empty when the source has names alone.
        lost: what the source holds and an `Example` does not -> how many.
        notes: sentences on what was changed or left out, for the user.
        bad_boxes: boxes that are no part of their image, each "where: what is wrong with it"; left
            out on demand, else `raise_problems` raises them.
    """

    parts: dict[str, list[Example]] = field(default_factory=dict)
    class_ids: dict[str, int] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    bad_boxes: list[str] = field(default_factory=list)

    @property
    def examples(self) -> list[Example]:
        """The images of all parts."""
        return [example for examples in self.parts.values() for example in examples]

    def add(self, part: str, examples: Iterable[Example]) -> None:
        """Put images into a part; the parts keep the order of PART_ORDER."""
        self.parts.setdefault(part, []).extend(examples)
        self.parts = {part: self.parts[part] for part in PART_ORDER if part in self.parts}


def raise_problems(path: Path, problems: Sequence[str], bad_boxes: Sequence[str]) -> None:
    """Report what is wrong in a source as one `UserError`; do nothing when nothing is.

    Args:
        path: the source.
        problems: each "where: what is wrong".
        bad_boxes: the same, of boxes that could be left out.
    """
    way_out = "; --skip-bad-boxes leaves out boxes that are no part of their image"
    heading = f"problems in {path}, nothing was written"
    remedy = f"Correct that there{way_out if bad_boxes else ''}."
    raise_together([*problems, *bad_boxes], heading, remedy)


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
    """Tell whether every format can hold a text as a name: something, on one line, in letters."""
    odd = any(unicodedata.category(letter) in ("Cc", "Cs", "Cn") for letter in text)
    return bool(text.strip()) and not odd


def with_bar(items: Iterable, word: str) -> Iterable:
    """Go through items with a bar on stderr, when that is a terminal."""
    console = Console(stderr=True)
    items = list(items)
    return track(items, word, console=console, transient=True, disable=not console.is_terminal)
