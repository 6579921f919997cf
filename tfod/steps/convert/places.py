"""Where labels and images go in a target, and which files in it they must not be mixed with."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tfod.data.folders import find_folders
from tfod.data.other_labels import CLASSES
from tfod.data.photo_folder import is_copy
from tfod.errors import refusal
from tfod.listing import IMAGE_SUFFIXES, files_in
from tfod.remedies import Remedy
from tfod.steps.convert.read_coco import find_coco
from tfod.steps.convert.read_csv import find_csv
from tfod.steps.convert.rows import PART_ORDER, DataSet
from tfod.words import plural, some

LEAVE = "leave"  # the images where they are
_ENDINGS = {"coco": (".json",), "csv": (".csv",), "yolo": (".yaml", ".yml"), "voc": ()}
_NO_NAME = re.compile(r'[<>:"|?*\x00-\x1f]')  # what Windows has in no file name


@dataclass(frozen=True)
class Target:
    """What is to be written.

    Attributes:
        format: "voc", "coco", "yolo" or "csv".
        folder: everything goes into it.
        file: the name of the file that the user named, COCO's, CSV's or data.yaml; "" for a folder.
    """

    format: str
    folder: Path
    file: str


def find_target(path: Path, to_format: str) -> Target:
    """Tell from a path and a format whether it names a file or a folder."""
    is_file = path.suffix.lower() in _ENDINGS[to_format] and not path.is_dir()
    return Target(to_format, path.parent if is_file else path, path.name if is_file else "")


def place_rows(data: DataSet, target: Target, take: str) -> None:
    """Give each row its name in the target, and the places of its labels and its image.

    Images that stay where they are keep their names, with folders where two have the same.

    Raises:
        UserError: one file is named for the images of several parts.
    """
    is_table = target.format in ("coco", "csv")
    if target.file and is_table and len(data.parts) > 1:
        path, what = target.folder / target.file, "one file cannot hold several parts"
        got, remedy = ", ".join(data.parts), Remedy.CHOOSE_FOLDER
        raise refusal("one-file-for-parts", path, what, got=got, remedy=remedy)
    stay = take == LEAVE and is_table
    renamed = 0
    for part, rows in data.parts.items():
        images = [row.image for row in rows]
        names = _relative_names(images) if stay else _flat_names(images)
        for row, name in zip(rows, names, strict=True):
            row.name = name
            row.labels = _labels(target, part, name)
            row.place = Path(_image_folder(target.format, part), name)
            place = target.folder / row.place
            row.is_in_place = row.size is not None and place.exists() and row.image.samefile(place)
            renamed += not stay and name != row.image.name
    if renamed:
        data.notes.append(f"{plural(renamed, 'image')} renamed, because another has the same name")
    if take == LEAVE and target.format == "yolo":
        data.notes.append(f"put the images into {target.folder / 'images'} before training")


def _labels(target: Target, part: str, name: str) -> Path:
    """The file of the labels of an image, from the folder of the target."""
    stem = Path(name).stem
    if target.format == "voc":
        return Path(part, f"{stem}.xml")
    if target.format == "yolo":
        return Path("labels", part, f"{stem}.txt")
    if target.format == "coco":
        return Path(target.file or (f"instances_{part}.json" if part else "instances.json"))
    return Path(target.file or f"{part or 'labels'}.csv")


def _image_folder(to_format: str, part: str) -> Path:
    """The folder of the images of a part: with the XML, else where readers look for them."""
    return Path(part) if to_format == "voc" else Path("images", part)


def _flat_names(images: Sequence[Path]) -> list[str]:
    """Give each image a file name whose stem no other has, upper and lower case alike.

    The second of two gets the name of its folder in front, or else a number behind.
    """
    taken: set[str] = set()
    names = []
    for image in images:
        stem = _NO_NAME.sub("_", image.stem).lstrip(".") or "image"
        if stem.casefold() in taken and image.parent.name:
            stem = f"{_NO_NAME.sub('_', image.parent.name)}_{stem}"
        free, number = stem, 1
        while free.casefold() in taken:
            number += 1
            free = f"{stem}_{number}"
        taken.add(free.casefold())
        names.append(f"{free}{image.suffix}")
    return names


def _relative_names(images: Sequence[Path]) -> list[str]:
    """Name images by their file names when those are unique, else from their common folder."""
    names = [image.name for image in images]
    if len(set(names)) == len(names):
        return names
    common = os.path.commonpath([image.parent.absolute() for image in images])
    return [image.absolute().relative_to(common).as_posix() for image in images]


def keep_existing(data: DataSet, target: Target) -> None:
    """Leave out the images that have labels in the target, under whatever name.

    Raises:
        UserError: all of them have.
    """
    if target.format not in ("voc", "yolo"):
        return
    labelled = set()
    if target.format == "voc" and target.folder.is_dir():
        found = find_folders(target.folder).found
        labelled = {image for folder in found for image, xml in folder.pairs if xml}
    new = [
        row
        for row in data.rows
        if target.folder / row.place not in labelled
        and not os.path.lexists(target.folder / row.labels)
    ]
    if data.rows and not new:
        what = "all images have labels here; nothing was written"
        raise refusal("already-exists", target.folder, what)
    if old := len(data.rows) - len(new):
        data.notes.append(f"{plural(old, 'image')} with labels already left as they are")
    data.rows = new


def refuse_split(data: DataSet, target: Target, take: str, source: Path) -> None:
    """Keep the images of others out of the folders that `split` made.

    Raises:
        UserError: images would come into one of them.
    """
    stays = take == LEAVE and target.format != "voc"
    if stays or all(row.is_in_place for row in data.rows):
        return
    for part in PART_ORDER if any(data.parts) else ("",):
        folder = target.folder / _image_folder(target.format, part)
        if is_copy(folder):
            what = "split made this folder; other images cannot be mixed with its copies"
            remedy = Remedy.USE(value=_new_folder(target, source))
            raise refusal("split-folder", folder, what, remedy=remedy)


def _new_folder(target: Target, source: Path) -> Path:
    """A folder next to the target with the name of the set."""
    name = (source if source.is_dir() else source.parent).resolve().name
    folder = target.folder.parent / name
    return target.folder.parent / f"{name}_{target.format}" if folder.exists() else folder


def from_before(data: DataSet, target: Target) -> list[str]:
    """Say which files a conversion left that readers of its folder take together with its own."""
    new = {target.folder / place for row in data.rows for place in (row.labels, row.place)}
    old = [path for path in _read_there(target) if path not in new]
    names = some([path.relative_to(target.folder).as_posix() for path in old])
    note = (
        f"{plural(len(old), 'file')} from an earlier run will be read together with the new ones "
        f"in {target.folder}: {names}; move them away if you do not want them"
    )
    return [note] if old else []


def _read_there(target: Target) -> list[Path]:
    """The files in a target that readers of its folder take, sorted."""
    if target.format in ("coco", "csv"):
        find = find_coco if target.format == "coco" else find_csv
        return [] if target.file else find(target.folder)  # a file is read alone
    roots = ["labels", "images"] if target.format == "yolo" else [""]
    suffixes = [".txt", *IMAGE_SUFFIXES] if target.format == "yolo" else [".xml"]
    folders = [target.folder / root / part for root in roots for part in PART_ORDER]
    found = [
        path
        for folder in folders
        if folder.is_dir() and not is_copy(folder)
        for path in files_in(folder, suffixes)
    ]
    return sorted(path for path in found if path.name.lower() not in CLASSES)
