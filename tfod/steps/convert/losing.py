"""What the target of a conversion cannot hold: taken out, and counted."""

from collections import Counter
from pathlib import Path

import numpy as np

from tfod.data.example import Example
from tfod.steps.convert.guess import FORMATS
from tfod.steps.convert.labelled import Labelled


def count_lost_ids(labelled: Labelled, to_format: str, label_map: Path | None) -> Counter[str]:
    """Count the class numbers of the source that only a label map would keep."""
    ids = sorted(labelled.class_ids.values())
    dense = ids == list(range(ids[0], len(ids) + ids[0])) if ids else True
    kept = label_map is not None or to_format == "coco" or (to_format == "yolo" and dense)
    return Counter() if kept else Counter({"class numbers (--label-map FILE keeps them)": len(ids)})


def drop_what_does_not_fit(labelled: Labelled, to_format: str) -> Counter[str]:
    """Take out what YOLO and CSV cannot say, and count it."""
    lost: Counter[str] = Counter()
    if to_format not in ("yolo", "csv"):
        return lost
    title = FORMATS[to_format]
    for part, examples in labelled.parts.items():
        labelled.parts[part] = [_plain(example, lost, title) for example in examples]
        for example in labelled.parts[part]:
            if to_format == "csv" and not example.names:
                lost["images without boxes (CSV has no row for them)"] += 1
    return +lost


def _plain(example: Example, lost: Counter[str], title: str) -> Example:
    """The same image with boxes and names alone, and without crowds."""
    for name in ("difficult", "truncated", "occluded"):
        lost[f"boxes marked {name} (the boxes stay)"] += int(getattr(example, name).sum())
    lost["poses"] += sum(pose != "Unspecified" for pose in example.poses)
    lost["areas that are not that of the box"] += int((example.areas_px > 0).sum())
    crowds = int(example.is_crowd.sum())
    lost[f"boxes of crowds left out ({title} would take each for one object)"] += crowds
    keep = np.flatnonzero(~example.is_crowd)
    return Example(
        example.image_path,
        example.height_px,
        example.width_px,
        example.boxes[keep],
        [example.names[index] for index in keep],
    )
