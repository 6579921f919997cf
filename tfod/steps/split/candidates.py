"""The photos that split places: found in all sessions, read, and named.

All problems of all files are reported together. Memory does not grow with the size of the photos:
of each only a hash and its look are kept.
"""

import os
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfod.data.folders import Folders
from tfod.data.near_duplicates import WORDS
from tfod.data.other_labels import OtherLabels, find_other_labels
from tfod.data.photo_folder import PhotoFolder, is_copy, no_images
from tfod.data.scan import Photo, scan
from tfod.errors import Problem, UserError, refusal
from tfod.progress import Progress
from tfod.remedies import Advice, Remedy
from tfod.words import plural


@dataclass
class Candidate:
    """A photo to place.

    Attributes:
        photo: the image and its annotation, with hash and look.
        session: path of its folder below the root; "" for one that lies in the root itself.
        stem: what its copy will be called, without suffix.
    """

    photo: Photo
    session: str
    stem: str = ""

    @property
    def image(self) -> Path:
        """The image file."""
        return self.photo.image_path

    @property
    def names(self) -> tuple[str, ...]:
        """Class name of each box."""
        return tuple(self.photo.annotation.names) if self.photo.annotation else ()

    @property
    def classes(self) -> frozenset[str]:
        """The classes in it."""
        return frozenset(self.names)

    @property
    def sha256(self) -> str:
        """Hash of the image file."""
        return self.photo.sha256.hex() if self.photo.sha256 else ""

    @property
    def copy_name(self) -> str:
        """What its copy will be called."""
        return f"{self.stem}{self.image.suffix}"


@dataclass(frozen=True)
class Found:
    """What the sessions hold.

    Attributes:
        candidates: to place, in the order of sessions and file names.
        unlabelled: images without an XML, left out.
        suggested: images with boxes that only a model suggested, left out.
        orphans: XML files without an image.
        unread: names of photos of a format that is not read.
        other_labels: labels in other formats of images without XML.
        renamed: photos whose copy gets the session as prefix.
    """

    candidates: list[Candidate]
    unlabelled: int
    suggested: int
    orphans: int
    unread: list[str]
    other_labels: list[OtherLabels]
    renamed: int


def sources(folders: Folders, parts_dir: Path, given: Path | None = None) -> list[PhotoFolder]:
    """The sessions; where the parts go elsewhere, also parts of another making.

    Args:
        folders: of the data set.
        parts_dir: gets the parts.
        given: the folder of the data set when it is not that of the workspace.

    Raises:
        UserError: the folder holds copies made by split, or a split of another making.
    """
    root = folders.root
    if is_copy(root):
        above = Path(os.path.abspath(root)).parent if root == Path() else root.parent
        what, remedy = "contains copies made by split", Remedy.USE(value=above)
        expected = "the folder of the sessions"
        raise refusal("folder-is-a-copy", root, what, expected=expected, remedy=remedy)
    if os.path.realpath(root) != os.path.realpath(parts_dir):
        return list(folders.originals)
    by_hand = [folder for folder in folders.originals if folder.part]
    if by_hand:
        what = "split would replace this folder, which it did not make"
        is_whole = {"train", "test"} <= folders.used.keys()
        images = {"images": given.as_posix()} if given else {}
        records = Remedy.RUN(step="records", **images)
        remedy = records if is_whole else folders.split_again(given)
        raise refusal("split-by-hand", by_hand[0].path, what, remedy=remedy)
    return list(folders.sessions)


def find_candidates(
    folders: Folders, chosen: Collection[PhotoFolder], labelled_only: bool, progress: Progress
) -> Found:
    """Read the photos of the chosen folders.

    Raises:
        UserError: fewer than two photos, or some that cannot be read, with all their problems.
    """
    root, found = folders.root, []
    for folder in sorted(chosen, key=lambda folder: (folder.path != root, folder.path)):
        session = "" if folder.path == root else folder.path.relative_to(root).as_posix()
        found += [Candidate(photo, session) for photo in scan([folder], "pixels", progress)]
    kept = [one for one in found if one.photo.xml_path or not labelled_only]
    problems = [problem for one in kept for problem in _problems(one.photo)]
    if problems:
        raise UserError(*problems, heading="problems in the photos")
    candidates = [one for one in kept if not (labelled_only and one.photo.suggested)]
    unlabelled, suggested = len(found) - len(kept), len(kept) - len(candidates)
    others = find_other_labels(chosen) if unlabelled else []
    if len(candidates) < 2:
        remedy = others[0].remedy if others else None
        raise _too_few(folders, len(candidates), unlabelled, suggested, remedy)
    orphans = sum(len(folder.orphans) for folder in folders.found if folder.kind != "part")
    unread = [path.name for folder in chosen for path in folder.unread]
    renamed = _give_names(candidates)
    return Found(candidates, unlabelled, suggested, orphans, unread, others, renamed)


def looks_of(candidates: Sequence[Candidate]) -> np.ndarray:
    """Stack the looks of photos: uint64 [N, 4]."""
    return np.array([one.photo.look for one in candidates], np.uint64).reshape(-1, WORDS)


def _problems(photo: Photo) -> list[Problem]:
    """What keeps a photo from being placed; a box outside its image does not."""
    problems = [photo.image_problem] if photo.image_problem else []
    if photo.annotation is None and photo.xml_problem:
        problems.append(photo.xml_problem)
    nameless = (bad.problem for bad in photo.bad_boxes if bad.problem.code == "box-without-class")
    return [*problems, *nameless]


def _too_few(
    folders: Folders, count: int, unlabelled: int, suggested: int, remedy: Advice | None
) -> UserError:
    """The error of fewer than two photos, with what else is there and what brings labels in."""
    if not folders.has_images:
        return no_images(folders.root, folders.found)
    counts = [
        plural(count, "labelled image"),
        f"{unlabelled:,} without XML" if unlabelled else "",
        f"{suggested:,} with boxes that only a model suggested" if suggested else "",
    ]
    return refusal(
        "too-few-images",
        folders.root,
        "too few images to split",
        expected="at least 2",
        got=", ".join(filter(None, counts)),
        remedy=remedy or Remedy.RUN(step="label" if unlabelled or suggested else "capture"),
    )


def _give_names(candidates: Sequence[Candidate]) -> int:
    """Give each photo a stem no other has; return how many got their session as prefix."""
    stems = Counter(one.image.stem.lower() for one in candidates)
    taken: set[str] = set()
    renamed = 0
    for one in candidates:
        stem = one.image.stem
        if stems[stem.lower()] > 1 and one.session:
            stem = f"{one.session.replace('/', '_')}_{stem}"
        number, free = 1, stem
        while free.lower() in taken:
            number += 1
            free = f"{stem}_{number}"
        one.stem = free
        taken.add(free.lower())
        renamed += free != one.image.stem
    return renamed
