"""Labels in other formats among photos: which there are, and how `convert` brings them in.

Only images without XML count. A text is read when it belongs to one, of a JSON or CSV file only the
beginning; nothing is written.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfod.data.label_kinds import is_number, kind_of
from tfod.data.photo_folder import IMAGE_WORDS, PhotoFolder
from tfod.errors import UserError
from tfod.listing import IMAGE_SUFFIXES, files_in, read_text
from tfod.remedies import Advice, Remedy

YAMLS = ("data.yaml", "dataset.yaml", "data.yml", "dataset.yml")
CLASSES = ("classes.txt", "obj.names", "_darknet.labels", "classes.names", "predefined_classes.txt")
# a file beside each image, of the same name
PER_IMAGE = ("yolo", "labelme", "createml", "kitti", "oidv4")
_TABLES = ("coco", "csv", "createml", "via", "label-studio", "cvat")
_MOST_TEXT_BYTES = 2**20
_MOST_TABLE_BYTES = 50 * 2**20
_MOST_CLASSES = 20
_SUFFIXES = "|".join(suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES)
_IMAGE_NAME = re.compile(rf'[^"\\/,\r\n]+\.(?:{_SUFFIXES})(?=[",\r\n])', re.IGNORECASE)


@dataclass(frozen=True)
class OtherLabels:
    """Labels in one other format of photos in one folder that have no XML.

    Attributes:
        format: one of PER_IMAGE or _TABLES.
        folder: of the photos.
        images: those without XML that have such labels.
        source: the folder, or the table.
        classes: how many class names have to be given, because no file has them.
        some_labelled: whether other photos of the folder have XML.
    """

    format: str
    folder: Path
    images: tuple[Path, ...]
    source: Path
    classes: int = 0
    some_labelled: bool = False

    @property
    def remedy(self) -> Advice:
        """Bring them in, next to the photos; what is labelled stays."""
        more: dict[str, Any] = {"from_format": self.format}
        if self.source != self.folder:
            more["images"] = self.folder.as_posix()
        if self.classes:
            more["classes"] = ["NAME"] * self.classes
        if self.some_labelled:
            more["keep_existing"] = True
        where = {"source": self.source.as_posix(), "target": self.folder.as_posix()}
        return Remedy.RUN(step="convert", **where, **more)


def find_other_labels(folders: Iterable[PhotoFolder]) -> list[OtherLabels]:
    """Find the labels in other formats of photos without XML.

    Raises:
        UserError: a folder cannot be read.
    """
    return [found for folder in folders if not folder.copied for found in _in_folder(folder)]


def _in_folder(folder: PhotoFolder) -> Iterator[OtherLabels]:
    bare = {image.stem: image for image, xml in folder.pairs if xml is None}
    if not bare:
        return
    is_mixed, at = len(bare) < len(folder.pairs), folder.path
    own = {xml for _, xml in folder.pairs if xml}
    beside: dict[str, set[Path]] = defaultdict(set)
    class_id = -1
    for file in filter(lambda file: file not in own, _files(at)):
        image = bare.get(file.stem)
        kind = _kind_beside(file) if image else kind_of(file)
        if kind in PER_IMAGE and image is not None:
            beside[kind].add(image)
            class_id = max(class_id, _largest_class_id(file) if kind == "yolo" else -1)
        elif kind in _TABLES and (named := _named_in(file, bare.values())):
            yield OtherLabels(kind, at, named, file, 0, is_mixed)
    if class_id < 0:  # only empty texts
        beside.pop("yolo", None)
    for kind, images in beside.items():
        unnamed = kind == "yolo" and not any(map(Path.is_file, class_files(at)))
        count = min(class_id + 1, _MOST_CLASSES) if unnamed else 0
        yield OtherLabels(kind, at, tuple(sorted(images)), at, count, is_mixed)


def _kind_beside(file: Path) -> str:
    """The format of a file beside an image; an empty text says that nothing is in the image."""
    is_text = file.suffix.lower() == ".txt"
    return kind_of(file) or ("yolo" if is_text and _may_hold_boxes(file) else "")


def _named_in(table: Path, images: Iterable[Path]) -> tuple[Path, ...]:
    """The images that a table names."""
    with open(table, "rb") as opened:
        text = opened.read(_MOST_TABLE_BYTES).decode("utf-8", "replace")
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    names = {name.strip() for name in _IMAGE_NAME.findall(text)}
    return tuple(image for image in images if image.name in names)


def _files(folder: Path) -> list[Path]:
    """The files that may be labels: beside the photos or below, in labels/ of images/, or above."""
    places = [folder, folder / "labels", folder / "annotations"]
    if folder.name.casefold() in IMAGE_WORDS:
        places += [folder.parent, folder.parent / "annotations"]
    places = [label_folder(folder), *places]
    suffixes = [".txt", ".json", ".csv", ".xml"]
    return [
        file
        for place in dict.fromkeys(places)
        if place.is_dir()
        for file in files_in(place, suffixes)
        if file.name.lower() not in CLASSES
    ]


def label_folder(folder: Path) -> Path:
    """The folder with labels/ in place of the last images/, as YOLO keeps its texts."""
    above = [folder, *folder.parents]
    images = next((path for path in above if path.name.lower() == "images"), None)
    return images.parent / "labels" / folder.relative_to(images) if images else folder


def class_files(root: Path) -> Iterator[Path]:
    """The files that may name the classes of YOLO texts in a folder, whether they exist or not."""
    inside = [root, root / "labels", *filter(Path.is_dir, sorted(root.glob("*")))]
    for folder in [*inside, *folders_above(root)]:
        yield from (folder / name for name in (*YAMLS, *CLASSES))


def folders_above(root: Path) -> list[Path]:
    """Where else the class names of a folder of images may be: beside it and above it."""
    beside = label_folder(root)
    above = [] if beside == root else [beside, beside.parent, root.parent.parent]
    return list(dict.fromkeys([*above, root.parent]))


def _may_hold_boxes(file: Path) -> bool:
    try:
        return not is_prose(read_text(file, _MOST_TEXT_BYTES))
    except UserError:
        return False


def is_prose(text: str) -> bool:
    """Whether a text is a caption or a note: it has words, and no line that could be a box."""
    lines = [words for line in text.splitlines() if (words := line.split())]
    return bool(lines) and not any(_like_a_box(words) for words in lines)


def _like_a_box(words: list[str]) -> bool:
    numbers = sum(is_number(word) for word in words)
    return numbers >= 4 or numbers == len(words)


def _largest_class_id(file: Path) -> int:
    """The largest class number in a text; -1 when there is none."""
    first = [line.split()[0] for line in read_text(file).splitlines() if line.strip()]
    return max((int(word) for word in first if word.isdecimal() and len(word) < 6), default=-1)
