"""The readers of all formats behind one door."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from tfod.errors import refusal
from tfod.listing import IMAGE_SUFFIXES, files_below
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.convert.find_images import IMAGES_ELSEWHERE
from tfod.steps.convert.read_coco import read_coco
from tfod.steps.convert.read_csv import read_csv
from tfod.steps.convert.read_cvat import read_cvat
from tfod.steps.convert.read_json import read_createml, read_labelme
from tfod.steps.convert.read_label_studio import read_label_studio
from tfod.steps.convert.read_texts import read_kitti, read_oidv4
from tfod.steps.convert.read_tfrecord import read_tfrecord
from tfod.steps.convert.read_via import read_via
from tfod.steps.convert.read_voc import read_voc
from tfod.steps.convert.read_yolo import read_yolo
from tfod.steps.convert.rows import TITLES, DataSet
from tfod.words import plural

_TELL = ("voc", "yolo", "tfrecord")  # say themselves which images have no labels, or hold them
_READ: dict[str, Callable[[Path, Path | None, Progress], DataSet]] = {
    "voc": read_voc,
    "coco": read_coco,
    "csv": read_csv,
    "labelme": read_labelme,
    "createml": read_createml,
    "cvat": read_cvat,
    "via": read_via,
    "label-studio": read_label_studio,
    "kitti": read_kitti,
    "oidv4": read_oidv4,
}


def read_source(
    path: Path,
    name: str,
    scratch: Path,
    images: Path | None = None,
    classes: Sequence[str] = (),
    progress: Progress = SILENT,
) -> DataSet:
    """Read a data set of a format.

    Args:
        path: file or folder.
        name: of the format, one of TITLES.
        scratch: folder for what has to be written out, and is used until the rows are.
        images: folder of the images, if elsewhere.
        classes: the names in the order of the numbers, for YOLO.
        progress: reports each file.

    Raises:
        UserError: there is nothing in it, or it cannot be read; what cannot be used is in
            `problems`.
    """
    if name == "yolo":
        data = read_yolo(path, images, classes, progress)
    elif name == "tfrecord":
        data = read_tfrecord(path, scratch / "records", progress)
    else:
        data = _READ[name](path, images, progress)
    if not data.rows and not data.problems:
        what = ". ".join([f"no labelled images in {TITLES[name]}", *data.notes])
        raise refusal("no-labels", path, what, remedy=Remedy.CHECK_PATH)
    if by_model := sum(row.by_model for row in data.rows):
        count = plural(by_model, "image")
        data.notes.append(
            f"{count} with scores beside the boxes, which a model found: in XML these are "
            "suggestions until you have gone through them"
        )
    if name not in _TELL and path.is_dir():
        _note_unlabelled(data, images or path)
    return data


def refuse_drawn_on(source: Path, images: Path | None) -> None:
    """Refuse copies with boxes drawn on them, which `detect` writes beside its table.

    Raises:
        UserError: the images would be these.
    """
    folder = images or (source if source.is_dir() else source.parent)
    table = folder / "detections.csv"
    if not table.is_file():
        return
    with table.open("rb") as opened:
        is_of_detect = opened.read(64).startswith(b"filename,frame,time_s,")
    if is_of_detect:
        what, remedy = "the images here have boxes drawn on them", IMAGES_ELSEWHERE
        expected = "the folder of the images without them"
        raise refusal("images-drawn-on", folder, what, expected=expected, remedy=remedy)


def _note_unlabelled(data: DataSet, folder: Path) -> None:
    """Say how many images of a folder no labels name."""
    named = {os.path.realpath(row.image) for row in data.rows}
    found = files_below(folder, IMAGE_SUFFIXES) if folder.is_dir() else []
    if left := sum(os.path.realpath(image) not in named for image in found):
        data.notes.append(f"{plural(left, 'image')} that no labels name left out")
