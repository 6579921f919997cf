"""Look at a data set, run every check, and say what was found.

All checks are in `CHECKS`; findings of one severity and count stay in their order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfod.data.photo_folder import PARTS
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.check import (
    boxes,
    classes,
    duplicates,
    files,
    names,
    pictures,
    records,
    settings_fit,
    split_copies,
    splits,
    training,
)
from tfod.steps.check.dataset import Dataset, read_dataset
from tfod.steps.check.finding import Finding, by_severity
from tfod.steps.check.settings import read_settings
from tfod.workspace import Workspace

Check = Callable[[Dataset], list[Finding]]

CHECKS: tuple[Check, ...] = (
    pictures.unusable_images,
    files.unreadable_xml,
    files.size_mismatch,
    pictures.exif_rotation,
    pictures.wrong_extension,
    files.lost_photos,
    pictures.converted_images,
    names.unlabelled,
    names.unchecked_suggestions,
    names.orphans,
    names.name_mismatch,
    names.unseen_xml,
    names.clashing_names,
    boxes.unusable_boxes,
    boxes.fraction_boxes,
    boxes.one_pixel_boxes,
    boxes.repeated_boxes,
    boxes.many_boxes,
    boxes.cut_boxes,
    classes.unknown_classes,
    classes.misspelt_classes,
    classes.rare_classes,
    classes.unused_classes,
    classes.images_without_boxes,
    duplicates.exact_duplicates,
    duplicates.near_duplicates,
    splits.duplicates_across_parts,
    splits.near_duplicates_across_parts,
    splits.classes_of_parts,
    splits.empty_parts,
    split_copies.outdated_copies,
    split_copies.photos_in_no_part,
    training.too_small_to_train,
    training.no_anchor_fits,
    training.stretched,
    training.batch_too_large,
    records.records,
    settings_fit.unusable_settings,
    classes.label_map_gaps,
    classes.label_map_names,
    settings_fit.label_map_and_config,
    settings_fit.missing_files,
    settings_fit.same_records,
)


@dataclass(frozen=True)
class CheckOptions:
    """What is checked.

    Attributes:
        folder: of sessions and parts, or of images; the images of the workspace when None.
        quick: read XML and headers of images only.
        label_map: the classes there should be; found when None.
        config: pipeline.config the data is for; that of the one model of the workspace when None.
        records: record files to compare with the images; those of the workspace when None, unless
            the look is quick.
    """

    folder: Path | None = None
    quick: bool = False
    label_map: Path | None = None
    config: Path | None = None
    records: tuple[Path, ...] | None = None


@dataclass(frozen=True)
class Report:
    """What was looked at and what was found.

    Attributes:
        dataset: all that was looked at.
        findings: errors first.
    """

    dataset: Dataset
    findings: list[Finding]

    @property
    def folder(self) -> Path:
        """The data set, as the user named it."""
        return self.dataset.folder

    @property
    def images(self) -> int:
        """The number of images, copies made by split not counted."""
        return len(self.dataset.own)

    @property
    def labelled(self) -> int:
        """Those with an annotation that can be read."""
        return sum(photo.example is not None for photo in self.dataset.own)

    @property
    def boxes(self) -> int:
        """The number of boxes that can be used."""
        return sum(self.classes.values())

    @property
    def classes(self) -> dict[str, int]:
        """Class name -> number of its boxes, the most frequent first."""
        return dict(classes.boxes_of_classes(self.dataset))

    @property
    def parts(self) -> dict[str, int]:
        """Session, "train", "test" or "val" -> number of its images, copies too."""
        parts: dict[str, int] = {}
        for photo in self.dataset.photos:
            parts[photo.part] = parts.get(photo.part, 0) + 1
        return parts

    @property
    def decoded(self) -> bool:
        """Whether every image was decoded; False after a quick look."""
        return self.dataset.decoded

    @property
    def network_px(self) -> int | None:
        """The shorter side of what the network sees, when the config says so."""
        size = training.image_size(self.dataset)
        return min(size) if size else None

    def count(self, severity: str) -> int:
        """The number of findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON can hold them."""
        return {
            "folder": str(self.folder),
            "images": self.images,
            "labelled": self.labelled,
            "boxes": self.boxes,
            "classes": self.classes,
            "parts": self.parts,
            "decoded": self.decoded,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def check(
    workspace: Workspace, options: CheckOptions | None = None, progress: Progress = SILENT
) -> Report:
    """Look at a data set and run every check.

    Args:
        workspace: where label map, config and records are looked for.
        options: what is checked; all of the workspace when None.
        progress: told of each photo.

    Raises:
        UserError: no such folder, no images in it, or no such label map or config.
    """
    options = options or CheckOptions()
    folder = options.folder or workspace.images
    settings = read_settings(workspace, folder, options.label_map, options.config)
    meant = workspace.images / folder
    missing = Remedy.DID_YOU_MEAN(name=meant) if meant.is_dir() else Remedy.RUN(step="capture")
    dataset = read_dataset(folder, not options.quick, progress, missing)
    dataset.elsewhere = folder != workspace.images
    dataset.settings = settings
    if options.records is not None:
        dataset.records = list(options.records)
    elif not options.quick:
        dataset.records = _records(workspace, folder)
    findings = [finding for look in CHECKS for finding in look(dataset)]
    if dataset.elsewhere:
        findings = [finding.in_folder(folder) for finding in findings]
    return Report(dataset, by_severity(findings))


def _records(workspace: Workspace, folder: Path) -> list[Path]:
    """Find the record files made of the workspace, shards too."""
    if folder.resolve() != workspace.images.resolve():
        return []
    patterns = (f"{workspace.record(part).name}*" for part in PARTS)
    found = [path for pattern in patterns for path in sorted(workspace.annotations.glob(pattern))]
    return [path for path in found if path.is_file()]
