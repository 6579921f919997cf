"""Labels written in each format."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.voc import write_voc
from tfod.progress import Progress
from tfod.steps.convert.places import Target
from tfod.steps.convert.rows import CSV_COLUMNS, FLAGS, TITLES, DataSet, Row

_FEWEST_DIGITS = 6
_MOST_DIGITS = 18  # of an image id
Pairs = Sequence[tuple[Row, Example]]


def leave_out_what_does_not_fit(data: DataSet, to_format: str) -> None:
    """Take out what YOLO and CSV cannot say, all but boxes with names, and count it."""
    if to_format not in ("yolo", "csv"):
        return
    lost, title = Counter[str](), TITLES[to_format]
    for row in data.rows:
        assert (example := row.example) is not None
        for flag in FLAGS:
            lost[f"boxes marked {flag} (the boxes stay)"] += int(getattr(example, flag).sum())
        lost["poses"] += sum(pose != "Unspecified" for pose in example.poses)
        lost["areas that differ from the area of the box"] += int((example.areas_px > 0).sum())
        crowds = f"crowd boxes left out (in {title} each would count as one object)"
        lost[crowds] += int(example.is_crowd.sum())
        keep = np.flatnonzero(~example.is_crowd)
        if to_format == "csv" and not len(keep):
            lost["images without boxes (CSV cannot hold them)"] += 1
        names = tuple(example.names[index] for index in keep)
        size = (example.height_px, example.width_px)
        row.example = Example(example.image_path, *size, example.boxes[keep], names)
    data.lost += lost


def write_labels(data: DataSet, target: Target, folder: Path, progress: Progress) -> list[str]:
    """Write the labels of checked rows with their places; class_ids are in the order of the ids.

    The folder stands for that of the target until everything is written.

    Returns:
        What to report as written, from the folder: of VOC the folder, of YOLO data.yaml.
    """
    files: dict[Path, list[tuple[Row, Example]]] = {}
    for row in (row for rows in data.parts.values() for row in rows):
        if row.example is not None:
            files.setdefault(row.labels, []).append((row, row.example))
    numbers = {name: number for number, name in enumerate(data.class_ids)}
    if target.format == "yolo":
        _write_yaml(data, folder, target.file or "data.yaml")
    for name, pairs in progress.track(files.items(), "writing labels"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if target.format == "coco":
            _write_coco(path, pairs, data.class_ids)
        elif target.format == "csv":
            _write_csv(path, pairs)
        elif target.format == "yolo":
            _write_yolo(path, pairs[0][1], numbers)
        else:
            title = (target.folder / name).absolute().parent.name
            write_voc(path, replace(pairs[0][1], image_path=Path(title, pairs[0][0].name)))
    reported = {"voc": [""], "yolo": [target.file or "data.yaml"]}
    return reported.get(target.format, [str(name) for name in files])


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
    are_numbers = all(stem.isdecimal() and len(stem) <= _MOST_DIGITS for stem in stems)
    ids = {int(stem): None for stem in stems} if are_numbers else {}  # in their order
    return list(ids) if len(ids) == len(stems) else list(range(1, len(names) + 1))


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


def _write_yaml(data: DataSet, folder: Path, yaml_name: str) -> None:
    """Write data.yaml and classes.txt; the class numbers are the ids without gaps."""
    folders = {row.part or "train": row.place.parent.as_posix() for row in data.rows}
    if "val" not in folders:  # Ultralytics asks for it
        folders["val"] = folders.get("test") or next(iter(folders.values()))
        data.notes.append(f"there are no val images: val in data.yaml is {folders['val']}")
    folders.setdefault("train", folders["val"])
    lines = [f"{part}: {folders[part]}" for part in ("train", "val", "test") if part in folders]
    lines += [f"nc: {len(data.class_ids)}", "names:"]
    names = [json.dumps(name, ensure_ascii=False) for name in data.class_ids]
    lines += [f"  {number}: {name}" for number, name in enumerate(names)]
    for file, texts in ((yaml_name, lines), ("classes.txt", list(data.class_ids))):
        (folder / file).write_text("\n".join([*texts, ""]), encoding="utf-8", newline="\n")
