"""What was repaired in a file, or left as it was and why."""

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from tfod.steps.check.finding import Place
from tfod.steps.check.fix.xml_edit import XmlText


@dataclass(frozen=True, slots=True)
class Change:
    """One thing repaired, or left as it was.

    Attributes:
        check: the check that finds it, as "box-outside-image".
        path: the file, under the name it had.
        line: in that file, or None.
        what: what was done, or why nothing was.
    """

    check: str
    path: Path
    line: int | None
    what: str

    def __str__(self) -> str:
        return str(Place(self.path, self.line, self.what))


@dataclass
class Repair:
    """An annotation being repaired.

    Attributes:
        path: its path, for messages.
        xml: its text, with the edits so far.
        done: what was repaired.
        left: what was not.
    """

    path: Path
    xml: XmlText
    done: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)

    def add(self, check: str, node: Element, what: str) -> None:
        """Note what was repaired at an element."""
        self.done.append(Change(check, self.path, self.xml.line(node), what))
