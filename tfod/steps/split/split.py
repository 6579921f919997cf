"""Copy labelled images into train/, test/ and val/: no photo is in one that is alike in another.

The input stays as it is: sessions are what the user made, the parts are copies that the next split
replaces. A manifest in each remembers what was put there, so that no photo changes sides when more
are added; when anything else is found there, or a label was edited there, nothing is replaced.
"""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tfod.data import annotation_xml
from tfod.data.scan import in_order
from tfod.errors import UserError
from tfod.files import whole_folders
from tfod.steps.split.copies import check_replaceable
from tfod.steps.split.deal import Dealt, deal_photos
from tfod.steps.split.groups import BY
from tfod.steps.split.memory import Memory, part_folders, remember, write_manifest
from tfod.steps.split.photos import Photo, find_photos
from tfod.steps.split.report import SplitResult, report
from tfod.workspace import IMAGES

DEFAULTS = {"test": 0.2, "val": 0.0, "by": "burst", "seed": 0}


def split(
    images_dir: Path = IMAGES,
    output_dir: Path | None = None,
    test: float | None = None,
    seed: int | None = None,
    copy_xml: bool = True,
    val: float | None = None,
    by: str | None = None,
    fresh: bool = False,
) -> SplitResult:
    """Copy the labelled images of all sessions into `train/`, `test/` and, if asked for, `val/`.

    The same input and settings give the same parts. What an earlier run placed stays in its part,
    and photos that look like it go there too. Settings that are None are as the last time.

    Args:
        images_dir: folder of session folders; images that lie in it directly count too.
        output_dir: gets the parts; `images_dir` when None.
        test: share of the images for test, above 0 and below 1 (0.2).
        seed: of the shuffling (0); another one than the last time deals all out again.
        copy_xml: copy the XML files too; without it, images that are not labelled yet are
            split as well.
        val: share of the images for val (0: there is no val/).
        by: what stays together: "burst" (photos that look alike), "session" or "image" (nothing).
        fresh: deal all out again.

    Raises:
        UserError: nothing to split, files that cannot be read, or the parts hold something else.
    """
    images_dir, output_dir = Path(images_dir), Path(output_dir or images_dir)
    memory = remember(part_folders(output_dir, with_val=False))
    asked = {"test": test, "val": val, "by": by, "seed": seed}
    settings, shares = _settings(asked, memory)
    last_seed = memory.settings.get("seed", settings["seed"])
    fresh = fresh or settings["seed"] != last_seed
    folders = part_folders(output_dir, "val" in shares)
    for folder in folders.values():
        check_replaceable(folder, images_dir)
    found = find_photos(images_dir, copy_xml, settings["by"] != "image", folders.values())

    placed = [None if fresh else memory.part_of(photo) for photo in found.photos]
    placed = [part if part in shares else None for part in placed]
    dealt = deal_photos(found.photos, settings["by"], shares, settings["seed"], placed)
    parts = _in_parts(found.photos, dealt, shares, output_dir)
    emptied = [part for part in folders if part not in parts]  # a val/ of an earlier run
    with whole_folders(output_dir, list(parts), emptied) as temporaries:
        for part, photos in parts.items():
            _copy(photos, temporaries[part], copy_xml, settings)
    folders = {part: folders[part] for part in parts}
    before = None if fresh else memory
    return report(found, parts, dealt, folders, settings, shares, before)


def _settings(asked: Mapping[str, Any], memory: Memory) -> tuple[dict[str, Any], dict[str, float]]:
    """Fill in what was not asked for; give the settings, and the share of each part."""
    settings = {
        name: memory.settings.get(name, DEFAULTS[name]) if value is None else value
        for name, value in asked.items()
    }
    test, val = settings["test"], settings["val"] = float(settings["test"]), float(settings["val"])
    if not 0 < test < 1:
        raise UserError(f"the share for test is {test:g}, expected above 0 and below 1, like 0.2.")
    if not (0 <= val < 1 and test + val < 1):
        raise UserError(
            f"the shares for test and val are {test:g} and {val:g}; expected 0 or more for val, "
            "and together below 1, as the rest is for train."
        )
    if settings["by"] not in BY:
        raise UserError(f"--by {settings['by']}: expected {', '.join(BY)}.")
    shares = {"train": 1 - test - val, "test": test, "val": val}
    return settings, {part: share for part, share in shares.items() if share}


def _in_parts(
    photos: Sequence[Photo], dealt: Dealt, shares: Mapping[str, float], output_dir: Path
) -> dict[str, list[Photo]]:
    """Photos by part, without a val that nothing is left for.

    Raises:
        UserError: train or test would be empty.
    """
    parts: dict[str, list[Photo]] = {part: [] for part in shares}
    for photo, part in zip(photos, dealt.parts, strict=True):
        parts[part].append(photo)
    for part in ("train", "test"):
        if not parts[part]:
            raise UserError(
                f"{output_dir / part}: nothing is left for it: all {len(photos)} photos are the "
                "same file, or an earlier run placed them elsewhere. Capture more, or deal all "
                "out again with --fresh."
            )
    return {part: members for part, members in parts.items() if members}


def _copy(
    photos: Sequence[Photo], folder: Path, copy_xml: bool, settings: Mapping[str, Any]
) -> None:
    copy = partial(_copy_one, folder=folder, copy_xml=copy_xml)
    for _ in in_order(copy, photos, "copying"):
        pass
    write_manifest(folder, photos, settings)


def _copy_one(photo: Photo, folder: Path, copy_xml: bool) -> None:
    shutil.copyfile(photo.image, folder / photo.copy_name)
    if photo.xml and copy_xml:
        data = photo.xml.read_bytes()
        if photo.stem != photo.image.stem:
            data = annotation_xml.with_file_name(data, photo.copy_name)
        (folder / f"{photo.stem}.xml").write_bytes(data)
