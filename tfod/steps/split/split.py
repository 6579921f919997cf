"""Copy labelled images into train/, test/ and val/: no photo is in one that is alike in another.

The input stays as it is: sessions are what the user made, the parts are copies that the next split
replaces. A manifest in each remembers what was put there, so that no photo changes sides when more
are added; when anything else is found there, or a label was edited there, nothing is replaced.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfod.data.annotation_xml import with_file_name
from tfod.data.folders import find_folders
from tfod.data.photo_folder import PhotoFolder
from tfod.errors import UserError, refusal
from tfod.files import whole_folders
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.steps.split.candidates import Candidate, find_candidates, sources
from tfod.steps.split.copies import check_replaceable
from tfod.steps.split.deal import Dealt, deal_photos
from tfod.steps.split.groups import BY
from tfod.steps.split.memory import Memory, part_folders, remember, write_manifest
from tfod.steps.split.report import Run, SplitResult, report
from tfod.workspace import Workspace

# from so many photos on, a tenth of them chooses the best checkpoint, and the test stays untouched
VAL_FROM, VAL_SHARE = 100, 0.1
DEFAULTS = {"test": 0.2, "val": 0.0, "by": "burst", "seed": 0}


@dataclass(frozen=True)
class SplitOptions:
    """How to split; settings that are None are as the last time, or as in DEFAULTS.

    Attributes:
        test: share of the images for test, above 0 and below 1.
        val: share of the images for val; without one there is no val/. At first a tenth, from 100
            photos on, unless whole sessions stay together or there is a val/ already.
        by: what stays together: "burst" (photos that look alike), "session" or "image" (nothing).
        seed: of the shuffling; another one than the last time deals all out again.
        fresh: deal all out again.
        labelled_only: leave out what nobody has labelled. False: split all images, without XML.
        images_dir: folder of the sessions; the images of the workspace when None.
        output_dir: gets the parts; `images_dir` when None.
    """

    test: float | None = None
    val: float | None = None
    by: str | None = None
    seed: int | None = None
    fresh: bool = False
    labelled_only: bool = True
    images_dir: Path | None = None
    output_dir: Path | None = None


def split(
    workspace: Workspace, options: SplitOptions = SplitOptions(), progress: Progress = SILENT
) -> SplitResult:
    """Copy the labelled images of all sessions into `train/`, `test/` and, if asked for, `val/`.

    The same input and settings give the same parts. What an earlier run placed stays in its part,
    and photos that look like it go there too.

    Args:
        workspace: where the sessions are, and the parts go.
        options: shares, what stays together, other places.
        progress: counts the photos.

    Raises:
        UserError: nothing to split, files that cannot be read, or the parts hold something else.
    """
    images_dir = options.images_dir or workspace.images
    parts_dir = options.output_dir or images_dir
    memory = remember(part_folders(parts_dir, with_val=False))

    missing = Remedy.CHECK_PATH() if options.images_dir else Remedy.RUN(step="capture")
    folders = find_folders(images_dir, missing)
    chosen = sources(folders, parts_dir, options.images_dir)
    first_val = 0.0 if memory.settings else _first_val(chosen, options, parts_dir)
    settings, shares = _settings(options, {"val": first_val, **memory.settings})
    fresh = options.fresh or settings["seed"] != memory.settings.get("seed", settings["seed"])
    paths = part_folders(parts_dir, "val" in shares)
    for path in paths.values():
        check_replaceable(path, folders)
    found = find_candidates(folders, chosen, options.labelled_only, progress)

    before = Memory() if fresh else memory
    last = before.parts_of(found.candidates)
    placed = [part if part in shares else None for part in last]
    dealt = deal_photos(found.candidates, settings["by"], shares, settings["seed"], placed)
    parts = _in_parts(found.candidates, dealt, shares, parts_dir)
    emptied = [part for part in paths if part not in parts]  # a val/ of an earlier run
    with whole_folders(parts_dir, list(parts), emptied) as temporaries:
        for part, candidates in parts.items():
            for one in progress.track(candidates, "copying"):
                _copy(one, temporaries[part], options.labelled_only)
            write_manifest(temporaries[part], candidates, settings)
    run = Run(
        found=found,
        dealt=dealt,
        settings=settings,
        shares=shares,
        stayed=len(placed) - placed.count(None),
        gone=len(before.placed) - len(last) + last.count(None),
        last_by=before.settings.get("by"),
    )
    return report(run, parts, {part: paths[part] for part in parts})


def _first_val(chosen: Sequence[PhotoFolder], options: SplitOptions, parts_dir: Path) -> float:
    """The share of val in a first split that does not say one."""
    counted = (xml or not options.labelled_only for one in chosen for _, xml in one.pairs)
    is_possible = options.by != "session" and not (parts_dir / "val").exists()
    return VAL_SHARE if is_possible and sum(map(bool, counted)) >= VAL_FROM else 0.0


def _settings(
    options: SplitOptions, last: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, float]]:
    """Fill in what was not asked for; give the settings, and the share of each part."""
    given = {name: getattr(options, name) for name in DEFAULTS}
    given = {name: value for name, value in given.items() if value is not None}
    settings = {**DEFAULTS, **last, **given}
    test, val = settings["test"], settings["val"] = float(settings["test"]), float(settings["val"])
    if not 0 < test < 1:
        raise _out_of_range("test", "above 0 and below 1", f"{test:g}")
    if not (0 <= val < 1 and test + val < 1):
        expected = "0 or more, and together with test below 1"
        raise _out_of_range("val", expected, f"{val:g}, with {test:g} for test")
    if settings["by"] not in BY:
        raise refusal(
            "unknown-value",
            what="unknown grouping",
            setting="by",
            got=f'"{settings["by"]}"',
            remedy=Remedy.USE(value=BY),
        )
    shares = {"train": 1 - test - val, "test": test, "val": val}
    return settings, {part: share for part, share in shares.items() if share}


def _out_of_range(setting: str, expected: str, got: str) -> UserError:
    what = "not a usable share"
    return refusal("number-out-of-range", what=what, setting=setting, expected=expected, got=got)


def _in_parts(
    candidates: Sequence[Candidate], dealt: Dealt, shares: Mapping[str, float], parts_dir: Path
) -> dict[str, list[Candidate]]:
    """Photos by part, without a val that nothing is left for.

    Raises:
        UserError: train or test would be empty.
    """
    parts: dict[str, list[Candidate]] = {part: [] for part in shares}
    for one, part in zip(candidates, dealt.parts, strict=True):
        parts[part].append(one)
    for part in ("train", "test"):
        if not parts[part]:
            what = "no photos are left for this part"
            got = f"all {len(candidates)} are the same file, or were placed elsewhere earlier"
            remedy = Remedy.RUN(step="split", fresh=True)
            raise refusal("part-empty", parts_dir / part, what, got=got, remedy=remedy)
    return {part: members for part, members in parts.items() if members}


def _copy(one: Candidate, folder: Path, with_xml: bool) -> None:
    shutil.copyfile(one.image, folder / one.copy_name)
    if with_xml and one.photo.xml_path:
        data = one.photo.xml_path.read_bytes()
        if one.stem != one.image.stem:
            data = with_file_name(data, one.copy_name)
        (folder / f"{one.stem}.xml").write_bytes(data)
