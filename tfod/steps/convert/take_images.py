"""The images that go along with labels: their names in the target, and the files."""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from tfod.progress import Progress
from tfod.steps.convert.rows import DataSet, Row
from tfod.steps.convert.write import Target
from tfod.words import plural

COPY, LINK, LEAVE = "copy", "link", "leave"
_NO_NAME = re.compile(r'[<>:"|?*\x00-\x1f]')  # what Windows has in no file name


def name_images(data: DataSet, target: Target, take: str) -> None:
    """Name the image of each row in the target.

    Images that stay where they are keep their names, with folders where two have the same.
    """
    renamed = 0
    for rows in data.parts.values():
        images = [row.image for row in rows]
        stay = take == LEAVE and target.format in ("coco", "csv")
        names = _relative_names(images) if stay else _flat_names(images)
        for row, name in zip(rows, names, strict=True):
            row.name = name
            renamed += not stay and name != row.image.name
    if renamed:
        note = f"{plural(renamed, 'image')} renamed, because another has the same name"
        data.notes.append(note)
    if take == LEAVE and target.format == "yolo":
        data.notes.append(f"put the images into {target.folder / 'images'} before training")


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


def take_images(data: DataSet, target: Target, take: str, folder: Path, progress: Progress) -> int:
    """Copy or link the images into a folder; return how many.

    Args:
        data: rows with names.
        target: what goes where.
        take: "copy"; or "link", a second name of the same file where the disk can do that.
        folder: stands for the folder of the target.
        progress: told of each image.
    """
    rows = images_to_take(data, target, take)
    for row in progress.track(rows, "taking images"):
        copy = folder / target.images(row.part) / row.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if take != LINK or not _link(row.image, copy):
            shutil.copyfile(row.image, copy)
    return len(rows)


def images_to_take(data: DataSet, target: Target, take: str) -> list[Row]:
    """The rows whose images are to be taken; those that lie in their place already stay."""
    return [row for row in data.rows if take != LEAVE and not is_in_place(row, target)]


def _link(image: Path, copy: Path) -> bool:
    """Give a file a second name; False on another disk, or on one without such links."""
    try:
        os.link(image, copy)
    except OSError:
        return False
    return True


def is_in_place(row: Row, target: Target) -> bool:
    """Whether the image of a row lies in the target already."""
    place = target.folder / target.images(row.part) / row.name
    return row.image.exists() and place.exists() and row.image.samefile(place)
