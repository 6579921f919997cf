"""The image files that annotations name, wherever they lie, and boxes in pixels put onto them.

Names come with folders of other machines, backslashes, other upper and lower case, and composed or
decomposed letters; all of those are matched. This module knows no format.
"""

import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfod.data.annotation_xml import MOST_SIDE_PX
from tfod.data.drawn_boxes import EDGE_PX, drawn_unturned, fault_of, normalise, turn
from tfod.data.example import Example
from tfod.data.image_open import read_header
from tfod.errors import UserError, plural
from tfod.files import IMAGE_SUFFIXES

_CUT_PX = 0.05  # less is the rounding of a file of six digits
_ROUNDING_PX = 1e-6  # of sums and shares of decimal numbers
_SNAP = 1e-9  # of a side: where 400.31 + 239.69 is to be 640


class ImageFinder:
    """Finds images by the names in annotations, and keeps what was remarkable about them.

    Attributes:
        missing: images that were looked for and are not there.
        other_size: images that have another size than the annotations say.
        cut_boxes: boxes that reached up to a pixel over the edge.
        emptied: images whose boxes were all bad and left out, so that they look like negatives.
    """

    def __init__(self, named: Path | None, usual: Sequence[Path], skip_bad: bool = False) -> None:
        """Look in the folder that the user named and all below it, else in the usual ones.

        Args:
            named: folder of --images, or None.
            usual: those that do not exist are left out; the first is where images are expected.
            skip_bad: `example` leaves out boxes that are no part of the image.
        """
        folders = [named] if named else usual
        self.expected = folders[0]
        self._deep = named is not None
        self._skip_bad = skip_bad
        self.folders = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
        self.missing: list[Path] = []
        self.other_size: list[str] = []
        self.cut_boxes = self.emptied = 0
        self._paths: dict[str, Path] | None = None
        self._by_name: dict[str, list[Path]] = {}

    def find(self, name: str) -> Path:
        """Give the path of an image; one in the first folder when there is none of that name.

        Raises:
            UserError: several images of that name, in several folders.
        """
        name = name.replace("\\", "/")
        for folder in self.folders:
            try:
                if (folder / name).is_file():
                    return folder / name
            except (OSError, ValueError):  # too long, or a zero byte: no name of a file
                break
        if self._paths is None:
            self._walk()
        assert self._paths is not None
        if _key(name) in self._paths:
            return self._paths[_key(name)]
        same = self._by_name.get(_key(name).rsplit("/", 1)[-1], [])
        if len(same) > 1:
            raise UserError(
                f'"{name}" is there {len(same)} times ({same[0]}, {same[1]}). Name the right '
                "folder with --images."
            )
        return same[0] if same else self.expected / name.rsplit("/", 1)[-1]

    def _walk(self) -> None:
        self._paths = {}
        for folder in self.folders:
            for path in files_below(folder, *IMAGE_SUFFIXES, deep=self._deep):
                relative = _key(path.relative_to(folder).as_posix())
                if self._paths.setdefault(relative, path) == path:
                    same = self._by_name.setdefault(_key(path.name), [])
                    if not any(other.samefile(path) for other in same):
                        same.append(path)

    def example(
        self,
        path: Path,
        stated_size: tuple[int, int] | None,
        boxes_xyxy_px: Sequence[Sequence[float]],
        **fields: Sequence,
    ) -> tuple[Example | None, list[tuple[int, str]]]:
        """Make an example; the size of the image itself counts before the stated one.

        Args:
            path: the image; need not be there when `stated_size` is given.
            stated_size: (height, width) in pixels that the annotations give, or None.
            boxes_xyxy_px: numbers [N, 4], (xmin, ymin, xmax, ymax).
            fields: further fields of the Example, a list with a value for each box.

        Returns:
            The example, or None when there are bad boxes that are not left out; and (index of the
            box, what is wrong with it) for each bad box.

        Raises:
            UserError: the image is damaged, or is not there and no size is given.
        """
        size, orientation = self._size(path, stated_size)
        turned = drawn_unturned(size, stated_size, orientation)
        height, width = size[::-1] if turned else size
        xyxy_px = np.array(boxes_xyxy_px, np.float64).reshape(-1, 4)
        for column, limit in ((2, width), (3, height)):
            side = xyxy_px[:, column]
            side[np.abs(side - limit) <= _SNAP * limit] = limit
        wrong = _wrong(xyxy_px, height, width)
        if wrong and not self._skip_bad:
            return None, wrong
        if wrong:
            keep = np.delete(np.arange(len(xyxy_px)), [index for index, _ in wrong])
            xyxy_px = xyxy_px[keep]
            self.emptied += not len(keep)
            fields = {name: [values[index] for index in keep] for name, values in fields.items()}
        boxes, outside_px = normalise(xyxy_px, height, width)
        self.cut_boxes += int((outside_px > _CUT_PX).sum())
        if stated_size and stated_size != size and not turned:
            self.other_size.append(
                f"{path.name}: {size[1]}x{size[0]}, stated {stated_size[1]}x{stated_size[0]}"
            )
        boxes = turn(boxes, orientation) if turned else boxes
        sizes = {"height_px": size[0], "width_px": size[1], "stated_size": stated_size}
        return Example(path, boxes=boxes, outside_px=outside_px, **sizes, **fields), wrong

    def _size(self, path: Path, stated: tuple[int, int] | None) -> tuple[tuple[int, int], int]:
        if path.is_file():
            header = read_header(path)
            return (header.height_px, header.width_px), header.orientation
        self.missing.append(path)
        if stated is None:
            raise UserError(f"{path}: there is no such image, and its size is needed")
        if max(stated) > MOST_SIDE_PX:
            height, width = stated
            raise UserError(f"{path}: the size {width:.6g}x{height:.6g} is that of no image")
        return stated, 1

    def notes(self) -> list[str]:
        """Say what was remarkable about images and boxes, a sentence each."""
        said = []
        if self.missing:
            said.append(
                f"{plural(len(self.missing), 'image')} not found (first {self.missing[0]}); the "
                "sizes are those that the annotations state"
            )
        if self.other_size:
            said.append(
                f"{plural(len(self.other_size), 'image')} of another size than stated (the image "
                f"counts), first {self.other_size[0]}"
            )
        if self.cut_boxes:
            said.append(f"{plural(self.cut_boxes, 'box')} cut at the edge of the image")
        if self.emptied:
            said.append(
                f"{plural(self.emptied, 'image')} without boxes now, as all were bad: that teaches "
                "that nothing is to be found there"
            )
        return said


def files_below(folder: Path, *suffixes: str, deep: bool = True) -> list[Path]:
    """Find the files in a folder and, when `deep`, all below it, sorted; no hidden ones.

    Raises:
        UserError: one of the folders cannot be read.
    """
    found = []
    for parent, inner, names in os.walk(folder, onerror=_refuse):
        inner[:] = [name for name in inner if name[0] != "." and deep]
        paths = (Path(parent, name) for name in names if name[0] != ".")
        found += [path for path in paths if path.suffix.lower() in suffixes]
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise UserError(
        f"{error.filename}: cannot be read ({error.strerror}). Change its permissions or move it "
        "away."
    ) from error


def count_lost(lost: Counter[str], entry: dict, known: set[str], where: str) -> None:
    """Count the keys of an entry that nobody here knows and that hold something."""
    for key, value in entry.items():
        if key not in known and value not in (None, "", [], {}):
            lost[f"{where}.{key}"] += 1


def _wrong(xyxy_px: np.ndarray, height: int, width: int) -> list[tuple[int, str]]:
    low, high, limits = xyxy_px[:, :2], xyxy_px[:, 2:], [width, height]
    edge = EDGE_PX + _ROUNDING_PX
    inside = (low >= -edge) & (low < limits) & (high > 0) & (high <= np.add(limits, edge))
    bad = np.flatnonzero(~(inside & (low < high)).all(axis=1))
    return [(int(index), str(fault_of(xyxy_px[index].tolist(), height, width))) for index in bad]


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
