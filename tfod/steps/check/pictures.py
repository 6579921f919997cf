"""Checks of images: those that cannot be used, and those that other tools read differently."""

from tfod.errors import Problem
from tfod.files import IMAGE_SUFFIXES
from tfod.remedies import Remedy
from tfod.steps.check.finding import Finding, Place, report
from tfod.steps.check.dataset import Dataset

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
TRANSPARENT = ("RGBA", "LA", "PA", "La", "RGBa")


def unusable_images(dataset: Dataset) -> list[Finding]:
    """Images that cannot be read: records refuses them, other tools crash or train on grey."""
    return report(
        "error",
        Problem("image-unreadable", what="images cannot be read", remedy=Remedy.REPLACE_FILE),
        [
            Place(photo.image_path, None, photo.image_problem.sentence(""))
            for photo in dataset.own
            if photo.image_problem
        ],
    )


def wrong_extension(dataset: Dataset) -> list[Finding]:
    """Files whose content is another format than their name says."""
    return report(
        "warning",
        Problem(
            "wrong-extension",
            what="images have another format than their name says, which some tools trip over",
            remedy=dataset.fix,
        ),
        [
            Place(photo.image_path, None, f"is {photo.header.format}")
            for photo in dataset.own
            if photo.header
            and photo.image_path.suffix.lower()
            not in SUFFIXES.get(photo.header.format, IMAGE_SUFFIXES)
        ],
    )


def converted_images(dataset: Dataset) -> list[Finding]:
    """Images that are not 8-bit RGB or grey, or neither JPEG nor PNG: records encodes them again."""
    places = []
    for photo in dataset.own:
        if photo.header is None:
            continue
        mode, kind = photo.header.mode, photo.header.format
        details = [] if photo.header.is_jpeg or kind == "PNG" else [kind]
        if mode in TRANSPARENT:
            details.append("transparent parts become white")
        elif mode in CONVERTED:
            details.append(CONVERTED[mode])
        if details:
            places.append(Place(photo.image_path, None, ", ".join(details)))
    return report(
        "info",
        Problem(
            "image-format",
            what="images are not plain 8-bit JPEG or PNG, and are converted for the records",
            remedy=dataset.fix,
        ),
        places,
    )


def exif_rotation(dataset: Dataset) -> list[Finding]:
    """Images that EXIF turns: boxes drawn on the stored pixels lie elsewhere."""
    clear, unclear = [], []
    for photo in dataset.own:
        if photo.header is None or photo.header.orientation == 1:
            continue
        example = photo.example
        stated = example.stated_size if example else None
        size = photo.header.size
        sides_swap = photo.header.orientation >= 5 and size[0] != size[1]
        if example is None or not example.names:
            clear.append(Place(photo.image_path, None, "turned as EXIF says"))
        elif sides_swap and stated == size:
            clear.append(Place(photo.image_path, None, "labelled upright"))
        elif sides_swap and stated == size[::-1]:
            detail = "labelled on the stored pixels, so the boxes are turned with them"
            clear.append(Place(photo.image_path, None, detail))
        else:
            detail = f"orientation {photo.header.orientation}; the boxes are taken as upright"
            unclear.append(Place(photo.image_path, None, detail, boxes=example.boxes))
    return [
        *report(
            "info",
            Problem(
                "exif-rotation",
                what="images are turned by EXIF, and so are their boxes",
                remedy=dataset.fix,
            ),
            clear,
        ),
        *report(
            "warning",
            Problem(
                "exif-rotation-unclear",
                what="images are turned by EXIF, but their XML does not say which side was up "
                "when they were labelled",
                remedy=dataset.look_at,
            ),
            unclear,
        ),
    ]
