"""Repair what has one answer: `tfod check --fix`, in place, or into a copy.

In place every file to be changed is copied to workspace/backups/<date-time>/ first, under the path
it has; only when the backup is complete the first file is changed, and each is replaced whole. So
a run that is ended leaves each file as it was or repaired, and the next run does the rest. Backups
are not kept among the images, where the next split would take them for a session.

What is put right is in `fix_xml.py` and `fix_image.py`. Copies made by split are left alone: repair
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

from tfod.check.fix_image import ImagePlan, encode, has_right_ending, plan_image
from tfod.check.fix_xml import Change, ImageNow, is_clear, repair_xml, spellings
from tfod.data.annotation_xml import read_bytes
from tfod.data.images import Header, check_image, read_header
from tfod.data.pairs import pair_up
from tfod.data.record_scan import in_order
from tfod.data.stratify import MANIFEST
from tfod.errors import UserError
from tfod.labels import LabelMap
from tfod.paths import IMAGE_SUFFIXES, refuse_file, whole_file, whole_folder
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


@dataclass
class _Plan:
    """What is to be done with an image and its annotation."""

    image: Path
    xml: Path | None
    header: Header
    picture: ImagePlan
    xml_changes: bool = False
    changes: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)

    def files(self) -> list[Path]:
        """The files that will be changed."""
        image_changes = self.picture.encode or self.picture.name != self.image.name
        files = [(self.xml, self.xml_changes), (self.image, image_changes)]
        return [path for path, changes in files if path is not None and changes]


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
        _apply_all(plans, _names(label_map))
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
        _apply_all(plans, _names(label_map))
    result.copy = copy
    return result


def sessions(images_dir: Path) -> list[Path]:
    """Find the folders that are repaired: those with images, but no copies made by split.

    Raises:
        UserError: there is none, or the folder itself is such a copy.
    """
    if not images_dir.is_dir():
        raise UserError(f"{images_dir}: no such folder. Name the folder of your sessions.")
    if (images_dir / MANIFEST).exists():
        raise UserError(
            f"{images_dir}: is a copy made by split, which the next split replaces. Repair the "
            "sessions: `tfod check --fix`, then `tfod split`."
        )
    inner = sorted(path for path in images_dir.iterdir() if path.is_dir())
    folders = [images_dir, *(path for path in inner if not _is_left_out(path))]
    return [folder for folder in folders if any(map(_is_image, folder.iterdir()))]


def _is_left_out(path: Path) -> bool:
    """Hidden, or a copy made by split."""
    return path.name.startswith(".") or (path / MANIFEST).is_file()


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file() and path.name[0] != "."


def _names(label_map: LabelMap | None) -> dict[str, str]:
    return spellings(list(label_map.ids)) if label_map else {}


def _plan(images_dir: Path, label_map: LabelMap | None) -> tuple[FixResult, list[_Plan]]:
    """Look at everything and say what would be done; only what changes is kept."""
    pairs = [pair for folder in sessions(images_dir) for pair in pair_up(folder)[0]]
    if not pairs:
        raise UserError(f"{images_dir}: no images in its folders. Capture some: `tfod capture`.")
    names = _names(label_map)
    taken = Counter(_key(image) for image, _ in pairs)
    result, plans = FixResult(), []
    look = partial(_plan_pair, names=names, taken=taken)
    for plan in in_order(look, pairs, "looking", heavy=_is_decoded):
        if plan is None:
            continue
        result.left += plan.left
        result.changes += plan.changes
        if plan.files():
            result.files += len(plan.files())
            plans.append(plan)
    result.counts = dict(Counter(change.check for change in result.changes))
    return result, plans


def _is_decoded(pair: tuple[Path, Path | None]) -> bool:
    try:
        return not read_header(pair[0]).plain
    except UserError:
        return False


def _key(image: Path) -> tuple[Path, str]:
    return image.parent, image.stem.lower()


def _plan_pair(
    pair: tuple[Path, Path | None], names: dict[str, str], taken: Counter
) -> _Plan | None:
    """What is to be done with an image and its XML; None when the image cannot be read."""
    image, xml = pair
    try:
        header = check_image(image)  # a damaged one is found before anything is written
        picture = plan_image(image, header)
    except UserError:
        return None
    plan = _Plan(image, xml, header, picture)
    data = b"" if xml is None else _data(xml)
    if picture.left:
        plan.left.append(Change("image-format", image, None, picture.left))
    elif picture.name != image.name and taken[_key(image)] > 1:
        why = f'it should be "{picture.name}", but another image has this name already'
        _leave(plan, "wrong-extension", why)
    elif (
        xml is not None
        and header.orientation > 1
        and not is_clear(data, xml, (header.height_px, header.width_px), header.orientation)
    ):
        _leave(plan, "exif-rotation-unclear", "it is not told on which side up it was labelled")
    _tell_picture(plan)
    if xml is not None:
        new, changes, left = repair_xml(data, xml, _image_now(plan), names)
        plan.xml_changes = new != data
        plan.changes += changes
        plan.left += left
    return plan


def _leave(plan: _Plan, check: str, why: str) -> None:
    plan.left.append(Change(check, plan.image, None, why))
    plan.picture = ImagePlan(plan.image.name)


def _tell_picture(plan: _Plan) -> None:
    picture, image, header = plan.picture, plan.image, plan.header
    renamed = picture.name != image.name
    if picture.encode:
        check = "image-encoding" if header.format in ("JPEG", "MPO", "PNG") else "image-format"
        check = "exif-rotation" if header.orientation > 1 else check
        name = f' in "{picture.name}"' if renamed else ""
        what = f"{picture.why}, now upright 8-bit RGB{name}"
        plan.changes.append(Change(check, image, None, what))
    if renamed and not has_right_ending(image, header):
        what = f'renamed to "{picture.name}", as it is {header.format}'
        plan.changes.append(Change("wrong-extension", image, None, what))


def _image_now(plan: _Plan) -> ImageNow:
    header, picture = plan.header, plan.picture
    size = (header.height_px, header.width_px)
    unclear = header.orientation > 1 and not picture.encode
    return ImageNow(picture.name, size, header.orientation, unclear)


def _data(xml: Path) -> bytes:
    try:
        return read_bytes(xml)
    except UserError:
        return b""


def _apply_all(plans: Sequence[_Plan], names: dict[str, str]) -> None:
    for _ in in_order(
        partial(_apply, names=names), plans, "repairing", heavy=lambda plan: plan.picture.encode
    ):
        pass


def _apply(plan: _Plan, names: dict[str, str]) -> None:
    """Repair an image and its XML, each replaced whole, in an order that is right at any time.

    The XML goes first: its boxes turned and its size that of the upright image, it is read the
    same beside the image that is still turned by EXIF. The other way round it would not be.
    """
    if plan.xml is not None and plan.xml_changes:
        new, _, _ = repair_xml(_data(plan.xml), plan.xml, _image_now(plan), names)
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
    def left_out(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if _is_left_out(Path(folder, name))]

    shutil.copytree(images_dir, copy, ignore=left_out, dirs_exist_ok=True)
