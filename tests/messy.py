"""Data sets as people really have them, made on purpose, with what must come out of each photo.

A photo here is a combination of one `PICTURES` (how the file is), one `NAMES` (what it is called)
and one `LABELS` (how the XML is). All of these are usable: whatever the combination, every object
comes out, and nothing else. `BROKEN` are the ways in which a photo cannot be used as it is.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from tfod.camera.scenes import draw_scene

CLASSES = ("alpha", "beta gamma", "ñandú")
SIZE = (48, 64)
ENCODED_AGAIN = 4.0  # mean difference of pixels that went through a JPEG of quality 95 once more
Object = tuple[str, tuple[int, int, int, int]]  # name, xmin ymin xmax ymax in pixels


@dataclass
class Photo:
    """One photo of a made data set.

    Attributes:
        image: the image file.
        xml: its XML.
        pixels: uint8 [48, 64, 3], RGB, upright: what the file shows.
        objects: what must come out, in pixels of `pixels`.
        close: mean difference of the pixels that is allowed.
        tags: the names of what it is a combination of.
    """

    image: Path
    xml: Path
    pixels: np.ndarray
    objects: list[Object]
    close: float = 0.0
    tags: tuple[str, ...] = field(default=())


def photos(folder: Path, seed: int = 0) -> list[Photo]:
    """Make one photo of every combination of PICTURES, NAMES and LABELS.

    Args:
        folder: gets images and XML.
        seed: of the scenes.
    """
    combinations = [
        combination
        for combination in product(PICTURES, NAMES, LABELS)
        # only <size> tells that the boxes were drawn on turned pixels
        if (combination[0], combination[2]) != ("turned, labels not", "no size")
    ]
    return [
        photo(folder, index, picture, name, label, seed)
        for index, (picture, name, label) in enumerate(combinations)
    ]


def photo(
    folder: Path, index: int, picture: str = "jpeg", name: str = "plain", label: str = "labelimg",
    seed: int = 0,
) -> Photo:  # fmt: skip
    """Make one photo; the scene follows from the index, so no two are alike."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels, boxes, names = draw_scene(index, CLASSES, SIZE, seed)
    height, width = SIZE
    sides = np.rint(boxes[:, [1, 0, 3, 2]] * [width, height, width, height]).astype(int).tolist()
    objects = [(name, tuple(box)) for name, box in zip(names, sides, strict=True)]
    suffix, data, pixels, close, turned = PICTURES[picture](pixels)
    stem, xml_stem = NAMES[name](f"p{index:04}")
    image, xml = folder / f"{stem}{suffix}", folder / f"{xml_stem}.xml"
    if name == "upper case":
        image, xml = image.with_suffix(suffix.upper()), xml.with_suffix(".XML")
    if name == "symbolic link":
        away = folder.parent / ".elsewhere"
        away.mkdir(exist_ok=True)
        (away / image.name).write_bytes(data)
        image.symlink_to(away / image.name)
    else:
        image.write_bytes(data)
    text, objects = LABELS[label](image.name, objects, turned)
    xml.write_bytes(text.encode("utf-8"))
    return Photo(image, xml, pixels, objects, close, (picture, name, label))


# PICTURES: pixels -> (suffix, bytes, upright pixels of the file, allowed difference,
# whether the boxes were drawn on the stored pixels)


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _decoded(data: bytes) -> np.ndarray:
    """What any program shows of a plain file; a JPEG has lost something when it was made."""
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


def _plain(suffix: str, kind: str, **options) -> Callable:
    def make(pixels):
        data = _saved(Image.fromarray(pixels), kind, **options)
        return suffix, data, _decoded(data), 0.0, False

    return make


def _grey(suffix: str, kind: str) -> Callable:
    def make(pixels):
        grey = Image.fromarray(pixels).convert("L")
        data = _saved(grey, kind)
        return suffix, data, _decoded(data), 0.0, False

    return make


def _sixteen_bits(pixels):
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    data = _saved(Image.fromarray(grey.astype(np.uint16) * 257), "PNG")
    return ".png", data, np.repeat(grey[..., None], 3, axis=2), 1.0, False


def _cmyk(pixels):
    data = _saved(Image.fromarray(pixels).convert("CMYK"), "JPEG", quality=95)
    return ".jpg", data, _decoded(data), ENCODED_AGAIN, False


def _transparent(pixels):
    alpha = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    alpha[:5] = 0
    data = _saved(Image.fromarray(np.concatenate([pixels, alpha], axis=2)), "PNG")
    shown = pixels.copy()
    shown[:5] = 255
    return ".png", data, shown, 0.5, False


def _turned(pixels):
    """A phone held upright: pixels stored on their side, EXIF says how to turn them."""
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    stored = np.rot90(pixels, 1)
    data = _saved(Image.fromarray(np.ascontiguousarray(stored)), "JPEG", exif=exif, quality=95)
    return ".jpg", data, np.rot90(_decoded(data), -1), ENCODED_AGAIN, False


def _turned_labels(pixels):
    """As `_turned`, and the tool that drew the boxes did not know of EXIF."""
    suffix, data, pixels, close, _ = _turned(pixels)
    return suffix, data, pixels, close, True


PICTURES = {
    "jpeg": _plain(".jpg", "JPEG", quality=95),
    "progressive jpeg": _plain(".jpeg", "JPEG", quality=95, progressive=True),
    "png": _plain(".png", "PNG"),
    "bmp": _plain(".bmp", "BMP"),
    "webp": _plain(".webp", "WEBP", lossless=True),
    "tiff": _plain(".tif", "TIFF"),
    "png called jpg": _plain(".jpg", "PNG"),
    "jpeg called png": _plain(".png", "JPEG", quality=95),
    "grey jpeg": _grey(".jpg", "JPEG"),
    "grey png": _grey(".png", "PNG"),
    "16 bits": _sixteen_bits,
    "cmyk": _cmyk,
    "transparent": _transparent,
    "turned": _turned,
    "turned, labels not": _turned_labels,
}

# NAMES: stem -> (stem of the image, stem of the XML)

NAMES = {
    "plain": lambda stem: (stem, stem),
    "spaces": lambda stem: (f"my photo ({stem})", f"my photo ({stem})"),
    "not ascii": lambda stem: (f"фото é {stem} 猫", f"фото é {stem} 猫"),
    "dots and percent": lambda stem: (f"100%.{stem}.v1.0", f"100%.{stem}.v1.0"),
    "other case": lambda stem: (f"IMG_{stem.upper()}", f"img_{stem}"),
    "upper case": lambda stem: (f"IMG_B{stem.upper()}", f"IMG_B{stem.upper()}"),
    "long": lambda stem: (f"{stem}_{'x' * 180}", f"{stem}_{'x' * 180}"),
    "symbolic link": lambda stem: (f"link_{stem}", f"link_{stem}"),
}

# LABELS: file name, objects, drawn on turned pixels -> (text of the XML, objects that come out)


def _annotation(name: str, objects: list[Object], turned: bool, size: bool = True, **extra) -> str:
    height, width = SIZE
    parts = [f"<annotation><folder>x</folder><filename>{extra.get('named', name)}</filename>"]
    if extra.get("path"):
        parts.append(f"<path>{extra['path']}</path>")
    if turned:
        # stored pixels are the upright ones turned a quarter counter-clockwise
        objects = [(n, (y0, width - x1, y1, width - x0)) for n, (x0, y0, x1, y1) in objects]
        height, width = width, height
    if size:
        parts.append(
            f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        )
    for number, (class_name, box) in enumerate(objects):
        numbers = extra.get("written", str)
        sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True))
        if extra.get("reversed"):
            sides = dict(reversed(sides.items()))
        inside = "".join(f"<{side}>{numbers(value)}</{side}>" for side, value in sides.items())
        parts.append(
            f"<object><bndbox>{inside}</bndbox><name>{class_name}</name>"
            f"<difficult>{number % 2}</difficult>{extra.get('more', '')}</object>"
        )
    return "\n".join([*parts, "</annotation>\n"])


def _label(**extra) -> Callable:
    def make(name, objects, turned):
        return _annotation(name, objects, turned, **extra), objects

    return make


def _no_objects(name, objects, turned):
    return _annotation(name, [], turned), []


def _over_the_edge(name, objects, turned):
    """A box drawn to the last pixel, and one beyond it, as many tools write it."""
    height, width = SIZE
    objects = [*objects, ("alpha", (0, 0, width, height))]
    text = _annotation(name, objects, turned)
    high = width if turned else height
    return text.replace(f"<ymax>{high}</ymax>", f"<ymax>{high + 1}</ymax>"), objects


LABELS = {
    "labelimg": _label(),
    "other order, floats": _label(reversed=True, written=lambda value: f"{value}.0"),
    "no size": _label(size=False),
    "of another computer": _label(path=r"C:\\Users\\me\\photo.jpg", named=r"D:\old\other.png"),
    "unknown elements": _label(more="<part><name>hand</name></part><attributes/>"),
    "no objects": _no_objects,
    "a pixel over the edge": _over_the_edge,
}


# BROKEN: makes a photo unusable; gives the files a message may name


def _cut_off(photo: Photo) -> None:
    photo.image.write_bytes(photo.image.read_bytes()[:-200])


def _empty(photo: Photo) -> None:
    photo.image.write_bytes(b"")


def _web_page(photo: Photo) -> None:
    photo.image.write_bytes(b"<!DOCTYPE html><html>404 Not Found</html>")


def _damaged(photo: Photo) -> None:
    data = bytearray(photo.image.read_bytes())
    middle = len(data) * 2 // 3
    data[middle : middle + 40] = bytes(40)
    photo.image.write_bytes(data)


def _gone(photo: Photo) -> None:
    photo.image.unlink()


def _xml(before: str, after: str) -> Callable:
    def make(photo: Photo) -> None:
        text = photo.xml.read_text(encoding="utf-8")
        assert before in text, f"{photo.tags}: {before} is not in the XML"
        photo.xml.write_text(text.replace(before, after, 1), encoding="utf-8")

    return make


def _objects(*boxes: Object) -> Callable:
    """Put other objects into the XML."""

    def make(photo: Photo) -> None:
        text = _annotation(photo.image.name, list(boxes), False)
        photo.xml.write_text(text, encoding="utf-8")

    return make


BROKEN: dict[str, Callable[[Photo], None]] = {
    "cut off": _cut_off,
    "empty": _empty,
    "a web page": _web_page,
    "damaged": _damaged,
    "image gone": _gone,
    "xml cut off": _xml("</annotation>", ""),
    "xml empty": lambda photo: photo.xml.write_bytes(b"") and None,
    "xml of something else": lambda photo: photo.xml.write_text("<html></html>") and None,
    "entities": _xml("<annotation>", '<!DOCTYPE a [<!ENTITY b "c">]><annotation>'),
    "swapped": _objects(("alpha", (30, 5, 10, 20))),
    "outside": _objects(("alpha", (10, 5, 90, 20))),
    "no area": _objects(("alpha", (10, 5, 10, 20))),
    "not a number": _objects(("alpha", ("nan", 5, 10, 20))),
    "no name": _objects(("", (5, 5, 10, 20))),
    "misspelt": _objects(("alhpa", (5, 5, 30, 20))),
}


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links followed."""
    for path, _, names in os.walk(folder, followlinks=True):
        yield from (Path(path) / name for name in names)
