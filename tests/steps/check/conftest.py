"""A session of labelled photos, made one at a time, and what the checks say of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tfod.camera.scenes import draw_scene
from tfod.steps.check.dataset import read_dataset
from tfod.steps.check.finding import Finding
from tfod.steps.check.settings import Settings

SIZE = (48, 64)
CAT = ("cat", 5, 5, 30, 40)


@pytest.fixture
def session(tmp_path) -> Path:
    """An empty session in a folder of sessions."""
    folder = tmp_path / "images" / "s1"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def put(session) -> Callable[..., Path]:
    """A function that draws a photo, no two alike, and labels it; `objects=None` leaves it bare."""
    drawn = []

    def make(name="a.jpg", *objects, folder=session, size=SIZE, stated=None, named="", **options):
        folder.mkdir(exist_ok=True)
        drawn.append(name)
        pixels, _, _ = draw_scene(len(drawn), ("x", "y"), SIZE, 0)
        image = options.pop("image", None) or Image.fromarray(pixels).resize(size[::-1])
        image.save(folder / name, **options)
        if objects != (None,):
            text = annotation(named or name, objects or (CAT,), stated or size)
            (folder / name).with_suffix(".xml").write_text(text, encoding="utf-8")
        return folder / name

    return make


def annotation(name, objects, size=SIZE) -> str:
    """The text of an XML; the first <object> is in line 4, each takes a line."""
    lines = ["<annotation>", f"<filename>{name}</filename>"]
    lines.append(f"<size><width>{size[1]}</width><height>{size[0]}</height></size>")
    for class_name, *box in objects:
        sides = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        inside = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
        lines.append(f"<object><name>{class_name}</name><bndbox>{inside}</bndbox></object>")
    return "\n".join([*lines, "</annotation>\n"])


@pytest.fixture
def say(session) -> Callable[..., dict[str, Finding]]:
    """A function that runs checks: code -> finding."""

    def run(*checks, decode=True, **settings):
        dataset = read_dataset(session.parent, decode)
        dataset.settings = Settings(**settings)
        return {found.code: found for check in checks for found in check(dataset)}

    return run
