"""Where labels and images of a format go, and the labels written there.

`Row.name` is the file name of each image in the target.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.voc import write_voc
from tfod.progress import Progress
from tfod.steps.convert.rows import CSV_COLUMNS, FLAGS, DataSet, Row

_ENDINGS = {"coco": (".json",), "csv": (".csv",), "yolo": (".yaml", ".yml"), "voc": ()}
_FEWEST_DIGITS = 6
_MOST_DIGITS = 18  # of an image id
Pairs = Sequence[tuple[Row, Example]]


@dataclass(frozen=True)
class Target:
    """What is to be written.

    Attributes:
        path: the folder, or of COCO and CSV the file, of YOLO data.yaml.
        format: "voc", "coco", "yolo" or "csv".
    """

    path: Path
    format: str

    @property
    def is_file(self) -> bool:
        """Whether the path is that of a file."""
        return self.path.suffix.lower() in _ENDINGS[self.format] and not self.path.is_dir()

    @property
    def folder(self) -> Path:
        """Everything is written into it."""
        return self.path.parent if self.is_file else self.path

    def labels(self, part: str) -> str:
        """The file of the labels of a part, from the folder; of VOC and YOLO their folder."""
        if self.format in ("coco", "csv") and self.is_file:
            return self.path.name
        names = {
            "voc": part,
            "yolo": f"labels/{part}",
            "coco": f"instances_{part}.json" if part else "instances.json",
            "csv": f"{part or 'labels'}.csv",
        }
        return names[self.format].rstrip("/")

    def images(self, part: str) -> str:
        """The folder of the images of a part: with the XML, else where readers look for them."""
        return part if self.format == "voc" else f"images/{part}".rstrip("/")

    @property
    def yaml(self) -> str:
        """Name of data.yaml of YOLO."""
        return self.path.name if self.is_file else "data.yaml"

    def main_files(self, parts: Iterable[str]) -> list[Path]:
        """What to name as written: the folder of VOC, data.yaml, or the files of the parts."""
        if self.format in ("voc", "yolo"):
            return [self.folder / self.yaml if self.format == "yolo" else self.folder]
        return [self.folder / self.labels(part) for part in parts]


def write_labels(data: DataSet, target: Target, folder: Path, progress: Progress) -> None:
    """Write the labels of a data set; data.class_ids are in the order of the ids.

    Args:
        data: checked rows with names.
        target: what goes where.
        folder: stands for the folder of the target until all is there.
        progress: told of each image.
    """
    if target.format == "yolo":
        numbers = {name: number for number, name in enumerate(data.class_ids)}
        _write_yaml(data, target, folder)
    for part, rows in data.parts.items():
        pairs = [(row, row.example) for row in rows if row.example is not None]
        path = folder / target.labels(part)
        is_folder = target.format in ("voc", "yolo")
        (path if is_folder else path.parent).mkdir(parents=True, exist_ok=True)
        if target.format == "coco":
            _write_coco(path, pairs, data.class_ids)
        elif target.format == "csv":
            _write_csv(path, pairs)
        for row, example in progress.track(pairs if is_folder else [], "writing"):
            text = path / f"{Path(row.name).stem}{'.xml' if target.format == 'voc' else '.txt'}"
            if target.format == "voc":
                title = (target.folder / part).absolute().name
                write_voc(text, replace(example, image_path=Path(title, row.name)))
            else:
                _write_yolo(text, example, numbers)


def _write_csv(path: Path, pairs: Pairs) -> None:
    """Write a row for each box; an image without boxes leaves none.

    The tutorial's scripts would take a row without a class for a class.
    """
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for row, example in pairs:
            for name, box in zip(example.names, boxes_xyxy_px(example), strict=True):
                writer.writerow([row.name, example.width_px, example.height_px, name, *box])


# --- COCO


def _write_coco(path: Path, pairs: Pairs, class_ids: Mapping[str, int]) -> None:
    """Write an annotation file, one entry a line.

    The box of an entry is the shortest numbers that read back as the same float32 box. Images that
    are named with digits alone, as COCO's are, get that number as id, else 1, 2, ...
    """
    ids = _image_ids([row.name for row, _ in pairs])
    images = [
        {"id": id_, "file_name": row.name, "width": example.width_px, "height": example.height_px}
        for id_, (row, example) in zip(ids, pairs, strict=True)
    ]
    annotations = (
        {"image_id": id_, **annotation}
        for id_, (_, example) in zip(ids, pairs, strict=True)
        for annotation in _annotations(example, class_ids)
    )
    lists: dict[str, Iterable[dict[str, object]]] = {
        "images": images,
        "annotations": ({"id": number, **row} for number, row in enumerate(annotations, 1)),
        "categories": [
            {"id": id_, "name": name, "supercategory": ""} for name, id_ in class_ids.items()
        ],
    }
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write('{\n"info": {},\n"licenses": []')
        for key, entries in lists.items():
            file.write(f',\n"{key}": [')
            for number, entry in enumerate(entries):
                file.write(("," if number else "") + "\n" + json.dumps(entry, ensure_ascii=False))
            file.write("\n]")
        file.write("\n}\n")


def _image_ids(names: Sequence[str]) -> list[int]:
    stems = [Path(name).stem for name in names]
    if all(stem.isdecimal() and len(stem) <= _MOST_DIGITS for stem in stems):
        ids = [int(stem) for stem in stems]
        if len(set(ids)) == len(ids):
            return ids
    return list(range(1, len(names) + 1))


def _annotations(example: Example, class_ids: Mapping[str, int]) -> Iterable[dict[str, object]]:
    for index, box in enumerate(boxes_xyxy_px(example)):
        xmin, ymin, xmax, ymax = (Decimal(str(value)) for value in box)
        width, height = xmax - xmin, ymax - ymin  # exact, where floats would give 24.699999
        entry = {
            "category_id": class_ids[example.names[index]],
            "bbox": [box[0], box[1], _number(width), _number(height)],
            "area": float(example.areas_px[index]) or _number(width * height),
            "iscrowd": int(example.is_crowd[index]),
            "segmentation": [],
        }
        entry |= {flag: 1 for flag in FLAGS if getattr(example, flag)[index]}
        if example.poses[index] != "Unspecified":
            entry["pose"] = example.poses[index]
        yield entry


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


# --- YOLO


def _write_yolo(path: Path, example: Example, numbers: Mapping[str, int]) -> None:
    """Write the boxes of one image: class, then middle and sides as shares of the image.

    Shares have as many digits, 6 or more, as give the same float32 box when they are read (but for
    corners within 1e-9 of 0, where float64 does not hold both middle and side so exactly).
    """
    lines = []
    for name, (ymin, xmin, ymax, xmax) in zip(example.names, example.boxes, strict=True):
        (x, width), (y, height) = _middle_and_side(xmin, xmax), _middle_and_side(ymin, ymax)
        lines.append(f"{numbers[name]} {x} {y} {width} {height}\n")
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _middle_and_side(low: np.float32, high: np.float32) -> tuple[str, str]:
    middle, side = (float(low) + float(high)) / 2, float(high) - float(low)
    for digits in range(_FEWEST_DIGITS, 18):
        texts = f"{middle:.{digits}f}", f"{side:.{digits}f}"
        m, s = map(float, texts)
        if np.float32(m - s / 2) == low and np.float32(m + s / 2) == high:
            return texts
    return repr(middle), repr(side)


def _write_yaml(data: DataSet, target: Target, folder: Path) -> None:
    """Write data.yaml and classes.txt; the class numbers are the ids without gaps."""
    folders = {part or "train": target.images(part) for part in data.parts}
    if "val" not in folders:  # Ultralytics asks for it
        folders["val"] = folders.get("test") or next(iter(folders.values()))
        data.notes.append(f"data.yaml has no val images of its own: val is {folders['val']}")
    folders = {"train": folders.get("train", folders["val"]), **folders}
    lines = [f"{part}: {place}" for part, place in folders.items()]
    lines += [f"nc: {len(data.class_ids)}", "names:"]
    lines += [
        f"  {number}: {json.dumps(name, ensure_ascii=False)}"
        for number, name in enumerate(data.class_ids)
    ]
    files = {target.yaml: lines, "classes.txt": list(data.class_ids)}
    for name, texts in files.items():
        (folder / name).write_text("\n".join([*texts, ""]), encoding="utf-8", newline="\n")
