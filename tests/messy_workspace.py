"""A workspace without fault, to which `messy_defects.py` adds faults one at a time.

    made = make(folder)          # sessions only
    make_parts(made)             # also split, records, label map, and a config

Each photo remembers what must be in its record once all that is safe was repaired.
"""

import shutil
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from tfod.camera.scenes import draw_scene
from tfod.cli import main

CLASSES = ("alpha", "beta gamma", "ñandú")
SIZE = (96, 128)  # height, width
SIDES = ("xmin", "ymin", "xmax", "ymax")
SESSIONS = ("s1", "second session")
PHOTOS = 36
Object = tuple[str, tuple[float, float, float, float]]  # name, xmin ymin xmax ymax in pixels


@dataclass
class Photo:
    """One photo.

    Attributes:
        image: the file.
        xml: its annotation.
        pixels: uint8 [H, W, 3], RGB, upright.
        objects: what must be in the record; None when it must have none.
    """

    image: Path
    xml: Path
    pixels: np.ndarray
    objects: list[Object] | None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def write_xml(self, *more: Object, named: str = "", size: tuple[int, int] | None = None) -> str:
        """Write its objects, and others behind them; give the text."""
        text = annotation(
            named or self.image.name, [*(self.objects or []), *more], size or self.size
        )
        self.xml.write_text(text, encoding="utf-8")
        return text


@dataclass
class Made:
    """A workspace, the current folder.

    Attributes:
        images: folder of the sessions.
        photos: all photos.
        free: those without a fault so far, which the next fault takes.
        drawn: number of the scene that was drawn last.
    """

    images: Path
    photos: list[Photo]
    free: list[Photo] = field(default_factory=list)
    drawn: int = 1000

    def take(self) -> Photo:
        """A photo without a fault."""
        return self.free.pop()

    def add(self, name: str, folder: Path | None = None) -> Photo:
        """A new photo, not alike any other."""
        self.drawn += 1
        made = _photo(folder or self.images / SESSIONS[0], name, self.drawn)
        self.photos.append(made)
        return made

    def copy(self, photo: Photo, stem: str, folder: Path | None = None) -> Photo:
        """A copy of a photo and its XML under another name."""
        image = (folder or photo.image.parent) / f"{stem}{photo.image.suffix}"
        image.parent.mkdir(exist_ok=True)
        shutil.copyfile(photo.image, image)
        objects = list(photo.objects or [])
        made = Photo(image, image.with_suffix(".xml"), photo.pixels, objects)
        made.write_xml()
        self.photos.append(made)
        return made


def make(folder: Path) -> Made:
    """Make the sessions of a workspace: 36 photos, each class in two of three."""
    images = folder / "workspace" / "images"
    photos = []
    for index in range(PHOTOS):
        session = images / SESSIONS[index % len(SESSIONS)]
        session.mkdir(parents=True, exist_ok=True)
        photos.append(_photo(session, f"p{index:02}.jpg", index))
    return Made(images, photos, list(photos))


def at(made: Made, folder: Path) -> Made:
    """Copy a workspace with all that is known of it; the copy's paths are relative to `folder`."""
    root = made.images.parents[1]
    shutil.copytree(root, folder, dirs_exist_ok=True)
    photos = [
        Photo(
            photo.image.relative_to(root),
            photo.xml.relative_to(root),
            photo.pixels,
            list(photo.objects or []),
        )
        for photo in made.photos
    ]
    return Made(made.images.relative_to(root), photos, list(photos))


def make_parts() -> None:
    """Split the photos of the current folder, write records and a config."""
    for command in (
        ["split"],
        ["records"],
        ["config", "masks", "--set", "train_config.batch_size=4"],
    ):
        assert main(command) == 0, command


def encoded(pixels: np.ndarray | Image.Image, kind: str = "JPEG", **options) -> bytes:
    """The bytes of an image file."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = BytesIO()
    image.save(buffer, kind, **({"quality": 95} if kind == "JPEG" else {}) | options)
    return buffer.getvalue()


def annotation(name: str, objects: list[Object], size: tuple[int, int]) -> str:
    """The text of an XML; each object takes a line."""
    lines = ["<annotation>", f"<filename>{name}</filename>"]
    lines.append(f"<size><width>{size[1]}</width><height>{size[0]}</height></size>")
    for class_name, box in objects:
        sides = zip(SIDES, box, strict=True)
        inside = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
        lines.append(f"<object><name>{class_name}</name><bndbox>{inside}</bndbox></object>")
    return "\n".join([*lines, "</annotation>\n"])


def _photo(folder: Path, name: str, index: int) -> Photo:
    """Draw a photo and label it with two boxes that an anchor fits."""
    pixels = draw_scene(index, CLASSES, SIZE, 0)[0]
    chance = np.random.default_rng(index)
    objects: list[Object] = []
    for number in range(2):
        side = int(chance.integers(40, 56))
        x = number * 64 + int(chance.integers(0, 64 - side + 1))
        y = int(chance.integers(0, SIZE[0] - side - 1))
        class_name = CLASSES[(index + number) % len(CLASSES)]
        objects.append((class_name, (x, y, x + side, y + side - int(chance.integers(3)))))
    image = folder / name
    image.write_bytes(encoded(pixels))
    made = Photo(image, folder / f"{image.stem}.xml", pixels, objects)
    made.write_xml()
    return made
