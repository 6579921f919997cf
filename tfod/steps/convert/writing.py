"""Where labels and images of a format go, and writing the labels there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data.example import Example
from tfod.errors import UserError, plural
from tfod.steps.convert import placing
from tfod.steps.convert.box_csv import write_csv
from tfod.steps.convert.coco_json import write_coco
from tfod.steps.convert.labelled import Labelled
from tfod.steps.convert.voc_folder import write_voc_folder
from tfod.steps.convert.yolo_write import write_yolo_text, yolo_yaml

_ENDINGS = {"coco": ".json", "csv": ".csv", "yolo": ".yaml"}


@dataclass
class Plan:
    """What will be written where.

    Attributes:
        format: "voc", "coco", "yolo" or "csv".
        folder: everything goes into it.
        parts: part -> its images.
        files: part -> file of the labels, from `folder`; of VOC and YOLO its folder.
        names: part -> the name of each image in the labels.
        take: "copy", "link" or "leave".
        images: the image files of all parts.
        image_files: where each of them goes, from `folder`.
        notes: sentences for the user.
        wrote: what to name as written.
    """

    format: str
    folder: Path
    parts: dict[str, list[Example]]
    take: str
    files: dict[str, str] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    images: list[Path] = field(default_factory=list)
    image_files: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrote: list[Path] = field(default_factory=list)


def plan(labelled: Labelled, target: Path, to_format: str, take: str) -> Plan:
    """Decide where everything goes.

    Raises:
        UserError: one file is named for several parts.
    """
    is_file = target.suffix.lower() == _ENDINGS.get(to_format) and not target.is_dir()
    made = Plan(to_format, target.parent if is_file else target, labelled.parts, take)
    if is_file and to_format in ("coco", "csv") and len(labelled.parts) > 1:
        raise UserError(
            f"{target}: one file, but the images are in {len(labelled.parts)} parts "
            f"({', '.join(part or 'no part' for part in labelled.parts)}). Name a folder."
        )
    renamed = 0
    for part, examples in labelled.parts.items():
        images = [example.image_path for example in examples]
        names, changed = placing.flat_names(images)
        if take == placing.LEAVE and to_format in ("coco", "csv"):
            names, changed = placing.relative_names(images), 0
        renamed += changed
        made.files[part] = target.name if is_file else _label_file(to_format, part)
        made.names[part] = names
        made.images += images
        folder = image_folder(to_format, part)
        made.image_files += [placing.in_folder(folder, name) for name in names]
    if renamed:
        made.notes.append(f"{plural(renamed, 'image')} renamed, as another has the same name")
    made.wrote = [made.folder / made.files[part] for part in made.parts]
    made.wrote = [made.folder] if to_format == "voc" else made.wrote
    if to_format == "yolo":
        made.wrote = [made.folder / _yaml_name(made, target)]
        made.files["yaml"] = _yaml_name(made, target)
        if take == placing.LEAVE:
            made.notes.append(f"put the images into {made.folder / 'images'} before training")
    return made


def _yaml_name(made: Plan, target: Path) -> str:
    return target.name if target.parent == made.folder and target.suffix else "data.yaml"


def _label_file(to_format: str, part: str) -> str:
    if to_format == "coco":
        return f"instances_{part}.json" if part else "instances.json"
    if to_format == "csv":
        return f"{part or 'labels'}.csv"
    return placing.in_folder("labels", part) if to_format == "yolo" else part


def image_folder(to_format: str, part: str) -> str:
    """Where the images of a part lie: with the XML, else where readers of the format look."""
    return part if to_format == "voc" else placing.in_folder("images", part)


def label_files(made: Plan) -> list[str]:
    """Name the files of the labels, from the folder of a plan."""
    if made.format in ("coco", "csv"):
        return [made.files[part] for part in made.parts]
    ending = ".xml" if made.format == "voc" else ".txt"
    return [
        placing.in_folder(made.files[part], f"{Path(name).stem}{ending}")
        for part, names in made.names.items()
        for name in names
    ]


def write(made: Plan, folder: Path, class_ids: Mapping[str, int]) -> None:
    """Write the labels.

    Args:
        made: what goes where.
        folder: stands for `made.folder`.
        class_ids: class name -> id, in the order of ids.
    """
    if made.format == "yolo":
        _write_yolo(made, folder, class_ids)
        return
    for part, examples in made.parts.items():
        path, names = folder / made.files[part], made.names[part]
        if made.format == "voc":
            path.mkdir(parents=True, exist_ok=True)
            write_voc_folder(path, examples, names, (made.folder / part).absolute().name)
        elif made.format == "coco":
            write_coco(path, examples, names, class_ids)
        else:
            write_csv(path, examples, names)


def _write_yolo(made: Plan, folder: Path, class_ids: Mapping[str, int]) -> None:
    """Write labels/, data.yaml and classes.txt; class numbers are the ids without gaps."""
    numbers = {name: number for number, name in enumerate(class_ids)}
    for part, examples in made.parts.items():
        labels = folder / made.files[part]
        labels.mkdir(parents=True, exist_ok=True)
        for example, name in zip(examples, made.names[part], strict=True):
            write_yolo_text(labels / f"{Path(name).stem}.txt", example, numbers)
    folders = {part or "train": image_folder("yolo", part) for part in made.parts}
    if "val" not in folders:  # Ultralytics asks for it
        stand_in = folders.get("test") or next(iter(folders.values()))
        folders["val"] = stand_in
        made.notes.append(f"data.yaml has no val images of its own: val is {stand_in}")
    folders = {"train": folders.get("train", folders["val"]), **folders}
    yaml = yolo_yaml(list(class_ids), folders)
    (folder / made.files["yaml"]).write_text(yaml, encoding="utf-8", newline="\n")
    lines = "".join(f"{name}\n" for name in class_ids)
    (folder / "classes.txt").write_text(lines, encoding="utf-8", newline="\n")
