"""A file that is partly there, and the note next to it that says what it is a part of.

`<name>.part` grows; `<name>.part.json` holds the address and the server's mark of the version.
Nothing here knows how the rest is downloaded.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tfod.files import whole_file


@dataclass
class Part:
    """What is known of a file that is partly there.

    Attributes:
        path: the file.
        url: where it comes from.
        mark: ETag or Last-Modified of the version; "": none, so it cannot be resumed.
        total: its size in bytes as the server said; None: it did not say.
    """

    path: Path
    url: str
    mark: str = ""
    total: int | None = None

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def write_note(self) -> None:
        """Write what is known."""
        known = {name: value for name, value in asdict(self).items() if name != "path"}
        with whole_file(_note(self.path)) as temporary:
            temporary.write_text(json.dumps(known), "utf-8")

    def remove(self) -> None:
        """Remove the file and what is known of it."""
        for path in (self.path, _note(self.path)):
            path.unlink(missing_ok=True)
        self.mark, self.total = "", None


def read_part(path: Path, url: str) -> Part:
    """Read what is known of a part; one of another address or without its note is removed."""
    try:
        part = Part(path, **json.loads(_note(path).read_text("utf-8")))
        if part.url == url and 0 < part.size <= (part.total or part.size):
            return part
    except (OSError, ValueError, TypeError):
        pass
    part = Part(path, url)
    part.remove()
    return part


def megabytes(count: float) -> str:
    """Write a number of bytes for people, in 10^6 bytes."""
    return f"{count / 1e6:.1f} MB"


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
