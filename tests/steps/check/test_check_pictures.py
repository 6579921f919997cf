"""Images that cannot be read, or mean trouble."""

import numpy as np
import pytest
from PIL import Image

from tfod.steps.check import pictures

ALL = (
    pictures.unusable_images,
    pictures.exif_rotation,
    pictures.wrong_extension,
    pictures.converted_images,
)


def damage(data):
    middle = len(data) * 2 // 3
    return data[:middle] + bytes(40) + data[middle + 40 :]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: b"", "the file is empty"),
        (lambda data: b"<!DOCTYPE html><html>404</html>", "not an image"),
        (lambda data: data[:-100], "cut off or damaged"),
        (damage, "cut off or damaged"),
    ],
)
def test_images_that_cannot_be_used(put, say, spoil, reason):
    put("good.jpg")
    path = put("bad.jpg")
    path.write_bytes(spoil(path.read_bytes()))
    found = say(*ALL)
    assert list(found) == ["image-unreadable"]
    finding = found["image-unreadable"]
    assert (finding.severity, finding.count) == ("error", 1)
    assert finding.places[0].path == path and reason in finding.places[0].detail
    assert list(say(*ALL, decode=False)) == ([] if spoil is damage else ["image-unreadable"])


def test_good_images_are_not_reported(put, say):
    for name in ("a.jpg", "b.PNG", "фото 1.jpeg"):
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
        ("a.bmp", None, "BMP"),
        ("a.webp", None, "WEBP"),
        ("a.tif", None, "TIFF"),
    ],
)
def test_pixels_that_are_converted(put, say, name, image, detail):
    put(name, image=image)
    found = say(pictures.converted_images)["image-format"]
    assert found.severity == "info" and detail in found.places[0].detail


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def test_exif_rotation(put, say):
    put("upright.jpg", exif=turned(6), size=(48, 64), stated=(64, 48))
    put("stored.jpg", exif=turned(6), size=(48, 64), stated=(48, 64))
    details = [place.detail for place in say(*ALL)["exif-rotation"].places]
    assert "labelled before rotation" in details[0] and details[1] == "labelled upright"


def test_exif_rotation_that_cannot_be_known(put, say):
    put("half.jpg", exif=turned(3))
    found = say(*ALL)
    assert list(found) == ["exif-rotation-unclear"]
    assert found["exif-rotation-unclear"].severity == "warning"
