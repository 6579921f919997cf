"""Of which format a file of labels is: told from its content, not from its name.

So a metadata.json, a notes.txt or a table of times is none. A broken file that was meant to be
labels counts as such, and is reported when it is read. Of a long file only the beginning is read.
"""

import csv
import json
import re
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

from tfod.data.drawn_boxes import SIDES
from tfod.data.records.file import looks_like_records
from tfod.listing import is_called_image

# formats that are read besides VOC
TITLES = {
    "yolo": "YOLO text",
    "coco": "COCO JSON",
    "csv": "CSV",
    "labelme": "LabelMe JSON",
    "createml": "CreateML JSON",
    "cvat": "CVAT XML",
    "via": "VIA",
    "label-studio": "Label Studio JSON",
    "kitti": "KITTI text",
    "oidv4": "OIDv4 text",
    "tfrecord": "TFRecord",
}
# formats that are known by name alone, and what to export instead
UNREAD = {
    "cvat-video": "CVAT for video; export it as CVAT for images",
    "vott": "VoTT's own JSON; export it as Pascal VOC",
}
CSV_NAMES = {"image": "filename", "label": "class", "class_name": "class"}  # of other tools
RECORD_SUFFIXES = (".record", ".records", ".tfrecord", ".tfrecords")
_SHARD = re.compile(r"\.(?:tf)?records?-\d{5}-of-\d{5}$")
_HEAD_BYTES = 2**16
_WHOLE_BYTES = 2**20  # shorter JSON is read whole
_TAG = re.compile(r"<([A-Za-z_][\w.-]*)")
_DECIDED_BY = 20  # lines of a text
_LEAST_COLUMNS = 4  # of those that a table of boxes has
_MOST_SHARE = 2  # of an image; YOLO's boxes may reach over its edge
_KITTI_NUMBERS = (14, 15)  # with a score
Json = Any


def kind_of(file: Path) -> str:
    """The format of a file: "voc", one of TITLES or of UNREAD; "" for what is none of them.

    A folder or a file that cannot be read is none.
    """
    suffix = ".record" if _SHARD.search(file.name) else file.suffix.lower()
    kind = _KINDS.get(suffix)
    try:
        return kind(file) if kind else ""
    except (OSError, csv.Error):
        return ""


def _head(file: Path, most: int = _HEAD_BYTES) -> str:
    with open(file, "rb") as opened:
        data = opened.read(most)
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = data.decode("utf-16" if is_utf16 else "utf-8", "replace")
    return text.lstrip("\ufeff \r\n\t")


def _of_json(file: Path) -> str:
    text = _head(file, _WHOLE_BYTES + 1)
    if len(text) <= _WHOLE_BYTES:
        try:
            return of_json(json.loads(text))
        except (ValueError, RecursionError):  # cut off, say
            pass
    return _of_beginning(text[:_HEAD_BYTES])


def of_json(content: Json) -> str:
    """The format of what a JSON file holds."""
    if isinstance(content, list):
        kinds = (_of_entry(entry) for entry in content if isinstance(entry, dict))
        return next(filter(None, kinds), "")
    if not isinstance(content, dict):
        return ""
    if "shapes" in content:
        return "labelme"
    if "_via_img_metadata" in content or _are_regions([*content.values()]):
        return "via"
    if isinstance(content.get("assets"), dict) and "tags" in content:
        return "vott"
    lists = [content.get(key) for key in ("images", "annotations")]
    is_coco = any(isinstance(one, list) for one in lists) and not _are_captions(lists[1])
    return "coco" if is_coco else ""


def _of_entry(entry: dict[str, Json]) -> str:
    """The format of an entry of a list."""
    if isinstance(entry.get("data"), dict):
        return "label-studio" if "annotations" in entry or "completions" in entry else ""
    lists = [value for value in entry.values() if isinstance(value, list)]
    if any(isinstance(one, dict) and "original_width" in one for value in lists for one in value):
        return "label-studio"
    is_named = "image" in entry or "imagefilename" in entry
    return "createml" if is_named and "annotations" in entry else ""


def _are_regions(entries: list[Json]) -> bool:
    return bool(entries) and all(
        isinstance(entry, dict) and "filename" in entry and "regions" in entry for entry in entries
    )


def _are_captions(annotations: Json) -> bool:
    """Whether annotations of COCO are sentences on whole images."""
    first = next(iter(annotations), None) if isinstance(annotations, list) else None
    return isinstance(first, dict) and "caption" in first and "bbox" not in first


def _of_beginning(head: str) -> str:
    """The format of JSON of which the end is missing or not read."""
    keys = set(re.findall(r'"([\w-]+)"\s*:', head))
    if head.startswith("["):
        if {"original_width", "completions"} & keys or {"data", "annotations"} <= keys:
            return "label-studio"
        is_named = "image" in keys or "imagefilename" in keys
        return "createml" if is_named and "annotations" in keys else ""
    if "shapes" in keys or "imagePath" in keys:
        return "labelme"
    if "_via_img_metadata" in keys or {"filename", "regions"} <= keys:
        return "via"
    if "caption" in keys and not keys & {"categories", "bbox"}:
        return ""
    return "coco" if keys & {"images", "annotations", "categories"} else ""


def _of_xml(file: Path) -> str:
    head = _head(file).replace("\0", "")
    root = _TAG.search(re.sub(r"<!--.*?-->", "", head, flags=re.DOTALL))
    if root is None or root[1] != "annotations":
        return "voc" if root is None or root[1] == "annotation" else ""
    return "cvat-video" if "<mode>interpolation<" in head or "<track " in head else "cvat"


def _of_csv(file: Path) -> str:
    first = next(iter(_head(file).splitlines()), "").lower()
    separator = ";" if first.count(";") > first.count(",") else ","
    names = [name.strip() for name in next(csv.reader([first], delimiter=separator), [])]
    if "region_shape_attributes" in names:
        return "via"
    known = {CSV_NAMES.get(name, name) for name in names} & {"filename", "class", *SIDES}
    return "csv" if len(known) >= _LEAST_COLUMNS else ""


def _of_text(file: Path) -> str:
    """The format of a text, by its first line that is not empty."""
    lines = _head(file).splitlines()[:_DECIDED_BY]
    words = next((words for line in lines if (words := line.split())), [])
    numbers = [*takewhile(is_number, reversed(words))]  # at the end
    if len(numbers) == len(words) >= 5:  # a list of sizes or of boxes in pixels is none
        return "yolo" if max(abs(_value(word)) for word in words[1:5]) <= _MOST_SHARE else ""
    if len(numbers) == len(words) - 1 and len(numbers) in _KITTI_NUMBERS:
        return "kitti"
    if len(numbers) == 4 < len(words) and not is_called_image(Path(words[0])):
        return "oidv4" if max(abs(_value(n)) for n in numbers) > _MOST_SHARE else ""
    return ""


def is_number(word: str) -> bool:
    """Whether a word is a number, with a comma for the point or at its end too."""
    try:
        _value(word)
    except ValueError:
        return False
    return True


def _value(word: str) -> float:
    return float(word.strip(",").replace(",", "."))


def _of_records(file: Path) -> str:
    return "tfrecord" if looks_like_records(file) else ""


_KINDS: dict[str, Callable[[Path], str]] = {
    ".xml": _of_xml,
    ".json": _of_json,
    ".csv": _of_csv,
    ".txt": _of_text,
    **dict.fromkeys(RECORD_SUFFIXES, _of_records),
}
