"""Every layout of other tools is read box by box, and a broken twin of it refused."""

import shutil
import zipfile

import pytest
from converting import convert
from data_sets import DATA_SETS, page
from PIL import Image
from refusals import raises_problem
from tool_labels import ALL, BOXES, coco, photo, put_json, shown_in, table, text

from tfod.cli.problems import in_terminal
from tfod.data.example import boxes_xyxy_px
from tfod.data.voc import read_voc
from tfod.errors import UserError
from tfod.remedies import Remedy

STRAY = {
    "notes.txt": "Taken in May, 2 cats.\n",
    "metadata.json": '{"created": "2026-05-01", "images": 3}',
    "times.csv": "file,seconds\na.jpg,3\n",
    "trainval.txt": "a\nb\nc\n",
    "README.md": "# Cats\n",
    "list.txt": "a.jpg 10 20 30 40\n",
    "bounding_boxes.txt": "1 60.0 27.0 325.0 304.0\n",
    "captions.json": '{"images": [{"id": 1}], "annotations": [{"image_id": 1, "caption": "Cats"}]}',
    "project.xml": "<project><module>cats</module></project>",
}


@pytest.fixture(params=DATA_SETS)
def data_set(request):
    return DATA_SETS[request.param]


@pytest.fixture
def source(data_set, tmp_path):
    """The folder of a layout, or its file."""
    data_set.make(tmp_path / "in")
    return tmp_path / "in" / data_set.read


def read_back(folder, spaces):
    """Photo -> part and boxes, as they were written."""
    found = {}
    for xml in folder.rglob("*.xml"):
        (image,) = (path for path in xml.parent.glob(f"{xml.stem}.*") if path != xml)
        part = xml.parent.relative_to(folder).as_posix().strip(".")
        example = read_voc(xml)
        names = [name.replace("_", " ") if spaces else name for name in example.names]
        boxes = [
            (name, *(round(value, 3) for value in box))
            for name, box in zip(names, boxes_xyxy_px(example), strict=True)
        ]
        found[shown_in(image)] = (part, boxes)
    return found


def test_each_box_comes_over(data_set, source, tmp_path):
    result = convert(source, tmp_path / "out", to_format="voc")
    assert result.source_format == data_set.format
    wanted = {name: (part, BOXES[name]) for part, names in data_set.parts.items() for name in names}
    assert read_back(tmp_path / "out", data_set.format == "kitti") == wanted


def test_strays_are_no_labels(data_set, source, tmp_path):
    if source.is_file():
        return
    for name, content in STRAY.items():
        text(source / name, content)
    result = convert(source, tmp_path / "out", to_format="yolo")
    assert (result.source_format, sum(result.images.values())) == (data_set.format, len(ALL))


def test_a_broken_twin_is_refused_whole(data_set, source, tmp_path):
    root = source if source.is_dir() else source.parent
    broken = next(path for path in sorted(root.rglob("*")) if path.name.endswith(data_set.broken))
    content = broken.read_bytes()
    is_text = data_set.broken.endswith("txt")
    broken.write_bytes(content + b"0 1 x 2 3\n" if is_text else content[: len(content) * 2 // 3])
    with pytest.raises(UserError) as caught:
        convert(source, tmp_path / "out", to_format="voc")
    assert any(str(problem.where).endswith(broken.name) for problem in caught.value.problems)
    assert not (tmp_path / "out").exists()


def test_what_is_wrong_in_a_zip_is_named_by_its_place_there(tmp_path):
    DATA_SETS["yolo roboflow"].make(tmp_path / "in/set")
    (tmp_path / "in/set/train/labels/a.txt").write_text("0 0.5 0.5 0.1\n")
    shutil.make_archive(str(tmp_path / "mine"), "zip", tmp_path / "in")
    with raises_problem("bad-entry", where=tmp_path / "mine.zip/set/train/labels/a.txt", line=1):
        convert(tmp_path / "mine.zip", tmp_path / "out")


def test_a_zip_leads_nowhere_else(tmp_path):
    DATA_SETS["csv"].make(tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as packed:
        for path in (tmp_path / "in").rglob("*.*"):
            packed.write(path, path.relative_to(tmp_path / "in"))
        packed.writestr("../../outside.csv", "filename\n")
        packed.writestr("__MACOSX/._labels.csv", "x")
    assert convert(tmp_path / "mine.zip", tmp_path / "out").boxes == 4
    assert not list(tmp_path.parent.rglob("outside.csv"))


def rectangle(**more):
    value = {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": ["cat"], **more}
    return {"type": "rectanglelabels", "value": value, "original_width": 100, "original_height": 50}


def boxes_of(source, tmp_path, **options):
    result = convert(source, tmp_path / "out", to_format="voc", **options)
    (xml,) = (tmp_path / "out").glob("*.xml")
    boxes = boxes_xyxy_px(read_voc(xml))
    return result, [tuple(round(value, 3) for value in box) for box in boxes]


@pytest.fixture
def one(tmp_path):
    """A folder with a photo of 100x50 px."""
    (tmp_path / "in").mkdir()
    Image.new("RGB", (100, 50)).save(tmp_path / "in/a.png")
    return tmp_path / "in"


def test_label_studio_turns_about_the_corner(one, tmp_path):
    result = [
        rectangle(x=40, rotation=90),  # 30x20 px about (40, 10): becomes 20x30, to the left
        {"type": "brushlabels", "value": {"rle": [1], "brushlabels": ["cat"]}},
    ]
    old = {"result": [rectangle()], "created_at": "2026-01-01"}
    left = {"result": [], "was_cancelled": True}
    done = [{"result": result, "created_at": "2026-02-01"}, old, left]
    nobody = {"data": {"image": "b.png"}, "annotations": [], "predictions": [old]}
    image = "/data/local-files/?d=set/in/a.png"
    put_json(one / "ls.json", [{"data": {"image": image}, "annotations": done}, nobody])
    result, boxes = boxes_of(one, tmp_path)
    assert boxes == [(20, 10, 40, 40)]
    assert result.lost == {
        "results of the type brushlabels": 1,
        "turned boxes (each became the upright box around it)": 1,
        "further annotations of the same image (the newest counts)": 1,
        "tasks that nobody has labelled": 1,
    }


def test_cvat_shapes(one, tmp_path):
    text(
        one / "annotations.xml",
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>'
        '<image id="0" name="a.png" width="100" height="50" subset="Validation">'
        '<box label="cat" occluded="1" xtl="40" ytl="10" xbr="60" ybr="40" rotation="90.0"/>'
        '<polygon label="cat" points="1.5,2.0;30.0,5.0;7.0,45.0"/>'
        '<mask label="cat" rle="1" left="3" top="4" width="10" height="11"/>'
        '<points label="cat" points="1,2"/><tag label="cat"/></image></annotations>',
    )
    result = convert(one, tmp_path / "out")
    assert result.images == {"val": 1}
    example = read_voc(tmp_path / "out/val/a.xml")
    assert boxes_xyxy_px(example) == [(35, 15, 65, 35), (1.5, 2, 30, 45), (3, 4, 13, 15)]
    assert example.occluded.tolist() == [True, False, False]
    assert result.lost["shapes of the type points"] == 1


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        ({"name": "circle", "cx": 50, "cy": 25, "r": 10}, (40, 15, 60, 35)),
        ({"name": "ellipse", "cx": 50, "cy": 25, "rx": 20, "ry": 5}, (30, 20, 70, 30)),
        ({"name": "polygon", "all_points_x": [1, 9, 5], "all_points_y": [2, 3, 8]}, (1, 2, 9, 8)),
    ],
)
def test_via_shapes(one, tmp_path, shape, box):
    region = {"shape_attributes": shape, "region_attributes": {"kind": {"cat": True}, "n": ""}}
    point = {"shape_attributes": {"name": "point", "cx": 1, "cy": 2}, "region_attributes": {}}
    put_json(one / "via.json", {"a": {"filename": "a.png", "regions": {"0": region, "1": point}}})
    result, boxes = boxes_of(one, tmp_path)
    assert boxes == [box] and result.classes == {"cat": 1}
    assert result.lost["regions of the type point"] == 1


def test_via_does_not_choose_among_attributes(one, tmp_path):
    rect = {"name": "rect", "x": 1, "y": 2, "width": 3, "height": 4}
    region = {"shape_attributes": rect, "region_attributes": {"color": "red", "breed": "siam"}}
    put_json(one / "via.json", {"a": {"filename": "a.png", "regions": [region]}})
    with raises_problem("bad-entry", what="which attribute is the class", got="color, breed"):
        convert(one, tmp_path / "out")


def test_coco_turned_boxes_become_upright(one, tmp_path):
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [40, 10, 20, 30]}
    image = {"id": 1, "file_name": "a.png", "width": 100, "height": 50}
    content = {"images": [image], "categories": [{"id": 1, "name": "cat"}]}
    content["annotations"] = [{**entry, "attributes": {"rotation": 90.0}}]
    put_json(one / "coco.json", content)
    result, boxes = boxes_of(one, tmp_path)
    assert boxes == [(35, 15, 65, 35)]
    assert result.lost["turned boxes (each became the upright box around it)"] == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("set.json", '{"assets": {}, "tags": [{"name": "cat"}], "version": "2.1.0"}'),
        (
            "annotations.xml",
            "<annotations><meta><task><mode>interpolation</mode></task></meta></annotations>",
        ),
    ],
)
def test_formats_known_by_name(one, tmp_path, name, content):
    text(one / name, content)
    with raises_problem("format-not-read", where=one / name):
        convert(one, tmp_path / "out")


def test_the_question_lists_the_real_choices(tmp_path):
    DATA_SETS["voc"].make(tmp_path / "in")
    DATA_SETS["yolo classes"].make(tmp_path / "in")
    text(tmp_path / "in/labels.csv", table(ALL))
    with raises_problem("several-formats", remedy=Remedy.SET_ONE, got="voc and yolo") as found:
        convert(tmp_path / "in", tmp_path / "out")
    assert found[0].advice.arguments["values"] == ["voc", "yolo"]
    assert in_terminal(found[0].advice) == "Use --from voc or --from yolo."
    result = convert(tmp_path / "in", tmp_path / "out", "voc", "voc")
    assert result.boxes == 4


def test_a_table_beside_other_labels_is_left_out_and_named(tmp_path):
    DATA_SETS["voc"].make(tmp_path / "in")
    text(tmp_path / "in/labels.csv", table(ALL))
    result = convert(tmp_path / "in", tmp_path / "out", to_format="voc")
    assert result.source_format == "voc" and "labels.csv" in result.notes[0]


def test_the_page_of_layouts_is_the_table(root):
    written = (root / "docs/layouts.md").read_text(encoding="utf-8")
    assert written == page(), "python tests/data_sets.py > docs/layouts.md"


@pytest.mark.parametrize("name", ["voc", "yolo classes", "kitti", "oidv4"])
def test_the_labels_of_one_image_are_no_data_set(tmp_path, name):
    DATA_SETS[name].make(tmp_path / "in")
    file = next(p for p in sorted(tmp_path.rglob("*")) if p.name.endswith(DATA_SETS[name].broken))
    with raises_problem("no-format", where=file, remedy=Remedy.USE):
        convert(file, tmp_path / "out", to_format="voc")


def test_yolo_backgrounds_and_a_part_without_labels(tmp_path):
    """Images without a text: a folder of backgrounds, and a test that nobody labelled."""
    DATA_SETS["yolo"].make(tmp_path / "in")
    for name in ("background/x", "images/test/y", "images/train/z"):
        photo(tmp_path / f"in/{name}.jpg", "a")
    text(tmp_path / "in/labels/train/z.txt", "")
    text(tmp_path / "in/data.yaml", "train: images/train\nval: images/valid\nnames: [cat, big dog]")
    result = convert(tmp_path / "in", tmp_path / "out")
    assert (result.images, result.negatives) == ({"train": 3, "val": 1}, 1)
    text(tmp_path / "in/data.yaml", "names: [cat, big dog]")
    result = convert(tmp_path / "in", tmp_path / "again")
    assert any("2 images without a .txt left out" in note for note in result.notes)


def test_names_in_percent_code_of_texts(tmp_path):
    photo(tmp_path / "in/images/my cat.jpg", "a")
    text(tmp_path / "in/labels/my%20cat.txt", "0 0.5 0.5 0.2 0.2\n")
    text(tmp_path / "in/data.yaml", "names: [cat]")
    assert convert(tmp_path / "in", tmp_path / "out").boxes == 1


@pytest.mark.parametrize(
    "parts", [("train", "valid"), ("train", "val", "test"), ("train", "validation")]
)
def test_parts_by_any_name(tmp_path, parts):
    for part, name in zip(parts, ALL, strict=False):
        photo(tmp_path / f"in/{part}/{name}.jpg", name)
        text(tmp_path / f"in/{part}/_annotations.csv", table((name,)))
    result = convert(tmp_path / "in", tmp_path / "out")
    assert result.images == {p if p in ("train", "test") else "val": 1 for p in parts}


@pytest.mark.parametrize("name", ["labelme", "via", "coco", "csv", "cvat", "label studio", "kitti"])
def test_images_without_labels_are_counted(tmp_path, name):
    DATA_SETS[name].make(tmp_path / "in")
    photo(tmp_path / "in/images/more.jpg", "a")
    result = convert(tmp_path / "in", tmp_path / "out")
    assert "1 image that no labels name left out" in result.notes


def test_a_file_of_instances_comes_before_others_which_are_named(tmp_path):
    DATA_SETS["coco"].make(tmp_path / "in")
    (tmp_path / "in/coco.json").rename(tmp_path / "in/instances.json")
    put_json(tmp_path / "in/annotations/stuff.json", coco(ALL, "{}.jpg".format))
    result = convert(tmp_path / "in", tmp_path / "out", to_format="voc")
    assert result.boxes == 4
    assert any("annotations/stuff.json" in note for note in result.notes)
