"""Texts in pixels, one for each image: KITTI and OIDv4; read, not written.

KITTI: `class truncated occluded alpha xmin ymin xmax ymax` and what is known in 3D, in label_2/
beside image_2/; a DontCare is where nobody looked. OIDv4: `class xmin ymin xmax ymax`, the class
may have spaces; in Label/ inside the folder of the images.
"""

from pathlib import Path

from tfod.data.label_kinds import kind_of
from tfod.data.other_labels import is_prose
from tfod.errors import Problem, UserError
from tfod.listing import files_below, read_text
from tfod.progress import SILENT, Progress
from tfod.steps.convert.find_images import IMAGES_ELSEWHERE, ImageFinder
from tfod.steps.convert.rows import BadEntry, Box, DataSet, Row, part_of, read_number

_NOBODY_LOOKED = "DontCare"
_KITTI_WORDS = (15, 16)


def read_kitti(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read the texts of a folder and all below it.

    Args:
        path: the folder.
        images: folder of the images, if elsewhere.
        progress: reports each text.

    Raises:
        UserError: a folder cannot be read; lines that cannot be used are in `problems`.
    """
    return _read(path, "kitti", images, progress)


def read_oidv4(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read the texts of a folder and all below it, as `read_kitti` does."""
    return _read(path, "oidv4", images, progress)


def _read(path: Path, kind: str, images: Path | None, progress: Progress) -> DataSet:
    data = DataSet()
    root = path if path.is_dir() else path.parent
    finder = ImageFinder(root, images)
    found = files_below(root, [".txt"]) if path.is_dir() else [path]
    texts = {text: kind_of(text) for text in found}
    for text in progress.track([text for text in found if texts[text] in (kind, "")], "reading"):
        of = finder.of_labels(text, root)
        if texts[text] == "" and (not of or is_prose(read_text(text))):
            continue  # a note
        if len(of) != 1:
            what = "no image for it" if not of else "several images have its name"
            problem = Problem("labels-without-image", text, what, remedy=IMAGES_ELSEWHERE)
            data.problems.append(problem)
            continue
        row = Row(of[0], part_of(text.relative_to(root).parent / "*"), text)
        try:
            _read_text(row, kind, data)
            data.rows.append(row)
        except UserError as error:
            data.problems += error.problems
    return data


def _read_text(row: Row, kind: str, data: DataSet) -> None:
    for number, line in enumerate(read_text(row.file).splitlines(), 1):
        try:
            words = line.split()
            if words and kind == "kitti":
                _add_kitti(words, number, row, data)
            elif words:
                _add_oidv4(words, number, row)
        except BadEntry as error:
            data.refuse(row.file, number, error)


def _add_kitti(words: list[str], line: int, row: Row, data: DataSet) -> None:
    if len(words) not in _KITTI_WORDS:
        raise BadEntry("not a line of KITTI", "15 values", len(words))
    name, (truncated, occluded) = words[0], map(read_number, words[1:3])
    xmin, ymin, xmax, ymax = map(read_number, words[4:8])
    data.lost["places, sizes and angles in 3D"] += read_number(words[8]) > 0
    if name == _NOBODY_LOOKED:
        data.lost["regions marked DontCare"] += 1
        return
    box = Box(name, (xmin, ymin, xmax, ymax), line)
    box.truncated, box.occluded = truncated > 0, occluded > 0
    row.boxes.append(box)


def _add_oidv4(words: list[str], line: int, row: Row) -> None:
    if len(words) < 5:
        raise BadEntry("not a box", "5: class xmin ymin xmax ymax", len(words))
    xmin, ymin, xmax, ymax = map(read_number, words[-4:])
    row.boxes.append(Box(" ".join(words[:-4]), (xmin, ymin, xmax, ymax), line))
