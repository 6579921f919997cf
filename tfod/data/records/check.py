"""The record files of an input reader, found and checked before the first batch.

A file that is missing, cut off, damaged or without anything usable is reported with its name and
the record, before the work starts or when TensorFlow stumbles over it.
"""

import glob
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import chain
from itertools import count as count_up
from pathlib import Path
from typing import TypeAlias

import tensorflow as tf

from tfod.config.messages import InputReader
from tfod.data.records.file import WRITE_AGAIN, check_record_file, read_records
from tfod.data.records.reader import decode_image, drop_unusable, label_table, parse_record
from tfod.errors import Problem, UserError, refusal
from tfod.labels import LabelMap, read_fitting_label_map
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.words import plural, some

Table: TypeAlias = tf.lookup.StaticHashTable

READ_BUFFER_BYTES = 8 * 2**20
COUNT_LABELS_OF_AT_MOST = 20_000  # records; about two seconds


@dataclass(frozen=True)
class Records:
    """The record files of an input reader and its label map, each read once.

    Attributes:
        files: paths, patterns resolved, in the order of the config.
        count: number of records in all files.
        labels: the label map; None when the reader names none.
        table: class text -> 1-based id, -1 for an unknown one; None without a label map.
        class_names: 0-based class id -> name; "class 1" and so on without a label map.
    """

    files: Sequence[str]
    count: int
    labels: LabelMap | None
    table: Table | None
    class_names: Mapping[int, str]

    def problems(self) -> AbstractContextManager[None]:
        """See `record_problems`."""
        return record_problems(self.files, self.table)


def open_records(
    reader: InputReader, num_classes: int, progress: Progress = SILENT, names_twice: bool = False
) -> Records:
    """Find and check what an InputReader names.

    Of very large sets only the first 20,000 records are parsed; the lengths are always checked.

    Args:
        reader: InputReader message, its paths resolved.
        num_classes: of the model.
        progress: gets a warning of objects that will be left out, or have other numbers.
        names_twice: see `read_label_map`.

    Raises:
        UserError: a file is missing, cut off, damaged or empty, no object is usable, or the label
            map or a class number does not fit the model.
    """
    files = record_files(reader)
    labels, table = None, None
    if reader.label_map_path:
        labels = read_fitting_label_map(Path(reader.label_map_path), num_classes, names_twice)
        table = label_table(labels)
    count = sum(check_record_file(Path(name)) for name in files)
    unknown = _check_objects(files, table, num_classes, count)
    if unknown:
        progress.note(f"warning: {files[0]}: skipped {unknown}")
    names = {class_id: f"class {class_id + 1}" for class_id in range(num_classes)}
    return Records(files, count, labels, table, labels.class_names if labels else names)


def record_files(reader: InputReader) -> list[str]:
    """List the record files an InputReader names, in the order given.

    Args:
        reader: InputReader message; its input_path may hold patterns such as `train.record-*`.

    Raises:
        UserError: no path is given, or there is no such file.
    """
    patterns = list(reader.tf_record_input_reader.input_path)
    if not patterns:
        raise refusal(
            "config-path-not-set",
            setting="tf_record_input_reader.input_path",
            what="not set",
            remedy=WRITE_AGAIN,
        )
    files: list[str] = []
    for pattern in patterns:
        found = [pattern] if Path(pattern).is_file() else sorted(glob.glob(pattern))
        if not found:
            raise refusal("not-found", pattern, "file not found", remedy=WRITE_AGAIN)
        files.extend(found)
    return files


def _check_objects(files: Sequence[str], table: Table | None, num_classes: int, count: int) -> str:
    """Check what the labels say; give the objects of unknown classes in words, "" without any."""
    usable = unknown = largest = 0
    with record_problems(files, table):
        records = tf.data.TFRecordDataset(files, buffer_size=READ_BUFFER_BYTES)
        parsed = records.take(COUNT_LABELS_OF_AT_MOST).map(lambda record: _labels(record, table))
        for number, (class_ids, kept, size) in enumerate(parsed.as_numpy_iterator(), 1):
            if not size:
                what = f"record {number} has no image: image/encoded is empty"
                raise refusal("record-without-image", files[0], what, remedy=WRITE_AGAIN)
            usable += int(kept)
            unknown += int((class_ids < 0).sum())
            largest = max(largest, int(class_ids.max(initial=-1)) + 1)
    if largest > num_classes:
        raise refusal(
            "record-class-number",
            files[0],
            f"an object has the class number {largest}",
            expected=f"at most {num_classes}, which is model.ssd.num_classes",
            remedy=Remedy.SET(setting="model.ssd.num_classes", value=largest),
        )
    names = _unknown_names(files, table) if unknown and table is not None else ""
    words = f"{plural(unknown, 'object')} with a class that is not in the label map{names}"
    if not usable and count <= COUNT_LABELS_OF_AT_MOST:
        what = f"no objects of a known class in its {plural(count, 'image')}"
        got = words if unknown else "no objects"
        raise refusal("records-without-objects", files[0], what, got=got, remedy=WRITE_AGAIN)
    return words if unknown else ""


def _unknown_names(files: Sequence[str], table: Table) -> str:
    """The names that the label map lacks, in brackets; reads the files once more."""
    names: dict[str, None] = {}
    for example in chain.from_iterable(read_records(Path(name)) for name in files):
        texts = example.get("image/object/class/text", [])
        ids = table.lookup(tf.constant(texts, tf.string)).numpy()
        unknown = [text for text, id_ in zip(texts, ids, strict=True) if id_ < 0]
        names |= {f'"{text.decode("utf-8", "replace")}"': None for text in unknown}
    return f" ({some(list(names), 5)})" if names else ""


def _labels(record: tf.Tensor, table: Table | None) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    example = parse_record(record, table)
    kept = tf.size(drop_unusable(example)["class_ids"])
    return example["class_ids"], kept, tf.strings.length(example["encoded"])


@contextmanager
def record_problems(files: Sequence[str], table: Table | None = None) -> Iterator[None]:
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


def _first_problem(files: Sequence[str], table: Table | None) -> Problem | None:
    for name in files:
        records = iter(tf.data.TFRecordDataset(name))
        for number in count_up(1):
            image = ""
            try:
                example = parse_record(next(records), table)
                image = example["filename"].numpy().decode("utf-8", "replace")
                decode_image(example["encoded"])
            except StopIteration:
                break
            except (tf.errors.DataLossError, tf.errors.InvalidArgumentError) as error:
                reason = error.message.splitlines()[0].split("}} ")[-1].partition(" [Op:")[0]
                return _damaged(name, number, image, reason)
    return None


def _damaged(file: str, number: int, image: str, reason: str) -> Problem:
    if image:
        what = f"record {number}: the image {image} cannot be decoded"
        return Problem("record-image-damaged", file, what, got=reason, remedy=WRITE_AGAIN)
    what = f"record {number}: the record is damaged"
    return Problem("record-damaged", file, what, got=reason, remedy=WRITE_AGAIN)
