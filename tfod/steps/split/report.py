"""What a split came to: in figures, and in words what figures measured on it cannot say."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfod.data.other_labels import OtherLabels
from tfod.steps.split.candidates import Candidate, Found
from tfod.steps.split.deal import Dealt, alike_in_train
from tfod.words import plural

FAR_OFF = 0.05  # a share that differs by more from the one asked for is reported


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
        suggested: images with boxes that a model suggested and nobody has checked, left out.
        orphans: XML files without an image, left out.
        unread: names of photos of a format that is not read, left out.
        other_labels: labels in other formats of images without XML.
        renamed: images that got their session as prefix, as another session has the same name.
        settings: "test", "val", "by" and "seed", given, as the last time, or the defaults.
        by: what was kept together: "burst" in place of "session" when there is only one, or when
            identical photos join all.
        groups: number of groups of two and more photos that are on one side.
        grouped: photos in them.
        largest_group: photos in the largest of them.
        cut: photos in each group that had to be cut.
        stayed: photos that are where an earlier run had put them.
        new: photos that were placed this time.
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
    unread: list[str]
    other_labels: list[OtherLabels]
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


@dataclass(frozen=True)
class Run:
    """One run of split, before it is counted.

    Attributes:
        found: what the sessions hold.
        dealt: where the photos went.
        settings: as in `SplitResult`.
        shares: part -> share of the photos asked for.
        stayed: as in `SplitResult`.
        gone: as in `SplitResult`.
        last_by: what was kept together the last time; None when nothing was placed before.
    """

    found: Found
    dealt: Dealt
    settings: dict[str, Any]
    shares: Mapping[str, float]
    stayed: int
    gone: int
    last_by: str | None


def report(run: Run, parts: Mapping[str, list[Candidate]], folders: dict[str, Path]) -> SplitResult:
    """Count what is where.

    Args:
        run: what was done.
        parts: part -> its photos.
        folders: part -> its folder.
    """
    found, dealt = run.found, run.dealt
    photos = found.candidates
    names = sorted({name for photo in photos for name in photo.names})
    boxes, images = (
        {part: Counter(n for p in held for n in getattr(p, what)) for part, held in parts.items()}
        for what in ("names", "classes")
    )
    alike = None if run.settings["by"] == "image" else alike_in_train(photos, dealt.parts)
    result = SplitResult(
        folders=folders,
        images={part: len(members) for part, members in parts.items()},
        negatives={
            part: sum(photo.photo.labelled and not photo.names for photo in members)
            for part, members in parts.items()
        },
        classes={name: {part: images[part][name] for part in parts} for name in names},
        boxes={name: {part: boxes[part][name] for part in parts} for name in names},
        unlabelled=found.unlabelled,
        suggested=found.suggested,
        orphans=found.orphans,
        unread=found.unread,
        other_labels=found.other_labels,
        renamed=found.renamed,
        settings=run.settings,
        by=dealt.by,
        groups=len(dealt.groups),
        grouped=sum(dealt.groups),
        largest_group=max(dealt.groups, default=0),
        cut=dealt.cut,
        stayed=run.stayed,
        new=len(photos) - run.stayed,
        gone=run.gone,
        alike=None if alike is None else len(alike),
        alike_bits=statistics.median(alike) if alike else None,
    )
    result.warnings.extend([*_instead(result, photos), *_alike(result, dealt), *_lacking(result)])
    result.warnings.extend([*_far_off(result, run.shares), *_kept(result, run)])
    return result


def _instead(result: SplitResult, photos: Sequence[Candidate]) -> list[str]:
    """Say why something else was kept together than what was asked for."""
    if result.by == result.settings["by"]:
        return []
    sessions = len({photo.session for photo in photos})
    why, remedy = "there is only one", "capture another one"
    if sessions > 1:
        why = f"identical photos join all {sessions} of them"
        remedy = "delete the copies in one of them, or capture another one"
    return [
        f"The sessions cannot be kept apart, as {why}: photos that look alike stay together "
        f"instead. For a fair test {remedy}."
    ]


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
            "on these show how well this scene was learned, not how well another one will be. For "
            "that, capture a session in another place, of other people or things, and keep "
            "sessions together."
        )
    return warnings


def _lacking(result: SplitResult) -> list[str]:
    """Name the classes that a part has none of."""
    warnings = []
    for name, held in result.classes.items():
        lacking = " and ".join(part for part in result.images if not held[part])
        if lacking:
            warnings.append(f"{name} ({plural(sum(held.values()), 'image')}) is not in {lacking}.")
    return warnings


def _far_off(result: SplitResult, shares: Mapping[str, float]) -> list[str]:
    """Name the parts that are much larger or smaller than they should be."""
    total = sum(result.images.values())
    got = {part: result.images.get(part, 0) / total for part in shares}
    return [
        f"{part} has {got[part]:.0%} of the photos instead of {share:.0%}."
        for part, share in shares.items()
        if abs(got[part] - share) > max(FAR_OFF, 1 / total)
    ]


def _kept(result: SplitResult, run: Run) -> list[str]:
    """Say that new settings hold for new photos only."""
    changed = run.last_by is not None and run.last_by != run.settings["by"]
    if result.stayed and (changed or len(result.images) < len(run.shares)):
        return ["Photos placed earlier stay where they are, unless you start over."]
    return []
