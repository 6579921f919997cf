"""Copy labelled images into train/ and test/, each class in both in the same proportion.

The input stays as it is: sessions are what the user made, train/ and test/ are copies that the next
split replaces. A small manifest in each keeps what was put there; when anything else is found
there, or a label was edited there, nothing is replaced. This module decodes no images.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tfod.data import annotation_xml
from tfod.data.pairs import pair_up
from tfod.data.stratify import MANIFEST, PARTS, choose_test
from tfod.errors import UserError, raise_together
from tfod.paths import IMAGE_SUFFIXES, IMAGES, refuse_file, whole_folder


@dataclass(frozen=True)
class SplitResult:
    """What was copied.

    Attributes:
        folders: "train" and "test" -> the folder.
        images: "train" and "test" -> number of images.
        negatives: "train" and "test" -> images among them without any object.
        classes: class name -> {"train": images with it, "test": images with it}.
        unlabelled: images without an XML, left out.
        orphans: XML files without an image, left out.
        renamed: images that got their session as prefix, as another session has the same name.
    """

    folders: dict[str, Path]
    images: dict[str, int]
    negatives: dict[str, int]
    classes: dict[str, dict[str, int]]
    unlabelled: int
    orphans: int
    renamed: int


@dataclass
class _Item:
    """An image to place: where it is, what it shows, what it will be called."""

    image: Path
    xml: Path | None
    session: str
    classes: frozenset[str] = frozenset()
    stem: str = field(default="")


def split(
    images_dir: Path = IMAGES,
    output_dir: Path | None = None,
    test: float = 0.2,
    seed: int = 0,
    copy_xml: bool = True,
) -> SplitResult:
    """Copy the labelled images of all sessions into `train/` and `test/`.

    The same input and seed give the same parts. A class with two images or more has at least one
    in test.

    Args:
        images_dir: folder of session folders; images that lie in it directly count too.
        output_dir: gets `train/` and `test/`; `images_dir` when None.
        test: share of the images for test, above 0 and below 1.
        seed: of the shuffling.
        copy_xml: copy the XML files too; without it, images that are not labelled yet are
            split as well.

    Raises:
        UserError: nothing to split, a broken XML, or train/ and test/ hold something else.
    """
    if not 0 < test < 1:
        raise UserError(f"the share for test is {test:g}, expected above 0 and below 1, like 0.2.")
    images_dir, output_dir = Path(images_dir), Path(output_dir or images_dir)
    items, unlabelled, orphans = _items(images_dir, copy_xml)
    folders = {part: output_dir / part for part in PARTS}
    for folder in folders.values():
        _check_replaceable(folder)
    renamed = _name(items)
    in_test = choose_test([item.classes for item in items], test, seed)
    parts = {
        "train": [item for index, item in enumerate(items) if index not in in_test],
        "test": [items[index] for index in sorted(in_test)],
    }
    with ExitStack() as stack:
        for part, folder in folders.items():
            _copy(parts[part], stack.enter_context(whole_folder(folder)), copy_xml)

    names = sorted({name for item in items for name in item.classes})
    counts = {
        part: Counter(name for item in parts[part] for name in item.classes) for part in PARTS
    }
    return SplitResult(
        folders=folders,
        images={part: len(parts[part]) for part in PARTS},
        negatives={part: sum(_is_negative(item) for item in parts[part]) for part in PARTS},
        classes={name: {part: counts[part][name] for part in PARTS} for name in names},
        unlabelled=unlabelled if copy_xml else 0,
        orphans=orphans,
        renamed=renamed,
    )


def _items(images_dir: Path, labelled_only: bool) -> tuple[list[_Item], int, int]:
    """Read all sessions: the images to split, the number of unlabelled ones and of orphans."""
    items, unlabelled, orphans = [], 0, 0
    problems = []
    for session in _sessions(images_dir):
        pairs, without_image = pair_up(session)
        orphans += len(without_image)
        for image, xml in pairs:
            unlabelled += xml is None
            if xml is None and labelled_only:
                continue
            item = _Item(image, xml, session.name if session != images_dir else "")
            try:
                item.classes = _classes(xml) if xml else frozenset()
            except UserError as error:
                problems.append(str(error).rstrip("."))
            items.append(item)
    raise_together(problems, "problems in the annotations", "Correct or delete these files.")
    if len(items) < 2:
        what = "labelled images" if labelled_only else "images"
        raise UserError(
            f"{images_dir}: {len(items)} {what} in its folders (at least 2 are needed"
            f"{f'; {unlabelled} have no XML' if unlabelled else ''}). "
            "Capture with `tfod capture`, label with LabelImg, then split."
        )
    return items, unlabelled, orphans


def _sessions(images_dir: Path) -> list[Path]:
    """The folder itself and the folders in it, but train/ and test/, that hold images."""
    if not images_dir.is_dir():
        raise UserError(f"{images_dir}: no such folder. Capture images first: `tfod capture`.")
    inner = [path for path in images_dir.iterdir() if path.is_dir() and path.name not in PARTS]
    folders = [images_dir, *sorted(path for path in inner if path.name[0] != ".")]
    return [folder for folder in folders if any(_is_image(path) for path in folder.iterdir())]


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file() and path.name[0] != "."


def _is_negative(item: _Item) -> bool:
    return item.xml is not None and not item.classes


def _classes(xml: Path) -> frozenset[str]:
    root = annotation_xml.parse_xml(annotation_xml.read_bytes(xml), xml)
    names = [annotation_xml.child_text(node, "name") for node in root if node.tag == "object"]
    return frozenset(names)


def _name(items: Sequence[_Item]) -> int:
    """Give each image a stem no other has; return how many got their session as prefix."""
    stems = Counter(item.image.stem.lower() for item in items)
    taken: set[str] = set()
    renamed = 0
    for item in items:
        stem = item.image.stem
        if stems[stem.lower()] > 1 and item.session:
            stem = f"{item.session}_{stem}"
        number, free = 1, stem
        while free.lower() in taken:
            number += 1
            free = f"{stem}_{number}"
        item.stem = free
        taken.add(free.lower())
        renamed += free != item.image.stem
    return renamed


def _check_replaceable(folder: Path) -> None:
    """Make sure that a folder holds nothing but what split put there.

    Raises:
        UserError: names the first file that would be lost.
    """
    refuse_file(folder)
    if not folder.exists():
        return
    found = sorted(path for path in folder.iterdir() if path.name[0] != ".")
    try:
        known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    for path in found:
        if path.name not in known:
            reason = f"{path.name} was not put there by split"
        elif path.is_dir() or _fingerprint(path) != known[path.name]:
            reason = f"{path.name} was changed after split copied it"
        else:
            continue
        raise UserError(
            f"{folder}: would be replaced, but {reason}. Move what you made there to a folder "
            f"beside it, like {folder.parent / 'more'}, and run split again."
        )


def _copy(items: Sequence[_Item], folder: Path, copy_xml: bool) -> None:
    manifest = {}
    for item in items:
        image = folder / f"{item.stem}{item.image.suffix}"
        shutil.copyfile(item.image, image)
        manifest[image.name] = _fingerprint(image)
        if item.xml and copy_xml:
            xml = folder / f"{item.stem}.xml"
            data = item.xml.read_bytes()
            if item.stem != item.image.stem:
                data = annotation_xml.with_file_name(data, image.name)
            xml.write_bytes(data)
            manifest[xml.name] = _fingerprint(xml)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=0), encoding="utf-8")


def _fingerprint(path: Path) -> str:
    """The hash of an XML, which people edit; the size of an image, which they replace."""
    if path.suffix.lower() == ".xml":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{path.stat().st_size} bytes"
