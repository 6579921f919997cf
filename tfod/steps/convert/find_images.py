"""The image files that annotations name, wherever they lie inside the data set.

Names come with folders of other machines, backslashes, other upper and lower case, and composed or
decomposed letters; all of those are matched. No name leads out of the data set, or out of the
folder of images that the user gave. This module knows no format.
"""

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from tfod.errors import UserError, refusal
from tfod.listing import IMAGE_SUFFIXES, files_below, files_in
from tfod.remedies import Advice, Remedy
from tfod.steps.convert.rows import Row, at

IMAGES_ELSEWHERE = Remedy.SET(setting="images", value="FOLDER")


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
    """Finds images by the names in annotations."""

    def __init__(self, root: Path, named: Path | None, usual: Sequence[Path]) -> None:
        """Look in the folder that the user named and all below it, else in the usual ones.

        Args:
            root: the folder of the data set, in which names may lead anywhere.
            named: the folder of the images, or None.
            usual: those that do not exist are left out; the first is where images are expected.
        """
        folders = [named] if named else usual
        self.expected = folders[0]
        self._folders = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        self._root = named or root
        self._deep = named is not None
        self._paths: dict[str, Path] | None = None
        self._by_name: dict[str, list[Path]] = {}

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
                if is_inside(path, folder) or is_inside(path, self._root):
                    return path
                is_outside = True
        similar = self._similar(name)
        if len(similar) > 1:
            what = at(row.entry, f'there are {len(similar)} images named "{name}"')
            got = f"{similar[0]} and {similar[1]}"
            raise refusal(
                "image-ambiguous", row.file, what, row.line, got=got, remedy=IMAGES_ELSEWHERE
            )
        if is_outside and not similar:
            raise leads_out(row.file, name, row.line, row.entry)
        return similar[0] if similar else self.expected / name.rsplit("/", 1)[-1]

    def _similar(self, name: str) -> list[Path]:
        """The image of this path in one of the folders, or else those of this file name in any."""
        if self._paths is None:
            self._paths = {}
            list_files = files_below if self._deep else files_in
            for folder in self._folders:
                for path in list_files(folder, IMAGE_SUFFIXES):
                    relative = _key(path.relative_to(folder).as_posix())
                    if self._paths.setdefault(relative, path) == path:
                        same = self._by_name.setdefault(_key(path.name), [])
                        if not any(other.samefile(path) for other in same):
                            same.append(path)
        if _key(name) in self._paths:
            return [self._paths[_key(name)]]
        return self._by_name.get(_key(name).rsplit("/", 1)[-1], [])


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
