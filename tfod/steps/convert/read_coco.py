"""COCO's instances.json, read.

    {"images": [{id, file_name, width, height}], "categories": [{id, name}],
     "annotations": [{id, image_id, category_id, bbox: [x, y, width, height], area, iscrowd}]}

Boxes are in pixels from 0 and may be fractions. Segmentations, keypoints and all else that a `Box`
has no place for are counted as lost. What VOC knows and COCO does not (difficult, truncated,
occluded, pose) is read from further keys of an annotation, which `write.py` adds.
"""

import json
from pathlib import Path
from typing import Any

from tfod.data.label_kinds import kind_of
from tfod.errors import Problem, UserError, refusal
from tfod.listing import files_below, read_text
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.convert.class_ids import IMAGE_IDS
from tfod.steps.convert.coco_values import (
    Entry,
    box_of_polygons,
    is_id,
    is_number,
    need,
    numbered,
    rotation,
    shown,
)
from tfod.steps.convert.entries import upright
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.rows import FLAGS, BadEntry, Box, DataSet, Row, is_plain_text, part_of
from tfod.words import some

# COCO's own largest file has 450 MB; reading takes four times the file in memory, of a hostile one
# of empty lists 23 times
MOST_BYTES = 2 * 2**30
_KINDS = {"image": "images", "category": "categories", "annotation": "annotations"}
_KNOWN = {
    "file": {*_KINDS.values()},
    "image": {"id", "file_name", "width", "height"},
    "category": {"id", "name"},
    "annotation": {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "pose", *FLAGS},
}
_LOST = {
    "annotation.segmentation": "segmentations (the boxes stay)",
    "annotation.keypoints": "sets of keypoints",
}
_SAME_AREA = 1e-9


def find_coco(path: Path) -> list[Path]:
    """Find the annotation files at a path: itself, or those that usual exports put in a folder.

    `instances*.json` and Roboflow's `_annotations.coco.json` come before any other JSON file.
    """
    return _choose(path)[0]


def _choose(path: Path) -> tuple[list[Path], list[Path]]:
    """The annotation files to read, and those that are left because of them."""
    if path.is_file():
        return [path], []
    found = [file for file in files_below(path, [".json"]) if kind_of(file) == "coco"]
    usual = [file for file in found if file.name.lower().startswith(("instances", "_annot"))]
    return (usual, [file for file in found if file not in usual]) if usual else (found, [])


def read_coco(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read one annotation file, or all of a folder, each a part of the data.

    Args:
        path: instances.json, or a folder that has such files.
        images: folder of the images; where usual exports have them when None.
        progress: reports each image and box.

    Raises:
        UserError: a file is not COCO; entries that cannot be used are in `problems`.
    """
    data = DataSet()
    files, left = _choose(path)
    if left:
        out, kept = ([file.relative_to(path).as_posix() for file in ones] for ones in (left, files))
        data.notes.append(f"left out because of {some(kept)}: {some(out)}")
    for file in files:
        part = part_of(Path(file.parent.name, file.name)) if len(files) > 1 else ""
        _File(file, part, _finder(path, file, images), data).read(progress)
    return data


def _load(file: Path) -> Entry:
    """Read the JSON of an annotation file; its three lists are lists."""
    try:
        content = json.loads(read_text(file, MOST_BYTES))
    except json.JSONDecodeError as error:
        what = f"not JSON, or cut off ({error.msg}, column {error.colno})"
        raise refusal("not-json", file, what, error.lineno, remedy=Remedy.COPY_AGAIN) from error
    except (RecursionError, ValueError) as error:  # lists in lists in lists, endless digits
        raise refusal("not-json", file, f"not a data set in JSON ({error})") from error
    keys = content if isinstance(content, dict) else {}
    if not all(isinstance(keys.get(name), list) for name in _KINDS.values()):
        expected = f"COCO annotations: the lists {', '.join(_KINDS.values())}"
        got = ", ".join(map(shown, keys)) or f"a {type(content).__name__}"
        raise refusal("not-coco", file, "not COCO", expected=expected, got=got)
    return keys


def _finder(path: Path, file: Path, images: Path | None) -> ImageFinder:
    """Look where usual exports have their images; for instances_val2017.json also in val2017/."""
    here = file.parent
    root = here.parent if here.name.lower() == "annotations" else here
    part = file.stem.rsplit("_", 1)[-1]
    of_part = [place / part for place in (root, root / "images", here / "images")]
    usual = [here / "images" if (here / "images").is_dir() else here, here]
    usual += [*(of_part if part != file.stem else []), root / "images"]
    return ImageFinder(path if path in here.parents else root, images, usual, path.is_dir())


class _File:
    """One annotation file while it is read."""

    def __init__(self, file: Path, part: str, finder: ImageFinder, data: DataSet):
        self.file = file
        self.part = part
        self.finder = finder
        self.data = data
        self.rows: dict[object, Row] = {}  # by image id
        self.by_name: dict[str, Row] = {}
        self.names: dict[int | str, str] = {}  # of categories, by id
        self.used: set[int | str] = set()
        self.by_model = False

    def read(self, progress: Progress) -> None:
        """Add all that is in the file to the data; what cannot be used goes to its problems."""
        content = _load(self.file)
        for kind, list_name in _KINDS.items():
            seen: set[object] = set()
            for number, entry in enumerate(progress.track(content[list_name], list_name), 1):
                try:
                    self._add(kind, f"{kind} number {number}", entry, seen)
                except BadEntry as error:
                    self.data.refuse(self.file, None, error)
                except UserError as error:
                    self.data.problems += error.problems
        if not content["images"]:
            self.data.problems.append(Problem("no-images", self.file, "no images found"))
        self._choose_classes()
        for row in self.rows.values():
            row.by_model = self.by_model  # those without a box too
        if not self.data.problems:
            _count_lost(content, self.data)

    def _add(self, kind: str, name: str, entry: Any, seen: set[object]) -> None:
        """Add an entry of a list; annotations alone may be without an id."""
        need(isinstance(entry, dict), f"{name} is not an entry", "an object", entry)
        id_ = entry.get("id")
        if id_ is not None or kind != "annotation":
            need(is_id(id_), f"{name}: no usable id", "a number", id_)
            name = f"{kind} {shown(id_)}"
            need(id_ not in seen, f"{name}: another {kind} has the same id", None, None)
            seen.add(id_)
        add = {"image": self._image, "category": self._category, "annotation": self._annotation}
        add[kind](entry, name)

    def _image(self, image: Entry, entry: str) -> None:
        row = self.rows[image["id"]] = Row(Path(), self.part, self.file, entry=entry)
        sides = [image.get(side) for side in ("height", "width")]
        for value in sides:
            is_size = value is None or (is_number(value) and value >= 1)
            need(is_size, f"{entry}: not the size of an image", "pixels", value)
        row.stated_size = (int(sides[0] or 0), int(sides[1] or 0)) if all(sides) else None
        name = image.get("file_name")
        is_name = isinstance(name, str) and is_plain_text(name.strip("/\\ "))
        need(is_name, f"{entry}: no usable file_name", "the name of a file", name)
        other = self.by_name.setdefault(str(name), row)
        need(other is row, f"{entry}: {other.entry} has the same file_name", None, name)
        row.image = self.finder.find(str(name), row)
        self.data.rows.append(row)

    def _category(self, category: Entry, entry: str) -> None:
        id_, name = category["id"], category.get("name")
        self.names[id_] = str(name).strip()
        is_usable = not isinstance(id_, int) or id_ >= 0
        need(is_usable, f"{entry}: no usable id", "0 or more", id_)
        is_name = isinstance(name, str) and is_plain_text(name)
        need(is_name, f"{entry}: no usable name", "a name", name)

    def _annotation(self, annotation: Entry, entry: str) -> None:
        for key, known in (("image_id", self.rows), ("category_id", self.names)):
            is_known = is_id(annotation.get(key)) and annotation[key] in known
            need(is_known, f"{entry}: {key} matches nothing", "an id", annotation.get(key))
        row, id_ = self.rows[annotation["image_id"]], annotation["category_id"]
        area, crowd = (annotation.get(key) for key in ("area", "iscrowd"))
        bbox = annotation.get("bbox") or box_of_polygons(annotation.get("segmentation"))
        is_box = isinstance(bbox, list) and len(bbox) == 4 and all(map(is_number, bbox))
        need(is_box, f"{entry}: no usable bbox", "4 numbers", bbox)
        is_area = area is None or (is_number(area) and area >= 0)
        need(is_area, f"{entry}: no usable area", "a number", area)
        need(crowd in (None, 0, 1), f"{entry}: no usable iscrowd", "0 or 1", crowd)
        x, y, width, height = map(float, bbox or ())
        area, of_box, pose = float(area or 0), width * height, annotation.get("pose")
        if not annotation.get("bbox"):
            self.data.lost["polygons without a box (each became the box around it)"] += 1
        corners = (x, y, x + width, y + height)
        if degrees := rotation(annotation):
            self.data.lost["turned boxes (each became the upright box around it)"] += 1
            corners = upright(corners, degrees)
        box = Box(
            self.names[id_],
            corners,
            entry=f"{entry} ({row.entry})",
            is_crowd=bool(crowd),
            area_px=0.0 if abs(area - of_box) <= _SAME_AREA * of_box else area,
            pose=pose if isinstance(pose, str) and is_plain_text(pose) else "Unspecified",
            **{flag: bool(annotation.get(flag)) for flag in FLAGS},
        )
        row.boxes.append(box)
        score = annotation.get("score")
        self.by_model |= is_number(score) and float(score or 0) < 1
        self.used.add(id_)

    def _choose_classes(self) -> None:
        """Number the classes; of two of one name only one may be used (Roboflow has such)."""
        ids: dict[str, int | str] = {}
        for id_ in sorted(self.names, key=lambda id_: id_ not in self.used):
            name = self.names[id_]
            earlier = ids.setdefault(name, id_)
            elsewhere = self.data.class_ids.get(name, id_) if isinstance(id_, int) else id_
            if earlier != id_ and id_ not in self.used:
                what = f'category {id_} "{name}" left out: no box, and {earlier} has the name'
                self.data.notes.append(what)
            elif earlier != id_ or elsewhere != id_:
                other = f"category {earlier}" if earlier != id_ else f"{elsewhere} in another file"
                what = f'category {id_}: {other} has the same name "{name}"'
                self.data.refuse(self.file, None, BadEntry(what, None, None))
        self.data.class_ids |= numbered(ids)


def _count_lost(content: Entry, data: DataSet) -> None:
    """Count what a row cannot hold."""
    entries = [("file", content)]
    entries += [(kind, entry) for kind, name in _KINDS.items() for entry in content[name]]
    for kind, entry in entries:
        for key, value in entry.items():
            if key not in _KNOWN[kind] and value not in (None, "", [], {}):
                data.lost[_LOST.get(f"{kind}.{key}", f'"{kind}.{key}"')] += 1
    stems = {str(image["id"]): Path(image["file_name"]).stem for image in content["images"]}
    if any((stem.lstrip("0") or "0") != id_ for id_, stem in stems.items()):
        data.lost[IMAGE_IDS] += len(stems)
