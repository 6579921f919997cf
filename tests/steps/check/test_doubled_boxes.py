"""Boxes that Ctrl+D left two pixels away, in photos that other people labelled.

With `-s` it prints the figures that docs/log.md has.
"""

from dataclasses import replace

import numpy as np
import pytest

from tfod.data.example import Example, boxes_xyxy_px
from tfod.steps.check.boxes import repeated_boxes
from tfod.steps.check.dataset import read_dataset
from tfod.steps.convert.convert import ConvertOptions, convert

MOVED_PX, LEAST_PX = 2, 6


@pytest.fixture(params=["crowd_masks", "mask", "coco_val128"])
def dataset(request, shared, tmp_path):
    """Photos with the boxes that people drew."""
    place = shared / "datasets" / request.param
    if request.param == "coco_val128":
        options = ConvertOptions(to_format="voc", images=place / "images")
        convert(place, tmp_path / "coco", options)
        place = tmp_path / "coco"
    return read_dataset(place, False)


def test_doubled_boxes_are_found_and_no_others(dataset):
    assert "box-near-duplicate" not in [found.code for found in repeated_boxes(dataset)]
    pairs = []
    for photo, example in dataset.labelled:
        height, width = example.height_px, example.width_px
        for box in np.array(boxes_xyxy_px(example)).reshape(-1, 4):
            moved = box + MOVED_PX
            if (moved[2:] <= (width, height)).all():
                sides = np.array([box, moved])[:, [1, 0, 3, 2]] / ([height, width] * 2)
                both = Example(photo.image_path, height, width, sides, ("a", "a"))
                pairs.append((min(box[2:] - box[:2]), replace(photo, example=both, lines=[])))
    found = []
    for is_large in (True, False):
        photos = [photo for least, photo in pairs if (least > LEAST_PX + 0.01) == is_large]
        doubled = sum(one.count for one in repeated_boxes(replace(dataset, photos=photos)))
        found.append((doubled, len(photos)))
    print(f"\n{dataset.folder.name}: (found, doubled) of over 6 px and of the others: {found}")
    assert found[0][0] == found[0][1] > 0
