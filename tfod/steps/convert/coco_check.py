"""Is this COCO? Everything that is wrong in an annotation file is found before anything is used."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tfod.errors import UserError
from tfod.steps.convert.labelled import is_plain_text

_LISTS = ("images", "annotations", "categories")


@dataclass
class Coco:
    """A checked annotation file.

    Attributes:
        images: entries of images, ids and file names unique.
        categories: entries of categories.
        names: category id -> name, of the categories that are used or have a name of their own.
        rows: image id -> its annotations.
        rest: the keys of the file beside the three lists.
        problems: what is wrong, each "file: entry: what"; the rest counts only without any.
        notes: sentences for the user.
    """

    images: list[dict]
    categories: list[dict]
    names: dict[int, str] = field(default_factory=dict)
    rows: dict[object, list[dict]] = field(default_factory=dict)
    rest: dict = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def load_json(path: Path) -> object:
    """Read a JSON file in any Unicode encoding, with or without byte order mark.

    Raises:
        UserError: it cannot be read or is not JSON; names the line.
    """
    try:
        data = path.read_bytes()
        return json.loads(data.decode(json.detect_encoding(data)))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}: not JSON, or cut off ({error.msg}, column {error.colno})"
        raise UserError(f"{where}. Fetch or export it again.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not a text file ({error.reason}). Name a JSON file.") from error
    except RecursionError as error:
        raise UserError(f"{path}: not COCO (lists in lists in lists ...).") from error


def check_coco(data: object, file: Path) -> Coco:
    """Check what a JSON file holds.

    Args:
        data: as json gives it.
        file: its path, for messages.

    Raises:
        UserError: it is something else altogether.
    """
    if isinstance(data, list):
        raise UserError(
            f"{file}: a list (of detections?), expected an object with {', '.join(_LISTS)}. Name "
            "the annotation file."
        )
    lists = {name: data.get(name) if isinstance(data, dict) else None for name in _LISTS}
    for name, entries in lists.items():
        if not isinstance(entries, list):
            raise UserError(
                f'{file}: not COCO, "{name}" is {_kind(entries)} (expected a list). Name a file '
                f"with {', '.join(_LISTS)}, like instances.json."
            )
    assert isinstance(data, dict)
    rest = {key: value for key, value in data.items() if key not in _LISTS}
    coco = Coco(lists["images"] or [], lists["categories"] or [], rest=rest)
    coco.problems += [f"{file}: {what}" for what in _all_problems(coco, lists["annotations"])]
    if not coco.images:
        coco.problems.append(f"{file}: has no images")
    return coco


def _all_problems(coco: Coco, annotations: list) -> Iterator[str]:
    names: dict[int, str] = {}
    yield from _image_problems(coco)
    yield from _category_problems(coco, names)
    yield from _annotation_problems(coco, annotations, names)
    used = {row["category_id"] for rows in coco.rows.values() for row in rows}
    yield from _choose_names(coco, names, used)


def _image_problems(coco: Coco) -> Iterator[str]:
    first: dict[str, object] = {}
    for number, image in enumerate(coco.images, 1):
        if not isinstance(image, dict) or not _is_id(image.get("id")):
            yield f"image number {number}: has no id (expected a number)"
            continue
        where = f"image {image['id']}"
        if image["id"] in coco.rows:
            yield f"{where}: two images have this id"
        coco.rows[image["id"]] = []
        name = image.get("file_name")
        if not isinstance(name, str) or not is_plain_text(name.strip("/\\ ")):
            yield f"{where}: file_name is {_kind(name)}, expected the name of a file"
        elif first.setdefault(name, image["id"]) != image["id"]:
            yield f'{where}: image {first[name]} has the same file_name "{name}"'
        for side in ("width", "height"):
            value = image.get(side)
            if value is not None and not (_is_number(value) and value >= 1):
                yield f"{where}: {side} is {_kind(value)}, expected pixels"


def _category_problems(coco: Coco, names: dict[int, str]) -> Iterator[str]:
    for number, category in enumerate(coco.categories, 1):
        id_ = category.get("id") if isinstance(category, dict) else None
        if isinstance(id_, bool) or not isinstance(id_, int) or id_ < 0:
            yield f"category number {number}: has no id (expected 0 or more)"
            continue
        name = category.get("name")
        if id_ in names:
            yield f"category {id_}: two categories have this id"
        if not isinstance(name, str) or not is_plain_text(name):
            yield f"category {id_}: name is {_kind(name)}, expected a name"
            name = ""
        names[id_] = name.strip()


def _annotation_problems(coco: Coco, annotations: list, names: dict[int, str]) -> Iterator[str]:
    seen = set()
    for number, row in enumerate(annotations, 1):
        if not isinstance(row, dict):
            yield f"annotation number {number}: is {_kind(row)}, expected an object"
            continue
        id_ = row.setdefault("id", f"number {number}")
        where = f"annotation {id_}"
        if not _is_id(id_):
            yield f"annotation number {number}: id is {_kind(id_)}, expected a number"
            continue
        if id_ in seen:
            yield f"{where}: two annotations have this id"
        seen.add(id_)
        image_id, category_id = row.get("image_id"), row.get("category_id")
        if not _is_id(image_id) or image_id not in coco.rows:
            yield f"{where}: image_id {_kind(image_id)} is in no entry of images"
            continue
        if not _is_id(category_id) or category_id not in names:
            yield f"{where}: category_id {_kind(category_id)} is in no entry of categories"
            continue
        problem = _box_problem(row)
        if problem:
            yield f"{where}: {problem}"
            continue
        coco.rows[image_id].append(row)


def _box_problem(row: dict) -> str:
    box, area, crowd = row.get("bbox"), row.get("area"), row.get("iscrowd")
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
        return f"bbox is {_kind(box)}, expected 4 numbers"
    if area is not None and not (_is_number(area) and area >= 0):
        return f"area is {_kind(area)}, expected a number"
    if crowd not in (None, 0, 1):
        return f"iscrowd is {_kind(crowd)}, expected 0 or 1"
    return ""


def _choose_names(coco: Coco, names: dict[int, str], used: set[int]) -> Iterator[str]:
    """Keep the categories; of two of one name the one that is used (Roboflow writes such)."""
    first: dict[str, int] = {}
    for id_ in [*(id_ for id_ in names if id_ in used), *(id_ for id_ in names if id_ not in used)]:
        name = names[id_]
        earlier = first.setdefault(name, id_)
        if earlier == id_:
            coco.names[id_] = name
        elif id_ in used:
            yield f'category {id_}: category {earlier} has the same name "{name}"'
        else:
            coco.notes.append(f'category {id_} "{name}" left out: no box, and {earlier} is it too')


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and _finite(value)
    except OverflowError:
        return False


def _finite(value: int | float) -> bool:
    return math.isfinite(float(value))


def _is_id(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _kind(value: object) -> str:
    """A value in a message: short, or what kind of thing it is."""
    if value is None:
        return "missing"
    text = repr(value)
    if isinstance(value, str):
        text = f'"{value}"' if is_plain_text(value) else ascii(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
