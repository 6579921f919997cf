"""Checks of images: those that cannot be read, and those that mean trouble in training."""

from tfod.files import IMAGE_SUFFIXES
from tfod.steps.check.finding import Finding, Place, found
from tfod.steps.check.scan import Dataset

LARGE_PX = 16_000_000  # decoding more than this for each step is slower than a small training step
BLANK = 2.0  # grey levels, standard deviation; a covered lens has noise of about one
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
AGAIN = "Copy or take them again, or delete them together with their XML."


def unusable_images(dataset: Dataset) -> list[Finding]:
    """Images that cannot be read: records refuses them, other tools crash or train on grey."""
    places = [
        Place(photo.image_path, None, photo.image_problem.what)
        for photo in dataset.own
        if photo.image_problem
    ]
    return found("image-unreadable", "error", "images cannot be read", AGAIN, places)


def wrong_extension(dataset: Dataset) -> list[Finding]:
    """Files whose content is another format than their name says."""
    places = []
    for photo in dataset.own:
        suffix = photo.image_path.suffix.lower()
        right = SUFFIXES.get(photo.header.format, IMAGE_SUFFIXES) if photo.header else (suffix,)
        if photo.header and suffix not in right:
            places.append(Place(photo.image_path, None, f"is {photo.header.format}"))
    return found(
        "wrong-extension",
        "warning",
        "images are of another format than their name says",
        "`tfod check --fix` renames them; tools that go by the name fail on them.",
        places,
    )


def image_encoding(dataset: Dataset) -> list[Finding]:
    """Pixels that are converted to 8-bit RGB, with what that does to them."""
    told = {"16 bits": "16 bits are scaled to 8", "CMYK": "CMYK becomes RGB"}
    places = []
    for photo in dataset.own:
        mode = photo.header.mode if photo.header else ""
        if mode in ("RGBA", "LA", "PA", "La", "RGBa"):
            places.append(Place(photo.image_path, None, "transparent parts become white"))
        elif mode in told:
            places.append(Place(photo.image_path, None, told[mode]))
    return found(
        "image-encoding",
        "info",
        "images have transparency, CMYK or 16 bits and are converted",
        "Look at one in the report (`--html`); `tfod check --fix` saves them as 8-bit RGB.",
        places,
    )


def image_format(dataset: Dataset) -> list[Finding]:
    """Images that are neither JPEG nor PNG: they are encoded again for the records."""
    places = [
        Place(photo.image_path, None, header.format)
        for photo in dataset.own
        if (header := photo.header) and header.format not in ("JPEG", "MPO", "PNG")
    ]
    return found(
        "image-format",
        "info",
        "images are neither JPEG nor PNG, which LabelImg and older tools may not read",
        "`tfod check --fix` saves them as PNG; `tfod records` does so by itself.",
        places,
    )


def exif_rotation(dataset: Dataset) -> list[Finding]:
    """Images that EXIF turns: boxes drawn on the stored pixels lie elsewhere."""
    places, unclear = [], []
    for photo in dataset.own:
        if photo.header is None or photo.header.orientation == 1:
            continue
        example = photo.example
        stated = example.stated_size if example else None
        size = (photo.header.height_px, photo.header.width_px)
        turned = photo.header.orientation >= 5 and size[0] != size[1]
        if example is None or not example.names:
            places.append(Place(photo.image_path, None, "turned as EXIF says"))
        elif turned and stated == size:
            places.append(Place(photo.image_path, None, "labelled upright"))
        elif turned and stated == size[::-1]:
            detail = "labelled on the stored pixels, the boxes are turned with them"
            places.append(Place(photo.image_path, None, detail))
        else:
            detail = f"orientation {photo.header.orientation}; the boxes are taken as upright"
            unclear.append(Place(photo.image_path, None, detail, boxes=example.boxes))
    return found(
        "exif-rotation",
        "info",
        "images are turned by EXIF, and so are their boxes",
        "Nothing to do here; for tools that ignore EXIF `tfod check --fix` turns the pixels.",
        places,
    ) + found(
        "exif-rotation-unclear",
        "warning",
        "images are turned by EXIF, and their XML does not tell which side was up when labelled",
        "Look at the boxes in the report (`--html`); label them again if they are off.",
        unclear,
    )


def large_images(dataset: Dataset) -> list[Finding]:
    """Images so large that reading them slows the training down."""
    places = [
        Place(photo.image_path, None, f"{header.width_px}x{header.height_px}")
        for photo in dataset.own
        if (header := photo.header) and header.width_px * header.height_px > LARGE_PX
    ]
    return found(
        "image-large",
        "info",
        f"images have more than {LARGE_PX // 1_000_000} megapixels",
        "Training sees them at 320 or 640 pixels; smaller copies read much faster.",
        places,
    )


def blank_images(dataset: Dataset) -> list[Finding]:
    """Images of one colour: a covered lens, a camera that was not ready."""
    places = [
        Place(photo.image_path, None, "all of one brightness")
        for photo in dataset.own
        if photo.contrast is not None and photo.contrast < BLANK
    ]
    remedy = "Delete them, or take them again."
    return found("image-blank", "warning", "images show nothing", remedy, places)
