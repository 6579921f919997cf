"""Files that are not ours lie among the photos: labelling and every other command leave them."""

import json
import os
import pickle
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import numpy as np
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

from tfod.camera.scenes import draw_scene
from tfod.cli import main
from tfod.data.example import Example, boxes_xyxy_px
from tfod.data.images import write_image
from tfod.data.voc import read_voc, write_voc
from tfod.detections import Detections
from tfod.steps.convert.rows import FORMATS
from tfod.steps.label.sessions import count_labels

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
        path: path.read_bytes()
        for path in files
        if path.suffix.lower() not in (".jpg", ".png", ".xml")
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
    for name in ("yolo", "labelme", "createml"):
        assert f"--from {name}" in err
        assert (f"--from {name} --keep-existing" in out) == (name == "labelme"), "that one is left"


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


# layout -> files besides the photos a1 to d4
COCO = {
    "images": [{"id": 1, "file_name": "b2.jpg", "width": 320, "height": 240}],
    "categories": [{"id": 1, "name": "ball"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [40, 60, 100, 100]}],
}
CSV = "filename,width,height,class,xmin,ymin,xmax,ymax\nb2.jpg,320,240,ball,40,60,140,160\n"
VIA_BOX = '{"name": "rect", "x": 40, "y": 60, "width": 100, "height": 100}'
VIA = f"""{{"b2.jpg9": {{"filename": "b2.jpg", "regions": [
    {{"shape_attributes": {VIA_BOX}, "region_attributes": {{"class": "ball"}}}}]}}}}"""
STUDIO_BOX = '{"x": 12.5, "y": 25, "width": 31.25, "height": 41.6667, "rectanglelabels": ["ball"]}'
STUDIO = f"""[{{"data": {{"image": "/data/upload/1/b2.jpg"}},
    "annotations": [{{"result": [{{"type": "rectanglelabels", "value": {STUDIO_BOX}}}]}}]}}]"""
CVAT = """<annotations><image id="1" name="b2.jpg" width="320" height="240">
<box label="ball" xtl="40" ytl="60" xbr="140" ybr="160" occluded="0"/></image></annotations>"""
LAYOUTS = {
    "via": {"via.json": VIA},
    "label studio": {"project.json": STUDIO},
    "cvat": {"annotations.xml": CVAT},
    "oidv4": {"b2.txt": "ball 40.0 60.0 140.0 160.0\n"},
    "kitti": {"b2.txt": "ball 0 0 0 40 60 140 160 0 0 0 0 0 0 0\n"},
    "yolo": {"b2.txt": YOLO, "classes.txt": "ball\n"},
    "yolo, no names": {"b2.txt": YOLO, "notes.txt": "2 of them\n"},
    "yolo, names above": {"b2.txt": YOLO, "../data.yaml": "names: [ball]\n"},
    "yolo, labels/ of the workspace": {"../../labels/s 1/b2.txt": YOLO},
    "yolo, labels/ in it": {"labels/b2.txt": YOLO, "data.yaml": "names: [ball]\n"},
    "coco, annotations/ in it": {"annotations/instances.json": json.dumps(COCO)},
    "labelme": {"b2.json": json.dumps(LABELME | {"imagePath": "b2.jpg"})},
    "createml": {"b2.json": json.dumps([CREATEML[0] | {"image": "b2.jpg"}])},
    "createml, one file": {"_annotations.createml.json": json.dumps(CREATEML)},
    "coco": {"_annotations.coco.json": json.dumps(COCO)},
    "csv": {"labels.csv": CSV},
}


@pytest.fixture
def plain(workspace):
    """A session of four photos."""
    SESSION.mkdir(parents=True)
    for index, name in enumerate(("a1", "b2", "c3", "d4")):
        write_image(SESSION / f"{name}.jpg", draw_scene(index, size=(240, 320))[0])
    return SESSION


def put(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def said(capsys, *arguments, code=0):
    assert main([*arguments]) == code
    return "".join(capsys.readouterr())


@pytest.mark.parametrize("some_xml", [False, True], ids=["no XML", "some XML"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_command_says_how_to_bring_labels_in_and_that_works(plain, capsys, layout, some_xml):
    put(plain, LAYOUTS[layout])
    for name in ("a1", "c3") if some_xml else ():
        image = plain / f"{name}.jpg"
        example = Example(image, 240, 320, np.float32([[0, 0, 1, 1]]), ("mine",))
        write_voc(image.with_suffix(".xml"), example)
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    texts = [
        said(capsys, "label", "s 1", "--status"),
        said(capsys, "check", code=0 if some_xml else 3),
        said(capsys, "split", code=0 if some_xml else 2),
    ]
    commands = {re.search(r"tfod convert [^`\n]*", text)[0] for text in texts}
    assert len(commands) == 1, texts
    words = shlex.split(commands.pop())[1:]
    assert ("NAME" in words) == (layout in ("yolo, no names", "yolo, labels/ of the workspace"))
    said(capsys, *["ball" if word == "NAME" else word for word in words])
    assert all(path.read_bytes() == data for path, data in before.items())
    (new,) = set(plain.rglob("*.xml")) - before.keys()
    assert new == plain / ("d4.xml" if layout == "createml, one file" else "b2.xml")
    assert read_voc(new).names == ("ball",)
    assert np.abs(np.subtract(boxes_xyxy_px(read_voc(new)), RED_PX)).max() < 1
    assert len(list(plain.glob("*.jpg"))) == 4
    assert "tfod convert" not in said(capsys, "label", "s 1", "--status")


@pytest.mark.parametrize("name", ["a1.txt", "notes.txt", "a1.json", "data.json", "list.csv"])
def test_what_is_no_label_is_not_called_one(plain, capsys, name):
    texts = {".txt": "one cat, 2 dogs\n", ".json": '{"a": "a1.jpg"}', ".csv": "a,b\na1.jpg,1\n"}
    put(plain, {name: texts[Path(name).suffix]})
    assert not count_labels(plain).other_labels
    assert "convert" not in said(capsys, "check", code=3)


@pytest.mark.parametrize("parts", [("train", "valid"), ("train", "test")])
def test_a_set_of_yolo_that_was_copied_into_the_workspace(workspace, capsys, parts):
    """As Roboflow lays it out; what is missing is labels, not another split."""
    images = Path("workspace/images")
    for part in parts:
        for name in "ab":
            write_image(images / part / f"images/{part}{name}.jpg", draw_scene(ord(name))[0])
            put(images / part / "labels", {f"{part}{name}.txt": YOLO})
    put(images, {"data.yaml": "names: [ball]\n"})
    for command in (["train", "balls"], ["records"]):
        folder = "workspace/images/train/images"
        assert f"Run `tfod convert {folder} {folder}" in said(capsys, *command, code=2)
    deeper = Path("workspace/images/mine")
    deeper.mkdir()
    for path in (*map(images.joinpath, parts), images / "data.yaml"):
        path.rename(deeper / path.name)
    for command in (["train", "balls"], ["records"], ["split"], ["label", "--status"]):
        assert f"Run `tfod check {deeper}`" in said(capsys, *command, code=2)


def test_records_name_labels_of_a_split_by_hand(plain, capsys):
    """Parts of another tool: images/train with labels/train, and data.yaml above both."""
    data = Path("data")
    for part, names in {"train": ("a1", "b2"), "test": ("c3", "d4")}.items():
        for name in names:
            (data / "images" / part).mkdir(parents=True, exist_ok=True)
            os.replace(plain / f"{name}.jpg", data / "images" / part / f"{name}.jpg")
            put(data / "labels" / part, {f"{name}.txt": YOLO})
    put(data, {"data.yaml": "names: [ball]\n"})
    for part in ("train", "test"):
        error = said(capsys, "records", "--images", "data/images", code=2)
        folder = f"data/images/{part}"
        command = f"tfod convert {folder} {folder} --from yolo"
        assert f"Run `{command}`" in error
        said(capsys, *command.split()[1:])
    out = said(capsys, "records", "--images", "data/images")
    assert "train: 2 images, 2 boxes (ball 2)" in out


class Red:
    """A detector that finds the red rectangle in every photo."""

    path, size, class_names = Path("tiny.tflite"), None, {0: "ball"}

    def __call__(self, image):
        box = np.float32([[0.25, 0.125, 0.667, 0.4375]])
        return Detections(box, np.float32([0.9]), np.int32([0]), self.class_names)


def test_no_command_changes_a_file_that_is_not_ours(plain, capsys, monkeypatch):
    monkeypatch.setattr("tfod.cli.label.load_model", lambda path: Red())
    monkeypatch.setattr("tfod.cli.label.ready_model", Path)
    files = {**FOREIGN, "more/caption.txt": "words", "more/classes.txt": "cat"}
    files |= {"classes.txt": "cat\nball\n", "notes.md": "mine", ".hidden": "", "a1.xml.bak": "old"}
    files |= {"_annotations.coco.json": json.dumps(COCO), "labels.csv": CSV, "data.yaml": "nc: 2"}
    files |= {"Mask_1.txt": "a mask", "Mask_1.json": "{}", "a1.npy": "array"}
    put(plain, files)
    os.replace(plain / "d4.jpg", plain / "d4.png")  # for the repair
    before = others(Path())
    assert len(before) > 14

    def run(line, *codes):
        assert main(shlex.split(line)) in codes, capsys.readouterr().err
        after = others(Path())
        assert {path: after.get(path) for path in before} == before, line

    camera = "--number 2 --every 0 --countdown 0 --camera synthetic --headless"
    run(f"capture --classes Mask --session 's 1' {camera}", 0)
    run("label 's 1' --status --classes ball", 0)
    run("label 's 1' --status --classes ball --suggest tiny", 0)
    for xml in plain.glob("*.xml"):
        xml.write_text(re.sub(r"\s*<!--.*-->|.*suggested.*", "", xml.read_text()))
    assert count_labels(plain).labelled == 6
    (plain / "a1.xml").write_text((plain / "a1.xml").read_text().replace("<xmin>40", "<xmin>-9"))
    for name in ("b2", "c3"):
        (plain / f"{name}.xml").unlink()
    here = "'workspace/images/s 1'"
    for line in ("check", "check --html report.html"):
        run(line, 3)
    for line in (
        *("check --fix --copy repaired", "check --fix", "split", "split --fresh"),
        *("records --csv", "check", f"convert {here} {here} --from yolo --keep-existing"),
        f"convert {here} {here} --from labelme --keep-existing",
        f"convert {here} {here} --from csv --overwrite",
        *(f"convert {here} to_{name} --from voc --to {name}" for name in FORMATS),
        *("split", "label 's 1' --status"),
    ):
        run(line, 0)
    for line in (
        f"convert {here} {here} --from coco",
        f"convert {here} {here} --from voc --to yolo --no-images",
    ):
        run(line, 2)
    for name in ("classes.txt", "a1.txt", "notes.md"):
        put(Path("workspace/images/train"), {name: "mine"})
        before = others(Path())
        run("split --fresh", 2)
        (Path("workspace/images/train") / name).unlink()
        before = others(Path())
