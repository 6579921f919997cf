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
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tfod.errors import UserError, refusal
from tfod.listing import unreadable
from tfod.remedies import Remedy

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
            raise _damaged(path, number, "no tf.train.Example") from error


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
        what = "there is no such record file"
        raise refusal("no-record", path, what, remedy=WRITE_AGAIN) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _walk(path: Path, file: BinaryIO, size: int, contents: bool) -> Iterator[bytes]:
    end, number = 0, 0
    while end < size:
        number += 1
        header = file.read(HEADER_BYTES)
        if len(header) == HEADER_BYTES and header[8:] != _checksum(header[:8]):
            raise _damaged(path, number, "wrong checksum of its length")
        length = struct.unpack("<Q", header[:8])[0] if len(header) == HEADER_BYTES else size
        start, end = end, end + HEADER_BYTES + length + FOOTER_BYTES
        if end > size:
            raise refusal(
                "record-cut-off",
                path,
                f"the record file is cut off inside record {number}, which begins at byte "
                f"{start:,}",
                got=f"{size:,} bytes",
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
        what = f"not a TFRecord file, or damaged: {reason}"
        return refusal("not-a-record", path, what, remedy=Remedy.CHECK_PATH)
    what = f"record {number} is damaged: {reason}"
    return refusal("record-damaged", path, what, remedy=WRITE_AGAIN)


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    rotated = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def _example_class() -> Any:
    """Build the message class of tf.train.Example, in a pool apart from TensorFlow's own.

    Names and numbers are those of TensorFlow's feature.proto and example.proto.
    """
    kind = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="tfod/example.proto", package="tfod", syntax="proto3"
    )

    types = (kind.TYPE_BYTES, kind.TYPE_FLOAT, kind.TYPE_INT64)
    names = ("BytesList", "FloatList", "Int64List")
    for name, field_type in zip(names, types, strict=True):
        _add(file.message_type.add(name=name), "value", field_type, repeated=True)
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for field, name in zip(_LISTS.values(), names, strict=True):
        _add(feature, field, kind.TYPE_MESSAGE, name).oneof_index = 0
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    _add(entry, "key", kind.TYPE_STRING)
    _add(entry, "value", kind.TYPE_MESSAGE, "Feature")
    _add(features, "feature", kind.TYPE_MESSAGE, "Features.FeatureEntry", repeated=True)
    _add(file.message_type.add(name="Example"), "features", kind.TYPE_MESSAGE, "Features")

    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tfod.Example"))


def _add(
    message: descriptor_pb2.DescriptorProto,
    name: str,
    kind: Any,
    type_name: str = "",
    repeated: bool = False,
) -> descriptor_pb2.FieldDescriptorProto:
    """Add the next field of a message; their numbers count from 1."""
    field = message.field.add(name=name, number=len(message.field) + 1, type=kind)
    labels = descriptor_pb2.FieldDescriptorProto
    field.label = labels.LABEL_REPEATED if repeated else labels.LABEL_OPTIONAL
    if type_name:
        field.type_name = f".tfod.{type_name}"
    return field


_Example = _example_class()
