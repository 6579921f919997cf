"""One labelled image -> one record; the other half of `reader.py`.

The bytes of an upright 8-bit JPEG or PNG go in as they are. Any other image is made upright RGB and
encoded again: what was a JPEG (turned by EXIF, CMYK) as JPEG of quality 95, all else as PNG.
"""

import hashlib
import os
from collections.abc import Mapping
from typing import Any

from tfod.data.example import Example
from tfod.data.image_open import Header
from tfod.data.images import encode_upright
from tfod.data.records.file import encode_example, frame


def make_record(
    example: Example, header: Header, data: bytes, class_ids: Mapping[str, int]
) -> bytes:
    """Make one framed record: those keys of the old API that LabelImg's XML or COCO can fill.

    Args:
        example: the boxes, and the path of the image.
        header: of the image.
        data: all bytes of the image file.
        class_ids: class name -> 1-based id, of all names in the example.

    Raises:
        UserError: the image has to be encoded again and cannot be decoded.
    """
    encoded = data if header.plain else encode_upright(example.image_path, data)
    format_name = b"jpeg" if header.is_jpeg else b"png"
    name = os.fsencode(example.image_path.name)
    ymin, xmin, ymax, xmax = (example.boxes[:, side].tolist() for side in range(4))
    features: dict[str, tuple[type, Any]] = {
        "image/height": (int, [header.height_px]),
        "image/width": (int, [header.width_px]),
        "image/filename": (bytes, [name]),
        "image/source_id": (bytes, [name]),
        "image/key/sha256": (bytes, [hashlib.sha256(encoded).hexdigest().encode()]),
        "image/encoded": (bytes, [encoded]),
        "image/format": (bytes, [format_name]),
        "image/object/bbox/xmin": (float, xmin),
        "image/object/bbox/xmax": (float, xmax),
        "image/object/bbox/ymin": (float, ymin),
        "image/object/bbox/ymax": (float, ymax),
        "image/object/class/text": (bytes, [name.encode() for name in example.names]),
        "image/object/class/label": (int, [class_ids[name] for name in example.names]),
        "image/object/difficult": (int, example.difficult.astype(int).tolist()),
        "image/object/truncated": (int, example.truncated.astype(int).tolist()),
    }
    if example.is_crowd.any():
        features["image/object/is_crowd"] = (int, example.is_crowd.astype(int).tolist())
    if example.areas_px.any():
        features["image/object/area"] = (float, example.areas_px.tolist())
    return frame(encode_example(features))
