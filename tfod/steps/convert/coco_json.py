"""COCO's instances.json, read and written.

    {"images": [{id, file_name, width, height}], "categories": [{id, name}],
     "annotations": [{id, image_id, category_id, bbox: [x, y, width, height], area, iscrowd}]}

Boxes are in pixels from 0 and may be fractions. Segmentations, keypoints and all else that an
`Example` has no place for are counted as lost. What VOC knows and COCO does not (difficult,
truncated, occluded, pose) is written as further keys of an annotation, which others ignore.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from tfod.data.example import Example, boxes_xyxy_px
from tfod.errors import UserError
from tfod.steps.convert.coco_check import Coco, check_coco, load_json
from tfod.steps.convert.find_images import ImageFinder, count_lost, files_below
from tfod.steps.convert.labelled import Labelled, is_plain_text, part_of, raise_problems, with_bar

_KNOWN = {
    "image": {"id", "file_name", "width", "height"},
    "category": {"id", "name"},
    "annotation": {"id", "image_id", "category_id", "bbox", "area", "iscrowd"}
    | {"difficult", "truncated", "occluded", "pose"},
    "file": {"images", "annotations", "categories"},
}
_FLAGS = {"difficult": "difficult", "truncated": "truncated", "occluded": "occluded"}
_NAMES = {
    "annotation.segmentation": "segmentations (the boxes stay)",
    "annotation.keypoints": "sets of keypoints",
    "category.supercategory": "supercategories",
}
_SAME_AREA = 1e-9


def find_coco(path: Path) -> list[Path]:
    """Find the annotation files at a path: itself, or those that usual exports put in a folder.

    `instances*.json` and Roboflow's `_annotations.coco.json` come before any other JSON file.
    """
    if path.is_file():
        return [path]
    found = files_below(path, ".json")
    usual = [file for file in found if file.name.lower().startswith(("instances", "_annot"))]
    return usual or [file for file in found if file.parent in (path, path / "annotations")]


def read_coco(path: Path, images: Path | None = None, skip_bad: bool = False) -> Labelled:
    """Read one annotation file, or all of a folder, each a part of the data.

    Args:
        path: instances.json, or a folder that has such files.
        images: folder of the images; looked for beside the annotations when None.
        skip_bad: leave out boxes that are no part of their image.

    Raises:
        UserError: what was found is not COCO, or anything in it cannot be used, all told together.
    """
    labelled = Labelled()
    problems: list[str] = []
    files = find_coco(path)
    if not files:
        raise UserError(f"{path}: no COCO annotations here (instances.json). Check the path.")
    for file in files:
        coco = check_coco(load_json(file), file)
        part = part_of(Path(file.parent.name, file.name)) if len(files) > 1 else ""
        finder = ImageFinder(images, _image_folders(file), skip_bad)
        problems += coco.problems or _read_file(coco, file, part, finder, labelled)
    raise_problems(path, problems, [] if skip_bad else labelled.bad_boxes)
    return labelled


def _read_file(
    coco: Coco, file: Path, part: str, finder: ImageFinder, labelled: Labelled
) -> list[str]:
    """Add one checked file to what was read; return its problems."""
    problems = [
        f'{file}: category "{name}" has id {id_}, but {labelled.class_ids[name]} in another file'
        for id_, name in coco.names.items()
        if labelled.class_ids.get(name, id_) != id_
    ]
    labelled.class_ids |= {name: id_ for id_, name in coco.names.items()}
    examples = []
    for image in with_bar(coco.images, "reading images"):
        rows = coco.rows[image["id"]]
        try:
            example, wrong = _example(image, rows, coco.names, finder)
        except UserError as error:
            problems.append(f"{file}: image {image['id']}: {str(error).rstrip('.')}")
            continue
        labelled.bad_boxes += [
            f"{file}: annotation {rows[index]['id']} (image {image['id']}): {what}"
            for index, what in wrong
        ]
        examples += [example] if example else []
    labelled.add(part, examples)
    labelled.notes += [*coco.notes, *finder.notes()]
    labelled.lost += _lost(coco)
    return problems


def _image_folders(file: Path) -> list[Path]:
    """Where the images of usual exports lie; for instances_val2017.json also ../val2017."""
    here, above = file.parent, file.parent.parent
    part = file.stem.rsplit("_", 1)[-1]
    beside = [place / part for place in (above, above / "images", here / "images")]
    beside = beside if part != file.stem else []
    above_images = [above / "images"] if here.name.lower() == "annotations" else []
    return [here / "images" if (here / "images").is_dir() else here, here, *beside, *above_images]


def _example(
    image: dict, rows: list[dict], names: Mapping[int, str], finder: ImageFinder
) -> tuple[Example | None, list[tuple[int, str]]]:
    boxes = [row["bbox"] for row in rows]
    stated = (image.get("height"), image.get("width"))
    return finder.example(
        finder.find(image["file_name"]),
        (int(stated[0]), int(stated[1])) if all(stated) else None,
        [(x, y, x + width, y + height) for x, y, width, height in boxes],
        names=[names[row["category_id"]] for row in rows],
        is_crowd=[bool(row.get("iscrowd")) for row in rows],
        areas_px=[_own_area(row) for row in rows],
        poses=[_pose(row) for row in rows],
        **{field: [bool(row.get(key)) for row in rows] for field, key in _FLAGS.items()},
    )


def _pose(row: dict) -> str:
    pose = row.get("pose")
    return pose if isinstance(pose, str) and is_plain_text(pose) else "Unspecified"


def _own_area(row: dict) -> float:
    """The area of an object when it is not that of its box; else 0."""
    area, of_box = float(row.get("area") or 0), row["bbox"][2] * row["bbox"][3]
    return 0.0 if abs(area - of_box) <= _SAME_AREA * of_box else area


def _lost(coco: Coco) -> Counter[str]:
    """Count what an Example cannot hold."""
    counts: Counter[str] = Counter()
    count_lost(counts, coco.rest, _KNOWN["file"], "file")
    for kind, entries in (("image", coco.images), ("category", coco.categories)):
        for entry in entries:
            count_lost(counts, entry, _KNOWN[kind], kind)
    for rows in coco.rows.values():
        for row in rows:
            count_lost(counts, row, _KNOWN["annotation"], "annotation")
    lost = Counter({_NAMES.get(key, f'"{key}"'): number for key, number in counts.items()})
    names = {image["id"]: Path(image["file_name"]).stem for image in coco.images}
    if not all(name.isdecimal() and int(name) == id_ for id_, name in names.items()):
        lost["image ids (numbered anew)"] = len(names)
    return lost


def write_coco(
    path: Path, examples: Sequence[Example], names: Sequence[str], class_ids: Mapping[str, int]
) -> None:
    """Write an annotation file, one entry a line.

    The box of an entry is the shortest numbers that read back as the same float32 box. Images that
    are named with digits alone, like COCO's, get that number as id, else 1, 2, ...

    Args:
        path: the file.
        examples: the images.
        names: file name of each, with slashes.
        class_ids: class name -> category id.
    """
    image_ids = _image_ids(names)
    images = [
        {"id": id_, "file_name": name, "width": example.width_px, "height": example.height_px}
        for id_, name, example in zip(image_ids, names, examples, strict=True)
    ]
    rows = (
        row
        for id_, example in zip(image_ids, examples, strict=True)
        for row in _rows(id_, example, class_ids)
    )
    categories = [
        {"id": id_, "name": name, "supercategory": ""}
        for name, id_ in sorted(class_ids.items(), key=lambda item: item[1])
    ]
    lists = {
        "images": images,
        "annotations": ({"id": number, **row} for number, row in enumerate(rows, 1)),
        "categories": categories,
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
    if all(stem.isdecimal() for stem in stems) and len(set(map(int, stems))) == len(stems):
        return [int(stem) for stem in stems]
    return list(range(1, len(names) + 1))


def _rows(image_id: int, example: Example, class_ids: Mapping[str, int]) -> list[dict]:
    rows = []
    for index, box in enumerate(boxes_xyxy_px(example)):
        xmin, ymin, xmax, ymax = (Decimal(str(value)) for value in box)
        width, height = xmax - xmin, ymax - ymin  # exact, where floats would give 24.699999
        row = {
            "image_id": image_id,
            "category_id": class_ids[example.names[index]],
            "bbox": [box[0], box[1], _number(width), _number(height)],
            "area": float(example.areas_px[index]) or _number(width * height),
            "iscrowd": int(example.is_crowd[index]),
            "segmentation": [],
        }
        row |= {key: 1 for field, key in _FLAGS.items() if getattr(example, field)[index]}
        if example.poses[index] != "Unspecified":
            row["pose"] = example.poses[index]
        rows.append(row)
    return rows


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
