"""Labelled images to TFRecord files, as generate_tfrecord.py of the tutorial made them.

    write_records(Path("workspace/images/train"), Path("annotations/train.record"), label_map)

The bytes of an upright 8-bit JPEG or PNG go in as they are. Any other image is made upright RGB and
encoded again: what was a JPEG (turned by EXIF, CMYK) as JPEG of quality 95, all else as PNG.
First everything is looked at and all problems are told together; only then a file is written,
whole or not at all. Class ids are 0-based inside and 1-based in the file.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from tfod.data.annotation_xml import SIDES
from tfod.data.images import Header, open_image, upright_rgb
from tfod.data.pairs import pair_up
from tfod.data.record_file import check_record_file as check_record_file
from tfod.data.record_file import encode_example, frame
from tfod.data.record_file import read_records as read_records
from tfod.data.record_scan import Scan, in_order, raise_problems, scan_pair, unknown_classes
from tfod.data.voc import Example, boxes_xyxy_px
from tfod.errors import UserError
from tfod.labels import LabelMap, read_label_map, write_label_map
from tfod.paths import whole_file

JPEG_QUALITY = 95


@dataclass(frozen=True)
class RecordsResult:
    """What was written.

    Attributes:
        files: the record files, one per shard.
        images: number of records.
        boxes: number of boxes.
        negatives: images among them without any object.
        classes: class name -> number of boxes, in the order of the label map.
        encoded_again: images whose bytes could not be used as they are.
        cut_boxes: boxes that reached up to a pixel over the edge and were cut there.
        other_size: images whose XML states another size than they have.
        unlabelled: images without an XML, left out.
        label_map_made: the label map that was made from the classes found, or None.
    """

    files: list[Path]
    images: int
    boxes: int
    negatives: int
    classes: dict[str, int]
    encoded_again: int
    cut_boxes: int
    other_size: int
    unlabelled: int
    label_map_made: Path | None = None


def write_records(
    images_dir: Path,
    record_path: Path,
    label_map: LabelMap | Path,
    shards: int = 1,
    csv_path: Path | None = None,
    xml_dir: Path | None = None,
) -> RecordsResult:
    """Write the labelled images of a folder to one record file, sorted by file name.

    Args:
        images_dir: folder of images, each with its XML beside it.
        record_path: the file to write; with shards, `<record_path>-00000-of-00004` and so on.
        label_map: label map, or the path of one; made there from the class names found, sorted,
            when there is none.
        shards: number of files to spread the records over, in turn.
        csv_path: also write the boxes as the tutorial's CSV.
        xml_dir: folder of the XML files, when they are kept apart.

    Raises:
        UserError: something in the data is wrong (all of it is told), or nothing can be written.
    """
    if shards < 1:
        raise UserError(f"--shards {shards}: at least 1 is needed.")
    images_dir, record_path = Path(images_dir), Path(record_path)
    if record_path.is_dir():
        raise UserError(f"{record_path}: is a folder. Name a file in it, like train.record.")
    pairs, orphans = pair_up(images_dir, xml_dir)
    labelled = [(image, xml) for image, xml in pairs if xml is not None]
    if not labelled:
        raise UserError(
            f"{images_dir}: none of the {len(pairs)} images has an XML file. Label them with "
            "LabelImg (Pascal VOC format) first."
        )
    scans = list(in_order(scan_pair, labelled, "checking"))
    problems = [problem for scan in scans for problem in scan.problems]
    problems += [f"{xml}: there is no image for it" for xml in orphans]
    examples = [scan.example for scan in scans if scan.example is not None]
    class_ids, made = _class_ids(label_map, examples)
    problems += unknown_classes(scans, class_ids, label_map)
    raise_problems(problems, images_dir)

    files = _shard_paths(record_path, shards)
    _write(scans, class_ids, files)
    if made is not None:
        write_label_map(made, list(class_ids))
    if csv_path is not None:
        _write_csv(Path(csv_path), examples)
    _remove_other_shards(record_path, files)
    return _result(files, scans, class_ids, len(pairs) - len(labelled), made)


def _class_ids(
    label_map: LabelMap | Path, examples: Sequence[Example]
) -> tuple[dict[str, int], Path | None]:
    """Class name -> 1-based id, and the path where a label map has to be written, if any."""
    if isinstance(label_map, LabelMap):
        return label_map.ids, None
    path = Path(label_map)
    if path.exists():
        return read_label_map(path).ids, None
    names = sorted({name for example in examples for name in example.names})
    return {name: index for index, name in enumerate(names, start=1)}, path if names else None


def _write(scans: Sequence[Scan], class_ids: dict[str, int], files: Sequence[Path]) -> None:
    with ExitStack() as stack:
        parts = [stack.enter_context(whole_file(path)) for path in files]
        # closed before the renaming, so that what the disk refuses is known by then
        with ExitStack() as streams:
            outputs = [streams.enter_context(open(part, "wb")) for part in parts]
            records = in_order(lambda scan: _record(scan, class_ids), scans, "writing")
            for index, record in enumerate(records):
                outputs[index % len(outputs)].write(record)


def _record(scan: Scan, class_ids: dict[str, int]) -> bytes:
    """One framed record: those keys of the old API that LabelImg's XML can fill."""
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


def _write_csv(csv_path: Path, examples: Sequence[Example]) -> None:
    """Write one row per box: filename, width, height, class, xmin, ymin, xmax, ymax in pixels."""
    import pandas as pd

    rows = [
        (example.image_path.name, example.width_px, example.height_px, name, *box)
        for example in examples
        for name, box in zip(example.names, boxes_xyxy_px(example), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["filename", "width", "height", "class", *SIDES])
    with whole_file(csv_path) as temporary:
        table.to_csv(temporary, index=False)


def _shard_paths(record_path: Path, shards: int) -> list[Path]:
    if shards == 1:
        return [record_path]
    name = record_path.name
    return [record_path.with_name(f"{name}-{i:05d}-of-{shards:05d}") for i in range(shards)]


def _remove_other_shards(record_path: Path, files: Sequence[Path]) -> None:
    """Delete what an earlier run with another number of shards left: `-?????-of-*` reads both."""
    digits = "[0-9]" * 5
    for path in record_path.parent.glob(f"{record_path.name}-{digits}-of-{digits}"):
        if path not in files:
            path.unlink()


def _result(
    files: list[Path],
    scans: Sequence[Scan],
    class_ids: dict[str, int],
    unlabelled: int,
    made: Path | None,
) -> RecordsResult:
    examples = [scan.example for scan in scans if scan.example]
    counts = Counter(name for example in examples for name in example.names)
    stated = [(e.stated_size, (e.height_px, e.width_px)) for e in examples]
    return RecordsResult(
        files=files,
        images=len(examples),
        boxes=counts.total(),
        negatives=sum(not example.names for example in examples),
        classes={name: counts[name] for name in class_ids if counts[name]},
        encoded_again=sum(not scan.header.plain for scan in scans if scan.header),
        cut_boxes=sum(int((example.outside_px > 0).sum()) for example in examples),
        other_size=sum(size is not None and size != real for size, real in stated),
        unlabelled=unlabelled,
        label_map_made=made,
    )
