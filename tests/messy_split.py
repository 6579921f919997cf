"""Faults of a workspace that was split and has records, a label map and a config, one at a time.

As `messy_defects.py`, of which it goes on; the workspace is `messy_workspace.make_parts`'s.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from messy_defects import ALPHA, LABELS, Defect, Finds, error, info, warning
from messy_workspace import CLASSES, Made, Photo, encoded

from tfod.cli import main

CONFIG = Path("workspace/models/masks/pipeline.config")
TRAIN_RECORD = Path("annotations/train.record")
BOX = (ALPHA, (41, 43, 87, 90))


def _copy_of(photo: Photo, made: Made) -> Path:
    """The copy of its image that split made."""
    for part in ("train", "test"):
        path = made.images / part / photo.image.name
        if path.exists():
            return path
    raise AssertionError(photo.image)


def _take(made: Made, part: str) -> Photo:
    """A photo without a fault that split put into a part."""
    photo = next(p for p in reversed(made.free) if _copy_of(p, made).parent.name == part)
    made.free.remove(photo)
    return photo


def _edited(original: bool, copy: bool) -> Callable[[Made], None]:
    """A box more in the session, in the copy split made, or in both."""

    def make(made: Made) -> None:
        photo = _take(made, "train")
        before = photo.xml.read_bytes()
        photo.write_xml(BOX)
        if copy:
            shutil.copyfile(photo.xml, _copy_of(photo, made).with_suffix(".xml"))
        if not original:
            photo.xml.write_bytes(before)

    return make


def _added(made: Made) -> None:
    made.add("new.jpg")


def _deleted(made: Made) -> None:
    photo = _take(made, "train")
    photo.image.unlink()
    photo.xml.unlink()


def _other_pixels(made: Made) -> None:
    photo = _take(made, "train")
    photo.image.write_bytes(encoded(photo.pixels, quality=60))
    shutil.copyfile(photo.image, _copy_of(photo, made))


def _newer(made: Made) -> None:
    xml = _copy_of(_take(made, "train"), made).with_suffix(".xml")
    later = TRAIN_RECORD.stat().st_mtime + 10
    os.utime(xml, (later, later))


def _in_both(made: Made) -> None:
    image = _copy_of(_take(made, "train"), made)
    for path in (image, image.with_suffix(".xml")):
        shutil.copyfile(path, made.images / "test" / path.name)


def _alike_in_both(made: Made) -> None:
    photo = _take(made, "train")
    other = made.copy(photo, f"again {photo.image.stem}", made.images / "test")
    other.image.write_bytes(encoded(photo.pixels, quality=50))


def _no_test(made: Made) -> None:
    for path in (made.images / "test").iterdir():
        if path.suffix in (".jpg", ".xml"):
            path.unlink()


def _test_lacks_a_class(made: Made) -> None:
    for photo in made.free:
        copy = _copy_of(photo, made)
        if copy.parent.name == "test":
            photo.objects = [found for found in photo.objects or [] if found[0] != CLASSES[2]]
            photo.objects = photo.objects or [BOX]
            photo.write_xml()
            shutil.copyfile(photo.xml, copy.with_suffix(".xml"))
    assert main(["records"]) == 0


def _class_in_test_alone(made: Made) -> None:
    photo = _take(made, "test")
    photo.write_xml(("xylophone", BOX[1]))
    shutil.copyfile(photo.xml, _copy_of(photo, made).with_suffix(".xml"))
    LABELS.unlink()
    assert main(["records"]) == 0


def _large_test(made: Made) -> None:
    assert main(["split", "--test", "0.6", "--fresh"]) == 0
    assert main(["records"]) == 0


def _cut_record(made: Made) -> None:
    TRAIN_RECORD.write_bytes(TRAIN_RECORD.read_bytes()[:-100])


def _val_given_up(made: Made) -> None:
    for share in ("0.2", "0"):
        assert main(["split", "--val", share, "--fresh"]) == 0
        assert main(["records"]) == 0


def _gone(path: Path) -> Callable[[Made], None]:
    return lambda made: path.unlink()


def _text(path: Path, before: str, after: str) -> Callable[[Made], None]:
    """Put other text for the last place where some stands."""

    def make(made: Made) -> None:
        text = path.read_text(encoding="utf-8")
        first, found, rest = text.rpartition(before)
        assert found, f"{before} is not in {path}"
        path.write_text(first + after + rest, encoding="utf-8")

    return make


def _renumbered(made: Made) -> None:
    text = LABELS.read_text(encoding="utf-8")
    for before, after in (("id: 1", "id: x"), ("id: 2", "id: 1"), ("id: x", "id: 2")):
        text = text.replace(before, after)
    LABELS.write_text(text, encoding="utf-8")


def _other_map(made: Made) -> None:
    text = LABELS.read_text(encoding="utf-8").replace("alpha", "omega")
    Path("other.pbtxt").write_text(text, encoding="utf-8")
    _text(CONFIG, "annotations/label_map.pbtxt", "other.pbtxt")(made)


def _fault(make: Callable, finds: Finds, group: str = "") -> Defect:
    return Defect(make, finds, finds, group)


SPLIT_DEFECTS: dict[str, Defect] = {
    "edited after split": _fault(_edited(True, False), warning("split-outdated")),
    "copy edited": _fault(
        _edited(False, True), warning("split-outdated") | error("record-boxes-differ")
    ),
    "both edited": _fault(_edited(True, True), error("record-boxes-differ")),
    "photo added": _fault(_added, warning("split-lacks-photos")),
    "photo deleted": _fault(_deleted, info("split-keeps-photos")),
    "other pixels": _fault(_other_pixels, error("record-image-differs")),
    "record older": _fault(_newer, {}, "alone"),
    "photo in both parts": _fault(
        _in_both, error("duplicate-across-parts") | warning("record-missing")
    ),
    "photo alike in both parts": _fault(
        _alike_in_both,
        warning("near-duplicate-across-parts")
        | warning("record-missing")
        | info("near-duplicates")
        | info("split-keeps-photos"),
    ),
    "nothing in test": _fault(
        _no_test, error("part-empty") | warning("split-lacks-photos", 7), "alone"
    ),
    "class not in test": _fault(_test_lacks_a_class, warning("class-not-in-test"), "alone"),
    "class in test alone": _fault(
        _class_in_test_alone,
        error("class-not-in-train") | warning("class-rare") | error("config-too-few-classes"),
        "alone",
    ),
    "test too large": _fault(_large_test, {}, "alone"),
    "val given up": _fault(_val_given_up, warning("val-record-left"), "alone"),
    "record cut off": _fault(_cut_record, error("record-unreadable"), "alone"),
    "label map gone": _fault(_gone(LABELS), warning("config-file-missing", 2), "alone"),
    "label map renumbered": _fault(_renumbered, error("record-class-number", 36), "alone"),
    "record gone": _fault(
        _gone(Path("annotations/test.record")), warning("config-file-missing"), "alone"
    ),
    "two label maps": _fault(_other_map, error("label-map-of-config"), "config"),
    "fewer classes": _fault(
        _text(CONFIG, "num_classes: 3", "num_classes: 2"), error("config-too-few-classes"), "config"
    ),
    "more classes": _fault(
        _text(CONFIG, "num_classes: 3", "num_classes: 5"),
        warning("config-too-many-classes"),
        "config",
    ),
    "typing error in config": _fault(
        _text(CONFIG, "num_steps", "num_stesp"), error("config-unusable"), "config"
    ),
    "evaluates on train": _fault(
        _text(CONFIG, "test.record", "train.record"),
        warning("config-evaluates-on-train"),
        "config",
    ),
    "records not there": _fault(
        _text(CONFIG, "annotations/test.record", "annotations/nothing.record"),
        warning("config-file-missing"),
        "config",
    ),
    "large batch": _fault(
        _text(CONFIG, "batch_size: 4", "batch_size: 100"),
        warning("batch-too-large", 100),
        "config",
    ),
}
