"""Folders of VOC XML, as LabelImg, CVAT, Roboflow and `tfod split` lay them out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tfod.data import annotation_xml
from tfod.data.example import Example
from tfod.data.folders import find_folders
from tfod.data.photo_folder import is_copy, read_folder
from tfod.data.scan import Photo, fit_boxes, read_photo, read_xml
from tfod.data.voc import write_voc
from tfod.errors import UserError, plural, raise_together
from tfod.files import IMAGE_SUFFIXES, files_in
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
    copies = [folder for folder in folders if is_copy(folder)]
    if copies and len(copies) < len(folders):
        labelled.notes.append(
            f"{plural(len(folders) - len(copies), 'session')} left out, as "
            f"{' and '.join(folder.name for folder in copies)} are copies made of them by split; "
            "name a session to convert it"
        )
        folders = copies
    counts: Counter[str] = Counter()
    parts = {known.xml_path: known.part for known in find_folders(path).found if known.pairs}
    for folder in folders:
        pairs, unlabelled, orphans = _pairs(folder, images)
        counts["unlabelled"] += unlabelled
        counts["orphans"] += orphans
        examples = []
        for image, xml in with_bar(pairs, "reading XML"):
            example, wrong = _read(image, xml, labelled.lost)
            problems += wrong
            if example and example.suggested_by:
                counts["suggested"] += 1
            elif example:
                _count(example, counts)
                examples.append(example)
        labelled.add(parts.get(folder, part_of(folder.relative_to(path) / "*")), examples)
    raise_together(problems, f"problems in {path}, nothing was written", "Correct them first.")
    labelled.notes += _notes(counts)
    return labelled


def _pairs(folder: Path, images: Path | None) -> tuple[list[tuple[Path, Path]], int, int]:
    """Each XML of a folder with its image, there or not; images without XML, XML without images."""
    beside = [folder.parent / name for name in _BESIDE if folder.name == "Annotations"]
    at = next((place for place in (images, folder, *beside) if place and _has_images(place)), None)
    finder = ImageFinder(images, [folder])
    if at is None or (images and at != images):
        xmls = files_in(folder, (".xml",))
        return [(finder.find(_stated(xml)), xml) for xml in xmls], 0, 0
    found = read_folder(at, folder)
    pairs = [(image, xml) for image, xml in found.pairs if xml]
    return pairs, len(found.pairs) - len(pairs), len(found.orphans)


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
    photo = Photo(image, xml)
    if image.is_file():
        read_photo(photo, "header")
    else:
        read_xml(photo)
        fit_boxes(photo)
    if photo.problems:
        return None, [str(problem) for problem in photo.problems]
    example, problems = photo.example, []
    if example:
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
        "orphans": ("XML file", "without an image left out"),
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
