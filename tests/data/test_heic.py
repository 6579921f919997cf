"""HEIC photos: read with pi-heif; without it every command names it and leaves them out."""

import json
import subprocess
import sys
from base64 import b64decode

import numpy as np
import pytest
from dealing import write_records

from tfod.data.example import Example
from tfod.data.image_open import read_header
from tfod.data.images import check_image, read_image
from tfod.data.voc import write_voc
from tfod.listing import HEIC_SUFFIXES

# 64x48, a red rectangle on cream, drawn for this test
HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAN4AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34"
    "+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5"
    "uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAA"
    "AAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAA"
    "AAAAAAEAAQWBAgMFhAAAAOZtZGF0AAAA2igBrwng42haKmpav+2K//36eQLFMcNsbcAtwVmbtqFTfJJB2u7Z8bnN"
    "om2mhL7im7ImgCgBkuop47jeDSajUMpVnE5Ho/rv+6SAPonWy4+Opfasw/QkILK1A+mL8cannw4pv9wrrDVyElz3"
    "1qBDHXZ5xPC4ld2/ZJFnMRnpBcBIxiADTbFmscFEJVbE5Z5jSgPWxdBF+7NNe3nVyvd4/G2Nahfjlmw0Igexjb0U"
    "hHzRv0A2DNRtbxsAfkCGi9fxMziMIaq9wO033LX90QDTRO2R2kiaHWX6Nctg"
)
WITHOUT = """
import sys
sys.modules["pi_heif"] = None
from tfod.cli import main
sys.exit(main(sys.argv[1:]))
"""


def labelled(folder, name, data=HEIC):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    example = Example(folder / name, 48, 64, [[0.2, 0.3, 0.6, 0.7]], ("ball",))
    write_voc((folder / name).with_suffix(".xml"), example)
    return folder / name


@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "a.jpg"])
def test_a_heic_photo_is_read(tmp_path, name):
    pytest.importorskip("pi_heif", reason="needs the extra `heic`")
    path = labelled(tmp_path, name)
    assert read_header(path).size == (48, 64)
    assert not check_image(path).plain
    pixels = read_image(path).astype(int)
    assert np.abs(pixels[20, 30] - (200, 40, 40)).max() < 40
    assert np.abs(pixels[5, 5] - (230, 220, 200)).max() < 20
    assert write_records(tmp_path, tmp_path / "a.record", tmp_path / "m.pbtxt").images == 1


def run(*arguments):
    command = [sys.executable, "-c", WITHOUT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_without_the_package_a_heic_photo_is_named(tmp_path):
    session = tmp_path / "workspace" / "images" / "s"
    labelled(session, f"photo{HEIC_SUFFIXES[0].upper()}")
    done = run("--workspace", tmp_path, "check", "--json")
    assert "pi-heif" in done.stdout + done.stderr and done.returncode == 2
    labelled(session, "called.jpg")  # as phones save it
    done = run("--workspace", tmp_path, "check", "--json")
    findings = {one["code"]: one for one in json.loads(done.stdout)["findings"]}
    assert findings["heic-not-read"]["places"][0]["path"].endswith("photo.HEIC")
    assert findings["image-unreadable"]["places"][0]["path"].endswith("called.jpg")
