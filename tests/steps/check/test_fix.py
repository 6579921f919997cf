"""Each defect is made, repaired and gone; files without one stay as they were to the byte."""

import re
import shutil
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import messy
import numpy as np
import pytest
from dealing import split
from PIL import Image
from refusals import raises_problem

from tfod.data.image_open import read_header
from tfod.data.images import read_image
from tfod.data.photo_folder import read_folder
from tfod.data.voc import read_voc
from tfod.errors import UserError
from tfod.labels import LabelMap, write_label_map
from tfod.steps.check.check import CheckOptions, check
from tfod.steps.check.fix import fix as module
from tfod.steps.check.fix.fix import fix as fix_workspace
from tfod.workspace import Workspace

MASKS = LabelMap({1: "Mask", 2: "No-mask"}, {})
SIZE = (60, 80)
XML = """<?xml version="1.0"?>
<annotation verified='yes'>  <!-- drawn by Zoë -->
\t<folder>s1</folder><filename>{name}</filename>
\t<path>C:\\photos\\{name}</path>
\t<size><width>80</width><height>60</height><depth>3</depth></size>
\t<weather  kind="a > b">rain</weather>
{objects}</annotation>
"""
OBJECT = """\t<object>
\t\t<name>{}</name><blurred>0</blurred>
\t\t<bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox>
\t</object>
"""
GOOD = ("Mask", 10, 10, 40, 50)


def picture(height=SIZE[0], width=SIZE[1]):
    y, x = np.mgrid[:height, :width]
    return np.stack([3 * x, 4 * y, 200 - 2 * x], axis=-1).astype(np.uint8)


def make(folder, name="a.jpg", objects=(GOOD,), image=None, **options):
    """Save an image and its XML; give the path of the XML."""
    folder.mkdir(parents=True, exist_ok=True)
    (image or Image.fromarray(picture())).save(folder / name, **options)
    text = XML.format(name=name, objects="".join(OBJECT.format(*box) for box in objects))
    xml = (folder / name).with_suffix(".xml")
    xml.write_text(text, encoding="utf-8")
    return xml


def state_size(xml, height, width):
    text = xml.read_text(encoding="utf-8")
    old = "<width>80</width><height>60</height>"
    new = f"<width>{width}</width><height>{height}</height>"
    xml.write_text(text.replace(old, new), encoding="utf-8")


def fix(folder, label_map=None, copy=None):
    """Repair a folder of the workspace that is the current folder."""
    return fix_workspace(Workspace("."), folder, label_map=label_map, copy=copy)


def texts(xml):
    """The elements of an annotation with their texts and attributes, in their order."""
    root = ElementTree.fromstring(xml) if isinstance(xml, str) else ElementTree.parse(xml).getroot()
    return [(node.tag, (node.text or "").strip(), node.attrib) for node in root.iter()]


@pytest.fixture
def images(workspace):
    """Two sessions with a good pair each, a session's hidden file and a copy made by split."""
    folder = workspace / "workspace" / "images"
    make(folder / "s1", "good.jpg")
    make(folder / "s2", "fine.png")
    split(folder, test=0.5)
    return folder


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "backups" not in path.relative_to(folder).parts
    }


def fixed_once(images, changed, label_map=MASKS):
    """Repair; check that only these files changed, that the backup has them, that twice is once."""
    before = contents(images)
    result = fix(images, label_map)
    after = contents(images)
    differing = {path for path in before | after if before.get(path) != after.get(path)}
    assert differing == changed
    kept = contents(result.backup)
    mirrored = images.relative_to(images.parents[1])
    assert kept == {mirrored / path: before[path] for path in changed if path in before}
    again = fix(images, label_map)
    assert (again.changes, again.backup) == ([], None)
    return result


def paths(*names):
    return {Path("s1") / name for name in names}


@pytest.mark.parametrize(
    ("box", "code", "becomes"),
    [
        (("Mask", -3, 10, 40, 50), "box-outside-image", (0, 10, 40, 50)),
        (("Mask", 10.5, 10, 93, 60.5), "box-outside-image", (10.5, 10, 80, 60)),
        (("Mask", 40, 50, 10, 20), "box-swapped", (10, 20, 40, 50)),
        (("Mask", 90, 10, 10, 50), "box-swapped", (10, 10, 80, 50)),
        (("Mask", 10, 10, 10, 50), "box-zero-area", None),
        (("Mask", 85, 10, 90, 50), "box-outside-image", None),
    ],
)
def test_boxes(images, box, code, becomes):
    xml = make(images / "s1", objects=[box, ("No-mask", 1, 2, 30, 40)])
    before = xml.read_text(encoding="utf-8")
    result = fixed_once(images, paths("a.xml"))
    assert result.counts[code] == 1
    expected = before.replace(
        OBJECT.format(*box), OBJECT.format("Mask", *becomes) if becomes else ""
    )
    assert texts(xml) == texts(expected)
    read_voc(xml, SIZE)


def test_the_same_box_twice_is_kept_once(images):
    boxes = [GOOD, ("No-mask", *GOOD[1:]), ("Mask", 40, 50, 10, 10), GOOD, ("Mask", 9, 10, 40, 50)]
    xml = make(images / "s1", objects=boxes)
    result = fixed_once(images, paths("a.xml"))
    assert result.counts == {"box-duplicate": 2}
    assert "a repeat of the box on line 7" in result.changes[0].what
    assert read_voc(xml).names == ("Mask", "No-mask", "Mask")


def test_class_names_differing_in_case_and_spaces(images):
    boxes = [
        (name, 1, 2, 30, 40 + i) for i, name in enumerate(["mask", "NO MASK", "masks", "Mask"])
    ]
    xml = make(images / "s1", objects=boxes)
    result = fixed_once(images, paths("a.xml"))
    assert result.counts == {"class-unknown": 2}
    assert read_voc(xml).names == ("Mask", "No-mask", "masks", "Mask")


def test_names_stay_without_a_label_map_and_where_two_fit(images):
    make(images / "s1", objects=[("mask", 1, 2, 30, 40)])
    assert fix(images).changes == []
    assert fix(images, LabelMap({1: "Mask", 2: "MASK"}, {})).changes == []


def test_display_names_are_right_as_they_are(images):
    make(images / "s1", objects=[("mask", 1, 2, 30, 40), ("MASK", 1, 2, 30, 41)])
    result = fix(images, LabelMap({1: "Mask"}, {1: "mask"}))
    assert [change.what for change in result.changes] == [
        '"MASK" is now "Mask", as in the label map'
    ]


@pytest.mark.parametrize(
    "size",
    [
        "",
        "<size><width>0</width><height>0</height></size>",
        "<size><width>30</width><height>20</height></size>",
    ],
)
def test_size(images, size):
    xml = make(images / "s1")
    before = xml.read_text(encoding="utf-8")
    xml.write_text(re.sub("<size>.*</size>", size, before), encoding="utf-8")
    result = fixed_once(images, paths("a.xml"))
    assert result.counts == {"size-wrong": 1}
    assert read_voc(xml).stated_size == SIZE
    if size:
        assert texts(xml) == texts(before.replace("<depth>3</depth>", ""))


@pytest.mark.parametrize(
    ("size", "box"),
    [((120, 160), GOOD), ((600, 700), ("Mask", 300, 10, 400, 500)), ((60, 100), GOOD)],
)
def test_boxes_of_another_size_are_left(images, size, box):
    xml = make(images / "s1", objects=[box])
    text = xml.read_text(encoding="utf-8").replace(
        "<width>80</width><height>60", "<width>{}</width><height>{}".format(*size[::-1])
    )
    xml.write_text(text, encoding="utf-8")
    before = contents(images)
    result = fix(images, MASKS)
    assert result.changes == [] and result.backup is None and contents(images) == before
    assert [left.code for left in result.left] == ["size-mismatch"]


def test_a_size_that_other_photos_prove_wrong(images):
    for index in range(12):
        box = ("Mask", 10, 10, 70 if index < 4 else 30, 30)
        state_size(make(images / "s1", f"{index}.jpg", objects=[box]), 50, 50)
    result = fix(images, MASKS)
    assert result.counts == {"size-wrong": 12} and result.left == []
    assert read_voc(images / "s1" / "11.xml").stated_size == SIZE


def test_filename(images):
    xml = make(images / "s1")
    xml.write_text(xml.read_text(encoding="utf-8").replace("a.jpg", "IMG_1"), encoding="utf-8")
    result = fixed_once(images, paths("a.xml"))
    assert result.counts == {"name-mismatch": 1}
    assert "<filename>a.jpg</filename>\n\t<path>C:\\photos\\a.jpg</path>" in xml.read_text(
        encoding="utf-8"
    )


def test_wrong_extension(images):
    xml = make(images / "s1", "a.png", format="JPEG")
    data = (images / "s1/a.png").read_bytes()
    result = fixed_once(images, paths("a.png", "a.jpg", "a.xml"))
    assert result.counts == {"wrong-extension": 1, "name-mismatch": 1}
    assert (images / "s1/a.jpg").read_bytes() == data
    assert read_folder(images / "s1").pairs[0] == (images / "s1/a.jpg", xml)


def test_wrong_extension_whose_name_is_taken(images):
    make(images / "s1", "a.jpg")
    Image.fromarray(picture()).save(images / "s1/a.png", format="JPEG")
    before = contents(images)
    result = fix(images, MASKS)
    assert contents(images) == before
    assert [left.code for left in result.left] == ["wrong-extension"]


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F] = "Maker"
    return block


@pytest.mark.parametrize("orientation", range(5, 9))
@pytest.mark.parametrize("upright_size", [True, False])
def test_exif_rotation(images, orientation, upright_size):
    """An annotation says the same before and after, whichever pixels it was drawn on."""
    xml = make(
        images / "s1", objects=[("Mask", 10, 12, 30.5, 44)], exif=exif(orientation), quality=95
    )
    image = images / "s1/a.jpg"
    header = read_header(image)
    size = (header.height_px, header.width_px)
    if upright_size:
        state_size(xml, *size)
    before, pixels = read_voc(xml, size, orientation), read_image(image).astype(int)
    result = fixed_once(images, paths("a.jpg") if upright_size else paths("a.jpg", "a.xml"))
    assert result.counts.pop("exif-rotation") == 1
    assert read_header(image).orientation == 1 and read_header(image).plain
    assert Image.open(image).getexif()[0x010F] == "Maker"
    assert np.abs(read_image(image) - pixels).mean() < 2
    after = read_voc(xml, size)
    np.testing.assert_allclose(after.boxes, before.boxes, atol=1e-6)
    assert after.stated_size == size


def test_an_image_is_not_turned_when_its_boxes_cannot_be(images):
    xml = make(images / "s1", exif=exif(6))
    xml.write_bytes(xml.read_bytes()[:-40])
    before = contents(images)
    result = fix(images, MASKS)
    assert contents(images) == before
    assert [left.code for left in result.left] == ["exif-rotation-unclear"]


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_rotation_without_boxes(images, orientation):
    make(images / "s1", objects=[], exif=exif(orientation), quality=95)
    image = images / "s1/a.jpg"
    pixels = read_image(image).astype(int)
    result = fix(images, MASKS)
    assert result.counts["exif-rotation"] == 1 and read_header(image).plain
    assert np.abs(read_image(image) - pixels).mean() < 2


@pytest.mark.parametrize("orientation", [2, 3, 4])
def test_boxes_of_which_nobody_knows_the_side_up_are_left(images, orientation):
    make(images / "s1", exif=exif(orientation))
    before = contents(images)
    result = fix(images, MASKS)
    assert contents(images) == before
    assert [left.code for left in result.left] == ["exif-rotation-unclear"]


@pytest.mark.parametrize(
    ("mode", "name", "becomes"),
    [
        ("CMYK", "a.jpg", "a.jpg"),
        ("RGBA", "a.png", "a.png"),
        ("I;16", "a.png", "a.png"),
        ("RGB", "a.webp", "a.png"),
        ("RGB", "a.tif", "a.png"),
        ("RGB", "a.bmp", "a.png"),
    ],
)
def test_images_that_other_tools_cannot_read(images, mode, name, becomes):
    image = Image.fromarray(picture())
    if mode == "I;16":
        image = Image.fromarray(picture()[..., 0].astype(np.uint16) * 257)
    xml = make(images / "s1", name, image=image if mode == "I;16" else image.convert(mode))
    pixels = read_image(images / "s1" / name).astype(int)
    changed = paths(name, becomes) | (paths("a.xml") if name != becomes else set())
    result = fixed_once(images, changed)
    assert result.counts["image-format"] == 1
    fresh = images / "s1" / becomes
    assert read_header(fresh).plain and np.abs(read_image(fresh) - pixels).mean() < 2
    assert read_folder(images / "s1").pairs[0] == (fresh, xml)


def test_what_has_no_one_answer_is_left(images):
    folder = images / "s1"
    make(folder, "misspelt.jpg", objects=[("Msak", 1, 2, 30, 40)])
    make(folder, "cut.jpg", objects=[("Mask", 1, 2, 3000, 40)])
    data = (folder / "cut.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(data[: len(data) // 2])
    make(folder, "broken.jpg").write_bytes(b"<annotation><object>")
    (make(folder, "orphan.jpg").parent / "orphan.jpg").unlink()
    make(folder, "moves.gif", save_all=True, append_images=[Image.fromarray(255 - picture())])
    before = contents(images)
    result = fix(images, MASKS)
    assert contents(images) == before
    assert result.changes == [] and [left.code for left in result.left] == ["image-format"]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_other_encodings_become_utf_8(images, encoding):
    xml = make(images / "s1", objects=[("NO_MASK", 1, 2, 90, 40), ("Größe", 1, 2, 3, 4)])
    declared = encoding.removesuffix("-sig")
    text = xml.read_text(encoding="utf-8").replace('"1.0"', f'"1.0" encoding="{declared}"')
    xml.write_bytes(text.encode(encoding))
    fixed_once(images, paths("a.xml"))
    expected = text.replace("NO_MASK", "No-mask").replace(">90<", ">80<")
    assert texts(xml) == texts(expected.split("\n", 1)[1])


def test_a_repaired_copy(images, workspace):
    make(images / "s1", "a.png", objects=[("mask", -3, 10, 40, 50)], format="JPEG")
    (images / "s1/notes.txt").write_text("mine")
    before = contents(images)
    result = fix(images, MASKS, workspace / "copy")
    assert contents(images) == before and result.backup is None
    names = {"good.jpg", "good.xml", "a.jpg", "a.xml", "notes.txt"}
    made = contents(workspace / "copy")
    assert {path.name for path in made if path.parts[0] == "s1"} == names
    assert {path.parts[0] for path in made} == {"s1", "s2"}
    assert fix(workspace / "copy", MASKS).changes == []
    with raises_problem("folder-not-empty", where=workspace / "copy"):
        fix(images, MASKS, workspace / "copy")
    with raises_problem("copy-inside-images", where=images / "copy"):
        fix(images, MASKS, images / "copy")


def test_a_copy_holds_what_relative_links_lead_to(images, workspace):
    (images / "s1/link.jpg").symlink_to("good.jpg")
    (images / "s1/gone.jpg").symlink_to("nowhere.jpg")
    fix(images, MASKS, workspace / "copy")
    copied = workspace / "copy/s1/link.jpg"
    assert copied.read_bytes() == (images / "s1/good.jpg").read_bytes()
    assert not (workspace / "copy/s1/gone.jpg").exists()


def test_a_session_that_two_names_lead_to_is_repaired_once(images):
    make(images / "s1", "b.webp", objects=[("mask", 10, 12, 30, 44)])
    (images / "link").symlink_to(images / "s1", target_is_directory=True)
    result = fix(images, MASKS)
    assert result.counts == {"image-format": 1, "class-unknown": 1, "name-mismatch": 1}
    assert fix(images, MASKS).changes == []


def test_copies_made_by_split_are_refused(images):
    with raises_problem("folder-of-split", where=images / "train"):
        fix(images / "train")


@pytest.mark.parametrize("ends_at", range(1, 6))
def test_a_run_that_is_ended_leaves_each_file_old_or_new(images, monkeypatch, ends_at):
    """Ended before any of its writes, by Ctrl-C: what is there reads as before; then it goes on."""
    folder = images / "s1"
    make(folder, "b.png", objects=[("mask", 10, 12, 30, 44)], exif=exif(6), format="JPEG")
    xml = make(folder, "a.webp", objects=[("Mask", 40, 50, 10, 20)])
    shutil.copytree(images, images.parents[1] / "whole")
    whole = fix(images.parents[1] / "whole", MASKS, images.parents[1] / "copy")
    before = contents(images)
    steps = 0
    replace = module.os.replace

    def replace_until(*arguments):
        nonlocal steps
        if "backups" not in str(arguments[1]):
            steps += 1
            if steps == ends_at:
                raise KeyboardInterrupt
        replace(*arguments)

    monkeypatch.setattr("os.replace", replace_until)
    with pytest.raises(KeyboardInterrupt):
        fix(images, MASKS)
    monkeypatch.undo()
    monkeypatch.chdir(images.parents[1])
    (backup,) = (path for path in (images.parent / "backups").iterdir() if path.is_dir())
    kept = contents(backup)
    assert {path.name for path in kept} == {"a.webp", "a.xml", "b.png", "b.xml"}
    assert all(before[path.relative_to("workspace/images")] == data for path, data in kept.items())
    for image, path in read_folder(folder).pairs:
        if image.stem == "b":
            header = read_header(image)
            example = read_voc(path, (header.height_px, header.width_px), header.orientation)
            expected = [[10 / 80, 16 / 60, 30 / 80, 48 / 60]]
            np.testing.assert_allclose(example.boxes, expected, atol=1e-6)
    fix(images, MASKS)
    left = {path: data for path, data in contents(images).items() if path.parts[0][0] == "s"}
    assert left == contents(whole.copy)
    assert xml.exists()


def test_a_full_disk_while_repairing_says_where_the_backup_is(images, monkeypatch):
    make(images / "s1", objects=[("Mask", -3, 10, 40, 50)])
    make(images / "s1", "b.jpg", objects=[("Mask", -3, 10, 40, 50)])
    before, replace = contents(images), module.os.replace

    def replace_but_b(*arguments):
        if arguments[1].name == "b.xml":
            raise OSError(28, "No space left on device")
        replace(*arguments)

    monkeypatch.setattr("os.replace", replace_but_b)
    with pytest.raises(UserError) as caught:
        fix(images, MASKS)
    assert caught.value.codes == ["disk-full", "repair-ended-early"]
    assert "workspace/backups/" in str(caught.value.problems[1].where)
    after = contents(images)
    assert {path.name for path in before if before[path] != after[path]} == {"a.xml"}


def test_a_full_disk_while_the_backup_is_made(images, monkeypatch):
    make(images / "s1", objects=[("Mask", -3, 10, 40, 50)])
    before = contents(images)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy2", full)
    with raises_problem("disk-full"):
        fix(images, MASKS)
    assert contents(images) == before
    assert list((images.parent / "backups").iterdir()) == []


def read(photos):
    """What each messy photo says: its objects, and its pixels."""
    said = []
    for image, xml in read_folder(photos).pairs:
        header = read_header(image)
        size = (header.height_px, header.width_px)
        example = read_voc(xml, size, header.orientation)
        said.append((example.names, example.boxes, read_image(image).astype(int)))
    return said


def test_every_usable_photo_says_the_same_afterwards(workspace):
    """Whatever the picture, the name and the labels: nothing is lost, nothing invented."""
    folder = workspace / "images" / "s1"
    for index, (picture_kind, label) in enumerate(product(messy.PICTURES, messy.LABELS)):
        if (picture_kind, label) != ("turned, labels not", "no size"):
            name = list(messy.NAMES)[index % len(messy.NAMES)]
            messy.photo(folder, index, picture_kind, name, label)
    elsewhere = contents(workspace / "images" / ".elsewhere")
    before = read(folder)
    result = fix(folder.parent)
    assert result.counts["wrong-extension"] == 2 * len(messy.LABELS)
    after = read(folder)
    assert len(after) == len(before)
    for (names, boxes, pixels), (names_after, boxes_after, pixels_after) in zip(
        before, after, strict=True
    ):
        assert names_after == names
        np.testing.assert_allclose(boxes_after, boxes, atol=1e-6)
        assert np.abs(pixels_after - pixels).mean() < messy.ENCODED_AGAIN
    assert contents(workspace / "images" / ".elsewhere") == elsewhere  # where links lead
    plain = [read_header(image).plain for image, _ in read_folder(folder).pairs]
    unclear = sum(left.code == "exif-rotation-unclear" for left in result.left)
    assert plain.count(False) == unclear == 1  # turned, and no size to tell
    assert fix(folder.parent).changes == []


@pytest.mark.parametrize("broken", messy.BROKEN)
def test_a_broken_photo_is_repaired_or_left_as_it_is(workspace, broken):
    photo = messy.photo(workspace / "images" / "s1", 1, label="labelimg")
    messy.photo(workspace / "images" / "s1", 2)
    messy.BROKEN[broken](photo)
    before = contents(workspace / "images")
    result = fix(workspace / "images", LabelMap({1: "alpha"}, {}))
    if broken in ("swapped", "outside", "no area"):
        assert len(result.changes) == 1
        read_voc(photo.xml, messy.SIZE)
    else:
        assert (result.changes, contents(workspace / "images")) == ([], before)


def make_two(**options):
    """A defect that two photos have."""

    def put(folder):
        for name in ("a", "b"):
            make(folder, f"{name}{options.get('ending', '.jpg')}", **options.get("make", {}))
            if "text" in options:
                xml = folder / f"{name}.xml"
                text = xml.read_text(encoding="utf-8")
                xml.write_text(re.sub(*options["text"], text), encoding="utf-8")

    return put


def boxes(*objects):
    return make_two(make={"objects": [GOOD, *objects]})


DEFECTS = {
    "box-outside-image": boxes(("Mask", 10, 10, 95, 50), ("Mask", -9, 10, 30, 50)),
    "box-cut": boxes(("Mask", 10, 10, 81, 50)),
    "box-swapped": boxes(("Mask", 60, 10, 20, 55)),
    "box-zero-area": boxes(("Mask", 60, 10, 60, 55)),
    "box-duplicate": boxes(GOOD),
    "class-unknown": boxes(("mask", 60, 10, 70, 55)),
    "size-wrong": make_two(text=("<width>80</width>", "<width>30</width>")),
    "name-mismatch": make_two(text=("<filename>.*?</filename>", "<filename>IMG_7.jpg</filename>")),
    "wrong-extension": make_two(ending=".png", make={"format": "JPEG"}),
    "exif-rotation": make_two(make={"exif": exif(6)}),
    "image-format": make_two(make={"image": Image.new("CMYK", SIZE[::-1], (9, 99, 9, 0))}),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_repaired_and_no_longer_found(images, defect):
    def findings():
        options = CheckOptions(images, label_map=labels, everything=True)
        report = check(Workspace("."), options)
        return {found.code: found.count for found in report.findings}

    labels = images.parent / "label_map.pbtxt"
    write_label_map(labels, ["Mask", "No-mask"])
    make(images / "s1", "other.jpg", objects=[("No-mask", 3, 3, 40, 50)])
    clean = findings()
    before = contents(images)
    DEFECTS[defect](images / "s1")
    made = contents(images).keys() - before.keys()
    found = findings()
    assert found[defect] == (4 if defect == "box-outside-image" else 2)
    result = fix(images, MASKS)
    assert result.counts[defect] == found[defect]
    assert defect in found and defect not in findings() and defect not in clean
    after = contents(images)
    assert all(after[path] == data for path, data in before.items())
    assert {path.with_suffix("") for path in after.keys() - before.keys()} == {
        path.with_suffix("") for path in made
    }


@pytest.mark.parametrize(
    ("photos", "labels"), [("JPEGImages", "Annotations"), ("images/train", "labels/train")]
)
@pytest.mark.parametrize("box", [GOOD, ("Mask", -3, 10, 40, 50)])
def test_no_copy_without_the_xml_that_lies_elsewhere(workspace, photos, labels, box):
    voc = Path("voc")
    xml = make(voc / photos, objects=[box])
    (voc / labels).mkdir(parents=True)
    moved = xml.rename(voc / labels / xml.name)
    with raises_problem("xml-outside-folder", where=moved):
        fix(voc / photos, MASKS, Path("copy"))
    assert not Path("copy").exists()
    assert fix(voc, MASKS, Path("copy")).copy and (Path("copy") / labels / xml.name).exists()


def test_a_folder_with_the_new_name_stays(images):
    make(images / "s1", "a.png", image=Image.fromarray(picture()), format="JPEG")
    (images / "s1/a.jpg").mkdir()
    result = fix(images, MASKS)
    assert [(left.code, left.path.name) for left in result.left] == [("wrong-extension", "a.png")]
    assert (images / "s1/a.png").is_file() and (images / "s1/a.jpg").is_dir()
