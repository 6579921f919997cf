"""Folders of photos as people have them, and what is what in each: one table for all steps.

`test_layouts.py` asks label, check, split, records and convert; they must all say the same.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np
from dealing import split
from PIL import Image

from tfod.data.example import Example
from tfod.data.voc import write_voc

LABELLED, BARE, SUGGESTED, XML_ALONE, EMPTY = "labelled", "bare", "suggested", "xml", "empty"
SIZE = (32, 48)


@dataclass
class Layout:
    """A way in which people lay out photos.

    Attributes:
        files: path from the root -> what is there: an image with its XML next to it, an image
            without, one with boxes that a model suggested, an XML without image, an empty file, or
            the text of a file.
        sessions: where the images of the sessions lie, from the root; "." is the root itself.
        parts: part -> where its images lie.
        labelled: the images with an annotation that a person made, from the root.
        made_by_split: whether the parts are copies of the sessions.
        then: what is done when the files are there: links, a split, XML that is moved.
        by_text: the format that `convert` has to read when the labels are not XML.
    """

    files: dict[str, str]
    sessions: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    labelled: tuple[str, ...] = ()
    made_by_split: bool = False
    then: Callable[[Path], None] = lambda root: None
    by_text: str = ""

    @property
    def used(self) -> dict[str, str]:
        """What each part is for: val is the test where no test is labelled."""
        test, val = (self.labelled_in(self.parts.get(part, "-")) for part in ("test", "val"))
        if self.made_by_split or test or not val:
            return self.parts
        return {
            **{part: at for part, at in self.parts.items() if part != "val"},
            "test": self.parts["val"],
        }

    def make(self, root: Path) -> None:
        """Write the files into a folder."""
        root.mkdir(parents=True, exist_ok=True)
        for name, kind in self.files.items():
            _write(root / name, kind)
        self.then(root)

    def labelled_in(self, folder: str) -> set[str]:
        """The labelled images that lie in a folder, from the root."""
        return {name for name in self.labelled if os.path.dirname(name) == folder.rstrip(".")}


def _write(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind in (LABELLED, BARE, SUGGESTED):
        noise = np.random.default_rng(crc32(str(path.name).encode()))
        pixels = noise.integers(0, 256, (4, 6, 3), np.uint8)
        Image.fromarray(pixels).resize(SIZE[::-1]).save(path, "PNG")
    if kind in (LABELLED, SUGGESTED, XML_ALONE):
        mark = "m1" if kind == SUGGESTED else ""
        example = Example(path, *SIZE, [[0.25, 0.25, 0.5, 0.5]], ("a",), suggested_by=mark)
        write_voc(path.with_suffix(".xml"), example)
    elif kind not in (BARE, SUGGESTED):
        path.write_text("" if kind == EMPTY else kind)


def photos(folder: str, count: int = 3, kind: str = LABELLED) -> dict[str, str]:
    """Some images of one kind; no two folders have the same names."""
    start = folder.replace("/", "-")
    return {f"{folder}/{start}_{number}.jpg": kind for number in range(count)}


def names(*folders: str, count: int = 3) -> tuple[str, ...]:
    """The images that `photos` makes."""
    return tuple(name for folder in folders for name in photos(folder, count))


def together(*trees: dict[str, str]) -> dict[str, str]:
    """Several trees as one."""
    return {name: kind for tree in trees for name, kind in tree.items()}


def by_hand(**parts: str) -> Layout:
    """A split by hand, or of another tool: part -> folder."""
    folders = parts.values()
    return Layout(together(*map(photos, folders)), parts=parts, labelled=names(*folders))


def of_sessions(*folders: str) -> Layout:
    """Sessions and nothing else."""
    return Layout(together(*map(photos, folders)), folders, labelled=names(*folders))


def _split_into(**options: float) -> Callable[[Path], None]:
    return lambda root: split(root, test=0.34, **options) and None


def _moved(suffix: str, to: Callable[[str], str]) -> Callable[[Path], None]:
    """Move the files of a suffix into other folders."""

    def move(root: Path) -> None:
        for path in sorted(root.rglob(f"*{suffix}")):
            folder = root / to(path.parent.relative_to(root).as_posix())
            folder.mkdir(parents=True, exist_ok=True)
            path.rename(folder / path.name)

    return move


def _after_split(then: Callable[[Path], None], **options: float) -> Callable[[Path], None]:
    def both(root: Path) -> None:
        split(root, test=0.34, **options)
        then(root)

    return both


def _add(files: dict[str, str]) -> Callable[[Path], None]:
    return lambda root: [_write(root / name, kind) for name, kind in files.items()] and None


def _renamed(old: str, new: str) -> Callable[[Path], None]:
    return lambda root: (root / old).rename(root / new) and None


def _links(root: Path) -> None:
    """A session elsewhere, the same one again, and a way round in a circle."""
    away = root.parent / "away"
    for name, kind in photos("linked").items():
        _write(away / Path(name).name, kind)
    (root / "linked").symlink_to(away)
    (root / "again").symlink_to(root / "s1")
    (root / "s1" / "circle").symlink_to(root)
    for name in ("itself", "s1/itself.jpg", "s1/itself.xml"):
        (root / name).symlink_to(Path(name).name)


def _yolo_texts(root: Path) -> None:
    for part in ("train", "val"):
        for image in sorted((root / "images" / part).iterdir()):
            _write(root / "labels" / part / f"{image.stem}.txt", "0 0.4 0.4 0.2 0.2\n")
    _write(root / "data.yaml", "names: [a]\ntrain: images/train\nval: images/val\n")


TWO = together(photos("s1"), photos("s2"))
SPLIT = {"train": "train", "test": "test"}
SPLIT_UP = {"sessions": ("s1", "s2"), "parts": SPLIT, "labelled": names("s1", "s2")}
YOLO = {"train": "images/train", "val": "images/val"}

BROWSER_NAMES = ("a.jfif", "b.JFIF", "c.jpe", "d.Jpe", "e.avif", "f.Avif", "g.WebP", "h.JPEG")

LAYOUTS: dict[str, Layout] = {
    "one flat session": Layout(
        {"a.jpg": LABELLED, "b.jpg": LABELLED, "c.jpg": BARE}, (".",), labelled=("a.jpg", "b.jpg")
    ),
    "several sessions": of_sessions("s1", "s2", "s3"),
    "images beside sessions": Layout(
        {"a.jpg": LABELLED, **TWO}, (".", "s1", "s2"), labelled=("a.jpg", *names("s1", "s2"))
    ),
    "nothing labelled": Layout(photos("s1", kind=BARE), ("s1",)),
    "half labelled": Layout(
        together(photos("s1"), photos("s2", kind=BARE)), ("s1", "s2"), labelled=names("s1")
    ),
    "suggestions": Layout(
        together(photos("s1"), photos("s2", kind=SUGGESTED)), ("s1", "s2"), labelled=names("s1")
    ),
    # parts of another making
    "train and test by hand": by_hand(train="train", test="test"),
    "train, test and val by hand": by_hand(train="train", test="test", val="val"),
    "Roboflow": by_hand(train="train", test="test", val="valid"),
    "train and validation": by_hand(train="train", val="validation"),
    "training and testing": by_hand(train="training", test="testing"),
    "training, testing, validation": by_hand(train="training", test="testing", val="validation"),
    "parts in capitals": by_hand(train="Train", test="TEST", val="Valid"),
    # no test: val stands for it
    "train and val": by_hand(train="train", val="val"),
    "train and dev": by_hand(train="train", val="dev"),
    "training and validation": by_hand(train="training", val="validation"),
    "Train and Valid": by_hand(train="Train", val="Valid"),
    "COCO": by_hand(train="train2017", val="val2017"),
    "test without labels": Layout(
        together(photos("train"), photos("val"), photos("test", kind=BARE)),
        parts={**SPLIT, "val": "val"},
        labelled=names("train", "val"),
    ),
    "an empty test": Layout(
        {**photos("train"), **photos("val"), "test/notes.txt": "none yet"},
        parts={"train": "train", "val": "val"},
        labelled=names("train", "val"),
    ),
    "train and val beside sessions": Layout(
        together(photos("s1"), photos("train"), photos("val")),
        ("s1",),
        {"train": "train", "val": "val"},
        names("s1", "train", "val"),
    ),
    "parts of a year": by_hand(train="train2017", test="test2017", val="val2017"),
    "parts by hand beside sessions": Layout(
        together(photos("s1"), photos("train"), photos("test")),
        ("s1",),
        SPLIT,
        names("s1", "train", "test"),
    ),
    "val without labels": Layout(
        together(photos("train"), photos("test"), photos("val", kind=BARE)),
        parts={**SPLIT, "val": "val"},
        labelled=names("train", "test"),
    ),
    "two folders for val": Layout(
        together(*map(photos, ("train", "test", "val", "validation"))),
        ("validation",),
        {**SPLIT, "val": "val"},
        names("train", "test", "val", "validation"),
    ),
    # words for parts that make no split
    "train alone": by_hand(train="train"),
    "test alone": by_hand(test="test"),
    "train beside sessions": Layout(
        together(photos("s1"), photos("train")), ("s1",), {"train": "train"}, names("s1", "train")
    ),
    "train without labels": Layout(
        together(photos("train", kind=BARE), photos("test"), photos("val")),
        parts={**SPLIT, "val": "val"},
        labelled=names("test", "val"),
    ),
    "test and val": Layout(
        together(photos("test"), photos("val")), ("val",), {"test": "test"}, names("test", "val")
    ),
    "val beside sessions": of_sessions("s1", "val"),
    "a session called val": of_sessions("val"),
    "a session called training": of_sessions("s1", "training"),
    "a session called Test": of_sessions("Test"),
    "a session called Train": of_sessions("s1", "Train"),
    "a session called testing": of_sessions("s1", "testing"),
    "training and testing beside a session": Layout(
        together(*map(photos, ("training", "testing", "s3"))),
        ("s3",),
        {"train": "training", "test": "testing"},
        names("training", "testing", "s3"),
    ),
    "Test beside what split made": Layout(
        TWO,
        ("Test", "s1", "s2"),
        SPLIT,
        names("s1", "s2", "Test"),
        made_by_split=True,
        then=_after_split(_add(photos("Test"))),
    ),
    "a session of a year": of_sessions("s1", "test2026"),
    "validation beside sessions": of_sessions("s1", "validation"),
    # parts that split made
    "split": Layout(TWO, **SPLIT_UP, made_by_split=True, then=_split_into()),
    "split with val": Layout(
        TWO,
        ("s1", "s2"),
        {**SPLIT, "val": "val"},
        names("s1", "s2"),
        made_by_split=True,
        then=_split_into(val=0.3),
    ),
    "val beside what split made": Layout(
        TWO,
        ("s1", "s2", "val"),
        SPLIT,
        names("s1", "s2", "val"),
        made_by_split=True,
        then=_after_split(_add(photos("val"))),
    ),
    "validation beside what split made": Layout(
        TWO,
        ("s1", "s2", "validation"),
        SPLIT,
        names("s1", "s2", "validation"),
        made_by_split=True,
        then=_after_split(_add(photos("validation"))),
    ),
    "copies of an old split": Layout(
        TWO,
        ("s1", "s2"),
        {"test": "test"},
        names("s1", "s2"),
        made_by_split=True,
        then=_after_split(_renamed("train", "old train")),
    ),
    # layouts of other tools
    "YOLO": Layout(
        together(*(photos(folder, kind=BARE) for folder in YOLO.values())),
        parts=YOLO,
        then=_yolo_texts,
        by_text="yolo",
    ),
    "images and labels in each part": Layout(
        together(photos("train/images"), photos("test/images")),
        parts={"train": "train/images", "test": "test/images"},
        labelled=names("train/images", "test/images"),
        then=_moved(".xml", lambda folder: folder.replace("images", "labels")),
    ),
    "VOC": Layout(
        photos("JPEGImages"),
        ("JPEGImages",),
        labelled=names("JPEGImages"),
        then=_moved(".xml", lambda folder: "Annotations"),
    ),
    "VOC in a folder": Layout(
        photos("VOC2012/JPEGImages"),
        ("VOC2012/JPEGImages",),
        labelled=names("VOC2012/JPEGImages"),
        then=_moved(".xml", lambda folder: "VOC2012/Annotations"),
    ),
    "images and annotations": Layout(
        photos("images"),
        ("images",),
        labelled=names("images"),
        then=_moved(".xml", lambda folder: "annotations"),
    ),
    **{
        f"{images} and {labels}": Layout(
            photos(images),
            (images,),
            labelled=names(images),
            then=_moved(".xml", lambda folder, labels=labels: labels),
        )
        for images, labels in (
            ("Images", "Annotations"),
            ("images", "annots"),
            ("images", "XMLs"),
            ("imgs", "xml"),
        )
    },
    "images and annots in a folder": Layout(
        photos("set/images"),
        ("set/images",),
        labelled=names("set/images"),
        then=_moved(".xml", lambda folder: "set/annots"),
    ),
    "images and labels as text": Layout(
        together(photos("images", kind=BARE), {"labels/notes.txt": "0 0.5 0.5 0.1 0.1"}),
        ("images",),
    ),
    # what is not read, and why
    "an empty folder": Layout({}),
    "folders without images": Layout({"s1/notes.txt": "hello", "s2/a.xml": XML_ALONE}),
    "a session that lies too deep": Layout(
        together(photos("s1"), photos("more/s2")), ("s1",), labelled=names("s1")
    ),
    "a session with images and other folders": Layout(
        together(photos("s1/images"), photos("s1/more"), photos("s1/even")),
        ("s1/images",),
        labelled=names("s1/images"),
    ),
    "XML in a folder of its own": Layout(
        together(photos("photos"), photos("s1")),
        ("photos", "s1"),
        labelled=names("s1"),
        then=_moved(".xml", lambda folder: "xml" if folder == "photos" else folder),
    ),
    "orphans": Layout({**photos("s1"), "s1/gone.xml": XML_ALONE}, ("s1",), labelled=names("s1")),
    "raw photos of a phone": Layout(
        {**photos("s1"), "s1/IMG_1.DNG": "x", "phone/IMG_2.dng": "x"}, ("s1",), labelled=names("s1")
    ),
    "hidden files and folders": Layout(
        {**photos("s1"), "s1/._s1_0.jpg": "x", **photos(".trash"), "s1/.DS_Store": "x"},
        ("s1",),
        labelled=names("s1"),
    ),
    "what systems leave behind": Layout(
        {**photos("s1"), "s1/Thumbs.db": "x", "s1/classes.txt": "a", "desktop.ini": "x"},
        ("s1",),
        labelled=names("s1"),
    ),
    # names
    "upper case": Layout(
        {f"S1/IMG_{number}.JPG": LABELLED for number in range(3)},
        ("S1",),
        labelled=tuple(f"S1/IMG_{number}.JPG" for number in range(3)),
        then=lambda root: (
            [path.rename(path.with_suffix(".XML")) for path in (root / "S1").glob("*.xml")] and None
        ),
    ),
    "names that browsers and phones give": Layout(
        {f"s1/{name}": LABELLED for name in BROWSER_NAMES},
        ("s1",),
        labelled=tuple(f"s1/{name}" for name in BROWSER_NAMES),
    ),
    "spaces and umlauts": of_sessions("my phöne (1)", "день 2"),
    "links": Layout(photos("s1"), ("linked", "s1"), labelled=names("linked", "s1"), then=_links),
    "two images of one name": Layout(
        {**photos("s1"), "s1/s1_0.png": BARE}, ("s1",), labelled=names("s1")
    ),
}
