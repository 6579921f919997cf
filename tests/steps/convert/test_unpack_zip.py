"""A ZIP that cannot be unpacked is refused with the reason, and nothing of it stays."""

import shutil
import zipfile
from collections import namedtuple

import pytest
from refusals import raises_problem

from tfod.remedies import Remedy
from tfod.steps.convert.unpack import unpack

FLAGS, METHOD = 6, 8  # where they are in the header of a file; 2 further in the list at the end
ENCRYPTED, UNKNOWN = 1, 99


@pytest.fixture
def packed(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "words " * 50)
    (tmp_path / "into").mkdir()
    return path


def patched(path, at, value):
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", at), (b"PK\x01\x02", at + 2)):
        data[data.index(signature) + offset] = value
    path.write_bytes(data)


def test_a_good_one(packed, tmp_path):
    assert (unpack(packed, tmp_path / "into") / "a.txt").read_text().startswith("words")


def test_a_damaged_one(packed, tmp_path):
    packed.write_bytes(packed.read_bytes()[:-30])
    with raises_problem("zip-damaged", where=packed, remedy=Remedy.COPY_AGAIN):
        unpack(packed, tmp_path / "into")


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [(FLAGS, ENCRYPTED, "password"), (METHOD, UNKNOWN, "compression method is not supported")],
)
def test_a_locked_one_and_an_unknown_compression(packed, tmp_path, at, value, said):
    patched(packed, at, value)
    with raises_problem("zip-locked", where=packed, what=said, remedy=Remedy.CHOOSE_FOLDER):
        unpack(packed, tmp_path / "into")


def test_one_that_the_disk_cannot_hold(packed, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(1000, 900, 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with raises_problem("disk-full", where=packed, remedy=Remedy.FREE_SPACE):
        unpack(packed, tmp_path / "into")
