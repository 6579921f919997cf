"""Data sets as other tools lay them out, written from their public descriptions: one table.

Each has the same photos and boxes, so that whoever reads one can be compared box by box.
`tests/steps/convert/test_data_sets.py` reads them all, and refuses a broken twin of each.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tool_labels import (
    ALL,
    coco,
    createml,
    cvat_xml,
    kitti_text,
    label_studio,
    labelme,
    oidv4_text,
    photo,
    record,
    table,
    text,
    via,
    via_csv,
    voc_xml,
    yolo_text,
)

SPLIT = {"train": ("a", "b"), "valid": ("c",)}
Make = Callable[[Path], None]


@dataclass(frozen=True)
class DataSet:
    """A layout.

    Attributes:
        title: what it is, for the docs.
        files: what lies where, for the docs.
        format: as which it is read.
        make: writes it into a folder.
        parts: part -> photos in it; "" when it is not split.
        broken: the ending of the file that the broken twin is made of.
        read: the file to read, when it is not the folder.
    """

    title: str
    files: str
    format: str
    make: Make
    parts: dict[str, tuple[str, ...]]
    broken: str
    read: str = ""


def each(images: str, labels: str, label: Callable[[str], str], names=ALL) -> Make:
    """Photos and a text for each; `{}` stands for the name."""

    def make(root: Path) -> None:
        for name in names:
            photo(root / images.format(name), name)
            text(root / labels.format(name), label(name))

    return make


def one(images: str, path: str, content: Callable[[], object], names=ALL) -> Make:
    """Photos and one file."""

    def make(root: Path) -> None:
        for name in names:
            photo(root / images.format(name), name)
        found = content()
        text(root / path, found if isinstance(found, str) else json.dumps(found))

    return make


def extra(make: Make, files: dict[str, str]) -> Make:
    """A layout and further files."""

    def both(root: Path) -> None:
        make(root)
        for path, content in files.items():
            text(root / path, content)

    return both


def together(*makes: Make) -> Make:
    """Several in one folder."""
    return lambda root: [make(root) for make in makes] and None


def in_parts(images: str, labels: str, label: Callable[[str], str]) -> Make:
    """Each photo of SPLIT: `{part}` and `{name}` stand for both."""

    def make(root: Path) -> None:
        for part, names in SPLIT.items():
            for name in names:
                photo(root / images.format(part=part, name=name), name)
                text(root / labels.format(part=part, name=name), label(name))

    return make


def table_of_parts(images: str, labels: str, content: Callable[[tuple], object]) -> Make:
    """A file for each part of SPLIT."""
    return together(
        *(
            one(
                images.format(part, "{}"), labels.format(part), partial(content, names), names=names
            )
            for part, names in SPLIT.items()
        )
    )


def _records(root: Path) -> None:
    root.mkdir(parents=True)
    (root / "train.record").write_bytes(record(SPLIT["train"], root))
    (root / "val.tfrecord-00000-of-00001").write_bytes(record(SPLIT["valid"], root))


def _same_names(root: Path) -> None:
    """CVAT's VOC of a task with folders, in which two photos have one name."""
    for name, folder in (("a", "x"), ("b", "y"), ("c", "y")):
        file = "1" if name != "c" else "2"
        photo(root / f"JPEGImages/{folder}/{file}.jpg", name)
        text(root / f"Annotations/{folder}/{file}.xml", voc_xml(name, f"{folder}/{file}"))
    text(root / "labelmap.txt", "# label:color_rgb:parts:actions\ncat:128,0,0::\n")
    text(root / "ImageSets/Main/default.txt", "x/1\ny/1\ny/2\n")


def _zipped(root: Path) -> None:
    """A ZIP of a folder beside nothing else."""
    each("set/images/{}.jpg", "set/labels/{}.txt", yolo_text)(root / "in")
    text(root / "in/set/data.yaml", YAML)
    shutil.make_archive(str(root / "set"), "zip", root / "in")
    shutil.rmtree(root / "in")


YAML = "names: [cat, big dog]\n"
ROBOFLOW = "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cat', 'big dog']\n"
OBJ_DATA = "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n"
OBJ = {"obj.data": OBJ_DATA, "obj.names": "cat\nbig dog\n"}
LISTED = {"train.txt": "".join(f"data/obj_train_data/{name}.jpg\n" for name in ALL)}
SETS = {
    f"VOCdevkit/VOC2007/ImageSets/Main/{file}.txt": content
    for file, content in (
        ("train", "a\nb\n"),
        ("val", "c\n"),
        ("trainval", "a\nb\nc\n"),
        ("cat_train", "a  1\nb  1\n"),
    )
}
PARTS = {"train": ("a", "b"), "val": ("c",)}
FLAT = {"": ALL}
JPG = "{}.jpg"

DATA_SETS: dict[str, DataSet] = {
    "voc": DataSet(
        "VOC beside the images", "*.jpg, *.xml", "voc", each(JPG, "{}.xml", voc_xml), FLAT, ".xml"
    ),
    **{
        f"voc {images} {labels}": DataSet(
            "VOC in a folder of its own",
            f"{images}/*.jpg, {labels}/*.xml",
            "voc",
            each(f"{images}/{JPG}", f"{labels}/{{}}.xml", voc_xml),
            FLAT,
            ".xml",
        )
        for images, labels in (
            ("images", "annotations"),
            ("Images", "Annotations"),
            ("images", "annots"),
            ("images", "labels"),
            ("images", "xmls"),
            ("imgs", "XML"),
            ("images", "annotations/xmls"),
        )
    },
    "voc devkit": DataSet(
        "VOCdevkit; the lists in ImageSets/Main are its split",
        "VOCdevkit/VOC2007/{Annotations, JPEGImages, ImageSets/Main}",
        "voc",
        extra(
            each(
                "VOCdevkit/VOC2007/JPEGImages/{}.jpg",
                "VOCdevkit/VOC2007/Annotations/{}.xml",
                voc_xml,
            ),
            SETS,
        ),
        PARTS,
        ".xml",
    ),
    "voc cvat": DataSet(
        "CVAT's Pascal VOC, also with folders in it",
        "Annotations/x/*.xml, JPEGImages/x/*.jpg, labelmap.txt",
        "voc",
        _same_names,
        FLAT,
        ".xml",
    ),
    "voc vott": DataSet(
        "VoTT's Pascal VOC",
        "Annotations/*.xml, JPEGImages/*.jpg, pascal_label_map.pbtxt",
        "voc",
        extra(
            each("JPEGImages/{}.jpg", "Annotations/{}.xml", voc_xml),
            {
                "pascal_label_map.pbtxt": "item {\n id: 1\n name: 'cat'\n}\n",
                "ImageSets/Main/cat_train.txt": "a.jpg 1\nb.jpg 1\n",
            },
        ),
        FLAT,
        ".xml",
    ),
    "voc roboflow": DataSet(
        "Roboflow, Pascal VOC",
        "train/*.jpg, train/*.xml, valid/, test/",
        "voc",
        extra(
            in_parts("{part}/{name}.jpg", "{part}/{name}.xml", voc_xml),
            {"README.roboflow.txt": "Provided by a user\n2 classes 3 images\n"},
        ),
        PARTS,
        ".xml",
    ),
    "cvat": DataSet(
        "CVAT for images",
        "annotations.xml, images/*.jpg",
        "cvat",
        one("images/{}.jpg", "annotations.xml", cvat_xml),
        FLAT,
        ".xml",
    ),
    "cvat folders": DataSet(
        "CVAT for images, of a task with folders",
        "annotations.xml, images/x/*.jpg",
        "cvat",
        one("images/x/{}.jpg", "annotations.xml", lambda: cvat_xml("x/")),
        FLAT,
        ".xml",
    ),
    "labelme": DataSet(
        "LabelMe",
        "*.jpg, *.json",
        "labelme",
        each(JPG, "{}.json", lambda name: json.dumps(labelme(name))),
        FLAT,
        ".json",
    ),
    "labelme apart": DataSet(
        "LabelMe in a folder of its own",
        "images/*.jpg, labels/*.json",
        "labelme",
        each("images/{}.jpg", "labels/{}.json", lambda name: json.dumps(labelme(name))),
        FLAT,
        ".json",
    ),
    "via": DataSet(
        "VIA, its annotations",
        "via.json, *.jpg",
        "via",
        one(JPG, "via.json", lambda: via(project=False)),
        FLAT,
        ".json",
    ),
    "via project": DataSet(
        "VIA, a project",
        "project.json, images/*.jpg",
        "via",
        one("images/{}.jpg", "project.json", lambda: via(project=True)),
        FLAT,
        ".json",
    ),
    "via csv": DataSet(
        "VIA, CSV", "via.csv, *.jpg", "via", one(JPG, "via.csv", via_csv), FLAT, ".csv"
    ),
    "createml": DataSet(
        "CreateML",
        "*.jpg, *.json",
        "createml",
        one(JPG, "_annotations.createml.json", createml),
        FLAT,
        ".json",
    ),
    "coco": DataSet(
        "COCO, one file",
        "*.json, images/*.jpg",
        "coco",
        one("images/{}.jpg", "coco.json", lambda: coco(ALL, JPG.format)),
        FLAT,
        ".json",
    ),
    "coco parts": DataSet(
        "COCO, a file for each part",
        "annotations/instances_train2017.json, train2017/*.jpg",
        "coco",
        table_of_parts(
            "{}2017/{}.jpg",
            "annotations/instances_{}2017.json",
            lambda names: coco(names, JPG.format, polygons=True),
        ),
        PARTS,
        ".json",
    ),
    "coco text ids": DataSet(
        "COCO with ids that are texts",
        "*.json, *.jpg",
        "coco",
        one(JPG, "labels.json", lambda: coco(ALL, JPG.format, text_ids=True)),
        FLAT,
        ".json",
    ),
    "coco windows": DataSet(
        "COCO with paths of another computer",
        "*.json, photos/*.jpg",
        "coco",
        one("photos/{}.jpg", "coco.json", lambda: coco(ALL, "C:\\Users\\me\\set\\{}.jpg".format)),
        FLAT,
        ".json",
    ),
    "coco addresses": DataSet(
        "COCO with addresses as names",
        "*.json, photos/my *.jpg",
        "coco",
        one(
            "photos/my {}.jpg",
            "coco.json",
            lambda: coco(ALL, "https://example.org/set/my%20{}.jpg?size=full".format),
        ),
        FLAT,
        ".json",
    ),
    "coco roboflow": DataSet(
        "Roboflow, COCO",
        "train/_annotations.coco.json, train/*.jpg",
        "coco",
        table_of_parts(
            "{}/{}.jpg", "{}/_annotations.coco.json", lambda names: coco(names, JPG.format)
        ),
        PARTS,
        ".json",
    ),
    "yolo": DataSet(
        "YOLO with data.yaml",
        "data.yaml, images/train/*.jpg, labels/train/*.txt",
        "yolo",
        extra(
            in_parts("images/{part}/{name}.jpg", "labels/{part}/{name}.txt", yolo_text),
            {"data.yaml": f"path: .\ntrain: images/train\nval: images/valid\n{YAML}"},
        ),
        PARTS,
        ".txt",
    ),
    "yolo config": DataSet(
        "YOLO with a .yaml of another name",
        "config.yaml, images/*.jpg, labels/*.txt",
        "yolo",
        extra(
            each("images/{}.jpg", "labels/{}.txt", yolo_text), {"config.yaml": f"path: .\n{YAML}"}
        ),
        FLAT,
        ".txt",
    ),
    "yolo darknet": DataSet(
        "YOLO of Darknet or CVAT",
        "obj.data, obj.names, obj_train_data/*.jpg, *.txt",
        "yolo",
        extra(each("obj_train_data/{}.jpg", "obj_train_data/{}.txt", yolo_text), {**OBJ, **LISTED}),
        {"train": ALL},
        "a.txt",
    ),
    "yolo classes": DataSet(
        "YOLO of LabelImg",
        "*.jpg, *.txt, classes.txt",
        "yolo",
        extra(each(JPG, "{}.txt", yolo_text), {"classes.txt": "cat\nbig dog\n"}),
        FLAT,
        "a.txt",
    ),
    "yolo polygons": DataSet(
        "YOLO, polygons",
        "data.yaml, images/*.jpg, labels/*.txt",
        "yolo",
        extra(
            each("images/{}.jpg", "labels/{}.txt", partial(yolo_text, form="polygon")),
            {"data.yaml": YAML},
        ),
        FLAT,
        ".txt",
    ),
    "yolo turned": DataSet(
        "YOLO, turned boxes (OBB)",
        "data.yaml, images/*.jpg, labels/*.txt",
        "yolo",
        extra(
            each("images/{}.jpg", "labels/{}.txt", partial(yolo_text, form="turned")),
            {"data.yaml": YAML},
        ),
        FLAT,
        ".txt",
    ),
    "yolo roboflow": DataSet(
        "Roboflow, YOLO",
        "data.yaml, train/images/*.jpg, train/labels/*.txt",
        "yolo",
        extra(
            in_parts("{part}/images/{name}.jpg", "{part}/labels/{name}.txt", yolo_text),
            {"data.yaml": ROBOFLOW, "README.dataset.txt": "3 images\n"},
        ),
        PARTS,
        "a.txt",
    ),
    "label studio": DataSet(
        "Label Studio, JSON",
        "project.json, images/*.jpg",
        "label-studio",
        one("images/0a1b2c3d-{}.jpg", "project.json", lambda: label_studio(small=False)),
        FLAT,
        ".json",
    ),
    "label studio min": DataSet(
        "Label Studio, JSON-MIN",
        "project-min.json, *.jpg",
        "label-studio",
        one(JPG, "project-min.json", lambda: label_studio(small=True)),
        FLAT,
        ".json",
    ),
    "label studio yolo": DataSet(
        "Label Studio, YOLO",
        "classes.txt, notes.json, images/*.jpg, labels/*.txt",
        "yolo",
        extra(
            each("images/0a1b2c3d-{}.jpg", "labels/0a1b2c3d-{}.txt", yolo_text),
            {
                "classes.txt": "cat\nbig dog\n",
                "notes.json": json.dumps({"categories": [{"id": 0, "name": "cat"}], "info": {}}),
            },
        ),
        FLAT,
        "-a.txt",
    ),
    "csv": DataSet(
        "The tutorial's CSV",
        "labels.csv, images/*.jpg",
        "csv",
        one("images/{}.jpg", "labels.csv", lambda: table(ALL)),
        FLAT,
        ".csv",
    ),
    "csv parts": DataSet(
        "Roboflow, CSV",
        "train/_annotations.csv, train/*.jpg",
        "csv",
        table_of_parts("{}/{}.jpg", "{}/_annotations.csv", table),
        PARTS,
        ".csv",
    ),
    "tfrecord": DataSet(
        "TFRecords", "train.record, val.record", "tfrecord", _records, PARTS, ".record"
    ),
    "oidv4": DataSet(
        "OIDv4",
        "Dataset/train/Cat/*.jpg, Dataset/train/Cat/Label/*.txt",
        "oidv4",
        each("Dataset/train/Cat/{}.jpg", "Dataset/train/Cat/Label/{}.txt", oidv4_text),
        {"train": ALL},
        ".txt",
    ),
    "kitti": DataSet(
        "KITTI",
        "training/image_2/*.png, training/label_2/*.txt",
        "kitti",
        each("training/image_2/{}.png", "training/label_2/{}.txt", kitti_text),
        {"train": ALL},
        ".txt",
    ),
    "zip": DataSet("A ZIP of any of these", "*.zip", "yolo", _zipped, FLAT, ".zip", "set.zip"),
}


def page() -> str:
    """docs/layouts.md: the table of what is read."""
    rows: dict[str, tuple[str, list[str]]] = {}
    for one_set in DATA_SETS.values():
        rows.setdefault(one_set.title, (one_set.format, []))[1].append(f"`{one_set.files}`")
    lines = [f"| {title} | {'<br>'.join(f)} | {kind} |" for title, (kind, f) in rows.items()]
    return "\n".join([HEAD, *lines, TAIL])


HEAD = """# Data sets that are read

Made by `python tests/data_sets.py > docs/layouts.md` from the table that the tests read, box by
box. Folders may be called in upper or lower case, and notes, tables and lists of other kinds may
lie there too.

| what | files | format |
|---|---|---|"""
TAIL = """
Images are found by the names in the labels: with folders of another computer, as addresses, in
percent code. Polygons, circles and turned boxes become the upright boxes around them, and the
number of each is said. CVAT for video and VoTT's own JSON are not read; the message names what to
export instead.
"""

if __name__ == "__main__":
    print(page(), end="")
