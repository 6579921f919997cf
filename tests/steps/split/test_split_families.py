"""Copies made by augmentation stay with their photo, and check tells when they do not."""

import json
import re
import shutil

import numpy as np
import pytest
from dealing import split
from PIL import Image, ImageOps

from tfod.cli import main
from tfod.data.example import Example
from tfod.data.voc import write_voc

COPIES = {
    "{}_flip.png": ImageOps.mirror,
    "{}_aug1.png": lambda image: image.rotate(90),
    "{} (1).png": ImageOps.flip,
    "{}_rot180.png": lambda image: image.rotate(180),
}


def put(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    write_voc(path.with_suffix(".xml"), Example(path, 48, 48, [[0.2, 0.2, 0.6, 0.6]], ["a"]))


def photo(number):
    pixels = np.random.default_rng(number).integers(0, 256, (5, 5, 3), np.uint8)
    return Image.fromarray(pixels).resize((48, 48))


def make(folder, numbers, copies=COPIES):
    for number in numbers:
        put(folder / f"IMG_{number:04}.png", photo(number))
        for name, change in copies.items():
            put(folder / name.format(f"IMG_{number:04}"), change(photo(number)))


def sides(images):
    """Stem of each original -> the parts its family is in."""
    found: dict[str, set] = {}
    for part in ("train", "test"):
        for path in (images / part).glob("*.png"):
            found.setdefault(re.match(r"IMG_\d+", path.stem)[0], set()).add(part)
    return found


@pytest.fixture
def images(workspace):
    return workspace / "workspace/images"


@pytest.mark.parametrize("by", ["burst", "session", "image"])
def test_a_family_is_on_one_side(images, by):
    make(images / "s1", range(6))
    make(images / "s2", range(6, 10))
    split(by=by, test=0.3)
    found = sides(images)
    assert len(found) == 10 and all(len(parts) == 1 for parts in found.values())
    assert main(["check"]) == 0


def test_copies_in_a_folder_of_their_own(images):
    make(images / "s1", range(10), {})
    for number in range(10):
        put(images / "augmented" / f"IMG_{number:04}_flip.png", ImageOps.mirror(photo(number)))
    split(test=0.3)
    assert all(len(parts) == 1 for parts in sides(images).values())


def test_nothing_placed_moves(images):
    make(images / "s1", range(10), {})
    split(test=0.3)
    before = sides(images)
    make(images / "s1", range(10))
    split()
    assert sides(images) == before, "new copies go where their photo is"


def test_what_an_older_version_placed_apart_stays_and_is_told(images, capsys):
    make(images / "s1", range(8), {"{}_flip.png": ImageOps.mirror})
    split(test=0.3)
    test = next((images / "test").glob("*_flip.png"))
    manifests = {part: images / part / ".split.json" for part in ("train", "test")}
    held = {part: json.loads(path.read_text()) for part, path in manifests.items()}
    moved = [one for one in held["test"]["photos"] if one["copy"] == test.name]
    held["train"]["photos"] += moved
    held["test"]["photos"].remove(moved[0])
    for name in (test.name, f"{test.stem}.xml"):
        shutil.move(images / "test" / name, images / "train" / name)
        held["train"]["files"][name] = held["test"]["files"].pop(name)
    for part, path in manifests.items():
        path.write_text(json.dumps(held[part]))
    split()
    assert (images / "train" / test.name).exists()
    main(["check"])
    said = capsys.readouterr().out
    assert "copy-across-parts (1)" in said and "tfod split --fresh" in said
    split(fresh=True)
    main(["check"])
    assert "copy-across-parts" not in capsys.readouterr().out


@pytest.mark.parametrize("quick", [(), ("--quick",)])
def test_exports_in_two_parts_are_told(images, quick, capsys):
    for number in range(4):
        for part, tail in (("train", "a"), ("valid", "b")):
            name = f"p{number}_jpg.rf.{tail * 32}.png"
            if part == "train" or number < 2:
                change = ImageOps.mirror if part == "valid" else ImageOps.flip
                put(images / part / name, change(photo(number)))
    main(["check", *quick])
    said = capsys.readouterr().out
    assert "copy-across-parts (2)" in said
    assert "tfod split --fresh --output workspace/images-split" in said
