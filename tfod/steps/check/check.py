"""`tfod check`: look at a data set, run every check, and say what was found.

All checks are in `CHECKS`, in the order in which findings of one severity and count are told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfod import workspace as paths
from tfod.data.parts import PARTS
from tfod.errors import UserError
from tfod.labels import read_label_map
from tfod.steps.check import (
    boxes,
    classes,
    duplicates,
    files,
    label_maps,
    names,
    pictures,
    records,
    settings,
    split_copies,
    splits,
    training,
)
from tfod.steps.check.finding import Finding, by_severity
from tfod.steps.check.scan import Dataset, scan
from tfod.terminal import quoted

Check = Callable[[Dataset], list[Finding]]

CHECKS: tuple[Check, ...] = (
    pictures.unusable_images,
    files.unreadable_xml,
    files.size_mismatch,
    pictures.exif_rotation,
    pictures.wrong_extension,
    pictures.blank_images,
    files.stray_files,
    pictures.large_images,
    pictures.image_encoding,
    pictures.image_format,
    names.unlabelled,
    names.unlooked_suggestions,
    names.orphans,
    names.name_mismatch,
    names.unseen_xml,
    names.clashing_names,
    boxes.unusable_boxes,
    boxes.fraction_boxes,
    boxes.one_pixel_boxes,
    boxes.repeated_boxes,
    boxes.copied_boxes,
    boxes.many_boxes,
    boxes.whole_image_boxes,
    boxes.cut_boxes,
    classes.unknown_classes,
    classes.misspelt_classes,
    classes.rare_classes,
    classes.uneven_classes,
    classes.unused_classes,
    classes.images_without_boxes,
    duplicates.exact_duplicates,
    duplicates.near_duplicates,
    splits.duplicates_across_parts,
    splits.near_duplicates_across_parts,
    splits.classes_of_parts,
    splits.shares,
    split_copies.outdated_copies,
    split_copies.photos_in_no_part,
    training.too_small_to_train,
    training.no_anchor_fits,
    training.stretched,
    training.batch_too_large,
    records.records,
    settings.unusable_settings,
    label_maps.numbers,
    label_maps.names,
    settings.label_map_and_config,
    settings.missing_files,
    settings.same_records,
)


@dataclass(frozen=True)
class Report:
    """What was looked at and what was found.

    Attributes:
        folder: the data set.
        images: number of images, copies made by split not counted.
        labelled: those with an annotation that can be read.
        boxes: number of boxes that can be used.
        classes: class name -> number of its boxes, the most frequent first.
        parts: session, "train", "test" or "val" -> number of its images, copies too.
        decoded: whether every image was decoded; False after a quick look.
        findings: errors first.
    """

    folder: Path
    images: int
    labelled: int
    boxes: int
    classes: dict[str, int]
    parts: dict[str, int]
    decoded: bool
    findings: list[Finding]

    def count(self, severity: str) -> int:
        """The number of findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)


def check(
    folder: Path = paths.IMAGES,
    *,
    quick: bool = False,
    label_map: Path | None = None,
    config: Path | None = None,
    records: Sequence[Path] | None = None,
) -> tuple[Report, Dataset]:
    """Look at a data set and run every check.

    Args:
        folder: of sessions and parts, or of images.
        quick: read XML and headers of images only.
        label_map: the classes there should be; found by `find_label_map` when None.
        config: pipeline.config the data is for; that of the one model of the workspace when None.
        records: record files to compare with the images; those of the workspace when None, unless
            the look is quick.

    Returns:
        The report, and all that was looked at.

    Raises:
        UserError: no such folder, no images in it, or no such label map or config.
    """
    folder = Path(folder)
    config = config or settings.find_config(folder)
    label_map = label_map or find_label_map(folder, config)
    read, labels = read_usable(settings.read, config), read_usable(read_label_map, label_map)
    dataset = scan(folder, decode=not quick)
    dataset.label_map, dataset.label_map_path = labels, label_map
    dataset.config, dataset.config_path = read, config
    if records is None:
        records = [] if quick else _records(folder)
    dataset.records = list(records)
    findings = by_severity([finding for run in CHECKS for finding in run(dataset)])
    if folder != paths.IMAGES:
        command = quoted("tfod", "check", folder.as_posix(), "--fix")
        for finding in findings:
            finding.remedy = finding.remedy.replace("tfod check --fix", command)
    return _report(dataset, findings), dataset


def read_usable(reader: Callable[[Path], Any], path: Path | None) -> Any:
    """Read label map or config; None when it cannot be used, which a check tells.

    Raises:
        UserError: there is no such file.
    """
    try:
        return reader(path) if path is not None else None
    except UserError:
        if path is not None and path.is_file():
            return None
        raise


def find_label_map(folder: Path, config: Path | None = None) -> Path | None:
    """Find the label map: that of the config, else one beside the images or of the workspace."""
    read = read_usable(settings.read, config or settings.find_config(folder))
    named = read.train_input_reader.label_map_path if read is not None else ""
    usual = [folder / paths.LABEL_MAP.name, folder.parent / paths.LABEL_MAP.name]
    if folder.resolve().is_relative_to(paths.IMAGES.resolve()):
        usual.append(paths.LABEL_MAP)
    there = [path for path in (Path(named), *usual) if path.is_file()]
    return there[0] if there else None


def _records(folder: Path) -> list[Path]:
    """Find the record files made of the workspace, shards too."""
    if folder.resolve() != paths.IMAGES.resolve():
        return []
    found = [path for part in PARTS for path in sorted(paths.ANNOTATIONS.glob(f"{part}.record*"))]
    return [path for path in found if path.is_file()]


def _report(dataset: Dataset, findings: list[Finding]) -> Report:
    own = dataset.own
    counts = classes.boxes_of_classes(dataset)
    parts: dict[str, int] = {}
    for photo in dataset.photos:
        parts[photo.part] = parts.get(photo.part, 0) + 1
    return Report(
        folder=dataset.folder,
        images=len(own),
        labelled=sum(photo.example is not None for photo in own),
        boxes=counts.total(),
        classes=dict(counts),
        parts=parts,
        decoded=dataset.decoded,
        findings=findings,
    )
