"""Labelled images to TFRecord files, as generate_tfrecord.py of the tutorial made them.

    write_records(Path("workspace/images/train"), Path("annotations/train.record"), label_map)

First everything is looked at and all problems are told together; only then a file is written,
whole or not at all. Class ids are 0-based inside and 1-based in the file.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tfod.data.annotation_xml import SIDES
from tfod.data.parts import part_names
from tfod.data.records.example import make_record
from tfod.data.records.file import check_record_file as check_record_file
from tfod.data.records.file import read_records as read_records
from tfod.data.scan import Looked, Scan, in_order, look, raise_problems, unknown_classes
from tfod.data.voc import Example, boxes_xyxy_px
from tfod.errors import UserError
from tfod.files import whole_file
from tfod.labels import LabelMap, read_label_map, write_label_map

MOST_SHARDS = 1000
Job = tuple[Looked, Path, Path | None]  # images, the record to write, the CSV to write


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
        suggested: images with boxes that a model suggested and nobody has looked at, left out.
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
    suggested: int
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
    images_dir, record_path = Path(images_dir), Path(record_path)
    _check_output(record_path, shards)
    looked = look(images_dir, xml_dir)
    class_ids, made = _class_ids(label_map, looked.examples)
    unknown = unknown_classes(looked.scans, class_ids, label_map)
    raise_problems(looked.problems, unknown, images_dir)
    (result,) = _write_all([(looked, record_path, csv_path)], class_ids, made, shards)
    return result


def write_parts(
    images_dir: Path, output_dir: Path, label_map: Path, shards: int = 1, with_csv: bool = False
) -> dict[str, RecordsResult]:
    """Write train.record and test.record, and val.record where val/ is a part, all or none.

    Args:
        images_dir: holds the folders train/ and test/; val/ counts as `part_names` says.
        output_dir: gets the records, and a CSV for each when asked for.
        label_map: path; made there from the class names of both when there is none.
        shards: number of files of each record.
        with_csv: also write the boxes as CSV.

    Raises:
        UserError: as `write_records`, and then no record is written.
    """
    found = part_names(images_dir)
    for part in found:
        _check_output(output_dir / f"{part}.record", shards)
        if not (images_dir / part).is_dir():
            raise UserError(f"{images_dir / part}: no such folder. Make it with `tfod split`.")
    parts = {part: look(images_dir / part) for part in found}
    examples = [example for looked in parts.values() for example in looked.examples]
    class_ids, made = _class_ids(label_map, examples)
    problems = [problem for looked in parts.values() for problem in looked.problems]
    scans = [scan for looked in parts.values() for scan in looked.scans]
    raise_problems(problems, unknown_classes(scans, class_ids, label_map), images_dir)
    jobs: list[Job] = [
        (looked, output_dir / f"{part}.record", output_dir / f"{part}.csv" if with_csv else None)
        for part, looked in parts.items()
    ]
    return dict(zip(parts, _write_all(jobs, class_ids, made, shards), strict=True))


def _check_output(record_path: Path, shards: int) -> None:
    if not 1 <= shards <= MOST_SHARDS:
        raise UserError(f"--shards {shards}: expected 1 to {MOST_SHARDS:,}.")
    if record_path.is_dir():
        raise UserError(f"{record_path}: is a folder. Name a file in it, like train.record.")


def _write_all(
    jobs: Sequence[Job], class_ids: dict[str, int], made: Path | None, shards: int
) -> list[RecordsResult]:
    """Write record and CSV of each folder, and the label map (when it is to be made): all or none.

    A new train.record beside a test.record of an earlier split would share photos with it.
    """
    all_files = [_shard_paths(record_path, shards) for _, record_path, _ in jobs]
    with ExitStack() as stack:
        for (looked, _, csv_path), files in zip(jobs, all_files, strict=True):
            _write(looked.scans, class_ids, [stack.enter_context(whole_file(f)) for f in files])
            if csv_path is not None:
                _write_csv(stack.enter_context(whole_file(csv_path)), looked.examples)
        if made is not None:
            write_label_map(stack.enter_context(whole_file(made)), list(class_ids))
    results = []
    for (looked, record_path, _), files in zip(jobs, all_files, strict=True):
        _remove_other_shards(record_path, files)
        results.append(_result(files, looked, class_ids, None if results else made))
    return results


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
    """Write records in turn to as many files as there are, one file after the other."""
    for number, file in enumerate(files):
        records = in_order(
            lambda scan: make_record(scan, class_ids),
            scans[number :: len(files)],
            "writing",
            heavy=lambda scan: not scan.header.plain,
        )
        with open(file, "wb") as output:
            output.writelines(records)


def _write_csv(csv_path: Path, examples: Sequence[Example]) -> None:
    """Write one row per box: filename, width, height, class, xmin, ymin, xmax, ymax in pixels."""
    import pandas as pd

    rows = [
        (example.image_path.name, example.width_px, example.height_px, name, *box)
        for example in examples
        for name, box in zip(example.names, boxes_xyxy_px(example), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["filename", "width", "height", "class", *SIDES])
    table.to_csv(csv_path, index=False, errors="surrogateescape")  # names as they are


def _shard_paths(record_path: Path, shards: int) -> list[Path]:
    if shards == 1:
        return [record_path]
    name = record_path.name
    return [record_path.with_name(f"{name}-{i:05d}-of-{shards:05d}") for i in range(shards)]


def _remove_other_shards(record_path: Path, files: Sequence[Path]) -> None:
    """Delete what an earlier run with another number of shards left: a config may read it."""
    digits = "[0-9]" * 5
    shards = record_path.parent.glob(f"{record_path.name}-{digits}-of-{digits}")
    for path in {record_path, *shards}.difference(files):
        path.unlink(missing_ok=True)


def _result(
    files: list[Path], looked: Looked, class_ids: dict[str, int], made: Path | None
) -> RecordsResult:
    examples = looked.examples
    counts = Counter(name for example in examples for name in example.names)
    stated = [(e.stated_size, (e.height_px, e.width_px)) for e in examples]
    return RecordsResult(
        files=files,
        images=len(examples),
        boxes=counts.total(),
        negatives=sum(not example.names for example in examples),
        classes={name: counts[name] for name in class_ids if counts[name]},
        encoded_again=sum(not scan.header.plain for scan in looked.scans if scan.header),
        cut_boxes=sum(int((example.outside_px > 0).sum()) for example in examples),
        other_size=sum(size is not None and size != real for size, real in stated),
        unlabelled=looked.unlabelled,
        suggested=looked.suggested,
        label_map_made=made,
    )
