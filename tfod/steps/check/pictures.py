"""Checks of files: images and XML that cannot be used, or that other tools read differently.

Which image and which XML belong together: `names.py`.
"""

from tfod.data.stated_sizes import xml_in_doubt
from tfod.listing import HEIC_SUFFIXES, IMAGE_SUFFIXES, JPEG_SUFFIXES
from tfod.remedies import Remedy
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report

SUFFIXES = {"JPEG": JPEG_SUFFIXES, "MPO": JPEG_SUFFIXES, "PNG": (".png",)}
SUFFIXES |= {"TIFF": (".tif", ".tiff"), "BMP": (".bmp",), "DIB": (".bmp",)}
SUFFIXES |= {"GIF": (".gif",), "WEBP": (".webp",), "AVIF": (".avif",), "HEIF": HEIC_SUFFIXES}
CONVERTED = {"16 bits": "16 bits are scaled to 8", "CMYK": "CMYK becomes RGB"}
CONVERTED |= dict.fromkeys(("RGBA", "LA", "PA", "La", "RGBa"), "transparent parts become white")


def unusable_images(dataset: Dataset) -> list[Finding]:
    """Images that cannot be read: records refuses them, other tools crash or train on grey."""
    places = [
        Place(photo.image_path, None, photo.image_problem.sentence(""))
        for photo in dataset.own
        if photo.image_problem
    ]
    return report("image-unreadable", places)


def unreadable_xml(dataset: Dataset) -> list[Finding]:
    """Annotations that are not XML, not annotations, or empty."""
    places = [
        Place(photo.xml_path, problem.line, problem.sentence(""), photo.image_path)
        for photo in dataset.own
        if photo.xml_path and (problem := photo.xml_problem) and not photo.image_problem
    ]
    return report("xml-unreadable", places)


def size_mismatch(dataset: Dataset) -> list[Finding]:
    """Annotations made on an image of another size than the one next to them now."""
    resized: list[Place] = []
    harmless: list[Place] = []
    doubtful = xml_in_doubt(dataset.own)
    for photo in dataset.own:
        example, header, stated = photo.example, photo.header, photo.other_size
        if example and header and photo.xml_path and stated:
            image = f"{header.width_px}x{header.height_px}"
            detail = f"<size> is {stated[1]}x{stated[0]}, the image {image}"
            place = Place(photo.xml_path, None, detail, photo.image_path, example.boxes)
            (resized if photo.xml_path in doubtful else harmless).append(place)
    return report("size-mismatch", resized) + report("size-wrong", harmless)


def lost_photos(dataset: Dataset) -> list[Finding]:
    """Photos that nothing reads."""
    unread = [path for folder in dataset.folders.found for path in folder.unread]
    heic = [Place(path) for path in unread if path.suffix.lower() in HEIC_SUFFIXES]
    others = [Place(path) for path in unread if path.suffix.lower() not in HEIC_SUFFIXES]
    deeper = [Place(path) for folder in dataset.folders.found for path in folder.deeper]
    move = Remedy.MOVE_TO(folder=dataset.folder)
    return [
        *report("heic-not-read", heic),
        *report("image-not-read", others),
        *report("folder-too-deep", deeper, remedy=move),
    ]


def wrong_extension(dataset: Dataset) -> list[Finding]:
    """Files whose content is another format than their name says."""
    places = [
        Place(photo.image_path, None, f"is {photo.header.format}")
        for photo in dataset.own
        if photo.header
        and photo.image_path.suffix.lower() not in SUFFIXES.get(photo.header.format, IMAGE_SUFFIXES)
    ]
    return report("wrong-extension", places)


def converted_images(dataset: Dataset) -> list[Finding]:
    """Images that are neither JPEG nor PNG, or not 8-bit RGB or grey: encoded again for records."""
    places = []
    for photo in dataset.own:
        if header := photo.header:
            details = [] if header.is_jpeg or header.format == "PNG" else [header.format]
            details += [CONVERTED[header.mode]] if header.mode in CONVERTED else []
            if details:
                places.append(Place(photo.image_path, None, ", ".join(details)))
    return report("image-format", places)


def exif_rotation(dataset: Dataset) -> list[Finding]:
    """Images that EXIF turns: boxes drawn on the stored pixels lie elsewhere."""
    clear, unclear = [], []
    for photo in dataset.own:
        if photo.header is None or photo.header.orientation == 1:
            continue
        path, example, size = photo.image_path, photo.example, photo.header.size
        stated = example.stated_size if example else None
        sides_swap = photo.header.orientation >= 5 and size[0] != size[1]
        if example is None or not example.names:
            clear.append(Place(path, None, "rotated as EXIF says"))
        elif sides_swap and stated == size:
            clear.append(Place(path, None, "labelled upright"))
        elif sides_swap and stated == size[::-1]:
            detail = "labelled before rotation, so the boxes are rotated too"
            clear.append(Place(path, None, detail))
        else:
            detail = f"orientation {photo.header.orientation}; the boxes are assumed to be upright"
            unclear.append(Place(path, None, detail, boxes=example.boxes))
    return report("exif-rotation", clear) + report("exif-rotation-unclear", unclear)
