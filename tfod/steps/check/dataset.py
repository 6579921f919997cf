"""What the checks look at: all photos of a data set, and the settings they are held to."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tfod.config.messages import TrainEvalPipelineConfig
from tfod.data.example import Example
from tfod.data.folders import Folders, find_folders
from tfod.data.photo_folder import no_images
from tfod.data.scan import Photo, scan
from tfod.labels import LabelMap
from tfod.progress import SILENT, Progress
from tfod.remedies import Advice, Remedy
from tfod.steps.check.settings import Settings
from tfod.workspace import Workspace


@dataclass(slots=True)
class Dataset:
    """All that was looked at, and what it is to fit.

    Attributes:
        folders: of the data set.
        photos: all images, those in sessions first, sorted by name in each folder.
        decoded: whether every image was decoded; False after a quick look.
        settings: the label map and the config it is held to.
        records: the record files to compare with.
        workspace: where models are made for it.
    """

    folders: Folders
    photos: list[Photo] = field(default_factory=list)
    decoded: bool = True
    settings: Settings = field(default_factory=Settings)
    records: list[Path] = field(default_factory=list)
    workspace: Workspace = Workspace(".")

    @property
    def folder(self) -> Path:
        """As the user named it."""
        return self.folders.root

    @property
    def own(self) -> list[Photo]:
        """The photos that people made and labelled, without the copies split made of them."""
        return [photo for photo in self.photos if not photo.copied]

    @property
    def labelled(self) -> list[tuple[Photo, Example]]:
        """Those of `own` whose boxes a person drew or checked and that can be used."""
        return [(one, one.example) for one in self.own if one.example and one.labelled]

    @property
    def label_map(self) -> LabelMap | None:
        """The classes there should be; None without a label map that can be used."""
        return self.settings.label_map

    @property
    def label_map_path(self) -> Path | None:
        """Where they stand."""
        return self.settings.label_map_path

    @property
    def config(self) -> TrainEvalPipelineConfig | None:
        """The settings of the training; None without a config that can be read."""
        return self.settings.config

    def part(self, name: str) -> list[Photo]:
        """The photos of "train", "test", "val" or of a session."""
        return [photo for photo in self.photos if photo.part == name]


def read_dataset(
    folder: Path,
    decode: bool = True,
    progress: Progress = SILENT,
    missing: Advice | Remedy = Remedy.CHECK_PATH,
) -> Dataset:
    """Look at every image and XML of a data set.

    Args:
        folder: holds sessions, or train/ and test/, or images.
        decode: also decode every image, to find damage and duplicates.
        progress: reports each photo.
        missing: what to do when there is no such folder.

    Raises:
        UserError: there is no such folder, or no image in it.
    """
    folders = find_folders(folder, missing)
    if not folders.has_images:
        raise no_images(folders.root, folders.found)
    read = [*folders.sessions, *folders.used.values()]
    photos = list(scan(read, "pixels" if decode else "header", progress))
    copies = find_copies(folders)
    for photo in photos:
        photo.copied = photo.image_path in copies
    return Dataset(folders, photos, decode)


def find_copies(folders: Folders) -> set[Path]:
    """Find the images in parts that are copies of images in sessions: same name, same size.

    Split puts the session before a name that two sessions have, and a number behind one that is
    there twice even so.
    """
    originals = {
        (_size(image), image.stem) for session in folders.sessions for image, _ in session.pairs
    }
    prefixes = ("", *(f"{folder.path.name}_" for folder in folders.found))
    parts = folders.parts.values() if originals else ()
    images = [(image, _size(image)) for part in parts for image, _ in part.pairs]
    return {
        image
        for image, size in images
        for stem in (image.stem, re.sub(r"_[0-9]+$", "", image.stem))
        for prefix in prefixes
        if stem.startswith(prefix) and (size, stem.removeprefix(prefix)) in originals
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
