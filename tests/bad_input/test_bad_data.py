"""Bad photos and annotations, from the labelled folder to the command that meets them first."""

import errno
import io
import shutil
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


def fields(problem, *names):
    return tuple(problem[name] for name in names)


HUGE = '<?xml version="1.0"?>\n<annotation>' + " " * 10_000_001 + "</annotation>"
ENTITIES = '<?xml version="1.0"?>\n<!DOCTYPE a [\n<!ENTITY b "bbb">]>\n<annotation>&b;</annotation>'


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("this is no XML", 1, "not XML (syntax error"),
        ("", None, "the file is empty"),
        ("<html></html>", 1, "not an annotation"),
        (HUGE, None, "too large"),
        (ENTITIES, 3, "declares XML entities"),
    ],
    ids=["not xml", "empty", "other xml", "huge", "entities"],
)
def test_annotation_that_is_none(problems, text, line, what):
    for step, folder in (("split", SESSION), ("records", TRAIN)):
        first_xml(folder).write_text(text)
        (problem,) = problems(step)
        expected = ("xml-unreadable", str(first_xml(folder)), line)
        assert fields(problem, "code", "path", "line") == expected
        assert problem["what"].startswith(what)


@pytest.mark.parametrize(
    ("sides", "code", "got"),
    [
        ((10, 10, 300, 50), "box-outside-image", "xmax 300"),
        ((-40, 10, 30, 50), "box-outside-image", "xmin -40"),
        ((10, 20, 30, 20), "box-zero-area", "ymin 20, ymax 20"),
        ((50, 10, 20, 40), "box-swapped", "xmin 50 > xmax 20"),
        (("a", 10, 20, 40), "box-not-a-number", '"a"'),
        (("nan", 10, 20, 40), "box-not-a-number", '"nan"'),
    ],
)
def test_box_that_cannot_be(problems, sides, code, got):
    add_box(first_xml(), "alpha", *sides)
    (problem,) = problems("records")
    assert fields(problem, "code", "path", "got") == (code, str(first_xml()), got)
    assert problem["line"] > 1


def test_class_not_in_the_label_map(problems):
    add_box(first_xml(), "alhpa", 10, 10, 40, 40)
    (problem,) = problems("records")
    where = ("class-unknown", "annotations/label_map.pbtxt")
    assert fields(problem, "code", "path") == where
    assert problem["what"] == 'no class "alhpa"' and problem["expected"] == "alpha, beta"
    assert first_xml().name in problem["got"]


def test_many_problems_are_told_together(refused):
    for number, xml in enumerate(sorted(TRAIN.glob("*.xml"))[:3]):
        add_box(xml, "alpha", 10, 10, 300 + number, 50)
    add_box(first_xml(), "gamma", 10, 10, 40, 40)
    message = refused("records", "4 problems", "nothing was written", "xmax 302", '"gamma"')
    assert len(message.splitlines()) == 5


def test_an_xml_without_an_image_stops_nothing(command, here):
    Path("workspace/images/train/lost.xml").write_text("<annotation/>")
    ran = command("records")
    assert ran.code == 0 and "train: 1 XML file left out: no image" in ran.out


def test_problem_in_the_test_images_leaves_the_training_record_alone(problems):
    add_box(sorted(Path("workspace/images/test").glob("*.xml"))[0], "alpha", 10, 10, 300, 50)
    (problem,) = problems("records")
    assert problem["path"].startswith("workspace/images/test/") and problem["got"] == "xmax 300"


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda data: data[: len(data) // 2], "the image is cut off or damaged"),
        (lambda data: b"", "the file is empty"),
        (lambda data: b"<html>not found</html>", "not an image"),
    ],
    ids=["truncated", "empty", "not an image"],
)
def test_image_that_is_none(problems, spoil, what):
    image = sorted(TRAIN.glob("*.jpg"))[0]
    image.write_bytes(spoil(image.read_bytes()))
    (problem,) = problems("records")
    assert fields(problem, "code", "path") == ("image-unreadable", str(image))
    assert problem["what"].startswith(what)


def test_a_photo_that_may_not_be_read_is_named_itself(problems, monkeypatch):
    """Not the record that was to be written, nor the part it was to be copied into."""
    image = sorted(TRAIN.glob("*.jpg"))[0]
    original = SESSION / image.name
    forbid(monkeypatch, image, original)
    for step, path in (("records", image), ("split", original)):
        (problem,) = problems(step)
        assert fields(problem, "code", "path") == ("not-readable", str(path))


def test_a_photo_that_cannot_be_copied_is_named_itself(problems, monkeypatch):
    original = sorted(SESSION.glob("*.jpg"))[0]

    def copyfile(source, target):
        if Path(source) == original:
            raise PermissionError(errno.EACCES, "Permission denied", str(source))
        target.write_bytes(source.read_bytes())

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    (problem,) = problems("split --fresh")
    assert fields(problem, "code", "path") == ("not-readable", str(original))


def forbid(monkeypatch, *paths):
    """Let no file of these be opened, as for somebody without the right to read them."""
    opened = io.open

    def refuse(file, *arguments, **options):
        if isinstance(file, Path) and file in paths:
            raise PermissionError(errno.EACCES, "Permission denied", str(file))
        return opened(file, *arguments, **options)

    monkeypatch.setattr(io, "open", refuse)


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


def test_images_are_missing(problems, here):
    for path in TRAIN.iterdir():
        path.unlink()
    place = fields(problems("records")[0], "code", "path")
    assert place == ("part-missing", str(TRAIN))
    TRAIN.rmdir()
    (problem,) = problems("records")
    assert fields(problem, "code", "path") == ("part-missing", str(TRAIN))
    assert problem["remedy"] == {"action": "run", "step": "split"}
    (problem,) = problems("split --images nowhere")
    assert fields(problem, "code", "path") == ("no-such-folder", "nowhere")
    assert problems("split --test 1.5")[0]["code"] == "number-out-of-range"


def test_no_image_is_labelled(problems):
    for path in [*SESSION.glob("*.xml"), *TRAIN.glob("*.xml")]:
        path.unlink()
    (problem,) = problems("records")
    assert fields(problem, "code", "path") == ("nothing-labelled", str(TRAIN))
    assert problem["remedy"] == {"action": "run", "step": "label"}
    (problem,) = problems("split")
    assert fields(problem, "code", "path") == ("too-few-images", str(SESSION.parent))
    assert problem["remedy"] == {"action": "run", "step": "label"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("item { id: 1 name: 'alpha' }\nitem { id: 1 name: 'beta' }", ":2:"),
        ("item { id: 0 name: 'alpha' }\nitem { id: 1 name: 'beta' }", ":1:"),
        ("item { id: 1 name: 'alpha' \n", "not valid label map syntax"),
        ("item { id: 1 nmae: 'alpha' }", "Did you mean name?"),
        ("", "no classes"),
    ],
    ids=["twice", "zero", "brace", "typo", "empty"],
)
@pytest.mark.parametrize("step", ["records", "config other", "train tiny", "evaluate tiny"])
def test_label_map_that_cannot_be(refused, text, words, step):
    Path("annotations/label_map.pbtxt").write_text(text)
    refused(step, "annotations/label_map.pbtxt", words)


def test_a_refused_split_keeps_what_was_made_by_hand(problems):
    (TRAIN / "mine.jpg").write_bytes((SESSION / "00.jpg").read_bytes())
    (problem,) = problems("split")
    assert fields(problem, "code", "path") == ("not-made-by-split", str(TRAIN / "mine.jpg"))
