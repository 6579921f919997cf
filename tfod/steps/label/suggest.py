"""Suggest boxes: a detector labels the images that nobody has labelled, for correction in LabelImg.

    workspace/images/<session>/<image>.xml, marked as suggested by the model

The mark (`Example.suggested_by`) makes `split` and `records` leave the image out until a person has
looked; LabelImg drops it when it saves. What a person made or saved is never touched; a suggestion
that still has its mark is replaced by the next run.

Run it with `tfod label SESSION --suggest MODEL`.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from rich.console import Console
from rich.progress import track

from tfod import boxes as box_sums
from tfod.data import annotation_xml
from tfod.data.images import read_image
from tfod.data.pairs import find_examples
from tfod.data.voc import Example, write_voc
from tfod.detections import Detections
from tfod.errors import UserError, raise_together
from tfod.runtimes.litert import LABEL_FILES, SUFFIX
from tfod.steps.label.suggest_classes import check_nameless, check_names, in_project_words

MIN_SCORE = 0.3  # least work with a model of few photos, see docs/log.md
SURE = 0.6  # a suggestion with a lower score wants a second look; of the others 9 in 10 are right
MOST_IOU = 0.8  # boxes that overlap more are taken for the same object


class AnyDetector(Protocol):
    """A detector of any runtime, as `tfod.runtimes.saved_model.load_detector` gives it."""

    path: Path
    class_names: Mapping[int, str]

    def __call__(self, image: np.ndarray) -> Detections: ...


@dataclass
class SuggestResult:
    """What was suggested.

    Attributes:
        folder: the session.
        model: its name, as in the mark.
        by_person: images with the XML of a person, left as they are.
        suggested: images that got boxes.
        nothing_found: images that did not, and have no XML now.
        boxes: suggested boxes, by class name.
        unsure: image name -> its lowest score, of the images with a score below SURE; lowest first.
        dropped: detections of classes that the project does not have, by class name.
        skipped: images that could not be used, each with the reason.
    """

    folder: Path
    model: str
    by_person: int = 0
    suggested: int = 0
    nothing_found: int = 0
    boxes: Counter = field(default_factory=Counter)
    unsure: dict[str, float] = field(default_factory=dict)
    dropped: Counter = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)


def suggest(
    folder: str | Path,
    detector: AnyDetector,
    model: str,
    classes: Collection[str] | None = None,
    rename: Mapping[str, str] | None = None,
    min_score: float = MIN_SCORE,
    console: Console | None = None,
) -> SuggestResult:
    """Write what a detector finds beside every image that no person has labelled.

    An image in which nothing is found gets no XML: it stays unlabelled, and is not taken for one
    without objects. Each XML is written whole, so Ctrl-C keeps those that are there.

    Args:
        folder: images, each with its XML beside it or none.
        detector: takes uint8 [H, W, 3], RGB.
        model: its name, for the mark.
        classes: of the project; other detections are dropped and counted. None: all count.
        rename: class name of the model -> class name of the project.
        min_score: detections below are left out, 0..1.
        console: where progress goes; stderr when None.

    Raises:
        UserError: no images, or none that can be read; class names that fit nothing; a full disk
            or a folder that cannot be written.
    """
    if not model.strip():
        raise ValueError("model: expected a name, got nothing")
    console = console or Console(stderr=True)
    rename = rename or {}
    if not detector.class_names:
        check_nameless(model, _names_file(detector.path), classes, rename)
        classes = classes or rename.values()  # the others would be drawn without a name
    check_names(list(detector.class_names.values()), classes, rename)
    result = SuggestResult(Path(folder), model.strip())
    todo = _without_label(result)
    for image_path, xml_path in track(
        todo.items(), "suggesting", console=console, disable=not console.is_terminal
    ):
        try:
            image = read_image(image_path)
        except UserError as error:
            result.skipped.append(str(error))
            continue
        found, dropped = in_project_words(detector(image).above(min_score), classes, rename)
        result.dropped += dropped
        found = one_box_per_object(found)
        _write(xml_path, _example(image_path, image.shape[:2], found, result.model), result)
        if found.scores.size and found.scores.min() < SURE:
            result.unsure[image_path.name] = float(found.scores.min())
    if todo and not result.suggested + result.nothing_found:
        raise_together(result.skipped, "images cannot be used", "Nothing was suggested.")
    result.unsure = dict(sorted(result.unsure.items(), key=lambda item: item[1]))
    return result


def model_name(path: Path) -> str:
    """Name a model by its file or folder, which may be the `saved_model` folder in it."""
    path = path.absolute()
    if path.name == "saved_model":
        return path.parent.name
    return path.stem if path.is_file() else path.name


def _names_file(model: Path) -> str:
    """The file from which the class names of a model would be read, in words."""
    if model.suffix.lower() == SUFFIX:
        return f"{model.with_name(LABEL_FILES[0].format(model.stem))}, one a line"
    return str(model / "label_map.pbtxt")


def is_suggestion(xml_path: Path) -> bool:
    """Tell whether an XML holds suggestions nobody has looked at; a broken one does not."""
    try:
        root = annotation_xml.parse_xml(annotation_xml.read_bytes(xml_path), xml_path)
    except UserError:
        return False
    return bool(annotation_xml.suggested_by(root))


def one_box_per_object(found: Detections, most_iou: float = MOST_IOU) -> Detections:
    """Keep the best box of those that overlap more than `most_iou`, whatever their classes."""
    overlaps = box_sums.iou(found.boxes, found.boxes) > most_iou
    keep = np.zeros(len(found), bool)
    for row in np.argsort(-found.scores, kind="stable"):
        keep[row] = not overlaps[row, keep].any()
    return found.rows(keep)


def _without_label(result: SuggestResult) -> dict[Path, Path]:
    """Find the images that no person has labelled, each with the XML to write."""
    pairs = find_examples(result.folder)
    owners = {xml.name.lower(): image for image, xml in pairs if xml is not None}
    todo: dict[Path, Path] = {}
    for image, xml in pairs:
        if xml is not None and not is_suggestion(xml):
            result.by_person += 1
            continue
        xml = xml or image.with_suffix(".xml")
        owner = owners.setdefault(xml.name.lower(), image)
        if owner == image:
            todo[image] = xml
        else:
            result.skipped.append(
                f"{image}: {owner.name} would have the same XML. Give them different names."
            )
    return todo


def _example(image_path: Path, size_px: tuple[int, int], found: Detections, model: str) -> Example:
    """Make the example of what was found, in whole pixels, as people draw; `size_px` is (h, w)."""
    boxes_xyxy_px = np.rint(box_sums.to_xyxy_px(box_sums.clip(found.boxes), *size_px))
    found = replace(found, boxes=box_sums.from_xyxy_px(boxes_xyxy_px, *size_px))
    found = found.rows(box_sums.area(found.boxes) > 0)
    names = tuple(found.name_of(row) for row in range(len(found)))
    return Example(image_path, *size_px, found.boxes, names, suggested_by=model)


def _write(xml_path: Path, example: Example, result: SuggestResult) -> None:
    """Write an XML, or remove the earlier suggestion when nothing was found this time."""
    if xml_path.exists() and not is_suggestion(xml_path):  # LabelImg may be open all the while
        result.by_person += 1
        return
    if not example.names:
        _remove(xml_path)
        result.nothing_found += 1
        return
    write_voc(xml_path, example)
    result.suggested += 1
    result.boxes.update(example.names)


def _remove(xml_path: Path) -> None:
    try:
        xml_path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{xml_path}: an earlier suggestion that cannot be removed ({error.strerror}). Close "
            "what has it open, or delete it."
        ) from error
