"""Folders of VOC XML, as LabelImg, CVAT, Roboflow and `split` lay them out."""

from pathlib import Path

from tfod.data import annotation_xml
from tfod.data.pairs import pair_up
from tfod.data.parts import MANIFEST
from tfod.data.voc import scan_voc
from tfod.errors import Problem, UserError
from tfod.files import IMAGE_SUFFIXES, files_in
from tfod.progress import SILENT, Progress
from tfod.steps.convert.find_images import ImageFinder, files_below
from tfod.steps.convert.rows import DataSet, Row, part_of
from tfod.words import plural

_KNOWN = {
    "annotation": {"folder", "filename", "path", "source", "size", "segmented", "object"},
    "object": {"name", "pose", "truncated", "occluded", "difficult", "bndbox", "iscrowd", "area"},
}
_NEXT_DOOR = ("JPEGImages", "images")  # where images lie when the XML is in Annotations/


def read_voc(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read the XML files of a folder and all below it.

    Args:
        path: the folder.
        images: folder of the images; each next to its XML, or in JPEGImages, when None.
        progress: told of each XML file.

    Raises:
        UserError: a folder cannot be read; what is wrong in an XML is in `problems`.
    """
    data = DataSet()
    folders = list(dict.fromkeys(xml.parent for xml in files_below(path, ".xml")))
    copies = [folder for folder in folders if (folder / MANIFEST).is_file()]
    if copies and len(copies) < len(folders):
        names = " and ".join(folder.name for folder in copies)
        sessions = plural(len(folders) - len(copies), "session")
        data.notes.append(
            f"{sessions} left out, because {names} hold copies of their photos, made by split; "
            "to convert a session, name it"
        )
        folders = copies
    unlabelled = suggested = 0
    for folder in folders:
        part = part_of(folder.relative_to(path) / "*")
        pairs, without = _pairs(folder, images)
        unlabelled += without
        for image, xml in progress.track(pairs, "reading XML"):
            row = Row(image, part, xml)
            _read(row, data)
            if row.example is not None and row.example.suggested_by:
                suggested += 1
            else:
                data.rows.append(row)
    if unlabelled:
        data.notes.append(f"{plural(unlabelled, 'image')} without XML left out")
    if suggested:
        data.notes.append(
            f"{plural(suggested, 'image')} left out: a model suggested the boxes, and nobody has "
            "looked at them yet"
        )
    return data


def _pairs(folder: Path, images: Path | None) -> tuple[list[tuple[Path, Path]], int]:
    """Each XML of a folder with the path of its image, there or not; images without an XML."""
    next_door = [folder.parent / name for name in _NEXT_DOOR if folder.name == "Annotations"]
    places = (images, folder, *next_door)
    at = next((place for place in places if place and _has_images(place)), None)
    finder = ImageFinder(folder, images, [folder])
    if at is None or (images and at != images):
        xmls = files_in(folder, [".xml"])
        return [(finder.find(_stated_name(xml), Row(xml, "", xml)), xml) for xml in xmls], 0
    pairs, orphans = pair_up(at, folder)
    found = [(image, xml) for image, xml in pairs if xml]
    alone = [(finder.expected / _stated_name(xml), xml) for xml in orphans]
    return sorted([*found, *alone], key=lambda pair: pair[0]), len(pairs) - len(found)


def _has_images(folder: Path) -> bool:
    return folder.is_dir() and bool(files_in(folder, IMAGE_SUFFIXES))


def _stated_name(xml: Path) -> str:
    try:
        root = annotation_xml.parse_xml(annotation_xml.read_bytes(xml), xml)
    except UserError:
        return f"{xml.stem}.jpg"  # what is wrong is said when the boxes are read
    return annotation_xml.file_name(root, xml)


def _read(row: Row, data: DataSet) -> None:
    """Give a row its example, and count what is lost; problems go to the data."""
    try:
        row.measure()
    except UserError as error:
        data.problems += error.problems
        return
    row.example, problems = scan_voc(row.file, row.size, row.orientation)
    data.problems += [Problem("annotation", what=problem) for problem in problems]
    if row.example is not None:
        row.example.image_path = row.image
        root = annotation_xml.parse_xml(annotation_xml.read_bytes(row.file), row.file)
        for node in (root, *root.iterfind("object")):
            unknown = (child.tag for child in node if child.tag not in _KNOWN[node.tag])
            data.lost.update(f"<{tag}> of <{node.tag}>" for tag in unknown)
