"""Which files of a folder are labels, and of which format: by their content, not by their names.

So a metadata.json, a notes.txt or a list of times in CSV is none. A broken file that was meant to
be labels counts as such, and is reported when it is read.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

from tfod.data.drawn_boxes import SIDES
from tfod.data.records.file import looks_like_records
from tfod.errors import UserError
from tfod.listing import files_below, read_text
from tfod.steps.convert.rows import CSV_NAMES

MOST_JSON_BYTES = 2 * 2**30
_HEAD_BYTES = 4096
_LOOKED_AT = 20  # JSON files of a folder; the others are like these
_TAG = re.compile(rb"<([A-Za-z_][\w.-]*)")
_MEANT = re.compile(r'"(annotations|images|categories|shapes)"\s*:')
_RECORD_SUFFIXES = (".record", ".records", ".tfrecord", ".tfrecords")
_SHARD = re.compile(r".*record-\d{5}-of-\d{5}$")


def label_files(path: Path) -> dict[str, list[Path]]:
    """Format -> the files at a path that are labels of it: a file itself, or all below a folder.

    Texts of YOLO without any box look like any empty file; `read_yolo` finds them.
    """
    found: dict[str, list[Path]] = defaultdict(list)
    looked: dict[Path, list[str]] = defaultdict(list)  # folder -> what its JSON was
    for file in [path] if path.is_file() else files_below(path):
        suffix = file.suffix.lower()
        before = looked[file.parent] if suffix == ".json" else []
        if len(before) >= _LOOKED_AT and len(set(before)) == 1:
            kind = before[0]
        else:
            kind = kind_of(file)
        if suffix == ".json":
            before.append(kind)
        if kind:
            found[kind].append(file)
    return dict(found)


def kind_of(file: Path) -> str:
    """The format of a file: one of `FORMATS`, "kitti", "oidv4", "vott" or "cvat-video"; else ""."""
    kind = _KINDS.get(file.suffix.lower())
    if kind is None and _SHARD.fullmatch(file.name):
        kind = _of_records
    try:
        return kind(file) if kind else ""
    except (UserError, OSError):  # not text, not to be read
        return _ELSE.get(file.suffix.lower(), "")


def of_json(content: Any) -> str:
    """The format of what a JSON file holds."""
    if isinstance(content, list):
        return _of_list([entry for entry in content if isinstance(entry, dict)])
    if not isinstance(content, dict):
        return ""
    if all(isinstance(content.get(key), list) for key in ("images", "annotations", "categories")):
        return "coco"
    if isinstance(content.get("shapes"), list):
        return "labelme"
    if "_via_img_metadata" in content or _are_regions(content):
        return "via"
    return "vott" if isinstance(content.get("assets"), dict) and "tags" in content else ""


def _of_list(entries: list[dict[str, Any]]) -> str:
    for entry in entries:
        if isinstance(entry.get("data"), dict) and ("annotations" in entry or "completions" in entry):
            return "label-studio"
        values = [value for value in entry.values() if isinstance(value, list)]
        inner = [one for value in values for one in value if isinstance(one, dict)]
        if any("original_width" in one for one in inner):
            return "label-studio"
        if ("image" in entry or "imagefilename" in entry) and (
            "annotations" in entry or "annotation" in entry
        ):
            return "createml"
    return ""


def _are_regions(content: dict[str, Any]) -> bool:
    entries = list(content.values())
    return bool(entries) and all(
        isinstance(entry, dict) and "filename" in entry and "regions" in entry for entry in entries
    )


def _of_json(file: Path) -> str:
    text = read_text(file, MOST_JSON_BYTES)
    try:
        return of_json(json.loads(text))
    except (ValueError, RecursionError):  # cut off, say
        return "coco" if _MEANT.search(text[: 100 * _HEAD_BYTES]) else ""


def _of_xml(file: Path) -> str:
    with open(file, "rb") as opened:
        head = opened.read(_HEAD_BYTES)
    root = _TAG.search(re.sub(rb"<!--.*?-->|\0", b"", head, flags=re.DOTALL))
    if root is None or root[1] == b"annotation":
        return "voc"
    if root[1] != b"annotations":
        return ""
    return "cvat-video" if b"<mode>interpolation<" in head else "cvat"


def _of_csv(file: Path) -> str:
    with open(file, encoding="utf-8", errors="replace", newline="") as opened:
        head = opened.readline(_HEAD_BYTES).lstrip("\ufeff").lower()
    separator = ";" if ";" in head else ","
    names = [name.strip() for name in next(csv.reader([head], delimiter=separator), [])]
    if "region_shape_attributes" in names:
        return "via"
    known = {CSV_NAMES.get(name, name) for name in names}
    return "csv" if len(known & {"filename", "class", *SIDES}) >= 4 else ""


def _of_text(file: Path) -> str:
    with open(file, "rb") as opened:
        head = opened.read(_HEAD_BYTES).decode("utf-8", "replace").lstrip("\ufeff")
    lines = [words for line in head.splitlines()[:20] if (words := line.split())]
    for words in lines[:1]:
        numbers = [*takewhile(_is_number, reversed(words))]  # at the end
        if len(numbers) == len(words) >= 5:
            return "yolo"
        if len(numbers) == len(words) - 1 and len(numbers) in (14, 15):
            return "kitti"
        if len(numbers) == 4 < len(words):  # names instead of numbers are a slip in YOLO's shares
            large = max(float(re.sub(r"[,_]", "", word)) for word in numbers) > 2
            return "oidv4" if large else "yolo"
    return ""


def _is_number(word: str) -> bool:
    return re.fullmatch(r"[-+]?[\d.,_]+(e[-+]?\d+)?|[-+]?nan", word.lower()) is not None


def _of_records(file: Path) -> str:
    return "tfrecord" if looks_like_records(file) else ""


_KINDS: dict[str, Callable[[Path], str]] = {
    ".xml": _of_xml,
    ".json": _of_json,
    ".csv": _of_csv,
    ".txt": _of_text,
    **dict.fromkeys(_RECORD_SUFFIXES, _of_records),
}
# what a file that cannot be read was meant to be
_ELSE = {".xml": "voc"}
