"""Checks of files: annotations that are none or of another image, and what else lies there.

Which image and which XML belong together: `names.py`; the images: `pictures.py`.
"""

from collections.abc import Iterable

from tfod.data.scan import Photo
from tfod.steps.check.finding import Finding, Place, found
from tfod.steps.check.scan import Dataset

RESIZED = "Were they resized? Put the originals back, or label them again."


def unreadable_xml(dataset: Dataset) -> list[Finding]:
    """Annotations that are no XML, no annotation, or empty."""
    places = []
    for photo in dataset.own:
        if photo.xml_path and photo.xml_problem and not photo.image_problem:
            problem = photo.xml_problem
            places.append(Place(photo.xml_path, problem.line, problem.what, photo.image_path))
    return found(
        "xml-unreadable",
        "error",
        "annotations cannot be read",
        "Delete them and label the images again, or correct the line that is named.",
        places,
    )


def size_mismatch(dataset: Dataset) -> list[Finding]:
    """Annotations made on an image of another size than the image beside them now."""
    wrong: list[Place] = []
    harmless: list[Place] = []
    for photo in dataset.own:
        example, header, stated = photo.example, photo.header, photo.other_size
        if not (example and header and photo.xml_path and stated):
            continue
        size = (header.height_px, header.width_px)
        detail = f"<size> is {stated[1]}x{stated[0]}, the image {size[1]}x{size[0]}"
        place = Place(photo.xml_path, None, detail, photo.image_path, example.boxes)
        (harmless if _drawn_on_this(photo, stated) else wrong).append(place)
    return found(
        "size-mismatch",
        "error",
        "images have another size than they had when they were labelled",
        f"{RESIZED} Boxes are in pixels.",
        wrong,
    ) + found(
        "size-wrong",
        "info",
        "annotations give a wrong <size>, but their boxes fit the image",
        "Nothing to do here, the size of the image counts; `tfod check --fix` corrects it.",
        harmless,
    )


def _drawn_on_this(photo: Photo, stated: tuple[int, int]) -> bool:
    """Whether the boxes fit the image but not the stated size, or there are none."""
    example = photo.example
    if example is None or photo.bad_boxes:
        return False
    if not example.names:
        return True
    far = example.boxes[:, 2:] * (example.height_px, example.width_px)
    return bool((far > (stated[0] + 1, stated[1] + 1)).any())


def stray_files(dataset: Dataset) -> list[Finding]:
    """Files that look like data and are read by nothing."""

    def places(paths: Iterable, detail: str) -> list[Place]:
        return [Place(path, None, detail) for path in paths]

    sessions = dataset.folders.found
    hidden = [path for session in sessions for path in session.hidden]
    links = [path for session in sessions for path in session.broken_links]
    deeper = [path for session in sessions for path in session.deeper]
    unread = [path for session in sessions for path in session.unread]
    return [
        *found(
            "image-not-read",
            "warning",
            "files are photos of a format that is not read",
            "Convert them to JPEG; iPhones take JPEG with Settings > Camera > Formats > Most "
            "Compatible.",
            places(unread, ""),
        ),
        *found(
            "link-broken",
            "warning",
            "links lead nowhere",
            "Bring back the files they name, or delete the links.",
            places(links, ""),
        ),
        *found(
            "folder-too-deep",
            "warning",
            "folders inside a session hold images that nothing reads",
            "Move them beside the other sessions.",
            places(deeper, ""),
        ),
        *found(
            "file-hidden",
            "info",
            "files are leftovers of macOS (._name) and are not read",
            "Delete them, other tools stumble over them.",
            places(hidden, ""),
        ),
    ]
