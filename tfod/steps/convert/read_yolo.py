"""YOLO's text files: `class x y width height` a line, the centre and sides from 0 to 1.

A polygon (`class x y x y x y ...`) becomes the box around it. An image without objects has an empty
file. The class is a number, 0-based, in the order of data.yaml or classes.txt.

Ultralytics keeps `images/<part>` next to `labels/<part>`, Roboflow `<part>/images` next to
`<part>/labels`, LabelImg and Darknet each text next to its image.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfod.data.label_kinds import kind_of
from tfod.data.other_labels import CLASSES, is_prose, label_folder
from tfod.errors import Problem, UserError, refusal
from tfod.listing import files_below, read_text
from tfod.progress import SILENT, Progress
from tfod.steps.convert.find_images import IMAGES_ELSEWHERE, ImageFinder
from tfod.steps.convert.rows import BadEntry, Box, DataSet, Row, part_of, read_number
from tfod.steps.convert.yolo_folder import (
    NAME_CLASSES,
    class_names,
    names_above,
    read_settings,
    settings_file,
    stated_images,
)
from tfod.words import plural

MOST_BYTES = 10 * 2**20  # of the text of one image
_SCORES = "scores after the boxes"


def read_yolo(
    path: Path, images: Path | None = None, classes: Sequence[str] = (), progress: Progress = SILENT
) -> DataSet:
    """Read a data set.

    Args:
        path: its folder or its data.yaml.
        images: folder of the images, if elsewhere.
        classes: the names in the order of the numbers; those of the data set when empty.
        progress: reports each image.

    Raises:
        UserError: nothing says what the class numbers mean, or a file cannot be read; lines that
            cannot be used are in `problems`.
    """
    root = path if path.is_dir() else path.parent
    yaml_path = path if path.is_file() else settings_file(root)
    settings = read_settings(yaml_path) if yaml_path else {}
    names, names_file = list(classes), None
    if not classes:
        names, names_file = class_names(root, yaml_path, settings.get("names"))
        if not names:
            names, names_file = names_above(root)
    stated = stated_images(settings, root, yaml_path) if yaml_path and not images else {}
    finder = ImageFinder(root, images)
    found = label_texts(root, finder)
    texts = {text: of for text, of in found.items() if not _is_prose(text)}
    if not names and any(text.stat().st_size for text in texts):
        what, expected = "the names of the classes are missing", "data.yaml or classes.txt"
        raise refusal("yolo-no-classes", path, what, expected=expected, remedy=NAME_CLASSES)
    data = DataSet(class_ids={name: number for number, name in enumerate(names)})
    if prose := len(found) - len(texts):
        data.notes.append(f"{plural(prose, 'text')} without boxes left out, such as captions")
    where = names_file.name if names_file else "the class list"
    for row in progress.track(_rows(texts, stated, finder, data), "reading labels"):
        try:
            before = data.lost[_SCORES]
            row.boxes = _read_text(row.file, names, where, "kpt_shape" in settings, data)
            row.by_model = data.lost[_SCORES] > before
            data.rows.append(row)
        except UserError as error:
            data.problems += error.problems
    return data


def label_texts(root: Path, finder: ImageFinder | None = None) -> dict[Path, list[Path]]:
    """Find the texts of labels in a folder and all below it, or next to a folder of images.

    They lie where the labels of an image do, or look like labels.

    Returns:
        Text -> the images that it may be of.
    """
    finder = finder or ImageFinder(root, None)
    found: dict[Path, list[Path]] = {}
    for folder in [root, *texts_beside(root)]:
        for text in files_below(folder, [".txt"]):
            kind = "" if text.name.lower() in CLASSES else kind_of(text)
            images = finder.of_labels(text, folder) if kind in ("yolo", "") else []
            if kind == "yolo" or (images and text.name.lower() not in CLASSES):
                found.setdefault(text, images)
    return found


def _rows(
    texts: Mapping[Path, Sequence[Path]],
    stated: Mapping[Path, str],
    finder: ImageFinder,
    data: DataSet,
) -> list[Row]:
    """Each image that has a text; a text without an image, or with several, is a problem.

    Args:
        texts: the files of labels -> the images that they may be of.
        stated: the images that data.yaml names, with their parts.
        finder: knows all images.
        data: gets notes and problems.
    """
    rows: dict[Path, Row] = {}  # by image
    for text, found in texts.items():
        found = [image for image in found if image in stated] or [*found]
        if not found:
            what, remedy = "no image for it", IMAGES_ELSEWHERE
            data.problems.append(Problem("labels-without-image", text, what, remedy=remedy))
        elif len(found) > 1:
            what = f"two images have the same name: {found[0]} and {found[1]}"
            data.problems.append(Problem("yolo-two-images", text, what))
        else:
            image = found[0]
            part = stated.get(image) or part_of(image.relative_to(finder.root))
            rows.setdefault(image, Row(image, part, text, in_shares=True))
    without = sum(image not in rows for image in stated or finder.images)
    unstated = sum(image not in stated for image in rows) if stated else 0
    if unstated:
        labelled = plural(unstated, "labelled image")
        data.notes.append(f"{labelled} that data.yaml does not list included too")
    if without:
        empty = "an empty one means that there is nothing in the image"
        data.notes.append(f"{plural(without, 'image')} without a .txt left out; {empty}")
    return sorted(rows.values(), key=lambda row: row.image not in stated)


def texts_beside(root: Path) -> list[Path]:
    """The folder of the texts when a folder of images is named and labels/ is next to it."""
    beside = label_folder(root)
    return [beside] if beside != root and beside.is_dir() else []


def _is_prose(text: Path) -> bool:
    """Whether a text is a caption or a note; in a folder of labels none is."""
    if _is_in_labels(text):
        return False
    try:
        return is_prose(read_text(text, MOST_BYTES))
    except UserError:  # reported when it is read for its boxes
        return False


def _is_in_labels(text: Path) -> bool:
    return any(piece.lower() == "labels" for piece in text.parts[:-1])


def _read_text(
    text: Path, names: Sequence[str], where: str, keypoints: bool, data: DataSet
) -> list[Box]:
    """Read the boxes of an image."""
    boxes = []
    for number, line in enumerate(read_text(text, MOST_BYTES).splitlines(), 1):
        words = line.split()
        try:
            if words:
                class_id, corners = _read_line(words, keypoints, data.lost)
                if class_id >= len(names):
                    expected = f"0 to {len(names) - 1}, the classes of {where}"
                    raise BadEntry("unknown class number", expected, class_id)
                boxes.append(Box(names[class_id], corners, number))
        except BadEntry as error:
            data.refuse(text, number, error)
    return boxes


def _read_line(
    words: Sequence[str], keypoints: bool, lost: Counter[str]
) -> tuple[int, tuple[float, float, float, float]]:
    """Give class number and corners (xmin, ymin, xmax, ymax), 0..1."""
    count = len(words)
    is_polygon = count >= 7 and count % 2 == 1 and not keypoints
    if not (count in (5, 6) or is_polygon or (keypoints and count > 6)):
        raise BadEntry("not a box", "5: class x y width height", count)
    class_number, *shares = map(read_number, words)
    if class_number < 0 or not class_number.is_integer():
        raise BadEntry("not a class number", "0, 1, 2 ...", f'"{words[0]}"')
    box = shares if is_polygon else shares[:4]
    if max(map(abs, box)) > 2:
        raise BadEntry("not fractions of the image", "0 to 1", " ".join(words[1:5]))
    if is_polygon:
        lost["polygons (each became the box around it)"] += 1
        xs, ys = shares[::2], shares[1::2]
        return int(class_number), (min(xs), min(ys), max(xs), max(ys))
    if count > 5:
        lost[_SCORES if count == 6 else "sets of keypoints"] += 1
    x, y, width, height = box
    return int(class_number), (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
