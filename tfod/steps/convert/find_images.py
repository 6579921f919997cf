"""The image files that annotations name, wherever they lie inside the data set.

Names come with folders of other machines, as addresses, in percent code, with backslashes, other
upper and lower case, and composed or decomposed letters; all of those are matched. No name leads
out of the data set, or out of the folder of images that the user gave. This module knows no format.
"""

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tfod.errors import UserError, refusal
from tfod.listing import IMAGE_SUFFIXES, files_below, files_in
from tfod.remedies import Advice, Remedy
from tfod.steps.convert.rows import Row, at

IMAGES_ELSEWHERE = Remedy.SET(setting="images", value="FOLDER")
# folders that say only what lies in them: a/images/b/1.jpg and a/labels/b/1.txt belong together
KIND_WORDS = frozenset(
    "images image imgs img jpegimages photos image_2 obj_train_data "
    "annotations annotation annots ann labels label label_2 xml xmls json jsons txt".split()
)
_UPLOAD = re.compile(r"^[0-9a-f]{8}-(?=.)")  # Label Studio puts it before a name


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or lies in it, by its name.

    Links are not followed: a folder of links to images elsewhere is what caches of data sets are.
    """
    return Path(os.path.abspath(path)).is_relative_to(os.path.abspath(folder))


def leads_out(
    file: Path,
    name: str,
    line: int | None = None,
    entry: str = "",
    remedy: Advice = IMAGES_ELSEWHERE,
) -> UserError:
    """The error of a data set that names a file outside its folder."""
    what, expected = at(entry, "the path leads out of the data set"), "a path inside its folder"
    return refusal("path-leads-out", file, what, line, expected=expected, got=name, remedy=remedy)


class ImageFinder:
    """Finds images by the names in annotations, or by the places of their label files."""

    def __init__(
        self, root: Path, named: Path | None, usual: Sequence[Path] = (), deep: bool = True
    ) -> None:
        """Look in the folder that the user named and all below it, else in that of the data set.

        Args:
            root: the folder of the data set, in which names may lead anywhere.
            named: the folder of the images, or None.
            usual: where names begin: the first is where images are expected.
            deep: look below the root, not only in the usual folders.
        """
        self.root = named or root
        folders = [named] if named else [*usual, root] if deep else [*usual]
        self.expected = folders[0]
        self._folders = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        self._deep = deep or named is not None

    @cached_property
    def images(self) -> list[Path]:
        """All there are to be found."""
        if self._deep:
            return files_below(self.root, IMAGE_SUFFIXES) if self.root.is_dir() else []
        return [path for folder in self._folders for path in files_in(folder, IMAGE_SUFFIXES)]

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        real = {os.path.realpath(path): path for path in reversed(self.images)}.values()
        return _grouped([*reversed(real)], lambda path: _key(path.name))

    @cached_property
    def _by_place(self) -> dict[str, list[Path]]:
        return _grouped(self.images, lambda path: place_key(path, self.root))

    @cached_property
    def _places(self) -> set[str]:
        return {place.rpartition("/")[0] for place in self._by_place}

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        return _grouped(self.images, lambda path: _key(path.stem))

    def find(self, name: str, row: Row) -> Path:
        """Give the path of an image; one in the first folder when there is none of that name.

        Args:
            name: as the annotations have it.
            row: says where they have it.

        Raises:
            UserError: the image lies outside the data set, or several images have that name.
        """
        name = name.replace("\\", "/")
        is_outside = False
        for folder in self._folders:
            path = folder / name
            if os.path.isfile(path):
                if is_inside(path, folder) or is_inside(path, self.root):
                    return path
                is_outside = True
        similar = self._similar(name, row.file)
        if len(similar) > 1:
            what = at(row.entry, f'there are {len(similar)} images named "{name}"')
            got = f"{similar[0]} and {similar[1]}"
            raise refusal(
                "image-ambiguous", row.file, what, row.line, got=got, remedy=IMAGES_ELSEWHERE
            )
        if is_outside and not similar:
            raise leads_out(row.file, name, row.line, row.entry)
        return similar[0] if similar else self.expected / local_name(name).rsplit("/", 1)[-1]

    def _similar(self, name: str, file: Path) -> list[Path]:
        """The images of this file name: those in the folders that the name says, or near the file.

        Args:
            name: as the annotations have it.
            file: the annotations.
        """
        for written in dict.fromkeys((name, local_name(name))):
            *folders, last = _key(written).split("/")
            found = self._by_name.get(last) or self._by_name.get(_UPLOAD.sub("", last), [])
            if len(found) > 1:
                found = _best(found, folders, self.root)
                return _best(found, _folders(file, self.root), self.root)
            if found:
                return found
        return []

    def of_labels(self, labels: Path, root: Path) -> list[Path]:
        """The images that a file of labels may be of: at its place, else of its name.

        The name alone counts where no images lie in the folder that goes with the labels.

        Args:
            labels: a file about one image.
            root: the folder from which its place counts.
        """
        key = place_key(labels, root)
        if key in self._by_place:
            return self._by_place[key]
        if key.rpartition("/")[0] in self._places:
            return []
        return self._by_stem.get(_key(labels.stem), [])


def _grouped(paths: Iterable[Path], key: Callable[[Path], str]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        found[key(path)].append(path)
    return dict(found)


def _best(found: list[Path], folders: Sequence[str], root: Path) -> list[Path]:
    """Of several images those whose folders agree best with some folders, from the last one on."""
    wanted = [folder for folder in folders if folder not in KIND_WORDS]

    def agreement(image: Path) -> int:
        pairs = zip(reversed(_folders(image, root)), reversed(wanted), strict=False)
        return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))

    most = max(map(agreement, found), default=0)
    return [image for image in found if agreement(image) == most]


def local_name(name: str) -> str:
    """The path in a name that may be an address: http://host/a%20b.jpg, /data/?d=folder/a.jpg."""
    if "?" in name or "://" in name or name.startswith("file:"):
        try:
            address = urlsplit(name)
        except ValueError:  # not one
            return unquote(name).replace("\\", "/")
        named = parse_qs(address.query).get("d", [""])[0]  # Label Studio's local files
        name = named or address.path
    return unquote(name).replace("\\", "/")


def place_key(path: Path, root: Path) -> str:
    """The place of an image or of its labels, without suffix and folders like images/, labels/."""
    return "/".join([*_folders(path, root), _key(path.stem)])


def _folders(path: Path, root: Path) -> list[str]:
    """The folders of a file from the root, without those that say only what lies in them."""
    folders = path.relative_to(root).parts[:-1] if path.is_relative_to(root) else ()
    return [_key(folder) for folder in folders if folder.casefold() not in KIND_WORDS]


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unquote(name)).casefold()
