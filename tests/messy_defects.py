"""Every fault that `tfod check` knows, each made alone in a good workspace, and what is then found.

    DEFECTS["box swapped"].make(made)     # made: messy_workspace.Made

A fault takes photos nobody has taken, so several can be made in one workspace, and what is found is
the sum of what each one gives. Those of one `group` cannot be together: they are about the same
file. Beside the faults there are oddities (`finds` is empty) that must do no harm at all.
`messy_split.py` has the faults that need a split, records or a config.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from messy_workspace import CLASSES, SIZE, Made, Photo, encoded
from PIL import Image

HEIGHT, WIDTH = SIZE
ALPHA = CLASSES[0]
LABELS = Path("annotations/label_map.pbtxt")
OUT_OF_USE = b"<!DOCTYPE html><html>404 Not Found</html>"
ON_LINUX = sys.platform == "linux"

Finds = dict[str, tuple[str, int]]  # check -> severity, count


@dataclass
class Defect:
    """A fault.

    Attributes:
        make: makes it.
        finds: what `tfod check` finds then.
        left: what it finds after --fix.
        group: faults of one group, other than "", cannot be together.
        possible: whether files systems of this computer can have it.
    """

    make: Callable[[Made], object]
    finds: Finds
    left: Finds = field(default_factory=dict)
    group: str = ""
    possible: bool = True


def error(check: str, count: int = 1) -> Finds:
    return {check: ("error", count)}


def warning(check: str, count: int = 1) -> Finds:
    return {check: ("warning", count)}


def info(check: str, count: int = 1) -> Finds:
    return {check: ("info", count)}


def stays(make: Callable, finds: Finds, group: str = "", possible: bool = True) -> Defect:
    """A fault that --fix leaves as it is."""
    return Defect(make, finds, finds, group, possible)


def harmless(make: Callable, possible: bool = True) -> Defect:
    """An oddity that is no fault."""
    return Defect(make, {}, possible=possible)


# the image file


def _image(change: Callable[[bytes], bytes]) -> Callable[[Made], None]:
    """Change the bytes of an image; it and its boxes are lost."""

    def make(made: Made) -> None:
        photo = made.take()
        photo.image.write_bytes(change(photo.image.read_bytes()))
        photo.objects = None

    return make


def _damage(data: bytes) -> bytes:
    middle = len(data) * 2 // 3
    return data[:middle] + b"\xff\xd5" * 20 + data[middle + 40 :]


def _as(suffix: str, kind: str, mode: str = "RGB", wide: bool = False, **options) -> Callable:
    """Save an image in another form; `wide` is 16 bits."""

    def make(made: Made) -> None:
        photo = made.take()
        image = Image.fromarray(photo.pixels).convert(mode)
        if wide:
            image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
        photo.image.unlink()
        photo.image = photo.image.with_suffix(suffix)
        photo.image.write_bytes(encoded(image, kind, **options))
        photo.write_xml()

    return make


def _floats(made: Made) -> None:
    photo = made.take()
    photo.image.unlink()
    photo.image = photo.image.with_suffix(".tif")
    photo.image.write_bytes(encoded(Image.fromarray(photo.pixels).convert("F"), "TIFF"))
    photo.write_xml()
    photo.objects = None


def _resized(factor: float, told: bool) -> Callable[[Made], None]:
    """Another size; without `told` <size> is still the old one."""

    def make(made: Made) -> None:
        photo = made.take()
        size = (round(WIDTH * factor), round(HEIGHT * factor))
        photo.pixels = np.asarray(Image.fromarray(photo.pixels).resize(size))
        photo.image.write_bytes(encoded(photo.pixels))
        if told:
            photo.objects = [
                (name, (x0 * factor, y0 * factor, x1 * factor, y1 * factor))
                for name, (x0, y0, x1, y1) in photo.objects or []
            ]
        photo.write_xml(size=None if told else SIZE)

    return make


def _size_of_thumbnail(made: Made) -> None:
    made.take().write_xml(size=(HEIGHT // 2, WIDTH // 2))


def _turned(orientation: int, labelled: bool = True) -> Callable[[Made], None]:
    """Stored on its side or head, EXIF says how to turn it; boxes drawn on the upright image."""

    def make(made: Made) -> None:
        photo = made.take()
        stored = np.rot90(photo.pixels, {6: 1, 3: 2, 8: 3}[orientation])
        exif = Image.Exif()
        exif[0x0112] = orientation
        photo.image.write_bytes(encoded(np.ascontiguousarray(stored), exif=exif))
        if not labelled:
            photo.objects = []
            photo.write_xml()

    return make


def _blank(made: Made) -> None:
    photo = made.take()
    photo.pixels = np.full((*SIZE, 3), 20, np.uint8)
    photo.image.write_bytes(encoded(photo.pixels))


# names and links


def _image_gone(made: Made) -> None:
    photo = made.take()
    photo.image.unlink()
    photo.objects = None


def _xml_gone(made: Made) -> None:
    photo = made.take()
    photo.xml.unlink()
    photo.objects = None


def _names_another(made: Made) -> None:
    photo = made.take()
    other = next(other for other in made.free if other.image.parent == photo.image.parent)
    made.free.remove(other)
    photo.write_xml(named=other.image.name)


def _renamed(made: Made) -> None:
    made.take().write_xml(named="photo_17.jpg")


def _rename(photo: Photo, stem: str, xml_stem: str | None = None) -> None:
    image = photo.image.with_name(f"{stem}{photo.image.suffix}")
    xml = photo.xml.with_name(f"{stem if xml_stem is None else xml_stem}.xml")
    photo.image.rename(image)
    photo.xml.rename(xml)
    photo.image, photo.xml = image, xml


def _called(stem: str, in_xml: bool = True) -> Callable[[Made], None]:
    """Both files have this name, with the number of the photo where it says {}."""

    def make(made: Made) -> None:
        photo = made.take()
        _rename(photo, stem.format(photo.image.stem))
        if in_xml:
            photo.write_xml()

    return make


def _other_case(made: Made) -> None:
    photo = made.take()
    _rename(photo, f"IMG_{photo.image.stem}", f"img_{photo.image.stem}")
    photo.write_xml()


def _differ_in_case(made: Made) -> None:
    photo = made.take()
    made.add(photo.image.name.upper().replace("JPG", "jpg"), photo.image.parent)


def _two_images(made: Made) -> None:
    photo = made.take()
    other = made.add("scratch.jpg", photo.image.parent)
    other.xml.unlink()
    other.image.rename(photo.image.with_suffix(".jpeg"))
    made.photos.remove(other)


def _suggested(made: Made) -> None:
    photo = made.take()
    text = photo.write_xml()
    mark = "<source><annotation>suggested by masks</annotation></source>\n"
    photo.xml.write_text(text.replace("<size>", f"{mark}<size>"), encoding="utf-8")
    photo.objects = None


def _beside(name: str, data: bytes | None) -> Callable[[Made], None]:
    """A file beside a photo; None takes the bytes of the photo."""

    def make(made: Made) -> None:
        photo = made.take()
        path = photo.image.parent / name.format(photo.image.stem)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(photo.image.read_bytes() if data is None else data)

    return make


def _folder(name: str) -> Callable[[Made], None]:
    def make(made: Made) -> None:
        photo = made.take()
        photo.image.with_name(name.format(photo.image.stem)).mkdir()

    return make


def _link(name: str, to: str) -> Callable[[Made], None]:
    def make(made: Made) -> None:
        photo = made.take()
        photo.image.with_name(name.format(photo.image.stem)).symlink_to(to)

    return make


def _linked_photo(made: Made) -> None:
    photo = made.take()
    away = Path(".elsewhere")
    away.mkdir(exist_ok=True)
    shutil.move(photo.image, away / photo.image.name)
    photo.image.symlink_to((away / photo.image.name).resolve())


def _linked_session(made: Made) -> None:
    (made.images / "the same again").symlink_to("s1", target_is_directory=True)


def _read_only(made: Made) -> None:
    photo = made.take()
    photo.image.chmod(0o444)
    photo.xml.chmod(0o444)


# the XML file


def _xml(change: Callable[[str], str | bytes], lost: bool) -> Callable[[Made], None]:
    def make(made: Made) -> None:
        photo = made.take()
        data = change(photo.write_xml())
        photo.xml.write_bytes(data.encode() if isinstance(data, str) else data)
        if lost:
            photo.objects = None

    return make


def _utf_16(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-16"?>\n{text}'.encode("utf-16")


def _latin(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="iso-8859-1"?>\n{text}'.encode("latin-1")


def _entities(text: str) -> str:
    return text.replace("<annotation>", '<!DOCTYPE a [<!ENTITY b "c">]><annotation>')


# boxes


def _box(*box: object, name: str = ALPHA, becomes: tuple | None = None, lost: bool = False):
    """One more box; `becomes` is what --fix makes of it, None when that removes it."""

    def make(made: Made) -> None:
        photo = made.take()
        photo.write_xml((name, box))
        if lost:
            photo.objects = None
        elif becomes:
            photo.objects = [*(photo.objects or []), (name, becomes)]

    return make


def _kept(*box: float, name: str = ALPHA) -> Callable[[Made], None]:
    return _box(*box, name=name, becomes=box)


def _fractions(made: Made) -> None:
    """All boxes divided by width and height."""
    photo = made.take()
    photo.objects = [
        (name, (x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT))
        for name, (x0, y0, x1, y1) in photo.objects or []
    ]
    photo.write_xml()
    photo.objects = None


def _no_rectangle(made: Made) -> None:
    photo = made.take()
    text = photo.write_xml((ALPHA, (5, 5, 40, 40)))
    start = text.rindex("<bndbox>")
    end = text.rindex("</bndbox>") + len("</bndbox>")
    photo.xml.write_text(f"{text[:start]}<polygon/>{text[end:]}", encoding="utf-8")
    photo.objects = None


def _twice(name: str | None, keep: bool) -> Callable[[Made], None]:
    """The first box again, of another class when there is a name; `keep`: --fix leaves it."""

    def make(made: Made) -> None:
        photo = made.take()
        first, box = (photo.objects or [])[0]
        other = first if name is None else next(c for c in CLASSES if c != first)
        more = (other, (box[0], box[1], box[2] + keep, box[3]))
        photo.write_xml(more)
        if keep:
            photo.objects = [*(photo.objects or []), more]

    return make


def _copied(made: Made) -> None:
    for photo in (made.take(), made.take(), made.take()):
        box = (ALPHA, (33, 22, 81, 71))
        photo.objects = [*(photo.objects or []), box]
        photo.write_xml()


def _many(count: int) -> Callable[[Made], None]:
    """Boxes of sizes and places of their own that anchors fit."""

    def make(made: Made) -> None:
        photo = made.take()
        boxes = [
            (ALPHA, (x + 0.25 * y, y + 0.25 * x, x + 0.25 * y + 46, y + 0.25 * x + 46))
            for x in range(0, 60, 6)
            for y in range(0, 33, 3)
        ]
        chance = np.random.default_rng(len(made.free))
        moved = [
            (name, tuple((np.array(box) + chance.uniform(0, 0.4, 4)).round(2).tolist()))
            for name, box in boxes[:count]
        ]
        photo.objects = [*(photo.objects or []), *moved]
        photo.write_xml()

    return make


def _no_boxes(made: Made) -> None:
    photo = made.take()
    photo.objects = []
    photo.write_xml()


# classes and label map


def _imbalance(made: Made) -> None:
    for _ in range(6):
        _many(80)(made)


def _label_map(*names: str, more: str = "") -> Callable[[Made], None]:
    def make(made: Made) -> None:
        LABELS.parent.mkdir(exist_ok=True)
        items = [f'item {{ id: {i} name: "{name}" }}\n' for i, name in enumerate(names, 1)]
        LABELS.write_text("".join(items) + more, encoding="utf-8")

    return make


def _misspelt_by_map(made: Made) -> None:
    _label_map(*CLASSES)(made)
    photo = made.take()
    first, *rest = photo.objects or []
    photo.objects = [(first[0].upper(), first[1]), *rest]
    photo.write_xml()
    photo.objects = [first, *rest]


def _missing_in_map(made: Made) -> None:
    _label_map(*CLASSES)(made)
    _box(5, 5, 45, 45, name="xylophone", lost=True)(made)


# copies of photos


def _exact_copy(session: str | None) -> Callable[[Made], None]:
    def make(made: Made) -> None:
        photo = made.take()
        made.copy(photo, f"copy of {photo.image.stem}", session and made.images / session)

    return make


def _copy_with_other_labels(made: Made) -> None:
    photo = made.take()
    other = made.copy(photo, f"copy of {photo.image.stem}")
    other.objects = other.objects[1:]
    other.write_xml()


def _near_copy(size: int, quality: int, session: str | None = None) -> Callable[[Made], None]:
    """A copy `size` % as large, encoded with this quality."""

    def make(made: Made) -> None:
        photo = made.take()
        other = made.copy(photo, f"small {photo.image.stem}", session and made.images / session)
        width, height = WIDTH * size // 100, HEIGHT * size // 100
        other.pixels = np.asarray(Image.fromarray(photo.pixels).resize((width, height)))
        other.image.write_bytes(encoded(other.pixels, quality=quality))
        other.objects = [
            (name, tuple(value * size / 100 for value in box)) for name, box in photo.objects or []
        ]
        other.write_xml()

    return make


TINY = warning("box-tiny-in-training")
NO_ANCHOR = info("box-fits-no-anchor")
ALIKE = info("near-duplicates")
LINKS = ON_LINUX or sys.platform == "darwin"

DEFECTS: dict[str, Defect] = {
    "cut off": stays(_image(lambda data: data[:-200]), error("image-unreadable")),
    "damaged": stays(_image(_damage), error("image-unreadable")),
    "empty": stays(_image(lambda data: b""), error("image-unreadable")),
    "a web page": stays(_image(lambda data: OUT_OF_USE), error("image-unreadable")),
    "floating point": stays(_floats, error("image-unreadable") | info("image-format")),
    "png called jpg": Defect(_as(".jpg", "PNG"), warning("wrong-extension")),
    "jpeg called png": Defect(_as(".png", "JPEG"), warning("wrong-extension")),
    "bmp": Defect(_as(".bmp", "BMP"), info("image-format")),
    "webp": Defect(_as(".webp", "WEBP", lossless=True), info("image-format")),
    "tiff": Defect(_as(".tif", "TIFF"), info("image-format")),
    "cmyk": Defect(_as(".jpg", "JPEG", "CMYK"), info("image-format")),
    "transparent": Defect(_as(".png", "PNG", "RGBA"), info("image-format")),
    "16 bits": Defect(_as(".png", "PNG", "L", wide=True), info("image-format")),
    "grey": harmless(_as(".jpg", "JPEG", "L")),
    "progressive": harmless(_as(".jpg", "JPEG", progressive=True)),
    "turned": Defect(_turned(6), info("exif-rotation")),
    "turned, no boxes": Defect(
        _turned(8, labelled=False),
        info("exif-rotation") | info("image-without-boxes"),
        info("image-without-boxes"),
    ),
    "on its head": stays(_turned(3), warning("exif-rotation-unclear")),
    "blank": stays(_blank, {}),
    "very large": stays(_resized(37, told=True), {}),
    "resized": stays(_resized(2, told=False), error("size-mismatch")),
    "size of a thumbnail": Defect(_size_of_thumbnail, info("size-wrong")),
    "image gone": stays(_image_gone, warning("xml-orphan")),
    "xml gone": stays(_xml_gone, warning("xml-missing")),
    "suggestion": stays(_suggested, warning("suggestion-unchecked")),
    "names another image": Defect(_names_another, warning("name-of-other-image")),
    "renamed": Defect(_renamed, info("name-mismatch")),
    "xml in other case": stays(_other_case, info("xml-named-otherwise")),
    "names differ in case": stays(
        _differ_in_case, warning("name-of-two-images"), possible=ON_LINUX
    ),
    "two images of one name": stays(
        _two_images, warning("name-of-two-images") | warning("xml-missing")
    ),
    "of macOS": stays(_beside("._{}.jpg", b"\0\5\x16\7"), {}),
    "link to nothing": stays(_link("gone.jpg", "nowhere.jpg"), {}, "", LINKS),
    "folder too deep": stays(_beside("more of {}/photo.jpg", None), warning("folder-too-deep")),
    "hidden": harmless(_beside(".{}.jpg", b"")),
    "heic": stays(_beside("{} of a phone.HEIC", b"\0"), warning("image-not-read")),
    "notes": harmless(_beside("notes on {}.txt", b"\xff\0")),
    "folder like an image": harmless(_folder("holiday {}.jpg")),
    "link to its own folder": harmless(_link("loop", "."), LINKS),
    "link to a session": harmless(_linked_session, LINKS),
    "link to a photo": harmless(_linked_photo, LINKS),
    "read-only": harmless(_read_only),
    "spaces": harmless(_called("my photo ({})")),
    "emoji": harmless(_called("😀 {} 猫 é")),
    "leading dash": harmless(_called("--help {}")),
    "percent and dots": harmless(_called("100%.{}.v1.0")),
    "leading space": harmless(_called(" {}")),
    "trailing dot and space": harmless(_called("{}. "), ON_LINUX),
    "line break": stays(_called("{}\nx", in_xml=False), info("name-mismatch"), possible=ON_LINUX),
    "200 letters": harmless(_called("{}" + "x" * 190)),
    "not utf-8": stays(
        _called("{}" + os.fsdecode(b"\xff\xe4"), in_xml=False),
        info("name-mismatch"),
        possible=ON_LINUX,
    ),
    "xml cut off": stays(
        _xml(lambda text: text[: len(text) // 2], lost=True), error("xml-unreadable")
    ),
    "xml empty": stays(_xml(lambda text: "", lost=True), error("xml-unreadable")),
    "xml of something else": stays(
        _xml(lambda text: "<html></html>", lost=True), error("xml-unreadable")
    ),
    "entities": stays(_xml(_entities, lost=True), error("xml-unreadable")),
    "windows line ends": harmless(_xml(lambda text: text.replace("\n", "\r\n"), lost=False)),
    "byte order mark": harmless(_xml(lambda text: text.encode("utf-8-sig"), lost=False)),
    "utf-16": harmless(_xml(_utf_16, lost=False)),
    "latin 1": harmless(_xml(_latin, lost=False)),
    "swapped": Defect(_box(60, 5, 15, 50, becomes=(15, 5, 60, 50)), error("box-swapped")),
    "outside": Defect(_box(70, 5, 190, 60, becomes=(70, 5, 128, 60)), error("box-outside-image")),
    "far outside": Defect(_box(170, 5, 190, 60), error("box-outside-image")),
    "no area": Defect(_box(10, 5, 10, 50), error("box-zero-area")),
    "not a number": stays(_box("nan", 5, 10, 20, lost=True), error("box-not-a-number")),
    "no name": stays(_box(5, 5, 50, 50, name="", lost=True), error("box-without-class")),
    "polygon": stays(_no_rectangle, error("box-missing")),
    "fractions": stays(_fractions, error("box-fractions", 2)),
    "a pixel over the edge": Defect(
        _box(85, 10, 129, 55, becomes=(85, 10, 128, 55)), info("box-cut")
    ),
    "one pixel": stays(_kept(40, 40, 41, 60), warning("box-one-pixel") | TINY | NO_ANCHOR),
    "tiny": stays(_kept(40, 40, 41.58, 41.58), TINY | NO_ANCHOR),
    "long": stays(_kept(3, 40, 122, 47), NO_ANCHOR),
    "whole image": stays(_kept(0, 0, 128, 96), {}),
    "drawn twice": Defect(_twice(None, keep=False), warning("box-duplicate")),
    "nearly drawn twice": stays(_twice(None, keep=True), warning("box-duplicate")),
    "of two classes": stays(_twice("other", keep=True), warning("box-of-two-classes")),
    "copied boxes": stays(_copied, {}),
    "101 boxes": stays(_many(101), warning("boxes-too-many")),
    "no boxes": stays(_no_boxes, info("image-without-boxes")),
    "misspelt": stays(
        _kept(9, 7, 54, 52, name="alhpa"), warning("class-misspelt"), group="label map"
    ),
    "other case": stays(
        _kept(9, 8, 54, 53, name="Alpha"), warning("class-misspelt"), group="label map"
    ),
    "rare": stays(_kept(9, 9, 54, 54, name="xylophone"), warning("class-rare"), group="label map"),
    "uneven": stays(_imbalance, warning("class-imbalance", 2), group="uneven"),
    "unknown class": stays(_missing_in_map, error("class-unknown"), group="label map"),
    "class in other case": Defect(_misspelt_by_map, error("class-unknown"), group="label map"),
    "class of no box": stays(
        _label_map(*CLASSES, "spare"), warning("class-unused"), group="label map"
    ),
    "classes alike": stays(
        _label_map(*CLASSES, "Alpha"),
        warning("class-unused") | warning("label-map-alike"),
        group="label map",
    ),
    "number left out": stays(
        _label_map(*CLASSES[:2], more='item { id: 4 name: "ñandú" }'),
        warning("label-map-gap"),
        group="label map",
    ),
    "label map cut off": stays(
        _label_map(*CLASSES, more="item { id: 4"), error("label-map-unusable"), group="label map"
    ),
    "exact copy": stays(_exact_copy(None), info("duplicate-image") | ALIKE),
    "exact copy in another session": stays(_exact_copy("s3"), info("duplicate-image") | ALIKE),
    "copy with other labels": stays(
        _copy_with_other_labels,
        warning("duplicate-labels-differ") | info("duplicate-image") | ALIKE,
    ),
    "encoded again": stays(_near_copy(100, 40), ALIKE),
    "rescaled": stays(_near_copy(50, 90), ALIKE),
    "rescaled in another session": stays(_near_copy(75, 90, "s4"), ALIKE),
}
