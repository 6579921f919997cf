"""Files that are not ours lie among the photos: labelling and every other command leave them."""

import json
import os
import pickle
from importlib.util import find_spec
from pathlib import Path

import pytest
from labelling import (
    BLUE,
    RED,
    RED_PX,
    SESSION,
    draw,
    finished,
    labelling,
    on_screen,
    photo,
    suggestion,
    until,
)

from tfod.data.example import boxes_xyxy_px
from tfod.data.voc import read_voc

needs_labelimg = pytest.mark.skipif(
    not (find_spec("labelImg") and find_spec("PyQt5")), reason="needs the extra `label`"
)
YOLO = "0 0.28125 0.458333 0.3125 0.416667\n"
LABELME = {
    "version": "5.4.1",
    "shapes": [{"label": "ball", "points": [[40, 60], [140, 160]], "shape_type": "rectangle"}],
    "imagePath": "c3.jpg",
    "imageData": None,
}
CREATEML = [
    {
        "image": "d4.jpg",
        "annotations": [
            {"label": "ball", "coordinates": {"x": 90, "y": 110, "width": 100, "height": 100}}
        ],
    }
]
FOREIGN = {
    "a1.txt": "a red rectangle, left of a blue one\n",
    "b2.txt": YOLO,
    "c3.json": json.dumps(LABELME),
    "d4.json": json.dumps(CREATEML),
}


def others(folder):
    """The bytes of all files that are neither photos nor XML, and of hidden ones."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path: path.read_bytes() for path in files if path.suffix.lower() not in (".jpg", ".xml")
    }


@pytest.fixture
def mixed(workspace, monkeypatch):
    """Four photos; a caption, a YOLO text, a LabelMe and a CreateML file beside them."""
    monkeypatch.setenv("HOME", str(workspace))
    SESSION.mkdir(parents=True)
    for name in ("a1", "b2", "c3", "d4"):
        photo(SESSION / f"{name}.jpg")
    for name, text in FOREIGN.items():
        (SESSION / name).write_text(text, encoding="utf-8")
    settings = {"labelFileFormat": "YOLO", "autosave": False, "savedir": str(workspace)}
    Path(".labelImgSettings.pkl").write_bytes(pickle.dumps(settings))
    return SESSION


@needs_labelimg
@pytest.mark.parametrize("classes", [None, "cat\nball\n"], ids=["no classes.txt", "classes.txt"])
def test_a_session_is_saved_as_xml_whatever_lies_beside_the_photos(desktop, mixed, classes):
    if classes:
        (mixed / "classes.txt").write_text(classes)
    before = others(Path())
    with labelling(desktop, "--classes", "ball") as process:
        window = desktop.window(r"a1.jpg \[1 / 4\]")
        for number, name in enumerate(("a1", "b2", "c3", "d4"), 1):
            desktop.window(rf"{name}.jpg \[{number} / 4\]")
            desktop.press(window, "ctrl+y", "ctrl+shift+y", "ctrl+plus")
            if name != "c3":  # that one is left
                draw(desktop, window, until(lambda: on_screen(desktop, RED)), *"ball", "Return")
            desktop.press(window, "d")
        desktop.close(window)
        out, err = finished(process)
    assert others(Path()) == before
    for name in ("a1", "b2", "d4"):
        example = read_voc(mixed / f"{name}.xml")
        assert example.names == ("ball",)
        assert max(abs(a - b) for a, b in zip(*boxes_xyxy_px(example), RED_PX, strict=True)) <= 2
    assert not (mixed / "c3.xml").exists()
    assert f"{mixed}: 3 of 4 images labelled" in out


@needs_labelimg
def test_each_photo_keeps_the_xml_it_has(desktop, mixed):
    """XML in a folder beside images/, some with the image, some with an ending in capitals."""
    images = mixed / "images"
    images.mkdir()
    for name in ("a1.jpg", "b2.jpg", "b2.txt", "c3.jpg", "d4.jpg"):
        os.replace(mixed / name, images / name)
    photo(images / "a1.xml.jpg")
    xml = mixed / "annotations"
    xml.mkdir()
    for name in ("a1", "b2", "c3", "d4"):
        suggestion(images / f"{name}.jpg")
    os.replace(images / "b2.xml", xml / "b2.xml")
    os.replace(images / "c3.xml", xml / "c3.XML")
    os.replace(images / "d4.xml", xml / "d4.xml")
    before = others(Path())
    with labelling(desktop, images, "--classes", "ball") as process:
        window = desktop.window(r"a1.jpg \[1 / 5\]")
        desktop.press(window, "ctrl+shift+s", "d")  # no "Save As"
        desktop.window(r"a1.xml.jpg \[2 / 5\]")
        desktop.press(window, "ctrl+v", "d")
        desktop.window(r"b2.jpg \[3 / 5\]")
        desktop.press(window, "ctrl+shift+d")
        desktop.press(desktop.window("Delete"), "alt+y")
        desktop.window(r"c3.jpg \[3 / 4\]")
        draw(desktop, window, until(lambda: on_screen(desktop, BLUE)), *"ball", "Return")
        desktop.press(window, "d")
        desktop.window(r"d4.jpg \[4 / 4\]")
        desktop.press(window, "ctrl+v", "ctrl+s")
        until(lambda: not read_voc(xml / "d4.xml").suggested_by)
        desktop.close(window)
        finished(process)
    assert others(Path()) == before
    names = sorted(path.relative_to(mixed).as_posix() for path in mixed.rglob("*.[xX][mM][lL]"))
    assert names == [
        *("annotations/a1.xml.xml", "annotations/c3.XML", "annotations/d4.xml", "images/a1.xml")
    ]
    assert not (images / "b2.jpg").exists()
    saved = {path.name: read_voc(path) for path in [*xml.iterdir(), images / "a1.xml"]}
    assert not any(example.suggested_by for example in saved.values())
    boxes = {name: len(example.names) for name, example in saved.items()}
    assert boxes == {"a1.xml": 1, "a1.xml.xml": 1, "c3.XML": 2, "d4.xml": 3}
