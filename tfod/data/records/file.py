"""TFRecord files of tf.train.Example, read and written without importing TensorFlow (5 s).

A record is: length uint64, its checksum uint32, the bytes, their checksum uint32, little endian;
a checksum is CRC-32C, rotated and shifted (the TFRecord format of TensorFlow). The message is
tf.train.Example, described here field by field. This module knows nothing of images or boxes.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

from tfod.errors import UserError, refusal
from tfod.listing import unreadable
from tfod.remedies import Remedy
from tfod.words import plural

HEADER_BYTES = 12
FOOTER_BYTES = 4
WRITE_AGAIN = Remedy.RUN(step="records")
Feature = Sequence[bytes] | Sequence[float] | Sequence[int]

_LISTS = {bytes: "bytes_list", float: "float_list", int: "int64_list"}


def encode_example(features: Mapping[str, tuple[type, Feature]]) -> bytes:
    """Serialise a tf.train.Example, the same bytes for the same features every time.

    Args:
        features: name -> (bytes, float or int, the values); a list may be empty.
    """
    message = _Example()
    for name, (kind, values) in features.items():
        filled = getattr(message.features.feature[name], _LISTS[kind])
        filled.SetInParent()  # an empty list has a type too
        filled.value.extend(values)
    return message.SerializeToString(deterministic=True)


def decode_example(data: bytes) -> dict[str, list]:
    """Parse a serialised tf.train.Example to name -> list of bytes, float (32 bits) or int."""
    message = _Example.FromString(data)
    features = message.features.feature
    return {
        name: list(getattr(features[name], features[name].WhichOneof("kind")).value)
        if features[name].WhichOneof("kind")
        else []
        for name in sorted(features)
    }


def frame(data: bytes) -> bytes:
    """Put length and checksums around the bytes of one record."""
    length = struct.pack("<Q", len(data))
    return b"".join([length, _checksum(length), data, _checksum(data)])


def read_records(path: Path) -> Iterator[dict[str, list]]:
    """Read the records of a file one after the other, each as `decode_example` gives it.

    Raises:
        UserError: the file is missing, empty, cut off, damaged, or no file of tf.train.Example.
    """
    for number, data in enumerate(_records(Path(path), contents=True), start=1):
        try:
            yield decode_example(data)
        except Exception as error:  # protobuf's DecodeError has no public place
            raise _damaged(path, number, "not a tf.train.Example") from error


def looks_like_records(path: Path) -> bool:
    """Whether a file begins as a TFRecord does: a length and its checksum."""
    with open(path, "rb") as file:
        header = file.read(HEADER_BYTES)
    return len(header) == HEADER_BYTES and header[8:] == _checksum(header[:8])


def check_record_file(path: Path, contents: bool = False) -> int:
    """Count the records of a file, walking over their lengths, which finds a file cut off.

    Args:
        path: the file.
        contents: also read every record and compare its checksum.

    Raises:
        UserError: as `read_records`.
    """
    return sum(1 for _ in _records(Path(path), contents))


def _records(path: Path, contents: bool) -> Iterator[bytes]:
    """Yield the bytes of each record, or b"" when the contents are not asked for."""
    try:
        size = path.stat().st_size
        if not size:
            what = "the record file is empty"
            raise refusal("record-empty", path, what, remedy=WRITE_AGAIN)
        with open(path, "rb") as file:
            yield from _walk(path, file, size, contents)
    except FileNotFoundError as error:
        what = "record file not found"
        raise refusal("no-record", path, what, remedy=WRITE_AGAIN) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _walk(path: Path, file: BinaryIO, size: int, contents: bool) -> Iterator[bytes]:
    end, number = 0, 0
    while end < size:
        number += 1
        header = file.read(HEADER_BYTES)
        if len(header) == HEADER_BYTES and header[8:] != _checksum(header[:8]):
            raise _damaged(path, number, "its length has the wrong checksum")
        length = struct.unpack("<Q", header[:8])[0] if len(header) == HEADER_BYTES else size
        start, end = end, end + HEADER_BYTES + length + FOOTER_BYTES
        if end > size:
            raise refusal(
                "record-cut-off",
                path,
                f"the file ends in the middle of record {number}, which begins at byte {start:,}",
                got=plural(size, "byte"),
                remedy=WRITE_AGAIN,
            )
        if contents:
            data = file.read(length)
            if file.read(FOOTER_BYTES) != _checksum(data):
                raise _damaged(path, number, "wrong checksum")
            yield data
        else:
            file.seek(end)
            yield b""


def _damaged(path: Path, number: int, reason: str) -> UserError:
    if number == 1:
        what = f"not a TFRecord file, or a damaged one: {reason}"
        return refusal("not-a-record", path, what, remedy=Remedy.CHECK_PATH)
    what = f"record {number} is damaged: {reason}"
    return refusal("record-damaged", path, what, remedy=WRITE_AGAIN)


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    rotated = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def shard_paths(record_path: Path, shards: int) -> list[Path]:
    """The files of a record: itself, or `<record_path>-00000-of-00004` and so on."""
    if shards == 1:
        return [record_path]
    name = record_path.name
    return [record_path.with_name(f"{name}-{i:05d}-of-{shards:05d}") for i in range(shards)]


def record_pattern(record_path: Path) -> Path:
    """The path of a record, or the pattern of its shards when it is there in shards only."""
    pattern = record_path.with_name(f"{record_path.name}-?????-of-?????")
    in_shards = not record_path.exists() and any(record_path.parent.glob(pattern.name))
    return pattern if in_shards else record_path


def remove_other_shards(record_path: Path, files: Sequence[Path]) -> None:
    """Delete what an earlier run with another number of shards left: a config may read it."""
    digits = "[0-9]" * 5
    shards = record_path.parent.glob(f"{record_path.name}-{digits}-of-{digits}")
    for path in {record_path, *shards}.difference(files):
        path.unlink(missing_ok=True)


_PROTO = """
name: "tfod/example.proto" package: "tfod" syntax: "proto3"
message_type {
  name: "BytesList" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_BYTES }
}
message_type {
  name: "FloatList" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_FLOAT }
}
message_type {
  name: "Int64List" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_INT64 }
}
message_type {
  name: "Feature" oneof_decl { name: "kind" }
  field { name: "bytes_list" number: 1 type_name: "BytesList" oneof_index: 0 }
  field { name: "float_list" number: 2 type_name: "FloatList" oneof_index: 0 }
  field { name: "int64_list" number: 3 type_name: "Int64List" oneof_index: 0 }
}
message_type {
  name: "Features"
  field { name: "feature" number: 1 label: LABEL_REPEATED type_name: "FeatureEntry" }
  nested_type {
    name: "FeatureEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING }
    field { name: "value" number: 2 type_name: "Feature" }
  }
}
message_type { name: "Example" field { name: "features" number: 1 type_name: "Features" } }
"""


def _example_class() -> Any:
    """Build the message class of tf.train.Example, in a pool apart from TensorFlow's own."""
    pool = descriptor_pool.DescriptorPool()
    pool.Add(text_format.Parse(_PROTO, descriptor_pb2.FileDescriptorProto()))
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tfod.Example"))


_Example = _example_class()
