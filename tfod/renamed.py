"""Checkpoint files that got another name on their way: "ckpt-3 (1).index", "ckpt-3.index.txt".

A browser numbers a second download, a file manager marks a copy, an editor adds an ending.
"""

import re
from pathlib import Path

from tfod.errors import Problem
from tfod.remedies import Remedy
from tfod.words import natural_key

_COPY = "copy|copie|copia|kopie"
_MARK = rf"\s*\(\d+\)|\s(?:-\s)?(?:{_COPY})(?:\s\(?\d+\)?)?|\s\d+"
_RENAMED = re.compile(
    rf"(?:(?:{_COPY})\s(?:\(\d+\)\s)?(?:of|de|di|von)\s)?"
    rf"(?P<name>ckpt-\d+)(?:{_MARK})*"
    rf"(?P<ending>\.index|\.data-\d{{5}}-of-\d{{5}})(?:{_MARK}|\.txt|\.bin)*",
    re.IGNORECASE,
)


def renamed_files(folder: Path, prefix: str = "") -> list[Problem]:
    """Find checkpoint files under another name, where none has the name they had.

    Args:
        prefix: "ckpt-3", or one of its files: only those of this checkpoint; of all when empty.

    Returns:
        A problem for each file that is missing, with the newest of those that may be it.
    """
    if match := _RENAMED.fullmatch(prefix) or _RENAMED.fullmatch(f"{prefix}.index"):
        prefix = match["name"]
    found: dict[str, Path] = {}
    paths = folder.iterdir() if folder.is_dir() else ()
    for path in sorted(paths, key=lambda path: natural_key(path.name)):
        if match := _RENAMED.fullmatch(path.name):
            name = match["name"] + match["ending"]
            if prefix in ("", match["name"]) and not path.with_name(name).exists():
                found[name] = path
    return [
        Problem(
            "checkpoint-file-renamed",
            path,
            "a checkpoint file under another name",
            expected=name,
            remedy=Remedy.RENAME_TO(name=name),
        )
        for name, path in found.items()
    ]
