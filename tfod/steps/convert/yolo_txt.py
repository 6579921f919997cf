"""YOLO's text files: `class x y width height` a line, the centre and sides from 0 to 1.

A polygon (`class x y x y x y ...`) becomes the box around it. An image without objects has an empty
file. The class is a number, 0-based, in the order of data.yaml or classes.txt.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tfod.data.example import Example
from tfod.data.image_open import read_header
from tfod.errors import UserError, plural
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.labelled import Labelled, raise_problems, with_bar
from tfod.steps.convert.yolo_layout import Layout, find_layout, text_candidates


@dataclass
class _Text:
    """The lines of one image: where each stood, its class number and its corners from 0 to 1."""

    lines: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    corners: list[tuple[float, float, float, float]] = field(default_factory=list)


def read_yolo(
    path: Path,
    images: Path | None = None,
    classes: Sequence[str] = (),
    skip_bad: bool = False,
) -> Labelled:
    """Read a data set.

    Args:
        path: its folder or its data.yaml.
        images: folder of the images, if elsewhere.
        classes: the names in the order of the numbers; those of the data set when empty.
        skip_bad: leave out boxes that are no part of their image.

    Raises:
        UserError: no classes or labels, an image is missing, or a line is wrong; all told together.
    """
    layout = find_layout(path, images)
    names = list(classes) or layout.names
    if not names and any(text.stat().st_size for text in layout.texts):
        raise UserError(
            f"{path}: no data.yaml or classes.txt says what the class numbers mean. Say it with "
            "--classes NAME NAME ..., in the order of the numbers."
        )
    if not layout.texts:
        raise UserError(f"{path}: no YOLO labels here (a .txt beside each image). Check the path.")
    labelled = Labelled(class_ids={name: number for number, name in enumerate(names)})
    problems: list[str] = []
    pairs = _pairs(layout, path if path.is_dir() else path.parent, problems)
    finder = ImageFinder(images, [path], skip_bad)
    for image, part, text in with_bar(pairs, "reading labels"):
        example = _example(image, text, names, layout, finder, labelled, problems)
        labelled.add(part, [example] if example else [])
    raise_problems(path, problems, [] if skip_bad else labelled.bad_boxes)
    if layout.unstated:
        labelled.notes.append(
            f"{plural(layout.unstated, 'labelled image')} not named in data.yaml taken too"
        )
    without = len(layout.images) - len(pairs)
    if without:
        labelled.notes.append(
            f"{plural(without, 'image')} without a .txt left out; an empty one says that there is "
            "nothing in it"
        )
    labelled.notes += finder.notes()
    return labelled


def _pairs(layout: Layout, root: Path, problems: list[str]) -> list[tuple[Path, str, Path]]:
    """Each labelled image with its part and text; a text without an image is a problem."""
    texts = {text.resolve(): text for text in layout.texts}
    by_stem: dict[str, list[Path]] = {}
    for text in layout.texts:
        by_stem.setdefault(text.stem, []).append(text)
    pairs, taken = [], set()
    for image, part in layout.images:
        near = [texts.get(candidate.resolve()) for candidate in text_candidates(image)]
        text = next((text for text in near if text), None)
        same = by_stem.get(image.stem, [])
        if text is None and len(same) == 1 and not image.is_relative_to(root):
            text = same[0]  # the images were named with --images
        if text is None:
            continue
        if text in taken:
            problems.append(f"{text}: two images have this name (one is {image})")
        taken.add(text)
        pairs.append((image, part, text))
    problems += [
        f"{text}: there is no image for it (put it beside the text, or name the folder of "
        "all images with --images)"
        for text in layout.texts
        if text not in taken
    ]
    return pairs


def _example(
    image: Path,
    text: Path,
    names: Sequence[str],
    layout: Layout,
    finder: ImageFinder,
    labelled: Labelled,
    problems: list[str],
) -> Example | None:
    try:
        header = read_header(image)
        found = _read_text(text, layout.keypoints, labelled.lost, problems)
    except UserError as error:
        problems.append(str(error).rstrip("."))
        return None
    own = layout.names_file if names == layout.names else None  # --classes comes before it
    where = own.name if own else "--classes"
    wrong = [
        f"{text}:{line}: class {number}, but {where} has {plural(len(names), 'class')} "
        "(numbered from 0)"
        for line, number in zip(found.lines, found.classes, strict=True)
        if number >= len(names)
    ]
    height, width = header.height_px, header.width_px
    sides = np.array([width, height, width, height])
    boxes_xyxy_px = np.array(found.corners).reshape(-1, 4) * sides
    labels = [names[number] if number < len(names) else "" for number in found.classes]
    example, outside = finder.example(image, None, boxes_xyxy_px, names=labels)
    labelled.bad_boxes += [f"{text}:{found.lines[index]}: {what}" for index, what in outside]
    problems += wrong
    if wrong or example is None:
        return None
    # straight from the text: by way of pixels the last bit may change
    corners = np.array(found.corners).reshape(-1, 4)[:, [1, 0, 3, 2]]
    corners = np.delete(corners, [index for index, _ in outside], axis=0)
    example.boxes = np.clip(corners, 0, 1).astype(np.float32)
    return example


def _read_text(path: Path, keypoints: bool, lost: Counter[str], problems: list[str]) -> _Text:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not a text file") from error
    found = _Text()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            class_number, corners = _read_line(line.split(), keypoints, lost)
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")
            continue
        found.lines.append(number)
        found.classes.append(class_number)
        found.corners.append(corners)
    return found


def _read_line(
    words: list[str], keypoints: bool, lost: Counter[str]
) -> tuple[int, tuple[float, float, float, float]]:
    """Give class number and corners (xmin, ymin, xmax, ymax), 0..1.

    Raises:
        ValueError: says what is wrong.
    """
    count = len(words)
    polygon = count >= 7 and count % 2 == 1 and not keypoints
    if not (count == 5 or count == 6 or polygon or (keypoints and count > 6)):
        raise ValueError(f"{plural(count, 'value')}, expected 5: class x y width height")
    values = [_number(word) for word in words]
    if values[0] < 0 or not values[0].is_integer():
        raise ValueError(f'class "{words[0]}", expected 0, 1, 2 ...')
    class_number = int(values[0])
    shares = 5 if count == 6 or keypoints else count
    if max(map(abs, values[1:shares])) > 2:
        raise ValueError(f"{' '.join(words[1:5])} are no shares of the image (expected 0 to 1)")
    if polygon:
        lost["polygons (each became the box around it)"] += 1
        xs, ys = values[1::2], values[2::2]
        return class_number, (min(xs), min(ys), max(xs), max(ys))
    if count == 6:
        lost["scores behind the boxes"] += 1
    elif count > 6:
        lost["sets of keypoints"] += 1
    x, y, width, height = values[1:5]
    return class_number, (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _number(word: str) -> float:
    try:
        value = float(word) if "_" not in word else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        hint = " (with a point, not a comma)" if "," in word else ""
        raise ValueError(f'"{word}", expected a number{hint}')
    return value
