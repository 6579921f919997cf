"""What a split came to, in figures, and in words what figures measured on it cannot say."""

import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfod.errors import plural
from tfod.steps.split.deal import Dealt, alike_in_train
from tfod.steps.split.memory import Memory
from tfod.steps.split.photos import Found, Photo

FAR_OFF = 0.05  # a share that differs more from the one asked for is told


@dataclass(frozen=True)
class SplitResult:
    """What was copied.

    Attributes:
        folders: "train", "test" and, if asked for, "val" -> the folder.
        images: part -> number of images.
        negatives: part -> images among them without any object.
        classes: class name -> part -> images with it.
        boxes: class name -> part -> boxes of it.
        unlabelled: images without an XML, left out.
        suggested: images with boxes that a model suggested and nobody has looked at, left out.
        orphans: XML files without an image, left out.
        renamed: images that got their session as prefix, as another session has the same name.
        settings: "test", "val", "by" and "seed", given, as the last time, or the defaults.
        by: what was kept together: "burst" in place of "session" when there is only one, or when
            identical photos join all.
        groups: number of groups of two and more photos that are on one side.
        grouped: photos in them.
        largest_group: photos in the largest of them.
        cut: photos in each group that had to be cut.
        stayed: photos that are where an earlier run had put them.
        new: photos that were dealt out this time.
        gone: photos that an earlier run had placed and that are no longer there.
        alike: photos of test and val with a near-duplicate in train; None when not looked for.
        alike_bits: median of the bits (of 256) these differ in from the nearest; None without any.
        warnings: what the figures measured on this split cannot say, in words.
    """

    folders: dict[str, Path]
    images: dict[str, int]
    negatives: dict[str, int]
    classes: dict[str, dict[str, int]]
    boxes: dict[str, dict[str, int]]
    unlabelled: int
    suggested: int
    orphans: int
    renamed: int
    settings: dict[str, Any]
    by: str
    groups: int
    grouped: int
    largest_group: int
    cut: list[int]
    stayed: int
    new: int
    gone: int
    alike: int | None
    alike_bits: float | None
    warnings: list[str] = field(default_factory=list)


def report(
    found: Found,
    parts: Mapping[str, list[Photo]],
    dealt: Dealt,
    folders: dict[str, Path],
    settings: dict[str, Any],
    shares: Mapping[str, float],
    memory: Memory | None,
) -> SplitResult:
    """Count what is where.

    Args:
        found: what the sessions hold.
        parts: part -> its photos.
        dealt: how they came there.
        folders: part -> its folder.
        settings: as in `SplitResult`.
        shares: part -> share of the photos asked for.
        memory: what an earlier run placed, or None when all was dealt out again.
    """
    photos = found.photos
    names = sorted({name for photo in photos for name in photo.names})
    boxes = {part: Counter(n for p in members for n in p.names) for part, members in parts.items()}
    images = {
        part: Counter(n for p in members for n in p.classes) for part, members in parts.items()
    }
    looked = all(photo.look is not None for photo in photos)
    alike = alike_in_train(photos, dealt.parts) if looked else None
    stayed, gone = memory.stayed_and_gone(photos, shares) if memory else (0, 0)
    result = SplitResult(
        folders=folders,
        images={part: len(members) for part, members in parts.items()},
        negatives={
            part: sum(photo.xml is not None and not photo.names for photo in members)
            for part, members in parts.items()
        },
        classes={name: {part: images[part][name] for part in parts} for name in names},
        boxes={name: {part: boxes[part][name] for part in parts} for name in names},
        unlabelled=found.unlabelled,
        suggested=found.suggested,
        orphans=found.orphans,
        renamed=found.renamed,
        settings=settings,
        by=dealt.by,
        groups=len(dealt.groups),
        grouped=sum(dealt.groups),
        largest_group=max(dealt.groups, default=0),
        cut=dealt.cut,
        stayed=stayed,
        new=len(photos) - stayed,
        gone=gone,
        alike=None if alike is None else len(alike),
        alike_bits=statistics.median(alike) if alike else None,
    )
    sessions = len({photo.session for photo in photos})
    result.warnings.extend(_warnings(result, dealt, shares, memory, sessions))
    return result


def _warnings(
    result: SplitResult,
    dealt: Dealt,
    shares: Mapping[str, float],
    memory: Memory | None,
    sessions: int,
) -> list[str]:
    """Say what the figures measured on this split cannot say."""
    warnings = []
    if result.by != result.settings["by"]:
        what, remedy = "there is only one session", "Capture another session"
        if sessions > 1:
            what = f"identical photos join all {sessions} sessions"
            remedy = "Delete the copies in one of them, or capture another session,"
        warnings.append(
            f"--by session, but {what}: photos that look alike stay together instead. {remedy} "
            "for a fair test."
        )
    warnings += _alike(result, dealt)
    for name, held in result.classes.items():
        lacking = " and ".join(part for part in result.images if not held[part])
        if lacking:
            count = sum(held.values())
            warnings.append(f"{name} ({plural(count, 'image')}) is not in {lacking}.")
    total = sum(result.images.values())
    for part, share in shares.items():
        got = result.images.get(part, 0) / total
        if abs(got - share) > max(FAR_OFF, 1 / total):
            warnings.append(f"{part} has {got:.0%} of the photos, {share:.0%} were asked for.")
    changed = memory and memory.settings and memory.settings.get("by") != result.settings["by"]
    if result.stayed and (changed or len(result.images) < len(shares)):
        warnings.append("Photos that were placed before stay there; --fresh deals all out again.")
    return warnings


def _alike(result: SplitResult, dealt: Dealt) -> list[str]:
    """Say how alike train and the rest are."""
    total = sum(result.images.values())
    warnings = []
    if result.cut:
        warnings.append(
            f"{sum(result.cut)} of {total} photos look alike (a camera that stands still?), too "
            f"many for one side: they were cut into {dealt.runs} runs of photos in a row."
        )
    if result.alike:
        look = "looks" if result.alike == 1 else "look"
        rest = plural(total - result.images["train"], "photo")
        warnings.append(
            f"{result.alike} of {rest} outside train {look} like one in train: figures measured "
            "on that tell how well this scene was learned, not how well another one will be. For "
            "that, capture a session in another place, of other people or things, and use "
            "`--by session`."
        )
    return warnings
