"""What must hold for a reader of a user's file, whatever bytes are in it.

Each function here takes the bytes of a file. The reader may refuse them with a `UserError`; any
other exception is a bug, and so is a result that breaks what its docstring promises.
`fuzz.py` calls these with made-up bytes, `tests/test_fuzz.py` with what was found by it.
"""

import os
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from tfod.config import check_config, parse_config
from tfod.data.annotation import read_annotation
from tfod.data.records.file import (
    check_record_file,
    decode_example,
    encode_example,
    frame,
    read_records,
)
from tfod.data.voc import fit, read_voc, write_voc
from tfod.errors import UserError
from tfod.labels import read_label_map, write_label_map

FOLDER = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))


def voc_xml(data: bytes) -> None:
    """Boxes lie in the image and have an area; what was read is read again as it was."""
    path = FOLDER / "a.xml"
    path.write_bytes(data)
    for size, orientation in ((None, 1), ((40, 60), 1), ((60, 40), 6)):
        try:
            example = read_voc(path, size, orientation)
            left_out: list = []
        except UserError as error:
            _one_message(error, path)
            try:
                example, _, left_out, _ = fit(read_annotation(path), path, size, orientation)
            except UserError:
                continue
            assert left_out
        boxes = example.boxes
        assert boxes.dtype == np.float32 and boxes.shape == (len(example.names), 4)
        assert ((boxes >= 0) & (boxes <= 1)).all()
        assert (boxes[:, :2] <= boxes[:, 2:]).all()
        assert all(example.names)
        write_voc(FOLDER / "again.xml", example)
        again = read_voc(FOLDER / "again.xml", (example.height_px, example.width_px))
        assert again.names == example.names
        assert np.array_equal(again.boxes, boxes)
        for flags in ("difficult", "truncated", "occluded"):
            assert np.array_equal(getattr(again, flags), getattr(example, flags))


def voc_numbers(data: bytes) -> None:
    """The lines of the bytes as the texts of an annotation that is well formed."""
    lines = data.decode("utf-8", "replace").splitlines() + [""] * 7
    name, width, height, *box = (escape(_in_xml(line)) for line in lines[:7])
    sides = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    inside = "".join(f"<{side}>{text}</{side}>" for side, text in sides)
    size = f"<size><width>{width}</width><height>{height}</height></size>"
    text = f"<object><name>{name}</name><bndbox>{inside}</bndbox></object>"
    voc_xml(f"<annotation>{size}{text}{text}</annotation>".encode())


def _in_xml(text: str) -> str:
    """Leave out the letters that XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable() and letter < "\ufffe")


def label_map(data: bytes) -> None:
    """Ids are 1 or more, names are not empty; names written are read again."""
    path = FOLDER / "label_map.pbtxt"
    path.write_bytes(data)
    try:
        labels = read_label_map(path)
    except UserError as error:
        _one_message(error, path)
        return
    assert labels.names and all(id_ >= 1 and name for id_, name in labels.names.items())
    names = list(labels.names.values())
    write_label_map(path, names)
    assert list(read_label_map(path).names.values()) == names


def record_file(data: bytes) -> None:
    """The bytes as a file, and as one record with right checksums."""
    path = FOLDER / "a.record"
    for content in (data, frame(data)):
        path.write_bytes(content)
        try:
            count = check_record_file(path)
            records = list(read_records(path))
        except UserError as error:
            _one_message(error, path)
            continue
        assert len(records) == count
        for record in records:
            again = {
                name: (type(values[0]) if values else bytes, values)
                for name, values in record.items()
            }
            # a number that is not one is not equal to itself, its text is
            assert repr(decode_example(encode_example(again))) == repr(record)


def pipeline_config(data: bytes) -> None:
    """A config is read and checked, or refused."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    try:
        check_config(parse_config(text, "pipeline.config"), "pipeline.config")
    except UserError as error:
        assert "pipeline.config" in str(error)


def _one_message(error: UserError, path: Path) -> None:
    assert str(path) in str(error), f"the message does not name the file: {error}"
    assert len(str(error)) < 20_000


TARGETS = {
    "voc_xml": voc_xml,
    "voc_numbers": voc_numbers,
    "label_map": label_map,
    "record_file": record_file,
    "pipeline_config": pipeline_config,
}
