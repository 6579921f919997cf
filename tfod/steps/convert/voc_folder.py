"""Folders of VOC XML, as LabelImg, CVAT, Roboflow and `tfod split` lay them out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tfod.data import annotation_xml
from tfod.data.images import read_header
from tfod.data.pairs import pair_up
from tfod.data.parts import MANIFEST
from tfod.data.voc import Example, scan_voc, write_voc
from tfod.errors import UserError, plural, raise_together
from tfod.files import IMAGE_SUFFIXES
from tfod.steps.convert.find_images import ImageFinder, files_below
from tfod.steps.convert.labelled import Labelled, part_of, with_bar

_KNOWN = {
    "annotation": {"folder", "filename", "path", "source", "size", "segmented", "object"},
    "object": {"name", "pose", "truncated", "occluded", "difficult", "bndbox", "iscrowd", "area"},
}
_BESIDE = ("JPEGImages", "images")  # where images lie when the XML is in Annotations/


def read_voc_folder(path: Path, images: Path | None = None) -> Labelled:
    """Read the XML files of a folder and all below it.

    Args:
        path: the folder.
        images: folder of the images; each beside its XML, or in JPEGImages, when None.

    Raises:
        UserError: there is no XML, or what is wrong in all of them together.
    """
    folders = list(dict.fromkeys(xml.parent for xml in files_below(path, ".xml")))
    if not folders:
        raise UserError(f"{path}: no XML files here. Check the path.")
    labelled, problems = Labelled(), []
    copies = [folder for folder in folders if (folder / MANIFEST).is_file()]
    if copies and len(copies) < len(folders):
        labelled.notes.append(
            f"{plural(len(folders) - len(copies), 'session')} left out, as "
            f"{' and '.join(folder.name for folder in copies)} are copies made of them by split; "
            "name a session to convert it"
        )
        folders = copies
    counts: Counter[str] = Counter()
    for folder in folders:
        pairs, unlabelled = _pairs(folder, images)
        counts["unlabelled"] += unlabelled
        examples = []
        for image, xml in with_bar(pairs, "reading XML"):
            example, wrong = _read(image, xml, labelled.lost)
            problems += wrong
            if example and example.suggested_by:
                counts["suggested"] += 1
            elif example:
                _count(example, counts)
                examples.append(example)
        labelled.add(part_of(folder.relative_to(path) / "*"), examples)
    raise_together(problems, f"problems in {path}, nothing was written", "Correct them first.")
    labelled.notes += _notes(counts)
    return labelled


def _pairs(folder: Path, images: Path | None) -> tuple[list[tuple[Path, Path]], int]:
    """Each XML of a folder with the path of its image, there or not; images without an XML."""
    beside = [folder.parent / name for name in _BESIDE if folder.name == "Annotations"]
    at = next((place for place in (images, folder, *beside) if place and _has_images(place)), None)
    finder = ImageFinder(images, [folder])
    if at is None or (images and at != images):
        xmls = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".xml")
        return [(finder.find(_stated(xml)), xml) for xml in xmls], 0
    pairs, orphans = pair_up(at, folder)
    found = [(image, xml) for image, xml in pairs if xml]
    alone = [(finder.expected / _stated(xml), xml) for xml in orphans]
    return sorted([*found, *alone], key=lambda pair: pair[0]), len(pairs) - len(found)


def _has_images(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return any(path.suffix.lower() in IMAGE_SUFFIXES for path in folder.iterdir())


def _stated(xml: Path) -> str:
    try:
        root = annotation_xml.parse_xml(annotation_xml.read_bytes(xml), xml)
    except UserError:
        return f"{xml.stem}.jpg"  # told when the file is read for its boxes
    return annotation_xml.file_name(root, xml)


def _read(image: Path, xml: Path, lost: Counter[str]) -> tuple[Example | None, list[str]]:
    size, orientation = None, 1
    try:
        if image.is_file():
            header = read_header(image)
            size, orientation = (header.height_px, header.width_px), header.orientation
    except UserError as error:
        return None, [str(error).rstrip(".")]
    example, problems = scan_voc(xml, size, orientation)
    if example:
        example.image_path = image
        root = annotation_xml.parse_xml(annotation_xml.read_bytes(xml), xml)
        for node in (root, *root.iterfind("object")):
            unknown = (child.tag for child in node if child.tag not in _KNOWN[node.tag])
            lost.update(f"<{tag}> of <{node.tag}>" for tag in unknown)
    return example, problems


def _count(example: Example, counts: Counter[str]) -> None:
    size = (example.height_px, example.width_px)
    counts["missing"] += not example.image_path.is_file()
    counts["other_size"] += example.stated_size not in (None, size, size[::-1])
    counts["cut"] += int((example.outside_px > 0).sum())


def _notes(counts: Counter[str]) -> list[str]:
    words = {
        "unlabelled": ("image", "without XML left out"),
        "suggested": ("image", "left out: a model suggested the boxes, nobody looked at them yet"),
        "missing": ("image", "not found; the sizes are those that the XML states"),
        "other_size": ("image", "of another size than the XML states (the image counts)"),
        "cut": ("box", "cut at the edge of the image"),
    }
    return [
        f"{plural(counts[key], one)} {what}" for key, (one, what) in words.items() if counts[key]
    ]


def write_voc_folder(
    folder: Path, examples: Sequence[Example], names: Sequence[str], title: str
) -> None:
    """Write an XML file for each image.

    Args:
        folder: gets them.
        examples: the images.
        names: file name of each, no two with the same stem.
        title: the <folder> they name.
    """
    for example, name in with_bar(list(zip(examples, names, strict=True)), "writing XML"):
        image = PurePosixPath(name).name
        path = Path(folder, f"{Path(image).stem}.xml")
        write_voc(path, replace(example, image_path=Path(title, image)))
