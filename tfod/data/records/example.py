"""One labelled image -> one record; the other half of `reader.py`.

The bytes of an upright 8-bit JPEG or PNG go in as they are. Any other image is made upright RGB and
encoded again: what was a JPEG (turned by EXIF, CMYK) as JPEG of quality 95, all else as PNG.
"""

import hashlib
import os
from io import BytesIO
from pathlib import Path

from tfod.data.images import Header, open_image, upright_rgb
from tfod.data.records.file import encode_example, frame
from tfod.data.scan import Scan

JPEG_QUALITY = 95


def make_record(scan: Scan, class_ids: dict[str, int]) -> bytes:
    """Make one framed record: those keys of the old API that LabelImg's XML or COCO can fill.

    Args:
        scan: an image without problems.
        class_ids: class name -> 1-based id.
    """
    example, header = scan.example, scan.header
    assert example is not None and header is not None
    encoded, format_name = _encoded(scan.image_path, header)
    name = os.fsencode(scan.image_path.name)
    ymin, xmin, ymax, xmax = (example.boxes[:, side].tolist() for side in range(4))
    features = {
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


def _encoded(path: Path, header: Header) -> tuple[bytes, bytes]:
    """The bytes to store and the name of their format."""
    jpeg = header.format in ("JPEG", "MPO")
    if header.plain:
        return path.read_bytes(), b"jpeg" if jpeg else b"png"
    buffer = BytesIO()
    with open_image(path) as image:
        pixels = upright_rgb(image)
        pixels.info = {}  # no EXIF, no profile: the pixels are all that counts now
        if jpeg:
            pixels.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        else:
            pixels.save(buffer, "PNG")
    return buffer.getvalue(), b"jpeg" if jpeg else b"png"
