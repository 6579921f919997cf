"""Suggest boxes: a detector labels the images that nobody has labelled, for correction in LabelImg.

    workspace/images/<session>/<image>.xml, marked as suggested by the model

The mark (`Example.suggested_by`) makes `split` and `records` leave the image out until a person has
seen it; LabelImg drops it when it saves. What a person made or saved is never touched; a suggestion
that still has its mark is replaced by the next run.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tfod import boxes as box_sums
from tfod.data.annotation import read_annotation
from tfod.data.example import Example, suggested_example
from tfod.data.images import read_image
from tfod.data.photo_folder import read_folder
from tfod.data.scan import scan
from tfod.data.voc import write_voc
from tfod.detections import Detections, Detector
from tfod.errors import Problem, UserError
from tfod.files import disk_problems
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.runtimes.class_names import names_file
from tfod.steps.label.suggest_classes import (
    ProjectClasses,
    check_names,
    check_numbered,
    in_project_words,
)

MIN_SCORE = 0.3  # least work with a model of few photos, see docs/log.md
SURE = 0.6  # a suggestion with a lower score needs a second look; of the others 9 in 10 are right
MOST_IOU = 0.8  # boxes that overlap more are taken for the same object


@dataclass
class SuggestResult:
    """What was suggested.

    Attributes:
        folder: the session.
        model: its name, as in the mark.
        by_person: images with the XML of a person, left as they are.
        unreadable: images with an XML that cannot be read, left as they are too.
        suggested: images that got boxes.
        nothing_found: images that did not, and have no XML now.
        boxes: suggested boxes, by class name.
        unsure: image name -> its lowest score, of the images with a score below SURE; lowest first.
        dropped: detections of classes that the project does not have, by class name.
        skipped: what is wrong with the images that could not be used.
    """

    folder: Path
    model: str
    by_person: int = 0
    unreadable: int = 0
    suggested: int = 0
    nothing_found: int = 0
    boxes: Counter[str] = field(default_factory=Counter)
    unsure: dict[str, float] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    skipped: list[Problem] = field(default_factory=list)


def suggest(
    folder: Path,
    detector: Detector,
    model: str,
    project: ProjectClasses = ProjectClasses(),  # noqa: B008 (frozen)
    min_score: float = MIN_SCORE,
    progress: Progress = SILENT,
) -> SuggestResult:
    """Write what a detector finds next to every image that no person has labelled.

    An image in which nothing is found gets no XML: it stays unlabelled, and is not taken for one
    without objects. Each XML is written whole, so Ctrl-C keeps those that are there.

    Args:
        folder: images, each with or without its XML.
        detector: finds the objects; `model` is its name, for the mark.
        project: its classes; detections of other classes are dropped and counted.
        min_score: detections below are left out, 0..1.
        progress: counts the images.

    Raises:
        UserError: no images, or none that can be read; class names that fit nothing; a full disk
            or a folder that cannot be written.
    """
    if not model.strip():
        raise ValueError("model: expected a name, got nothing")
    if not detector.class_names:
        check_numbered(model, names_file(detector.path), project)
        if not project.names:  # the others would be drawn without a name
            project = replace(project, names=list(project.rename.values()))
    check_names(list(detector.class_names.values()), project)
    result = SuggestResult(folder, model.strip())
    todo = _without_label(result)
    for image_path, xml_path in progress.track(todo.items(), "suggesting"):
        try:
            image = read_image(image_path)
        except UserError as error:
            result.skipped += error.problems
            continue
        found, dropped = in_project_words(detector(image).above(min_score), project)
        result.dropped += dropped
        found = one_box_per_object(found)
        size_px = image.shape[0], image.shape[1]
        _write(xml_path, suggested_example(image_path, size_px, found, result.model), result)
        if found.scores.size and found.scores.min() < SURE:
            result.unsure[image_path.name] = float(found.scores.min())
    if todo and result.skipped and not result.suggested + result.nothing_found:
        raise UserError(*result.skipped, heading="images cannot be used, nothing was suggested")
    result.unsure = dict(sorted(result.unsure.items(), key=lambda item: item[1]))
    return result


def _is_suggestion(xml_path: Path) -> bool:
    """Whether an XML holds suggestions that nobody has checked; a broken one does not."""
    try:
        return bool(read_annotation(xml_path).suggested_by)
    except UserError:
        return False


def one_box_per_object(found: Detections) -> Detections:
    """Keep the best box of those that overlap more than MOST_IOU, whatever their classes."""
    overlaps = box_sums.iou(found.boxes, found.boxes) > MOST_IOU
    keep = np.zeros(len(found), bool)
    for row in np.argsort(-found.scores, kind="stable"):
        keep[row] = not overlaps[row, keep].any()
    return found.rows(keep)


def _without_label(result: SuggestResult) -> dict[Path, Path]:
    """Find the images that no person has labelled, each with the XML to write."""
    photos = list(scan([read_folder(result.folder)], "xml"))
    owners = {photo.xml_path.name.lower(): photo.image_path for photo in photos if photo.xml_path}
    todo: dict[Path, Path] = {}
    for photo in photos:
        image, xml = photo.image_path, photo.xml_path
        if xml is not None and not photo.suggested:
            result.by_person += photo.labelled
            result.unreadable += not photo.labelled
            continue
        xml = xml or image.with_suffix(".xml")
        owner = owners.setdefault(xml.name.lower(), image)
        if owner == image:
            todo[image] = xml
        else:
            what = f"{owner.name} would use the same XML file"
            result.skipped.append(Problem("shared-xml", image, what, remedy=Remedy.RENAME))
    return todo


def _write(xml_path: Path, example: Example, result: SuggestResult) -> None:
    """Write an XML, or remove the earlier suggestion when nothing was found this time."""
    if xml_path.exists() and not _is_suggestion(xml_path):  # LabelImg may be open all the while
        result.by_person += 1
        return
    if not example.names:
        with disk_problems(xml_path):
            xml_path.unlink(missing_ok=True)
        result.nothing_found += 1
        return
    write_voc(xml_path, example)
    result.suggested += 1
    result.boxes.update(example.names)
