"""One folder of photos: its images and their XML, and what else lies there.

Which folders of a data set are sessions and which are parts: `folders.py`.
"""

import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tfod.data.annotation_xml import stated_name
from tfod.errors import UserError, refusal
from tfod.listing import (
    HEIC_READER,
    HEIC_SUFFIXES,
    IMAGE_SUFFIXES,
    Listing,
    holds_images,
    list_folder,
)
from tfod.remedies import Remedy
from tfod.words import plural

PARTS = ("train", "test", "val")
# what the folder of a part may be called, in upper or lower case
PART_WORDS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
}
_YEAR = re.compile(r"(19|20)\d\d$")  # as in train2017
# folders of images and of their XML, as other tools call them; in upper or lower case
IMAGE_WORDS = ("images", "jpegimages", "imgs", "img")
XML_WORDS = ("annotations", "annotation", "annots", "labels", "xmls", "xml")
MANIFEST = ".split.json"  # in each part that split made: what it put there

Pair = tuple[Path, Path | None]  # an image, its XML
Kind = Literal["session", "part", "copy", "other"]


@dataclass(frozen=True)
class PhotoFolder:
    """One folder of photos.

    Attributes:
        path: where the images lie.
        xml_path: where their XML lies, usually the same folder.
        name: how a person calls it: "train", or the path of a session below the root.
        kind: "session"; "part"; "copy", of an earlier split and read by nobody; "other", without
            images.
        part: "train", "test" or "val"; "" when it is not a part.
        copied: whether split made it.
        pairs: its images, each with its XML or None, sorted.
        orphans: its XML files without an image.
        deeper: folders in it that hold images and are not read.
        unread: photos of a format that is not read.
    """

    path: Path
    xml_path: Path
    name: str
    kind: Kind = "session"
    part: str = ""
    copied: bool = False
    pairs: tuple[Pair, ...] = ()
    orphans: tuple[Path, ...] = ()
    deeper: tuple[Path, ...] = ()
    unread: tuple[Path, ...] = ()

    @property
    def title(self) -> str:
        """Its name, which no session shares with a part: "val (session)"."""
        return f"{self.name} (session)" if not self.part and self.name in PARTS else self.name

    @property
    def has_xml(self) -> bool:
        """Whether any of its images has an XML."""
        return any(xml for _, xml in self.pairs)

    @property
    def holds_something(self) -> bool:
        """Whether there is anything in it that somebody may want to know of."""
        return bool(self.pairs or self.orphans or self.deeper or self.unread)


def without_year(name: str) -> str:
    """The name of a folder in lower case, without a year: "train" of Train2017."""
    return _YEAR.sub("", name.casefold())


def is_copy(folder: Path) -> bool:
    """Whether split made a folder, and will replace it."""
    return os.path.isfile(folder / MANIFEST)


def read_folder(path: Path, xml_path: Path | None = None) -> PhotoFolder:
    """Read one folder of images, whatever lies next to it.

    Args:
        path: the images.
        xml_path: the annotations, when they are neither there nor where `xml_of` looks.

    Raises:
        UserError: there is no such folder, or no image in it.
    """
    path = Path(path)
    photos = list_folder(path)
    xml = list_folder(Path(xml_path)) if xml_path else xml_of(photos)
    folder = photo_folder(photos, xml, path)
    if not folder.pairs:
        raise no_images(path, [folder])
    return folder


def xml_of(photos: Listing) -> Listing:
    """The folder of the XML: Annotations/ next to JPEGImages/, labels/train next to images/train.

    That of the images itself when there is none. XML next to the images comes first.
    """
    path = photos.path
    for images, inside in ((path, ""), (path.parent, path.name)):
        for beside in folders_called(images.parent, XML_WORDS) if _holds_images(images) else ():
            xml = list_folder(beside / inside) if (beside / inside).is_dir() else None
            if xml and xml.annotations and not xml.images:
                return replace(xml, annotations=photos.annotations + xml.annotations)
    return photos


def _holds_images(folder: Path) -> bool:
    return folder.name.casefold() in IMAGE_WORDS


def folders_called(parent: Path, words: Sequence[str]) -> list[Path]:
    """The folders in another one that have one of these names, in upper or lower case.

    In the order of the words; none when it cannot be read.
    """
    try:
        names = os.listdir(parent)
    except OSError:
        return []
    called = {word: [name for name in sorted(names) if name.casefold() == word] for word in words}
    return [parent / name for word in words for name in called[word]]


def no_images(root: Path, found: Iterable[PhotoFolder]) -> UserError:
    """The error of a folder in which there is nothing to read, with what is there instead."""
    found = list(found)
    unread = [path for folder in found for path in folder.unread]
    orphans = [path for folder in found for path in folder.orphans]
    deeper = [path for folder in found for path in folder.deeper]
    got, remedy = None, Remedy.RUN(step="capture")
    if unread:
        kinds = ", ".join(sorted({path.suffix.lower() for path in unread}))
        got = f"{plural(len(unread), 'photo')} in an unsupported format ({kinds})"
        heic = all(path.suffix.lower() in HEIC_SUFFIXES for path in unread)
        remedy = HEIC_READER if heic else Remedy.CONVERT_TO_JPEG()
    elif deeper:
        got = f"images in {deeper[0]}, nested too deep"
        remedy = Remedy.MOVE_TO(folder=root)
        if all(without_year(path.name) in PART_WORDS for path in deeper):
            remedy = Remedy.RUN(step="check", name=deeper[0].parent.as_posix())
    elif orphans:
        got = f"{plural(len(orphans), 'XML file')} without images"
        remedy = Remedy.CHECK_PATH()
    what = "no images here"
    expected = ", ".join(IMAGE_SUFFIXES)
    return refusal("no-images", root, what, expected=expected, got=got, remedy=remedy)


def photo_folder(
    photos: Listing, xml: Listing, root: Path, read: Collection[str] = ()
) -> PhotoFolder:
    """Put together what lies in a folder.

    Args:
        photos: the folder of the images.
        xml: the folder of the annotations, usually the same.
        root: of the data set.
        read: real paths of the folders that are read for themselves.
    """
    path = photos.path
    pairs, orphans = pair_up(photos.images, xml.annotations)
    inner = () if path == root and read else photos.folders  # those of the root are all looked at
    deeper = [folder for folder in inner if os.path.realpath(folder) not in read]
    is_root = path == root
    return PhotoFolder(
        path=path,
        xml_path=xml.path,
        name=Path(os.path.abspath(path)).name if is_root else path.relative_to(root).as_posix(),
        kind="session" if pairs else "other",
        copied=is_copy(path),
        pairs=tuple(pairs),
        orphans=tuple(orphans),
        deeper=tuple(folder for folder in deeper if holds_images(folder)),
        unread=photos.unread,
    )


def pair_up(images: Sequence[Path], annotations: Sequence[Path]) -> tuple[list[Pair], list[Path]]:
    """Give each image its XML or None; and the XML files that are of no image.

    The XML of an image has the same stem (users rename both files together, and LabelImg pairs
    them so), else it names the image in <filename>. Upper and lower case count as equal.

    Args:
        images: of one folder, sorted.
        annotations: XML files of the same folder, or of the one that belongs to it, sorted.
    """
    by_name = {image.name.lower(): image for image in images}
    by_stem: dict[str, list[Path]] = {}
    for image in images:
        by_stem.setdefault(image.stem.lower(), []).append(image)
    found: dict[Path, Path] = {}
    left = []
    for path in annotations:
        same_stem = by_stem.get(path.stem.lower(), [])
        if len(same_stem) > 1:  # a.jpg next to A.jpg, where the disk tells them apart
            same_stem = [image for image in same_stem if image.stem == path.stem]
        if len(same_stem) == 1 and same_stem[0] not in found:
            found[same_stem[0]] = path
        else:
            left.append(path)
    orphans = []
    for path in left:
        named = by_name.get(stated_name(path).lower()) if images else None
        if named is None or named in found:
            free = [image for image in by_stem.get(path.stem.lower(), []) if image not in found]
            named = free[0] if free else None
        if named is None:
            orphans.append(path)
        else:
            found[named] = path
    return [(image, found.get(image)) for image in images], orphans
