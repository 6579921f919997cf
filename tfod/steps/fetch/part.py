"""A file that is partly there, and the note beside it that says what it is a part of.

`<name>.part` grows; `<name>.part.json` holds the address and the server's mark of the version.
Nothing here knows how the rest is got.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tfod.files import whole_file


@dataclass
class Part:
    """What is known of a file that is partly there.

    Attributes:
        url: where it comes from.
        mark: ETag or Last-Modified of the version; "": none, so it cannot be resumed.
        total: its bytes as the server said; None: it did not.
    """

    url: str
    mark: str = ""
    total: int | None = None


def read_part(part: Path, url: str) -> Part:
    """Read what is known of a part; one of another address or without its note is removed."""
    try:
        known = Part(**json.loads(_note(part).read_text("utf-8")))
        have = size_of(part)
        if known.url == url and 0 < have <= (known.total or have):
            return known
    except (OSError, ValueError, TypeError):
        pass
    forget(part)
    return Part(url)


def write_part(part: Path, known: Part) -> None:
    """Write the note of a part."""
    with whole_file(_note(part)) as temporary:
        temporary.write_text(json.dumps(asdict(known)), "utf-8")


def forget(part: Path) -> None:
    """Remove a part and what is known of it."""
    for path in (part, _note(part)):
        path.unlink(missing_ok=True)


def size_of(part: Path) -> int:
    """Give how many bytes are there."""
    return part.stat().st_size if part.is_file() else 0


def megabytes(count: float) -> str:
    """Write a number of bytes for people, in 10^6 bytes."""
    return f"{count / 1e6:.1f} MB"


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
