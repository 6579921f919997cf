"""From capture to records nothing is lost and nothing is invented, however messy the files are."""

import shutil
from collections import Counter
from io import BytesIO

import messy
import numpy as np
import pytest
from PIL import Image

from tfod.cli import main
from tfod.data.records.file import read_records
from tfod.data.voc import read_voc

FRAMES = "synthetic:classes=alpha,beta gamma;size=48x64;seed=5"


def records(*paths):
    """All records of some files: file name -> features."""
    found = [record for path in paths for record in read_records(path)]
    names = [record["image/filename"][0].decode() for record in found]
    assert len(set(names)) == len(names)
    return dict(zip(names, found, strict=True))


def objects(record, size=messy.SIZE):
    """The objects of a record, in whole pixels."""
    sides = [record[f"image/object/bbox/{side}"] for side in ("xmin", "ymin", "xmax", "ymax")]
    height, width = size
    boxes = np.rint(np.array(sides).T.reshape(-1, 4) * [width, height, width, height])
    names = [name.decode() for name in record["image/object/class/text"]]
    return [(name, tuple(box)) for name, box in zip(names, boxes.astype(int).tolist(), strict=True)]


def pixels(record):
    """The picture of a record as uint8 [H, W, 3]; PNG and JPEG only, as TensorFlow reads."""
    image = Image.open(BytesIO(record["image/encoded"][0]))
    assert image.format.lower().encode() == record["image/format"][0]
    return np.asarray(image.convert("RGB"))


def test_every_combination_comes_out_as_it_is(workspace, capsys):
    """Some 800 photos in one data set, with photos of the camera beside them."""
    made = messy.photos(workspace / "workspace/images/my phöne (1)")
    camera = workspace / "workspace/images/cam"
    shots = ["--classes", "alpha", "beta gamma", "--number", "6", "--every", "0"]
    where = ["--countdown", "0", "--session", "cam", "--headless", "--camera", FRAMES]
    assert main(["capture", *shots, *where]) == 0
    before = {path: path.read_bytes() for path in messy.files_below(workspace)}
    assert main(["split", "--test", "0.3", "--val", "0"]) == 0, capsys.readouterr().err
    assert main(["records"]) == 0, capsys.readouterr().err
    for path, data in before.items():
        assert path.read_bytes() == data, f"{path} was changed"

    found = records("annotations/train.record", "annotations/test.record")
    captured = sorted(camera.glob("*.xml"))
    assert len(captured) == 12
    assert found.keys() == {photo.image.name for photo in made} | {
        path.with_suffix(".jpg").name for path in captured
    }
    for photo in made:
        record = found[photo.image.name]
        assert Counter(objects(record)) == Counter(photo.objects), photo.tags
        shown = pixels(record).astype(int)
        assert np.abs(shown - photo.pixels).mean() <= photo.close, photo.tags
        difficult = record["image/object/difficult"][: len(photo.objects)]
        assert difficult == [number % 2 for number in range(len(difficult))], photo.tags
    for path in captured:
        example = read_voc(path)
        record = found[path.with_suffix(".jpg").name]
        assert np.array_equal(
            np.array(record["image/object/bbox/xmin"], np.float32), example.boxes[:, 1]
        )
        assert record["image/encoded"] == [path.with_suffix(".jpg").read_bytes()]


# what does not stop the records
PASSED = ("damaged", "misspelt", "image gone")


@pytest.mark.parametrize("defect", [d for d in messy.BROKEN if d not in PASSED])
def test_a_broken_photo_stops_the_records_and_is_named(workspace, capsys, defect):
    folder = workspace / "photos/train"
    made = [messy.photo(folder, index) for index in range(4)]
    shutil.copytree(folder, workspace / "photos/test")
    messy.BROKEN[defect](made[2])
    before = {path: path.read_bytes() for path in messy.files_below(folder)}
    code = main(["records", "--images", "photos", "--output", "out"])
    error = capsys.readouterr().err
    assert code == 2, error
    assert made[2].image.stem in error and "p0001" not in error
    assert "Traceback" not in error and len(error.strip().splitlines()) <= 4
    assert not (workspace / "out").exists()
    assert {path: path.read_bytes() for path in messy.files_below(folder)} == before


def test_deleting_a_broken_photo_helps(workspace, capsys):
    folder = workspace / "photos/train"
    made = [messy.photo(folder, index) for index in range(6)]
    shutil.copytree(folder, workspace / "photos/test")
    messy.BROKEN["cut off"](made[0])
    assert main(["records", "--images", "photos"]) == 2
    made[0].image.unlink()
    made[0].xml.unlink()
    assert main(["records", "--images", "photos"]) == 0, capsys.readouterr().err
    assert len(records("annotations/train.record")) == 5
