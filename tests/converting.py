"""Short ways to convert and to read, for the tests of convert."""

from tfod.steps.convert.check_rows import check_rows
from tfod.steps.convert.convert import ConvertOptions
from tfod.steps.convert.convert import convert as run
from tfod.steps.convert.read_coco import read_coco as _read_coco
from tfod.steps.convert.read_csv import read_csv as _read_csv
from tfod.steps.convert.read_voc import read_voc as _read_voc
from tfod.steps.convert.read_yolo import read_yolo as _read_yolo


def convert(source, target, from_format="", to_format="", images=None, classes=(), **options):
    """Convert with these options."""
    given = {"from_format": from_format, "to_format": to_format, "images": images}
    return run(source, target, ConvertOptions(**given, classes=tuple(classes), **options))


def checked(data):
    """Check what was read."""
    check_rows(data)
    return data


def read_coco(path, images=None):
    return checked(_read_coco(path, images))


def read_csv(path, images=None):
    return checked(_read_csv(path, images))


def read_voc_folder(path, images=None):
    return checked(_read_voc(path, images))


def read_yolo(path, images=None, classes=()):
    return checked(_read_yolo(path, images, classes))
