"""Bad photos and annotations, from the labelled folder to the command that meets them first."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TRAIN = Path("workspace/images/train")
SESSION = Path("workspace/images/s1")
NEW_BOX = "<object><name>{}</name><bndbox>{}</bndbox></object></annotation>"


def first_xml(folder=TRAIN):
    return sorted(folder.glob("*.xml"))[0]


def add_box(xml, name, *sides):
    """Add an object, by hand as a user might; sides are xmin ymin xmax ymax."""
    tags = zip(("xmin", "ymin", "xmax", "ymax"), sides, strict=True)
    box = "".join(f"<{tag}>{side}</{tag}>" for tag, side in tags)
    xml.write_text(xml.read_text().replace("</annotation>", NEW_BOX.format(name, box)))


HUGE = '<?xml version="1.0"?>\n<annotation>' + " " * 10_000_001 + "</annotation>"
ENTITIES = '<?xml version="1.0"?>\n<!DOCTYPE a [\n<!ENTITY b "bbb">]>\n<annotation>&b;</annotation>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("this is no XML", [":1: not XML (syntax error"]),
        ("", [": the file is empty"]),
        ("<html></html>", [":1: not an annotation (<html>, expected <annotation>)"]),
        (HUGE, ["bytes (limit 10,000,000)"]),
        (ENTITIES, [":3: declares entities"]),
    ],
    ids=["not xml", "empty", "other xml", "huge", "entities"],
)
def test_annotation_that_is_none(refused, text, words):
    first_xml(SESSION).write_text(text)
    refused("split", str(first_xml(SESSION)), *words)
    first_xml().write_text(text)
    refused("records", str(first_xml()), *words)


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        ((10, 10, 300, 50), "box outside the image (xmax 300, width 120)"),
        ((-40, 10, 30, 50), "box outside the image (xmin -40, smallest 0)"),
        ((10, 20, 30, 20), "box without area (ymin 20 = ymax 20)"),
        ((50, 10, 20, 40), "box with swapped sides (xmin 50 > xmax 20)"),
        (("a", 10, 20, 40), 'xmin is "a", expected a number'),
        (("nan", 10, 20, 40), 'xmin is "nan", expected a number'),
    ],
)
def test_box_that_cannot_be(refused, sides, words):
    add_box(first_xml(), "alpha", *sides)
    message = refused("records", words)
    assert re.match(rf"{re.escape(str(first_xml()))}:\d+: ", message)


def test_class_not_in_the_label_map(refused):
    add_box(first_xml(), "alhpa", 10, 10, 40, 40)
    message = refused("records", 'no class "alhpa" (known: alpha, beta)', first_xml().name)
    assert message.startswith("annotations/label_map.pbtxt") and 'did you mean "alpha"?' in message


def test_many_problems_are_told_together(refused):
    for number, xml in enumerate(sorted(TRAIN.glob("*.xml"))[:3]):
        add_box(xml, "alpha", 10, 10, 300 + number, 50)
    Path("workspace/images/train/lost.xml").write_text("<annotation/>")
    message = refused("records", "4 problems", "nothing was written", "xmax 302", "lost.xml")
    assert len(message.splitlines()) == 6


def test_problem_in_the_test_images_leaves_the_training_record_alone(refused):
    add_box(sorted(Path("workspace/images/test").glob("*.xml"))[0], "alpha", 10, 10, 300, 50)
    refused("records", "workspace/images/test/", "xmax 300")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: data[: len(data) // 2], "cut off or damaged"),
        (lambda data: b"", "the file is empty"),
        (lambda data: b"<html>not found</html>", "not an image"),
    ],
    ids=["truncated", "empty", "not an image"],
)
def test_image_that_is_none(refused, spoil, words):
    image = sorted(TRAIN.glob("*.jpg"))[0]
    image.write_bytes(spoil(image.read_bytes()))
    refused("records", str(image), words)


def turned(image):
    exif = Image.Exif()
    exif[0x0112] = 6
    return image.transpose(Image.Transpose.ROTATE_90), {"exif": exif}


KINDS = {
    "cmyk.jpg": lambda image: (image.convert("CMYK"), {}),
    "sixteen.png": lambda image: (
        Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257),
        {},
    ),
    "rgba.png": lambda image: (image.convert("RGBA"), {}),
    "grey.jpg": lambda image: (image.convert("L"), {}),
    "turned.jpg": turned,
    "palette.gif": lambda image: (image.quantize(), {}),
    "web.webp": lambda image: (image, {}),
    "bitmap.bmp": lambda image: (image, {}),
    "lying.jpg": lambda image: (image, {"format": "PNG"}),
}


def test_unusual_images_are_trained_on(here, command):
    """Every kind of image goes the whole way, and comes out with the pixels it had.

    A batch larger than the data, which is a warning, holds all of them in one step.
    """
    from tfod.data.records.file import read_records

    images = sorted(TRAIN.glob("*.jpg"))
    original = Image.open(images[0]).convert("RGB")
    reference = np.asarray(original).astype(int)
    xml = images[0].with_suffix(".xml").read_text()
    for image in images:
        image.unlink()
        image.with_suffix(".xml").unlink()
    for name, change in KINDS.items():
        image, options = change(original)
        image.save(TRAIN / name, **options)
        (TRAIN / name).with_suffix(".xml").write_text(xml)
    ran = command("records")
    assert ran.code == 0 and f"train: {len(KINDS)} images" in ran.out
    import tensorflow as tf

    grey = np.asarray(original.convert("L")).astype(int)[..., None]
    for example in read_records(Path("annotations/train.record")):
        name = example["image/filename"][0].decode()
        image = tf.io.decode_image(example["image/encoded"][0], 3).numpy().astype(int)
        expected = grey if name in ("grey.jpg", "sixteen.png") else reference
        assert image.shape == reference.shape, name
        assert np.abs(image - expected).mean() < 12, name
    ran = command("train", "tiny", "--steps", "3", "--set", "train_config.batch_size=40")
    assert ran.code == 0 and "resumed from workspace/models/tiny/ckpt-2 at step 2\n" in ran.err
    assert ran.out.startswith("1 step in ") and "images/s" not in ran.out
    assert Path("workspace/models/tiny/ckpt-3.index").is_file()
    assert "warning: train_config.batch_size is 40, but there are only 9 training" in ran.err


def test_images_are_missing(refused, here):
    for path in TRAIN.iterdir():
        path.unlink()
    refused("records", f"{TRAIN}: no images here")
    TRAIN.rmdir()
    refused("records", f"{TRAIN}: no such folder", "tfod split")
    refused("split --images nowhere", "nowhere: no such folder", "tfod capture")
    refused("split --test 1.5", "is 1.5, expected above 0 and below 1")


def test_no_image_is_labelled(refused):
    for path in [*SESSION.glob("*.xml"), *TRAIN.glob("*.xml")]:
        path.unlink()
    refused("records", "images and no XML file for any", "LabelImg")
    refused("split", f"{SESSION.parent}: 0 labelled images", "tfod label")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("item { id: 1 name: 'alpha' }\nitem { id: 1 name: 'beta' }", ":2:"),
        ("item { id: 0 name: 'alpha' }\nitem { id: 1 name: 'beta' }", ":1:"),
        ("item { id: 1 name: 'alpha' \n", "not in the form of a label map"),
        ("item { id: 1 nmae: 'alpha' }", 'Did you mean "name"?'),
        ("", "no classes"),
    ],
    ids=["twice", "zero", "brace", "typo", "empty"],
)
@pytest.mark.parametrize("step", ["records", "config other", "train tiny", "evaluate tiny"])
def test_label_map_that_cannot_be(refused, text, words, step):
    Path("annotations/label_map.pbtxt").write_text(text)
    refused(step, "annotations/label_map.pbtxt", words)


def test_a_refused_split_keeps_what_was_made_by_hand(refused):
    (TRAIN / "mine.jpg").write_bytes((SESSION / "00.jpg").read_bytes())
    refused("split", "mine.jpg was not put there by split")
