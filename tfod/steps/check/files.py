"""Checks of files: annotations that cannot be read or belong to another image, and lost photos.

Which image and which XML belong together: `names.py`; the images: `pictures.py`.
"""

from tfod.data.scan import Photo
from tfod.remedies import Remedy
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report


def unreadable_xml(dataset: Dataset) -> list[Finding]:
    """Annotations that are not XML, not annotations, or empty."""
    places = []
    for photo in dataset.own:
        problem = photo.xml_problem
        if photo.xml_path and problem and not photo.image_problem:
            detail = problem.sentence("")
            places.append(Place(photo.xml_path, problem.line, detail, photo.image_path))
    return report("xml-unreadable", places)


def size_mismatch(dataset: Dataset) -> list[Finding]:
    """Annotations made on an image of another size than the one next to them now."""
    resized: list[Place] = []
    harmless: list[Place] = []
    for photo in dataset.own:
        example, header, stated = photo.example, photo.header, photo.other_size
        if not (example and header and photo.xml_path and stated):
            continue
        image = f"{header.width_px}x{header.height_px}"
        detail = f"<size> is {stated[1]}x{stated[0]}, the image {image}"
        place = Place(photo.xml_path, None, detail, photo.image_path, example.boxes)
        (harmless if _is_drawn_on_this(photo, stated) else resized).append(place)
    return report("size-mismatch", resized) + report("size-wrong", harmless)


def _is_drawn_on_this(photo: Photo, stated: tuple[int, int]) -> bool:
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
    move = Remedy.MOVE_TO(folder=dataset.folder)
    return report("image-not-read", unread) + report("folder-too-deep", deeper, remedy=move)
