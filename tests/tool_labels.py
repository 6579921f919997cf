"""The labels of a few photos as tools write them, from the descriptions of the formats."""

import csv
import io
import json
from collections.abc import Callable
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
