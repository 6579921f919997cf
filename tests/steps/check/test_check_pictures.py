"""Images that cannot be read, or mean trouble."""

import numpy as np
import pytest
from PIL import Image

from tfod.steps.check import pictures

ALL = (
    pictures.unusable_images,
    pictures.exif_rotation,
    pictures.wrong_extension,
    pictures.blank_images,
    pictures.large_images,
    pictures.image_encoding,
)


def damage(data):
    middle = len(data) * 2 // 3
    return data[:middle] + bytes(40) + data[middle + 40 :]


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        ("image-empty", lambda data: b""),
        ("image-not-an-image", lambda data: b"<!DOCTYPE html><html>404</html>"),
        ("image-truncated", lambda data: data[:-100]),
        ("image-damaged", damage),
    ],
)
def test_images_that_cannot_be_used(put, say, check, spoil):
    put("good.jpg")
    path = put("bad.jpg")
    path.write_bytes(spoil(path.read_bytes()))
    found = say(*ALL)
    assert list(found) == [check]
    assert (found[check].severity, found[check].count) == ("error", 1)
    assert found[check].places[0].path == path
    quick = say(*ALL, decode=False)
    assert list(quick) == ([] if check == "image-damaged" else [check])


def test_good_images_of_any_kind_are_not_told(put, say):
    for name in ("a.jpg", "b.PNG", "c.bmp", "d.webp", "e.tif", "фото 1.jpeg"):
        put(name)
    put("padded.jpg")
    path = put("camera.jpg")
    path.write_bytes(path.read_bytes()[:-2] + bytes(7) + b"\xff\xd9")
    put("progressive.jpg", progressive=True)
    assert say(*ALL) == {}


def test_a_format_other_than_the_name_says(put, say):
    path = put("a.jpg", format="PNG")
    put("b.jpeg")
    found = say(*ALL)
    assert list(found) == ["wrong-extension"]
    assert str(found["wrong-extension"].places[0]) == f"{path}: is PNG"


@pytest.mark.parametrize(
    ("name", "image", "detail"),
    [
        ("a.png", Image.effect_noise((64, 48), 90).convert("RGBA"), "transparent"),
        ("a.jpg", Image.effect_noise((64, 48), 90).convert("CMYK"), "CMYK"),
        ("a.png", Image.fromarray(np.arange(3072, dtype=np.uint16).reshape(48, 64)), "16 bits"),
    ],
)
def test_pixels_that_are_converted(put, say, name, image, detail):
    put(name, image=image)
    found = say(pictures.image_encoding)["image-encoding"]
    assert found.severity == "info" and detail in found.places[0].detail


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def test_exif_rotation(put, say):
    put("upright.jpg", exif=turned(6), size=(48, 64), stated=(64, 48))
    put("stored.jpg", exif=turned(6), size=(48, 64), stated=(48, 64))
    details = [place.detail for place in say(*ALL)["exif-rotation"].places]
    assert "labelled on the stored pixels" in details[0] and details[1] == "labelled upright"


def test_exif_rotation_of_which_nobody_can_tell(put, say):
    put("half.jpg", exif=turned(3))
    found = say(*ALL)
    assert list(found) == ["exif-rotation-unclear"]
    assert found["exif-rotation-unclear"].severity == "warning"


def test_a_covered_lens(put, say):
    noise = np.random.default_rng(0).integers(0, 3, (48, 64, 3), np.uint8)
    put("a.jpg", image=Image.fromarray(noise))
    assert [*say(*ALL)] == ["image-blank"]


def test_very_large_images(put, say):
    put("a.png", image=Image.new("L", (5000, 4000)))
    found = say(pictures.large_images, decode=False)
    assert str(found["image-large"].places[0]).endswith("5000x4000")
