"""Checks of images: those that cannot be used, and those that other tools read differently."""

from tfod.listing import IMAGE_SUFFIXES
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report

SUFFIXES = {
    "JPEG": (".jpg", ".jpeg"),
    "MPO": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp",),
    "DIB": (".bmp",),
    "GIF": (".gif",),
    "WEBP": (".webp",),
}
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


def wrong_extension(dataset: Dataset) -> list[Finding]:
    """Files whose content is another format than their name says."""
    headers = [(photo.image_path, photo.header) for photo in dataset.own if photo.header]
    places = [
        Place(path, None, f"is {header.format}")
        for path, header in headers
        if path.suffix.lower() not in SUFFIXES.get(header.format, IMAGE_SUFFIXES)
    ]
    return report("wrong-extension", places)


def converted_images(dataset: Dataset) -> list[Finding]:
    """Images that are neither JPEG nor PNG, or not 8-bit RGB or grey: encoded again for records."""
    places = []
    for photo in dataset.own:
        if photo.header is None:
            continue
        is_usual = photo.header.is_jpeg or photo.header.format == "PNG"
        details = [] if is_usual else [photo.header.format]
        if photo.header.mode in CONVERTED:
            details.append(CONVERTED[photo.header.mode])
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
            clear.append(Place(path, None, "turned as EXIF says"))
        elif sides_swap and stated == size:
            clear.append(Place(path, None, "labelled upright"))
        elif sides_swap and stated == size[::-1]:
            detail = "labelled on the stored pixels, so the boxes are turned with them"
            clear.append(Place(path, None, detail))
        else:
            detail = f"orientation {photo.header.orientation}; the boxes are taken as upright"
            unclear.append(Place(path, None, detail, boxes=example.boxes))
    return report("exif-rotation", clear) + report("exif-rotation-unclear", unclear)
