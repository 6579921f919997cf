"""Look at every file of a data set once, and keep what the checks need: no pixels.

Nothing is judged here but what cannot be read at all. Which files there are: `folders.py`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfod.data.folders import Folders, find_folders
from tfod.data.photo_folder import no_images
from tfod.data.scan import Photo
from tfod.data.scan import scan as scan_folders
from tfod.labels import LabelMap
from tfod.remedies import Remedy

_NUMBER = re.compile(r"_[0-9]+$")


@dataclass(slots=True)
class Dataset:
    """All that was looked at, and what it is to fit.

    Attributes:
        folder: as the user named it.
        photos: all images, those in sessions first, sorted by name in each folder.
        folders: what they are, with the XML files without an image and what else lies there.
        decoded: whether every image was decoded; False after a quick look.
        label_map: the classes there should be, or None when there is no label map.
        label_map_path: where they stand.
        config: the settings of the training (as `read_config` gives them), or None.
        config_path: where they stand.
        records: the record files to compare with.
    """

    folder: Path
    photos: list[Photo] = field(default_factory=list)
    folders: Folders = field(default_factory=lambda: Folders(Path(), ()))
    decoded: bool = True
    label_map: LabelMap | None = None
    label_map_path: Path | None = None
    config: Any = None
    config_path: Path | None = None
    records: list[Path] = field(default_factory=list)

    @property
    def own(self) -> list[Photo]:
        """The photos that people made and labelled, without the copies split made of them."""
        return [photo for photo in self.photos if not photo.copied]

    @property
    def orphans(self) -> list[Path]:
        """XML files without an image."""
        return [path for folder in self.folders.found for path in folder.orphans]

    def part(self, name: str) -> list[Photo]:
        """The photos of "train", "test", "val" or of a session."""
        return [photo for photo in self.photos if photo.part == name]


def scan(folder: Path, decode: bool = True) -> Dataset:
    """Look at every image and XML of a data set.

    Args:
        folder: holds sessions, or train/ and test/, or images.
        decode: also decode every image, to find damage and duplicates.

    Raises:
        UserError: there is no such folder, or no image in it.
    """
    folders = find_folders(Path(folder), Remedy.RUN(step="capture"))
    if not folders.has_images:
        raise no_images(folders.root, folders.found)
    copied = copies(folders)
    read = [*folders.sessions, *folders.parts.values()]
    photos = list(scan_folders(read, "pixels" if decode else "header"))
    for photo in photos:
        photo.copied = photo.image_path in copied
    return Dataset(folders.root, photos, folders, decode)


def copies(folders: Folders) -> set[Path]:
    """Find the images in parts that are copies of images in sessions: same name, same size.

    Split puts the name of the session before a name that two sessions have.
    """
    originals = {
        (_size(image), image.stem) for session in folders.sessions for image, _ in session.pairs
    }
    prefixes = ("", *(f"{session.name.replace('/', '_')}_" for session in folders.sessions))
    found = set()
    for part in folders.parts.values() if originals else ():
        for image, _ in part.pairs:
            size = _size(image)
            stems = {image.stem, _NUMBER.sub("", image.stem)}  # split numbers what is there twice
            if any(
                (size, stem.removeprefix(prefix)) in originals
                for stem in stems
                for prefix in prefixes
                if stem.startswith(prefix)
            ):
                found.add(image)
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
