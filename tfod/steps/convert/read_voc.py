"""Folders of VOC XML, as LabelImg, CVAT, Roboflow and `split` lay them out."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tfod.data.annotation_xml import stated_name
from tfod.data.folders import Folders, find_folders
from tfod.data.label_kinds import kind_of
from tfod.data.photo_folder import IMAGE_WORDS, XML_WORDS, PhotoFolder, folders_called, read_folder
from tfod.data.scan import Photo, fit_boxes, read_photo, read_xml
from tfod.listing import IMAGE_SUFFIXES, files_below, files_in, read_text
from tfod.progress import SILENT, Progress
from tfod.steps.convert.find_images import ImageFinder
from tfod.steps.convert.rows import DataSet, Row, part_of
from tfod.words import plural

_SETS = Path("ImageSets", "Main")  # lists of the images of each part
_LISTS = {"train": ("train", "trainval"), "val": ("val",), "test": ("test",)}
_Pair = tuple[Path, Path, str]  # an image, which may be missing; its XML; the part


def read_voc(path: Path, images: Path | None = None, progress: Progress = SILENT) -> DataSet:
    """Read the XML files of a folder, or of all below it when they lie deeper than in sessions.

    Args:
        path: the folder.
        images: folder of the images; each next to its XML, or in JPEGImages, when None.
        progress: reports each XML file.

    Raises:
        UserError: a folder cannot be read; photos that cannot be used are in `problems`.
    """
    data, counts = DataSet(), Counter[str]()
    folders = find_folders(path)
    chosen = [] if images else _chosen(folders, data)
    if any(xml for folder in chosen for _, xml in folder.pairs):
        pairs = list(_in_folders(chosen, counts))
    else:
        counts.clear()
        pairs = list(_anywhere(path, images, counts))
    sets = _Sets()
    for image, xml, part in progress.track(pairs, "reading XML"):
        photo = _read(Photo(image, xml, part or sets.part_of(image)))
        data.problems += photo.problems
        data.lost.update(photo.annotation.unknown if photo.annotation else ())
        if photo.suggested:
            counts["suggested"] += 1
        elif not photo.problems:
            data.rows.append(_row(photo, xml))
    words = {
        "unlabelled": ("image", "without XML left out"),
        "orphans": ("XML file", "without an image left out"),
        "suggested": ("image", "left out: nobody has checked the boxes a model suggested"),
    }
    data.notes += [
        f"{plural(counts[key], noun)} {what}" for key, (noun, what) in words.items() if counts[key]
    ]
    return data


def _chosen(folders: Folders, data: DataSet) -> list[PhotoFolder]:
    """The sessions and parts; the parts alone when split made them of the sessions."""
    parts = list(folders.parts.values())
    if not parts or folders.split_by_hand or not folders.sessions:
        return [*folders.sessions, *parts]
    names = " and ".join(part.name for part in parts)
    data.notes.append(
        f"{plural(len(folders.sessions), 'session')} left out, because {names} hold copies of "
        "their photos, made by split; to convert a session, name it"
    )
    return parts


def _in_folders(chosen: list[PhotoFolder], counts: Counter[str]) -> Iterator[_Pair]:
    for folder in chosen:
        counts["orphans"] += len(folder.orphans)
        for image, xml in folder.pairs:
            if xml is None:
                counts["unlabelled"] += 1
            else:
                yield image, xml, folder.part


def _anywhere(path: Path, images: Path | None, counts: Counter[str]) -> Iterator[_Pair]:
    """Each XML below a folder: of images kept apart, of a set that lies deep, or without images."""
    files = [path] if path.is_file() else files_below(path, [".xml"])
    for folder in dict.fromkeys(xml.parent for xml in files if kind_of(xml) == "voc"):
        part = part_of(folder.relative_to(path) / "*")
        places = (images, folder, *_next_door(folder, path))
        at = next((place for place in places if place and _has_images(place)), None)
        if at is None or (images and at != images):
            finder = ImageFinder(path, images, [folder])
            for xml in files_in(folder, [".xml"]):
                yield finder.find(stated_name(xml), Row(xml, "", xml)), xml, part
        else:
            found = read_folder(at, folder)
            counts["unlabelled"] += sum(xml is None for _, xml in found.pairs)
            counts["orphans"] += len(found.orphans)
            yield from ((image, xml, part) for image, xml in found.pairs if xml)


def _next_door(folder: Path, root: Path) -> list[Path]:
    """Where the images of a folder of XML may lie: JPEGImages/a for Annotations/a, and the like."""
    found = []
    for above in (folder, *folder.parents):
        if above.name.casefold() in XML_WORDS:
            inside = [p for p in folder.relative_to(above).parts if p.casefold() not in XML_WORDS]
            beside = folders_called(above.parent, IMAGE_WORDS)
            found += [images.joinpath(*inside) for images in beside]
        if above == root:
            break
    return found


class _Sets:
    """The parts of which VOC's lists say that images belong to them."""

    def __init__(self) -> None:
        self._lists: dict[Path, dict[str, str]] = {}  # folder of a set -> name of an image -> part

    def part_of(self, image: Path) -> str:
        """The part of an image in JPEGImages/ or a folder in it; "" when no list names it."""
        for folder in (image.parent, *image.parents):
            if folder.name.casefold() in IMAGE_WORDS:
                if folder.parent not in self._lists:
                    self._lists[folder.parent] = dict(_listed(folder.parent / _SETS))
                name = image.relative_to(folder).with_suffix("").as_posix()
                return self._lists[folder.parent].get(name, "")
        return ""


def _listed(folder: Path) -> Iterator[tuple[str, str]]:
    for part, names in _LISTS.items():
        files = (folder / f"{name}.txt" for name in names)
        if file := next(filter(Path.is_file, files), None):
            yield from ((line.strip(), part) for line in read_text(file).splitlines())


def _has_images(folder: Path) -> bool:
    return folder.is_dir() and bool(files_in(folder, IMAGE_SUFFIXES))


def _read(photo: Photo) -> Photo:
    if photo.image_path.is_file():
        return read_photo(photo, "image")
    read_xml(photo)
    fit_boxes(photo)
    return photo


def _row(photo: Photo, xml: Path) -> Row:
    row = Row(photo.image_path, photo.part, xml, example=photo.example)
    if photo.header is not None:
        row.size, row.orientation = photo.header.size, photo.header.orientation
    return row
