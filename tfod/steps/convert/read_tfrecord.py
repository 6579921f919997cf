"""TFRecords of the old API: images and boxes in one file; read, and the images written out.

The keys are those of `tfod/data/records/write.py`. Where a record has only numbers of classes, the
label map in its folder or above says what they mean.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfod.data.label_kinds import kind_of
from tfod.data.records.file import read_records
from tfod.errors import UserError
from tfod.labels import read_label_map
from tfod.listing import files_below, files_in
from tfod.progress import SILENT, Progress
from tfod.steps.convert.rows import BadEntry, Box, DataSet, Row, is_plain_text, part_of

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_ENDINGS = {b"jpeg": ".jpg", b"jpg": ".jpg", b"png": ".png", b"gif": ".gif", b"bmp": ".bmp"}
Record = dict[str, list[Any]]


def read_tfrecord(path: Path, into: Path, progress: Progress = SILENT) -> DataSet:
    """Read the records at a path; those of several parts keep them.

    Args:
        path: a file, or a folder and all below it.
        into: folder for the images.
        progress: reports each record.

    Raises:
        UserError: a file is damaged or cannot be read; entries that cannot be used are in
            `problems`.
    """
    data = DataSet()
    root = path.parent if path.is_file() else path
    files = [path] if path.is_file() else [f for f in files_below(path) if kind_of(f) == "tfrecord"]
    parts = {file: part_of(file.relative_to(root)) for file in files}
    for number, file in enumerate(files):
        part = parts[file] if len({*parts.values()}) > 1 else ""
        names = _label_map(file, root)
        folder = into / f"{number}"
        folder.mkdir(parents=True)
        for at, record in enumerate(progress.track(read_records(file), f"reading {file.name}"), 1):
            row = Row(Path(), part, file, entry=f"record {at}", in_shares=True)
            try:
                row.image = _write_image(record, folder, row, at)
                row.boxes = [*_boxes(record, names, row.entry)]
                data.rows.append(row)
            except BadEntry as error:
                data.refuse(file, None, error)
            except UserError as error:
                data.problems += error.problems
    return data


def _label_map(file: Path, root: Path) -> dict[int, str]:
    for folder in dict.fromkeys((file.parent, root)):
        for path in files_in(folder, [".pbtxt"]):
            return {id_: name for id_, name in read_label_map(path).names.items()}
    return {}


def _write_image(record: Record, folder: Path, row: Row, number: int) -> Path:
    encoded = (record.get("image/encoded") or [b""])[0]
    if not isinstance(encoded, bytes) or not encoded:
        raise BadEntry(f"{row.entry}: no image in it", "image/encoded", None)
    named = (record.get("image/filename") or [b""])[0]
    name = named.decode("utf-8", "replace") if isinstance(named, bytes) else ""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    ending = _ENDINGS.get((record.get("image/format") or [b"jpeg"])[0], ".jpg")
    name = name if is_plain_text(name) and Path(name).suffix else f"{name or number}{ending}"
    path = folder / name
    if path.exists():
        path = folder / f"{path.stem}_{number}{path.suffix}"
    path.write_bytes(encoded)
    return path


def _boxes(record: Record, names: dict[int, str], at: str) -> Iterator[Box]:
    sides = [record.get(f"image/object/bbox/{side}", []) for side in _SIDES]
    texts = [text.decode("utf-8", "replace") for text in record.get("image/object/class/text", [])]
    ids = record.get("image/object/class/label", [])
    count = len(sides[0])
    if not texts and ids:
        if unknown := [id_ for id_ in ids if id_ not in names]:
            raise BadEntry(f"{at}: class without a name", "label_map.pbtxt beside it", unknown[0])
        texts = [names[id_] for id_ in ids]
    if {len(texts), *map(len, sides)} != {count}:
        raise BadEntry(f"{at}: not as many classes as boxes", count, len(texts))
    for index, (name, *corners) in enumerate(zip(texts, *sides, strict=True)):
        if not is_plain_text(name):
            raise BadEntry(f"{at}: no usable class", "a name", repr(name))
        yield Box(
            name,
            (corners[0], corners[1], corners[2], corners[3]),
            entry=f"box {index + 1} of {at}",
            difficult=_flag(record, "difficult", index),
            truncated=_flag(record, "truncated", index),
            is_crowd=_flag(record, "is_crowd", index),
        )


def _flag(record: Record, name: str, index: int) -> bool:
    values = record.get(f"image/object/{name}", [])
    return index < len(values) and bool(values[index])
