"""Checks of files: annotations that cannot be read or belong to another image, and lost photos.

Which image and which XML belong together: `names.py`; the images: `pictures.py`.
"""

from tfod.data.scan import Photo
from tfod.errors import Problem
from tfod.remedies import Remedy
from tfod.steps.check.finding import Finding, Place, report
from tfod.steps.check.dataset import Dataset


def unreadable_xml(dataset: Dataset) -> list[Finding]:
    """Annotations that are not XML, not annotations, or empty."""
    return report(
        "error",
        Problem("xml-unreadable", what="annotations cannot be read", remedy=Remedy.REPLACE_FILE),
        [
            Place(
                photo.xml_path,
                photo.xml_problem.line,
                photo.xml_problem.sentence(""),
                photo.image_path,
            )
            for photo in dataset.own
            if photo.xml_path and photo.xml_problem and not photo.image_problem
        ],
    )


def size_mismatch(dataset: Dataset) -> list[Finding]:
    """Annotations made on an image of another size than the one next to them now."""
    resized: list[Place] = []
    harmless: list[Place] = []
    for photo in dataset.own:
        example, header, stated = photo.example, photo.header, photo.other_size
        if not (example and header and photo.xml_path and stated):
            continue
        detail = (
            f"<size> is {stated[1]}x{stated[0]}, the image {header.width_px}x{header.height_px}"
        )
        place = Place(photo.xml_path, None, detail, photo.image_path, example.boxes)
        (harmless if _drawn_on_this(photo, stated) else resized).append(place)
    return [
        *report(
            "error",
            Problem(
                "size-mismatch",
                what="images have another size than when they were labelled, so their boxes may "
                "be in the wrong place",
                remedy=Remedy.DRAW_AGAIN,
            ),
            resized,
        ),
        *report(
            "info",
            Problem(
                "size-wrong",
                what="annotations give a wrong <size>, but their boxes fit the image",
                remedy=dataset.fix,
            ),
            harmless,
        ),
    ]


def _drawn_on_this(photo: Photo, stated: tuple[int, int]) -> bool:
    """Whether the boxes fit the image but not the stated size, or there are none."""
    example = photo.example
    if example is None or photo.bad_boxes:
        return False
    if not example.names:
        return True
    far = example.boxes[:, 2:] * (example.height_px, example.width_px)
    return bool((far > (stated[0] + 1, stated[1] + 1)).any())


def lost_photos(dataset: Dataset) -> list[Finding]:
    """Photos that nothing reads."""
    unread = [Place(path) for folder in dataset.folders.found for path in folder.unread]
    deeper = [Place(path) for folder in dataset.folders.found for path in folder.deeper]
    return [
        *report(
            "warning",
            Problem(
                "image-not-read",
                what="photos have a format that is not read",
                remedy=Remedy.CONVERT_TO_JPEG,
            ),
            unread,
        ),
        *report(
            "warning",
            Problem(
                "folder-too-deep",
                what="folders inside a session hold images that nothing reads",
                remedy=Remedy.MOVE_TO(folder=dataset.folder),
            ),
            deeper,
        ),
    ]
