"""Repair what has one answer, in place or into a copy.

In place every file to be changed is copied to workspace/backups/<date-time>/ first, under the path
it has; only when the backup is complete the first file is changed, and each is replaced whole. So
a run that is ended leaves each file as it was or repaired, and the next run does the rest. Backups
are not kept among the images, where the next split would take them for a session.

What is put right, and what is not, is in `plan.py`. Copies made by split are left alone: repair the
sessions, then split again. Nothing is deleted but boxes, each one named.
"""

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from tfod.data.folders import find_folders
from tfod.data.image_open import read_header
from tfod.data.images import encode_upright
from tfod.data.photo_folder import is_copy, no_images
from tfod.data.scan import Photo, read_photo
from tfod.data.stated_sizes import xml_in_doubt
from tfod.errors import Problem, UserError, refusal
from tfod.files import refuse_file, whole_file, whole_folder
from tfod.labels import LabelMap
from tfod.progress import SILENT, Progress, in_order
from tfod.remedies import Remedy
from tfod.steps.check.finding import Change
from tfod.steps.check.fix.annotation import spelling
from tfod.steps.check.fix.plan import Pair, Plan, key, plan_pair
from tfod.workspace import Workspace


@dataclass
class FixResult:
    """What was repaired.

    Attributes:
        changes: what was done, one each, in the order of the files.
        left: what was not, each with the reason.
        files: number of files changed.
        counts: code -> number of changes.
        backup: the folder of the files as they were; None when nothing was changed or a copy made.
        copy: the repaired copy, or None.
        listed: the file that lists all of it, beside the backups; None when there is nothing.
    """

    changes: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)
    files: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    backup: Path | None = None
    copy: Path | None = None
    listed: Path | None = None


def fix(
    workspace: Workspace,
    folder: Path | None = None,
    *,
    copy: Path | None = None,
    label_map: LabelMap | None = None,
    progress: Progress = SILENT,
) -> FixResult:
    """Repair the sessions of a folder in place, with a backup; or a copy of them.

    Args:
        workspace: keeps the backup.
        folder: of sessions; images that lie in it directly count too. None: those of the workspace.
        copy: the folder to make instead of changing anything, with all there is in `folder` but
            copies made by split.
        label_map: gives the right spelling of class names; without it names stay.
        progress: reports each file.

    Raises:
        UserError: no sessions there, they are copies made by split, the copy exists already or
            would lie inside, or something cannot be written; then every file is as it was or
            repaired, and the backup is complete.
    """
    folder = folder or workspace.images
    if copy is not None:
        _check_copy(folder, copy)
    pairs = _pairs(folder)
    if copy is not None:
        _check_inside(folder, pairs)
    result, plans = _plan(pairs, label_map, progress)
    files = [path for plan in plans for path in plan.files()]
    if copy is not None:
        with whole_folder(copy) as temporary:
            _copy_all(folder, temporary)
            for plan in plans:
                plan.image = temporary / plan.image.relative_to(folder)
                plan.xml = plan.xml and temporary / plan.xml.relative_to(folder)
            _apply_all(plans, progress)
        result.copy = copy
    elif files:
        result.backup = _back_up(files, workspace)
        progress.note(f"backup of {len(files)} files: {result.backup}")
        try:
            _apply_all(plans, progress)
        except UserError as error:
            what = "the repair stopped early; the original files are here"
            ended = Problem("repair-ended-early", result.backup, what, remedy=Remedy.TRY_AGAIN)
            raise UserError(*error.problems, ended) from error
    _list(result, workspace)
    return result


def _pairs(folder: Path) -> list[Pair]:
    """All images with their XML, without copies made by split."""
    if is_copy(folder):
        what = "this is a copy; the next split replaces it"
        remedy = Remedy.CHOOSE_FOLDER
        raise refusal("folder-of-split", folder, what, expected="the sessions", remedy=remedy)
    folders = find_folders(folder, Remedy.RUN(step="capture"))
    pairs = [pair for found in folders.originals for pair in found.pairs]
    if not pairs:
        raise no_images(folder, folders.found)
    return pairs


def _plan(
    pairs: Sequence[Pair], label_map: LabelMap | None, progress: Progress
) -> tuple[FixResult, list[Plan]]:
    """Look at everything and say what would be done; only what changes is kept."""
    taken = Counter(key(image) for image, _ in pairs)
    result, plans = FixResult(), []
    read = partial(read_photo, depth="header")
    photos = in_order(read, [Photo(*pair) for pair in pairs], "reading", progress)
    resized = xml_in_doubt(photos)
    look = partial(plan_pair, spelling=spelling(label_map), taken=taken, resized=resized)
    for plan in in_order(look, pairs, "looking", progress, heavy=_is_decoded):
        if plan is not None:
            result.left += plan.left
            result.changes += plan.changes
            result.files += len(plan.files())
            plans += [plan] if plan.files() else []
    result.counts = dict(Counter(change.code for change in result.changes))
    return result, plans


def _is_decoded(pair: Pair) -> bool:
    """Whether planning decodes the image."""
    with suppress(UserError):
        return not read_header(pair[0]).plain
    return False


def _apply_all(plans: Sequence[Plan], progress: Progress) -> None:
    for _ in in_order(_apply, plans, "repairing", progress, lambda plan: bool(plan.picture.why)):
        pass


def _apply(plan: Plan) -> None:
    """Repair an image and its XML, each replaced whole, in an order that is right at any time.

    The XML goes first: its boxes are turned, its size is that of the upright image, it is read the
    same next to the image that is still turned by EXIF. The other way round it would not be.
    """
    if plan.xml is not None and plan.annotation is not None:
        with whole_file(plan.xml) as temporary:
            temporary.write_bytes(plan.annotation)
    if plan.picture.why:
        data = encode_upright(plan.image, keep_exif=plan.header.orientation > 1)
        with whole_file(plan.image) as temporary:
            temporary.write_bytes(data)
    if plan.renamed:
        os.replace(plan.image, plan.image.with_name(plan.picture.name))


def _list(result: FixResult, workspace: Workspace) -> None:
    """Write what was repaired and what was left to a file beside the backups."""
    text = "".join(f"fixed: {change}\n" for change in result.changes)
    text += "".join(f"left: {change}\n" for change in result.left)
    if text:
        folder = result.backup or _new_backup(workspace)
        result.listed = folder.with_name(f"{folder.name}.txt")
        with whole_file(result.listed) as temporary:
            temporary.write_text(text, encoding="utf-8")


def _new_backup(workspace: Workspace) -> Path:
    """Name a backup by date and time; none has this name yet."""
    refuse_file(workspace.backups)
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder, number = workspace.backups / stamp, 1
    while folder.exists() or folder.with_name(f"{folder.name}.txt").exists():
        number += 1
        folder = workspace.backups / f"{stamp}_{number}"
    return folder


def _back_up(files: Sequence[Path], workspace: Workspace) -> Path:
    """Copy files to a new folder named by date and time, under their paths; whole or not at all."""
    folder = _new_backup(workspace)
    root = Path(os.path.abspath(workspace.root))
    with whole_folder(folder) as temporary:
        for path in files:
            whole = Path(os.path.abspath(path))
            start = root if whole.is_relative_to(root) else whole.anchor
            mirrored = temporary / whole.relative_to(start)
            mirrored.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, mirrored)
    return folder


def _check_copy(folder: Path, copy: Path) -> None:
    refuse_file(copy)
    if copy.is_dir() and any(copy.iterdir()):
        what = "the folder is not empty"
        raise refusal("folder-not-empty", copy, what, setting="copy", remedy=Remedy.CHOOSE_FOLDER)
    if copy.resolve().is_relative_to(folder.resolve()):
        what = f"inside {folder}, where it would be taken for a session"
        raise refusal("copy-inside-images", copy, what, setting="copy", remedy=Remedy.CHOOSE_FOLDER)


def _check_inside(folder: Path, pairs: Sequence[Pair]) -> None:
    """Make sure that a copy of the folder has all XML."""
    for _, xml in pairs:
        if xml is not None and not xml.is_relative_to(folder):
            what = "the XML lies outside the folder, and the copy would lack it"
            remedy = Remedy.USE(value=Path(os.path.commonpath([folder, xml])))
            raise refusal("xml-outside-folder", xml, what, expected=f"in {folder}", remedy=remedy)


def _copy_all(folder: Path, copy: Path) -> None:
    real = folder.resolve()

    def comes_anyway(path: Path) -> bool:
        """Whether it is a link to a folder that is copied itself, or leads round in a circle."""
        if not (path.is_symlink() and path.is_dir()):
            return False
        target = path.resolve()
        return target.is_relative_to(real) or real.is_relative_to(target)

    def left_out(parent: str, names: list[str]) -> list[str]:
        """Hidden files, copies made by split, and links that need not be followed."""
        return [
            name
            for name, path in ((name, Path(parent, name)) for name in names)
            if name[:1] == "." or is_copy(path) or comes_anyway(path) or not path.exists()
        ]

    # its own ignore_dangling_symlinks takes relative links from the current directory
    shutil.copytree(folder, copy, ignore=left_out, dirs_exist_ok=True)
