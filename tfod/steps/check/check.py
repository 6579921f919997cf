"""Look at a data set, run every check, and say what was found.

All checks are in `CHECKS`; findings of one group, severity and count stay in their order.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfod.data.folders import Folders
from tfod.data.photo_folder import PARTS
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.check import (
    boxes,
    classes,
    duplicates,
    names,
    pictures,
    records,
    settings_fit,
    splits,
    spread,
    training,
)
from tfod.steps.check.accepted import read_accepted
from tfod.steps.check.dataset import Dataset, read_dataset
from tfod.steps.check.finding import Finding, in_order
from tfod.steps.check.report import Report
from tfod.steps.check.settings import read_settings
from tfod.workspace import Workspace

if TYPE_CHECKING:
    pass

CHECKS: tuple[Callable[[Dataset], list[Finding]], ...] = (
    *(pictures.unusable_images, pictures.unreadable_xml, pictures.size_mismatch),
    *(pictures.exif_rotation, pictures.wrong_extension, pictures.lost_photos),
    pictures.converted_images,
    *(names.unlabelled, names.unchecked_suggestions, names.orphans, names.name_mismatch),
    *(names.unseen_xml, names.clashing_names),
    *(boxes.unusable_boxes, boxes.fraction_boxes, boxes.one_pixel_boxes, boxes.repeated_boxes),
    *(boxes.many_boxes, boxes.cut_boxes),
    *(classes.unknown_classes, classes.misspelt_classes, classes.rare_classes),
    *(classes.unused_classes, classes.images_without_boxes),
    *(duplicates.exact_duplicates, duplicates.near_duplicates),
    *(splits.duplicates_across_parts, splits.copies_across_parts),
    splits.near_duplicates_across_parts,
    *(splits.classes_of_parts, splits.empty_parts, splits.val_for_test),
    *(splits.outdated_copies, splits.photos_in_no_part),
    *(spread.rare_in_parts, spread.in_one_session),
    *(training.too_small_to_train, training.no_anchor_fits, training.stretched),
    *(training.batch_too_large, records.records, settings_fit.unusable_settings),
    *(classes.label_map_gaps, classes.label_map_names, settings_fit.label_map_and_config),
    *(settings_fit.missing_files, settings_fit.same_records),
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
        everything: report also what is good to know with nothing to do about it.
    """

    folder: Path | None = None
    quick: bool = False
    label_map: Path | None = None
    config: Path | None = None
    records: tuple[Path, ...] | None = None
    everything: bool = False


def check(
    workspace: Workspace, options: CheckOptions | None = None, progress: Progress = SILENT
) -> Report:
    """Look at a data set and run every check.

    Args:
        workspace: where label map, config and records are looked for.
        options: what is checked; all of the workspace when None.
        progress: reports each photo.

    Raises:
        UserError: no such folder, no images in it, no such label map or config, or check.toml
            accepts what cannot be.
    """
    options = options or CheckOptions()
    folder = options.folder or workspace.images
    codes = read_accepted(workspace.accepted)
    settings = read_settings(workspace, folder, options.label_map, options.config)
    meant = workspace.images / folder
    missing = Remedy.DID_YOU_MEAN(name=meant) if meant.is_dir() else Remedy.RUN(step="capture")
    dataset = read_dataset(folder, not options.quick, progress, missing)
    dataset.settings, dataset.workspace = settings, workspace
    dataset.records = list(options.records or ())
    if options.records is None and not options.quick:
        dataset.records = _records(workspace, folder)
    findings = [finding for look in CHECKS for finding in look(dataset)]
    named = folder if folder != workspace.images else None
    images = named_images(workspace, dataset)
    findings = [_with_place(finding, dataset.folders, named, images) for finding in findings]
    accepted, left = _taken_out(findings, lambda finding: finding.code in codes)
    quiet, left = _taken_out(left, lambda finding: finding.quiet and not options.everything)
    return Report(dataset, in_order(left), accepted, quiet)


def _taken_out(
    findings: Sequence[Finding], is_out: Callable[[Finding], bool]
) -> tuple[dict[str, int], list[Finding]]:
    """Code -> number of those that are taken out, and the others."""
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.code] += finding.count if is_out(finding) else 0
    return dict(+counts), [finding for finding in findings if not is_out(finding)]


def named_images(workspace: Workspace, dataset: Dataset) -> Path | None:
    """The folder that split and records have to be told; None for the images of the workspace."""
    folder, is_split = dataset.folder, dataset.folders.parts
    is_session = folder.parent == workspace.images and not is_split
    return None if folder == workspace.images or is_session else folder


def _with_place(
    finding: Finding, folders: Folders, named: Path | None, images: Path | None
) -> Finding:
    """The finding with a remedy for this folder, and for a split that split did not make."""
    advice = finding.problem.advice
    if advice is None:
        return finding
    step = advice.arguments.get("step")
    if advice.action in (Remedy.FIX, Remedy.LOOK_AT) and named:
        advice = advice.action(folder=named)
    elif step == "split":
        settings = {key: value for key, value in advice.arguments.items() if key != "step"}
        advice = folders.split_again(images, **settings)
    elif step == "records" and images:
        advice = Remedy.RUN(step=step, images=images.as_posix())
    return replace(finding, problem=replace(finding.problem, remedy=advice))


def _records(workspace: Workspace, folder: Path) -> list[Path]:
    """Find the record files made of the workspace, shards too."""
    if folder.resolve() != workspace.images.resolve():
        return []
    patterns = (f"{workspace.record(part).name}*" for part in PARTS)
    found = [path for pattern in patterns for path in sorted(workspace.annotations.glob(pattern))]
    return [path for path in found if path.is_file()]
