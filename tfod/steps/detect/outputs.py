"""What else `detect` writes for an image: XML, crops; and for all of them one COCO file.

OUT/xml/<name of the image>.xml                 the detections as suggestions, for LabelImg
OUT/crops/<class>/<name of the image>_<n>.jpg   what is inside each box
OUT/detections.json                             a data set in COCO JSON, with scores
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from tfod import boxes as box_forms
from tfod.data.example import suggested_example
from tfod.data.images import write_image
from tfod.data.voc import write_voc
from tfod.detections import Detections
from tfod.files import whole_file

COCO = "detections.json"


@dataclass(frozen=True)
class Found:
    """What was found in one image or frame.

    Attributes:
        name: of the image, below the source; of the video for a frame.
        frame: number of the frame, from 0; 0 for an image.
        time_s: of the frame in its video.
        size: (height, width) in pixels.
        detections: those that count.
    """

    name: str
    frame: int
    time_s: float
    size: tuple[int, int]
    detections: Detections

    def as_dict(self) -> dict[str, Any]:
        """For JSON; boxes are (xmin, ymin, xmax, ymax) in pixels."""
        height, width = self.size
        return {
            "filename": self.name,
            "frame": self.frame,
            "time_s": round(self.time_s, 3),
            "width": width,
            "height": height,
            "detections": [
                {"class": name, "score": round(score, 4), "box_xyxy_px": box}
                for name, score, box in self._rows()
            ],
        }

    def _rows(self) -> list[tuple[str, float, list[float]]]:
        corners = box_forms.to_xyxy_px(self.detections.boxes, *self.size).astype(float).round(1)
        return [
            (self.detections.name_of(row), float(self.detections.scores[row]), box)
            for row, box in enumerate(corners.tolist())
        ]


def write_xml(folder: Path, found: Found, model: str) -> None:
    """Write the detections of an image as XML that `label` shows as suggestions."""
    path = folder / "xml" / PurePosixPath(found.name).with_suffix(".xml")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_voc(path, suggested_example(Path(found.name), found.size, found.detections, model))


def write_crops(folder: Path, found: Found, image: np.ndarray, is_frame: bool) -> None:
    """Write what is inside each box; boxes of less than a pixel have nothing inside.

    Args:
        image: uint8 [H, W, 3], RGB.
        is_frame: of a video, whose number becomes part of the name.
    """
    stem = found.name.replace("/", "_").rpartition(".")[0] or found.name
    stem += f"_{found.frame:06}" if is_frame else ""
    corners = box_forms.to_xyxy_px(box_forms.clip(found.detections.boxes), *found.size)
    for row, corner in enumerate(corners):
        left, top = np.floor(corner[:2]).astype(int)
        right, bottom = np.ceil(corner[2:]).astype(int)
        crop = image[top:bottom, left:right]
        if crop.size:
            name = _as_folder(found.detections.name_of(row))
            path = folder / "crops" / name / f"{stem}_{row + 1}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(path, np.ascontiguousarray(crop))


def write_coco(folder: Path, found: Sequence[Found], class_names: Mapping[int, str]) -> Path:
    """Write all detections as one data set in COCO JSON; each has a score beside its box."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, one in enumerate(found, 1):
        height, width = one.size
        images.append({"id": image_id, "file_name": one.name, "width": width, "height": height})
        if one.frame or one.time_s:
            images[-1] |= {"frame": one.frame, "time_s": one.time_s}
        corners = box_forms.to_xyxy_px(one.detections.boxes, height, width).astype(float)
        for row, (xmin, ymin, xmax, ymax) in enumerate(corners.tolist()):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": int(one.detections.class_ids[row]) + 1,
                    "bbox": [xmin, ymin, xmax - xmin, ymax - ymin],
                    "area": (xmax - xmin) * (ymax - ymin),
                    "iscrowd": 0,
                    "score": float(one.detections.scores[row]),
                }
            )
    categories = [{"id": number + 1, "name": name} for number, name in class_names.items()]
    with whole_file(folder / COCO) as temporary:
        temporary.write_text(
            json.dumps({"images": images, "categories": categories, "annotations": annotations}),
            encoding="utf-8",
        )
    return folder / COCO


def _as_folder(name: str) -> str:
    """A class name as the name of a folder, on Windows too."""
    cleaned = "".join("_" if letter in '<>:"/\\|?*' or letter < " " else letter for letter in name)
    return cleaned.strip(" .") or "_"
