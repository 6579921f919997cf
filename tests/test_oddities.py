"""Every command has one verdict on an odd file: what has lost pixels is damaged, nothing else.

`check --quick` alone does not decode what looks whole. It refuses nothing that has all its pixels;
what only the pixels show is for the others to find.
"""

from io import BytesIO

import cv2
import numpy as np
import pytest
from dealing import split, write_records
from oddities import ODDITIES, SIZE, picture
from PIL import Image

from tfod.data.example import Example
from tfod.data.images import read_image
from tfod.data.records.file import read_records
from tfod.data.voc import write_voc
from tfod.detections import Detections
from tfod.errors import UserError
from tfod.steps.check.check import CheckOptions, check
from tfod.steps.convert.check_rows import check_rows
from tfod.steps.convert.read_voc import read_voc
from tfod.steps.detect.detect import detect_files
from tfod.workspace import Workspace

# damage that shows only when the pixels are decoded
HIDDEN = {
    "a grey lower half",
    "a grey lower half of JFIF 3.01",
    "overwritten",
    "a piece is missing",
}
OF_OTHER_FORMATS = {"half a BMP", "half a GIF", "half a TIFF"}


def decoded(data):
    """The pixels in OpenCV's eyes, which overlooks much; what it wants an end for gets one."""
    for file in (data, data + b"\xff\xd9"):
        pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
        if pixels is not None:
            return pixels[..., ::-1]
    try:
        return np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    except (OSError, SyntaxError):
        return np.empty(0)


SAME = {name: np.array_equal(decoded(data), decoded(of)) for name, (data, of) in ODDITIES.items()}


def refused(work):
    """Whether a step refuses the photo."""
    try:
        work()
    except UserError as error:
        assert set(error.codes) == {"image-unreadable"}
        return True
    return False


def finds_damage(folder, quick):
    found = check(Workspace(folder), CheckOptions(folder, quick=quick)).findings
    return "image-unreadable" in [finding.code for finding in found]


def nothing_in(image):
    none = np.zeros((0, 4), np.float32)
    return Detections(none, np.zeros(0, np.float32), np.zeros(0, np.int32), {})


def test_there_are_many():
    assert sum(SAME.values()) >= 40 and len(SAME) - sum(SAME.values()) >= 12


@pytest.mark.parametrize("name", ODDITIES)
def test_one_verdict(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "images" / "s"
    folder.mkdir(parents=True)
    (folder / "odd.jpg").write_bytes(ODDITIES[name][0])
    Image.fromarray(255 - picture()).save(folder / "good.png")
    for file in ("odd.jpg", "good.png"):
        example = Example(folder / file, *SIZE, [[0.25, 0.25, 0.75, 0.75]], ("ball",))
        write_voc((folder / file).with_suffix(".xml"), example)
    lost = not SAME[name]
    record = tmp_path / "a.record"
    detected = detect_files(nothing_in, folder, tmp_path / "out")
    verdicts = {
        "read": refused(lambda: read_image(folder / "odd.jpg")),  # as label and suggestions do
        "check": finds_damage(folder, quick=False),
        "split": refused(lambda: split(folder, tmp_path / "parts")),
        "detect": detected.images == 1,
        "records": refused(lambda: write_records(folder, record, tmp_path / "m.pbtxt")),
        "convert": refused(lambda: check_rows(read_voc(folder))),
    }
    assert verdicts == dict.fromkeys(verdicts, lost)
    seen = name not in HIDDEN | OF_OTHER_FORMATS
    assert finds_damage(folder, quick=True) == (lost and seen)


def test_each_record_trains(tmp_path):
    """TensorFlow refuses some that have all their pixels, so the records hold others."""
    import tensorflow as tf

    from tfod.data.records.reader import decode_image

    odd = [name for name, same in SAME.items() if same]
    for number, name in enumerate(odd):
        path = tmp_path / f"{number:02}.jpg"
        path.write_bytes(ODDITIES[name][0])
        write_voc(path.with_suffix(".xml"), Example(path, *SIZE, [[0.2, 0.2, 0.7, 0.7]], ("a",)))
    write_records(tmp_path, tmp_path / "a.record", tmp_path / "m.pbtxt")
    for name, record in zip(odd, read_records(tmp_path / "a.record"), strict=True):
        trained = decode_image(tf.constant(record["image/encoded"][0])).numpy().astype(int)
        wanted = decoded(ODDITIES[name][1])
        assert np.abs(trained - wanted).max() <= 8, name  # its JPEG decoder is the fast one
