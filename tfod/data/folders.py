"""Which folder is what: sessions, parts of a split, copies, and what nobody reads.

The one answer for label, check, split, records and convert. A *session* is a folder of photos that
a person labels. A *part* is train, test or val: copies that split made of the sessions, or a split
by hand or of another tool. Layouts that are known: images with their XML next to them; images/ or
JPEGImages/ with labels/ or Annotations/ next to it, in the whole set or in each folder;
images/train and labels/train as YOLO has them.

Knows names of files; opens only an XML whose name fits no image.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tfod.data.photo_folder import (
    IMAGE_WORDS,
    PART_WORDS,
    PARTS,
    PhotoFolder,
    photo_folder,
    without_year,
    xml_of,
)
from tfod.errors import refusal
from tfod.listing import Listing, list_folder
from tfod.remedies import Advice, Remedy

ALWAYS_PARTS = ("train", "test")  # split makes them; val only when it is asked to


@dataclass(frozen=True)
class Folders:
    """What the folders of a data set are.

    Attributes:
        root: the folder that holds them.
        found: all that hold images, XML, unread photos or deeper folders; the root itself first if
            it does, parts last.
    """

    root: Path
    found: tuple[PhotoFolder, ...]

    @property
    def sessions(self) -> tuple[PhotoFolder, ...]:
        """The folders of photos that are not parts or copies, the root itself first."""
        return tuple(folder for folder in self.found if folder.kind == "session")

    @property
    def parts(self) -> dict[str, PhotoFolder]:
        """The parts that hold images: "train", "test", "val" -> its folder, in this order."""
        held = {folder.part: folder for folder in self.found if folder.kind == "part"}
        return {part: held[part] for part in PARTS if part in held}

    @property
    def used(self) -> dict[str, PhotoFolder]:
        """What each part is used for: as `parts`, but val is the test where no test is labelled."""
        parts = self.parts
        if self.val_is_test:
            val = parts.pop("val")
            parts["test"] = replace(val, part="test", name="test")
        return parts

    @property
    def val_is_test(self) -> bool:
        """Whether this is a split of another making that has labels in val, and none in test."""
        test, val = (self.parts.get(part) for part in ("test", "val"))
        is_labelled = val is not None and val.has_xml
        return self.split_by_hand and is_labelled and not (test and test.has_xml)

    @property
    def split_by_hand(self) -> bool:
        """Whether there are parts, and split made none of them."""
        parts = self.parts.values()
        return bool(parts) and not any(part.copied for part in parts)

    @property
    def originals(self) -> tuple[PhotoFolder, ...]:
        """The folders whose photos a person labels: sessions, and parts that split did not make."""
        return (*self.sessions, *(part for part in self.parts.values() if not part.copied))

    def split_again(self, images: Path | None = None, **settings: Any) -> Advice:
        """How to split these photos: a split of another making stays as it is, next to the new one.

        Args:
            images: the root, when it is not the images of the workspace.
            settings: of the split.
        """
        name = f"{Path(os.path.abspath(self.root)).name}-split"
        output = (self.root.parent / name).as_posix() if self.split_by_hand else None
        given = {**settings, "images": images and images.as_posix(), "output": output}
        return Remedy.RUN(step="split", **{key: value for key, value in given.items() if value})

    @property
    def has_images(self) -> bool:
        """Whether any of them can be read."""
        return any(folder.kind in ("session", "part") for folder in self.found)


def find_folders(root: Path, missing: Remedy | Advice = Remedy.CHECK_PATH) -> Folders:
    """Find out what a folder and the folders in it are.

    The root is a session when it holds images itself. train/ and test/ are always parts. The other
    words of PART_WORDS, in upper or lower case, count where they make a split: images for train and
    for test or val. Next to parts that split made they are sessions.

    Args:
        root: of the data set.
        missing: what to do when there is no such folder.

    Raises:
        UserError: there is no such folder, or one that cannot be read.
    """
    root = Path(root)
    if not root.is_dir():
        what = "a file, not a folder" if root.exists() else "folder not found"
        raise refusal("no-such-folder", root, what, remedy=missing)
    candidates = _candidates(list_folder(root))
    read = {os.path.realpath(photos.path) for photos, _ in candidates}
    folders = [photo_folder(photos, xml, root, read) for photos, xml in candidates]
    kinds = _kinds([folder for folder in folders if folder.path != root])
    found = [kinds.get(folder.path, folder) for folder in folders]
    found = [folder for folder in found if folder.holds_something]
    return Folders(root, tuple(sorted(found, key=lambda folder: _order(folder, root))))


def is_called_like_a_part(folder: PhotoFolder) -> bool:
    """Whether a session has a name that other tools give to a part."""
    return folder.kind == "session" and _word(folder) in PART_WORDS


def _candidates(top: Listing) -> list[tuple[Listing, Listing]]:
    """The folders that may hold photos, each with that of its XML; no folder twice."""
    inner = [list_folder(path) for path in top.folders]
    found = [top, *(photos for listing in inner for photos in _photos_in(listing))]
    pairs = [(photos, xml_of(photos)) for photos in _without_links(found)]
    apart = {xml.path for photos, xml in pairs if xml is not photos}
    return [pair for pair in pairs if pair[0].path not in apart]


def _photos_in(listing: Listing) -> list[Listing]:
    """Where in a folder photos lie: in it, in images/ in it, or in the parts in images/.

    Next to images/ in it the folder itself shows what else lies there.
    """
    if listing.images:
        return [listing]
    inner = [list_folder(path) for path in listing.folders]
    is_of_images = listing.path.name.casefold() in IMAGE_WORDS
    if is_of_images and any(without_year(inside.path.name) in PART_WORDS for inside in inner):
        return inner
    named = [inside for inside in inner if inside.path.name.casefold() in IMAGE_WORDS]
    return [*[inside for inside in named if inside.images][:1], listing]


def _without_links(found: list[Listing]) -> list[Listing]:
    """Leave out links to folders that are read anyway: they would show every photo twice."""
    root = found[0].path
    real_root = os.path.realpath(root)
    seen: dict[str, Listing] = {}
    links = []
    for listing in found:
        real = os.path.realpath(listing.path)
        if real == os.path.normpath(os.path.join(real_root, os.path.relpath(listing.path, root))):
            seen[real] = listing
        else:
            links.append(listing)
    for listing in links:
        seen.setdefault(os.path.realpath(listing.path), listing)
    return list(seen.values())


def _kinds(folders: list[PhotoFolder]) -> dict[Path, PhotoFolder]:
    """Say of the folders in the root which are parts and copies; the others stay what they are."""
    held = [folder for folder in folders if folder.pairs]
    copies = [folder for folder in held if folder.copied]
    made = {folder.path: folder for folder in copies if folder.path.name in PARTS}
    parts = {path: path.name for path in made}
    by_word = _by_word([folder for folder in held if not folder.copied])
    makes_a_split = _make_a_split(by_word)
    for part, folder in by_word.items():
        is_reserved = folder.name in ALWAYS_PARTS and part not in parts.values()
        if is_reserved or (makes_a_split and not made):
            parts[folder.path] = part
    changed = {
        folder.path: replace(folder, kind="copy") for folder in copies if folder.path not in parts
    }
    for folder in held:
        if folder.path in parts:
            part = parts[folder.path]
            changed[folder.path] = replace(folder, kind="part", part=part, name=part)
    return changed


def _make_a_split(by_word: dict[str, PhotoFolder]) -> bool:
    """Whether folders called like parts are a split, and not sessions that happen to be so."""
    return "train" in by_word and bool({"test", "val"} & by_word.keys())


def _by_word(folders: list[PhotoFolder]) -> dict[str, PhotoFolder]:
    """Part -> the folder that is called so: train/ before training/ when there are both."""
    found: dict[str, PhotoFolder] = {}
    for folder in sorted(folders, key=lambda one: (one.name not in PARTS, _word(one) not in PARTS)):
        if _word(folder) in PART_WORDS:
            found.setdefault(PART_WORDS[_word(folder)], folder)
    return found


def _word(folder: PhotoFolder) -> str:
    """The folder's own name in lower case, without a year; of train/images that of train."""
    *above, last = folder.name.split("/")
    name = above[-1] if above and last.casefold() in IMAGE_WORDS else last
    return without_year(name)


def _order(folder: PhotoFolder, root: Path) -> tuple[int, bool, str]:
    at = PARTS.index(folder.part) + 1 if folder.part else 0
    return at, folder.path != root, folder.name
