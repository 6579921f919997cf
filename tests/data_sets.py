"""Data sets as other tools lay them out, written from their public descriptions: one table.

Each has the same photos and boxes, so that whoever reads one can be compared box by box.
`tests/steps/convert/test_data_sets.py` reads them all, and refuses a broken twin of each.
"""

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np
from PIL import Image

from tfod.data.records.file import encode_example, frame

WIDTH, HEIGHT = 100, 60
CLASSES = ("cat", "big dog")
# photo -> its boxes: class, xmin, ymin, xmax, ymax
BOXES = {
    "a": [("cat", 10, 6, 40, 30)],
    "b": [("cat", 20, 12, 60, 48), ("big dog", 0, 0, 50, 30)],
    "c": [("big dog", 5, 3, 95, 57)],
}
ALL = tuple(BOXES)
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


def _pixels(name: str) -> np.ndarray:
    noise = np.random.default_rng(crc32(name.encode()))
    return noise.integers(0, 256, (HEIGHT // 10, WIDTH // 10, 3), np.uint8)


def photo(path: Path, name: str) -> None:
    """Write a photo that no other resembles."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(_pixels(name)).resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)
    picture.save(path, "PNG" if path.suffix == ".png" else "JPEG")


def shown_in(path: Path) -> str:
    """Which of the photos a file shows, whatever JPEG made of it."""
    seen = np.asarray(Image.open(path).convert("RGB"), int)[5::10, 5::10]
    seen_apart = {name: np.abs(seen - _pixels(name)).mean() for name in BOXES}
    return min(seen_apart, key=seen_apart.__getitem__)


def text(path: Path, content: str) -> None:
    """Write a text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def put_json(path: Path, content: object) -> None:
    """Write JSON."""
    text(path, json.dumps(content, indent=1))


# --- one file for each image


def voc_xml(name: str, filename: str = "") -> str:
    """The annotation of a photo."""
    objects = "".join(
        f"<object><name>{label}</name><bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin>"
        f"<xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>"
        for label, x0, y0, x1, y1 in BOXES[name]
    )
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth></size>"
    return f"<annotation><filename>{filename or name}.jpg</filename>{size}{objects}</annotation>"


def yolo_text(name: str, form: str = "box") -> str:
    """The boxes of a photo as boxes, as polygons, or as turned boxes (four corners)."""
    lines = []
    for label, x0, y0, x1, y1 in BOXES[name]:
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        if form == "polygon":
            corners.insert(1, ((x0 + x1) / 2, y0))
        if form == "box":
            values = [(x0 + x1) / 2 / WIDTH, (y0 + y1) / 2 / HEIGHT]
            values += [(x1 - x0) / WIDTH, (y1 - y0) / HEIGHT]
        else:
            values = [v for x, y in corners for v in (x / WIDTH, y / HEIGHT)]
        lines.append(" ".join([str(CLASSES.index(label)), *(f"{v:.8f}" for v in values)]))
    return "\n".join(lines) + "\n"


def labelme(name: str) -> dict:
    """LabelMe's file of a photo."""
    shapes = [
        {"label": label, "points": [[x0, y0], [x1, y1]], "shape_type": "rectangle"}
        for label, x0, y0, x1, y1 in BOXES[name]
    ]
    sides = {"imageHeight": HEIGHT, "imageWidth": WIDTH}
    return {"version": "5.4.1", "flags": {}, "shapes": shapes, "imagePath": f"{name}.jpg", **sides}


def kitti_text(name: str) -> str:
    """KITTI's labels of a photo; a class is one word there."""
    lines = [
        f"{label.replace(' ', '_')} 0.00 0 0.00 {x0} {y0} {x1} {y1} 0 0 0 0 0 0 0"
        for label, x0, y0, x1, y1 in BOXES[name]
    ]
    return "\n".join([*lines, "DontCare -1 -1 -10 1 1 9 9 -1 -1 -1 -1000 -1000 -1000 -10"])


def oidv4_text(name: str) -> str:
    """OIDv4's labels of a photo."""
    return "\n".join(" ".join(map(str, (*box[:1], *map(float, box[1:])))) for box in BOXES[name])


# --- one file for all images


def coco(names: tuple[str, ...], name_of: Callable[[str], str], **forms: bool) -> dict:
    """COCO's file; `polygons` for no bbox, `text_ids` for ids that are texts."""
    key = (lambda value: f"id-{value}") if forms.get("text_ids") else (lambda value: value)
    images = [
        {"id": key(i), "file_name": name_of(name), "width": WIDTH, "height": HEIGHT}
        for i, name in enumerate(names, 1)
    ]
    found = []
    for i, name in enumerate(names, 1):
        for label, x0, y0, x1, y1 in BOXES[name]:
            entry = {
                "id": len(found) + 1,
                "image_id": key(i),
                "category_id": key(CLASSES.index(label) + 1),
                "iscrowd": 0,
            }
            if forms.get("polygons"):
                entry["segmentation"] = [[x0, y0, x1, y0, x1, y1, x0, y1]]
            else:
                entry |= {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0)}
            found.append(entry)
    categories = [{"id": key(i), "name": name} for i, name in enumerate(CLASSES, 1)]
    return {"info": {}, "images": images, "annotations": found, "categories": categories}


def createml() -> list:
    """CreateML's file."""
    return [
        {
            "image": f"{name}.jpg",
            "annotations": [
                {
                    "label": label,
                    "coordinates": {
                        "x": (x0 + x1) / 2,
                        "y": (y0 + y1) / 2,
                        "width": x1 - x0,
                        "height": y1 - y0,
                    },
                }
                for label, x0, y0, x1, y1 in BOXES[name]
            ],
        }
        for name in ALL
    ]


def via(project: bool) -> dict:
    """VIA 2's file, of a project or of the annotations alone."""
    images = {
        f"{name}.jpg123": {
            "filename": f"{name}.jpg",
            "size": 123,
            "regions": [
                {
                    "shape_attributes": {
                        "name": "rect",
                        "x": x0,
                        "y": y0,
                        "width": x1 - x0,
                        "height": y1 - y0,
                    },
                    "region_attributes": {"class": label},
                }
                for label, x0, y0, x1, y1 in BOXES[name]
            ],
            "file_attributes": {},
        }
        for name in ALL
    }
    return {"_via_settings": {}, "_via_img_metadata": images} if project else images


def via_csv() -> str:
    """VIA 2's table."""
    out = io.StringIO()
    table = csv.writer(out)
    columns = ("region_count", "region_id", "region_shape_attributes", "region_attributes")
    table.writerow(("filename", "file_size", "file_attributes", *columns))
    for image in via(project=False).values():
        for number, region in enumerate(image["regions"]):
            attributes = (region["shape_attributes"], region["region_attributes"])
            row = (image["filename"], 123, "{}", len(image["regions"]), number)
            table.writerow((*row, *map(json.dumps, attributes)))
    return out.getvalue()


def table(names: tuple[str, ...], columns: str = "filename,width,height,class") -> str:
    """The tutorial's CSV."""
    lines = [f"{columns},xmin,ymin,xmax,ymax"]
    for name in names:
        for label, *sides in BOXES[name]:
            lines.append(",".join(map(str, (f"{name}.jpg", WIDTH, HEIGHT, label, *sides))))
    return "\n".join(lines) + "\n"


def cvat_xml(folder: str = "") -> str:
    """CVAT's file for images."""
    images = "".join(
        f'<image id="{i}" name="{folder}{name}.jpg" width="{WIDTH}" height="{HEIGHT}">'
        + "".join(
            f'<box label="{label}" source="manual" occluded="0" xtl="{x0}.00" ytl="{y0}.00" '
            f'xbr="{x1}.00" ybr="{y1}.00" z_order="0"><attribute name="color">red</attribute></box>'
            for label, x0, y0, x1, y1 in BOXES[name]
        )
        + "</image>"
        for i, name in enumerate(ALL)
    )
    start = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>'
    return f"{start}<meta><task><mode>annotation</mode></task></meta>{images}</annotations>"


def label_studio(small: bool) -> list:
    """Label Studio's JSON, or JSON-MIN."""
    tasks = []
    for name in ALL:
        values = [
            {
                "x": x0 * 100 / WIDTH,
                "y": y0 * 100 / HEIGHT,
                "width": (x1 - x0) * 100 / WIDTH,
                "height": (y1 - y0) * 100 / HEIGHT,
                "rotation": 0,
                "rectanglelabels": [label],
            }
            for label, x0, y0, x1, y1 in BOXES[name]
        ]
        sizes = {"original_width": WIDTH, "original_height": HEIGHT}
        image = f"/data/upload/1/0a1b2c3d-{name}.jpg"
        if small:
            tasks.append({"id": 1, "image": image, "label": [{**v, **sizes} for v in values]})
            continue
        results = [{"type": "rectanglelabels", "value": v, **sizes} for v in values]
        done = {"result": results, "was_cancelled": False}
        tasks.append({"id": 1, "data": {"image": image}, "annotations": [done], "predictions": []})
    return tasks


def record(names: tuple[str, ...], folder: Path) -> bytes:
    """A TFRecord of the old API."""
    found = []
    for name in names:
        photo(folder / "photo.jpg", name)
        shares = [[value / size for value in values] for values, size in _sides(BOXES[name])]
        features = {
            "image/filename": (bytes, [f"{name}.jpg".encode()]),
            "image/format": (bytes, [b"jpeg"]),
            "image/encoded": (bytes, [(folder / "photo.jpg").read_bytes()]),
            "image/object/class/text": (bytes, [box[0].encode() for box in BOXES[name]]),
            **{
                f"image/object/bbox/{side}": (float, values)
                for side, values in zip(("xmin", "ymin", "xmax", "ymax"), shares, strict=True)
            },
        }
        found.append(frame(encode_example(features)))
    (folder / "photo.jpg").unlink()
    return b"".join(found)


def _sides(boxes: list) -> list:
    sizes = (WIDTH, HEIGHT, WIDTH, HEIGHT)
    return [([box[i + 1] for box in boxes], size) for i, size in enumerate(sizes)]


# --- layouts


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
