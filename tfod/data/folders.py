"""Which folder is what: sessions, parts of a split, copies, and what nobody reads.

The one answer for label, check, split, records and convert. A *session* is a folder of photos that
a person labels. A *part* is train, test or val: copies that split made of the sessions, or a split
by hand or of another tool. Layouts that are known: images with their XML next to them; images/ or
JPEGImages/ with labels/ or Annotations/ beside it, in the whole set or in each folder; images/train
and labels/train as YOLO has them.

Knows names of files; opens only an XML whose name fits no image (as `pairs.py` does).
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from tfod.data.listing import Listing, list_folder
from tfod.data.photo_folder import PARTS, PhotoFolder, photo_folder
from tfod.errors import Problem, UserError
from tfod.remedies import Advice, Remedy

# what the folder of a part may be called, in upper or lower case
PART_WORDS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "val",
    "valid": "val",
    "validation": "val",
}
ALWAYS_PARTS = ("train", "test")  # split makes them; val only when it is asked to
IMAGE_WORDS = ("images", "jpegimages")  # folders of images, as other tools call them
XML_WORDS = ("annotations", "labels")  # the folders of labels beside those


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
    def split_by_hand(self) -> bool:
        """Whether there are parts, and split made none of them."""
        parts = self.parts.values()
        return bool(parts) and not any(part.copied for part in parts)

    @property
    def has_images(self) -> bool:
        """Whether any of them can be read."""
        return any(folder.kind in ("session", "part") for folder in self.found)


def find_folders(root: Path, missing: Remedy | Advice = Remedy.CHECK_PATH) -> Folders:
    """Find out what a folder and the folders in it are.

    The root is a session when it holds images itself. train/ and test/ are always parts. The other
    words of PART_WORDS, and other parts than split's own, count where they make a split: images
    for train, and images for test or val. Next to parts that split made they are sessions.

    Args:
        root: of the data set.
        missing: what to do when there is no such folder.

    Raises:
        UserError: there is no such folder, or one that cannot be read.
    """
    root = Path(root)
    if not root.is_dir():
        what = "this is a file" if root.exists() else "there is no such folder"
        raise UserError(Problem("no-such-folder", root, what, expected="a folder", remedy=missing))
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
    """What may hold photos, each with what may hold their XML; no folder twice."""
    inner = [list_folder(path) for path in top.folders]
    pair = None if top.images else _image_and_xml_folders(inner)
    found = [(top, top)]
    found += [_photos_and_xml(listing) for listing in inner if not pair or listing not in pair]
    if pair:
        images, labels = pair
        if images.images:
            found.append((images, labels if labels.annotations else images))
        for path in [] if images.images else images.folders:
            beside = labels.path / path.name
            photos, xml = list_folder(path), list_folder(beside) if beside.is_dir() else None
            found.append((photos, xml if xml and xml.annotations else photos))
    return _without_links(found, top.path)


def _without_links(
    found: list[tuple[Listing, Listing]], root: Path
) -> list[tuple[Listing, Listing]]:
    """Leave out links to folders that are read anyway: they would show every photo twice."""
    seen: dict[str, tuple[Listing, Listing]] = {}
    links = []
    real_root = os.path.realpath(root)
    for photos, xml in found:
        real = os.path.realpath(photos.path)
        if real == os.path.normpath(os.path.join(real_root, os.path.relpath(photos.path, root))):
            seen[real] = photos, xml
        else:
            links.append((photos, xml))
    for photos, xml in links:
        seen.setdefault(os.path.realpath(photos.path), (photos, xml))
    return list(seen.values())


def _image_and_xml_folders(inner: list[Listing]) -> tuple[Listing, Listing] | None:
    """images/ and labels/, or JPEGImages/ and Annotations/, when both are there."""
    named = {listing.path.name.casefold(): listing for listing in inner}
    images = next((named[word] for word in IMAGE_WORDS if word in named), None)
    labels = next((named[word] for word in XML_WORDS if word in named), None)
    if images is None or labels is None or images.annotations or labels.images:
        return None
    has_parts = any(path.name.casefold() in PART_WORDS for path in images.folders)
    return (images, labels) if images.images or has_parts else None


def _photos_and_xml(listing: Listing) -> tuple[Listing, Listing]:
    """Where in a folder its photos and XML lie: in it, or in images/ and labels/ in it."""
    if listing.images:
        return listing, listing
    inner = [list_folder(path) for path in listing.folders]
    named = {inside.path.name.casefold(): inside for inside in inner if inside.images}
    images = next((named[word] for word in IMAGE_WORDS if word in named), None)
    if images is None:
        return listing, listing
    labels = [i for i in inner if i.path.name.casefold() in XML_WORDS and i.annotations]
    return images, labels[0] if labels and not images.annotations else images


def _kinds(folders: list[PhotoFolder]) -> dict[Path, PhotoFolder]:
    """Say of the folders in the root which are parts and copies; the others stay what they are."""
    held = [folder for folder in folders if folder.pairs]
    copies = [folder for folder in held if folder.copied]
    made = {folder.path: folder for folder in copies if folder.path.name in PARTS}
    parts = {path: path.name for path in made}
    by_word = _by_word([folder for folder in held if not folder.copied])
    makes_a_split = "train" in by_word and len(by_word) > 1
    for part, folder in by_word.items():
        is_reserved = _word(folder) in ALWAYS_PARTS and part not in parts.values()
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


def _by_word(folders: list[PhotoFolder]) -> dict[str, PhotoFolder]:
    """Part -> the folder that is called so: train/ before training/ when there are both."""
    found: dict[str, PhotoFolder] = {}
    for folder in sorted(folders, key=lambda folder: _word(folder) not in PARTS):
        if _word(folder) in PART_WORDS:
            found.setdefault(PART_WORDS[_word(folder)], folder)
    return found


def _word(folder: PhotoFolder) -> str:
    """The folder's own name in lower case; of train/images that of train."""
    *above, last = folder.name.split("/")
    return (above[-1] if above and last.casefold() in IMAGE_WORDS else last).casefold()


def _order(folder: PhotoFolder, root: Path) -> tuple[int, bool, str]:
    at = PARTS.index(folder.part) + 1 if folder.part else 0
    return at, folder.path != root, folder.name
