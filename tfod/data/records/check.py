"""Find the record files a config names and check them before the first batch.

What is wrong with a file (missing, cut short, damaged, nothing usable in it) is said here, with
the file and the record, before the work starts or when TensorFlow stumbles over it.
"""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import tensorflow as tf

from tfod.data.records.file import check_record_file, read_records
from tfod.data.records.reader import decode_image, drop_unusable, parse_record
from tfod.errors import UserError

READ_BUFFER_BYTES = 8 * 2**20
COUNT_LABELS_OF_AT_MOST = 20_000  # records; about two seconds


def record_files(reader: Any) -> list[str]:
    """List the record files an InputReader names, patterns resolved, in the order given.

    Args:
        reader: InputReader message; its input_path may hold patterns such as `train.record-*`.

    Raises:
        UserError: no path is given, or nothing is there.
    """
    files: list[str] = []
    patterns = list(reader.tf_record_input_reader.input_path)
    for pattern in patterns:
        found = [pattern] if Path(pattern).is_file() else sorted(glob.glob(pattern))
        if not found:
            raise UserError(
                f"{pattern}: no such record file. Run `tfod records`, or correct input_path in "
                "pipeline.config."
            )
        files.extend(found)
    if not files:
        raise UserError(
            "pipeline.config: tf_record_input_reader has no input_path. Name the record file, "
            'for example input_path: "annotations/train.record".'
        )
    return files


def check_records(
    files: Sequence[str], table: tf.lookup.StaticHashTable | None, num_classes: int
) -> tuple[int, list[str]]:
    """Check the record files before the first batch.

    Of very large sets only the first 20,000 records are parsed; the lengths are always checked.

    Returns:
        The number of records, and notes for the user (objects that will be left out).

    Raises:
        UserError: a file is cut short, damaged or empty, no object is usable, or a class number
            is larger than num_classes.
    """
    count = sum(check_record_file(Path(name)) for name in files)
    usable = unknown = largest = 0
    with record_problems(files, table):
        records = tf.data.TFRecordDataset(files, buffer_size=READ_BUFFER_BYTES)
        parsed = records.take(COUNT_LABELS_OF_AT_MOST).map(lambda record: _labels(record, table))
        for number, (class_ids, kept, size) in enumerate(parsed.as_numpy_iterator(), 1):
            if not size:
                raise UserError(
                    f"{files[0]}: record {number} has no image (image/encoded is empty). "
                    "Write the records again: `tfod records`."
                )
            usable += kept
            unknown += int((class_ids < 0).sum())
            largest = max(largest, int(class_ids.max(initial=-1)) + 1)
    if largest > num_classes:
        raise UserError(
            f"{files[0]}: an object has class number {largest}, but model.ssd.num_classes is "
            f"{num_classes}. Correct num_classes, or the label map, in pipeline.config."
        )
    names = f" ({_unknown_names(files, table)})" if unknown and table is not None else ""
    if not usable and count <= COUNT_LABELS_OF_AT_MOST:
        raise UserError(
            f"{files[0]}: none of its {count} images has an object of a known class ({unknown} "
            f"objects have a class that is not in the label map{names}). Label some objects, or "
            "name the label map the records were made with."
        )
    notes = []
    if unknown:
        notes.append(
            f"{files[0]}: {unknown} of the objects have a class that is not in the label map"
            f"{names} and are left out."
        )
    return count, notes


def _unknown_names(files: Sequence[str], table: tf.lookup.StaticHashTable) -> str:
    """The names that the label map lacks, five at most; reads the files once more."""
    names: dict[str, None] = {}
    for example in chain.from_iterable(read_records(Path(name)) for name in files):
        texts = example.get("image/object/class/text", [])
        ids = table.lookup(tf.constant(texts, tf.string)).numpy()
        unknown = [text for text, id_ in zip(texts, ids, strict=True) if id_ < 0]
        names |= {f'"{text.decode("utf-8", "replace")}"': None for text in unknown}
        if len(names) > 5:
            break
    return ", ".join(list(names)[:5]) + (" ..." if len(names) > 5 else "")


def _labels(record: tf.Tensor, table: Any) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    example = parse_record(record, table)
    kept = tf.size(drop_unusable(example)["class_ids"])
    return example["class_ids"], kept, tf.strings.length(example["encoded"])


@contextmanager
def record_problems(files: Sequence[str], table: Any = None) -> Iterator[None]:
    """Turn what TensorFlow raises on a damaged record or image into a `UserError` that names it.

    Reads the files once more to find it, only then. An error that has another cause is left alone.
    """
    try:
        yield
    except (tf.errors.DataLossError, tf.errors.InvalidArgumentError) as error:
        problem = _first_problem(files, table)
        if problem is None:
            raise
        raise UserError(problem) from error


def _first_problem(files: Sequence[str], table: Any) -> str | None:
    for name in files:
        records = iter(tf.data.TFRecordDataset(name))
        number = 0
        while True:
            number += 1
            example = {"filename": tf.constant("")}
            try:
                record = next(records)
                example = parse_record(record, table)
                decode_image(example["encoded"])
            except StopIteration:
                break
            except (tf.errors.DataLossError, tf.errors.InvalidArgumentError) as error:
                image = example["filename"].numpy().decode("utf-8", "replace")
                what = f"the image {image} cannot be decoded" if image else "the record is damaged"
                reason = error.message.splitlines()[0].split("}} ")[-1].partition(" [Op:")[0]
                return (
                    f"{name}: record {number}: {what} ({reason}). Repair or remove the image and "
                    "write the records again: `tfod records`."
                )
    return None
