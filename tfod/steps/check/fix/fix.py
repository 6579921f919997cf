"""Repair what has one answer: `tfod check --fix`, in place, or into a copy.

In place every file to be changed is copied to workspace/backups/<date-time>/ first, under the path
it has; only when the backup is complete the first file is changed, and each is replaced whole. So
a run that is ended leaves each file as it was or repaired, and the next run does the rest. Backups
are not kept among the images, where the next split would take them for a session.

What is put right, and what is not, is in `fix_plan.py`. Copies made by split are left alone: repair
the sessions, then run `tfod split`. Nothing is deleted but boxes, each one named.
"""

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from rich.console import Console

from tfod.errors import UserError
from tfod.files import refuse_file, whole_file, whole_folder
from tfod.labels import LabelMap
from tfod.progress import in_order
from tfod.steps.check.fix.change import Change
from tfod.steps.check.fix.image import encode
from tfod.steps.check.fix.plan import (
    Plan,
    find_pairs,
    is_decoded,
    is_left_out,
    key,
    plan_pair,
    xml_data,
)
from tfod.steps.check.fix.xml import Spelling, repair_xml, spelling
from tfod.terminal import say

BACKUPS = Path("workspace/backups")


@dataclass
class FixResult:
    """What was repaired.

    Attributes:
        changes: what was done, one each, in the order of the files.
        left: what was not, each with the reason.
        files: number of files changed.
        counts: check -> number of changes.
        backup: the folder of the files as they were; None when nothing was changed or a copy made.
        copy: the repaired copy, or None.
    """

    changes: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)
    files: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    backup: Path | None = None
    copy: Path | None = None


def fix(images_dir: Path, label_map: LabelMap | None = None, backups: Path = BACKUPS) -> FixResult:
    """Repair the sessions of a folder in place, with a backup.

    Args:
        images_dir: folder of session folders; images that lie in it directly count too.
        label_map: gives the right spelling of class names; without it names stay.
        backups: gets a folder named by date and time.

    Raises:
        UserError: no sessions there, they are copies made by split, or something cannot be
            written; then every file is as it was or repaired, and the backup is complete.
    """
    result, plans = _plan(Path(images_dir), label_map)
    files = [path for plan in plans for path in plan.files()]
    if not files:
        return result
    result.backup = _back_up(files, Path(backups))
    say(Console(stderr=True), f"backup of {len(files)} files: {result.backup}")
    try:
        _apply_all(plans, spelling(label_map))
    except UserError as error:
        raise UserError(
            f"{error} What is repaired so far is kept; all files as they were are in "
            f"{result.backup}."
        ) from error
    return result


def fix_into(images_dir: Path, copy: Path, label_map: LabelMap | None = None) -> FixResult:
    """Write a repaired copy of the sessions of a folder; nothing in the folder changes.

    Args:
        images_dir: as in `fix`.
        copy: the folder to make, with all there is in `images_dir` but copies made by split.
        label_map: as in `fix`.

    Raises:
        UserError: as `fix`, or the copy is there already or would lie inside.
    """
    images_dir, copy = Path(images_dir), Path(copy)
    _check_copy(images_dir, copy)
    result, plans = _plan(images_dir, label_map)
    with whole_folder(copy) as temporary:
        _copy_all(images_dir, temporary)
        for plan in plans:
            plan.image = temporary / plan.image.relative_to(images_dir)
            plan.xml = plan.xml and temporary / plan.xml.relative_to(images_dir)
        _apply_all(plans, spelling(label_map))
    result.copy = copy
    return result


def _plan(images_dir: Path, label_map: LabelMap | None) -> tuple[FixResult, list[Plan]]:
    """Look at everything and say what would be done; only what changes is kept."""
    pairs = find_pairs(images_dir)
    taken = Counter(key(image) for image, _ in pairs)
    result, plans = FixResult(), []
    look = partial(plan_pair, spelling=spelling(label_map), taken=taken)
    for plan in in_order(look, pairs, "looking", heavy=is_decoded):
        if plan is None:
            continue
        result.left += plan.left
        result.changes += plan.changes
        if plan.files():
            result.files += len(plan.files())
            plans.append(plan)
    result.counts = dict(Counter(change.check for change in result.changes))
    return result, plans


def _apply_all(plans: Sequence[Plan], how: Spelling) -> None:
    for _ in in_order(
        partial(_apply, how=how), plans, "repairing", heavy=lambda plan: plan.picture.encode
    ):
        pass


def _apply(plan: Plan, how: Spelling) -> None:
    """Repair an image and its XML, each replaced whole, in an order that is right at any time.

    The XML goes first: its boxes turned and its size that of the upright image, it is read the
    same beside the image that is still turned by EXIF. The other way round it would not be.
    """
    if plan.xml is not None and plan.xml_changes:
        new, _, _ = repair_xml(xml_data(plan.xml), plan.xml, plan.image_now, how)
        with whole_file(plan.xml) as temporary:
            temporary.write_bytes(new)
    if plan.picture.encode:
        data = encode(plan.image, plan.header)
        with whole_file(plan.image) as temporary:
            temporary.write_bytes(data)
    if plan.picture.name != plan.image.name:
        os.replace(plan.image, plan.image.with_name(plan.picture.name))


def _back_up(files: Sequence[Path], backups: Path) -> Path:
    """Copy files to a new folder named by date and time, under their paths; whole or not at all."""
    refuse_file(backups)
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder, number = backups / stamp, 1
    while folder.exists():
        number += 1
        folder = backups / f"{stamp}_{number}"
    with whole_folder(folder) as temporary:
        for path in files:
            mirrored = temporary / _inside(path)
            mirrored.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, mirrored)
    return folder


def _inside(path: Path) -> Path:
    """A path seen from the workspace, or from the root of the disk when it lies elsewhere."""
    whole = Path(os.path.abspath(path))
    here = Path.cwd()
    if whole.is_relative_to(here):
        return whole.relative_to(here)
    return whole.relative_to(whole.anchor)


def _check_copy(images_dir: Path, copy: Path) -> None:
    refuse_file(copy)
    if copy.is_dir() and any(copy.iterdir()):
        raise UserError(f"{copy}: is not empty. Name a folder that is not there yet.")
    if copy.resolve().is_relative_to(images_dir.resolve()):
        raise UserError(
            f"{copy}: lies in {images_dir}, where split would take it for a session. Name a "
            "folder beside it."
        )


def _copy_all(images_dir: Path, copy: Path) -> None:
    real = images_dir.resolve()

    def comes_anyway(path: Path) -> bool:
        """Whether it is a link to a folder that is copied itself, or leads round in a circle."""
        return path.is_symlink() and path.is_dir() and _overlap(path.resolve(), real)

    def left_out(folder: str, names: list[str]) -> list[str]:
        paths = [Path(folder, name) for name in names]
        return [path.name for path in paths if is_left_out(path) or comes_anyway(path)]

    shutil.copytree(
        images_dir, copy, ignore=left_out, ignore_dangling_symlinks=True, dirs_exist_ok=True
    )


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)
