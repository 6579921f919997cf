"""Record files without TensorFlow: equal to TensorFlow's own, both ways, and checked."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import raises_problem

from tfod.data.records.file import (
    check_record_file,
    decode_example,
    encode_example,
    frame,
    read_records,
)

FEATURES = st.dictionaries(
    st.text(max_size=20),
    st.one_of(
        st.tuples(st.just(bytes), st.lists(st.binary(max_size=50), max_size=4)),
        st.tuples(st.just(int), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4)),
        st.tuples(st.just(float), st.lists(st.floats(width=32, allow_nan=False), max_size=4)),
    ),
    max_size=5,
)


@pytest.fixture
def record_file(tmp_path):
    path = tmp_path / "a.record"
    path.write_bytes(b"".join(frame(encode_example({"n": (int, [n])})) for n in range(5)))
    return path


@given(FEATURES)
def test_decode_of_encode_is_equal(features):
    data = encode_example(features)
    assert decode_example(data) == {name: list(values) for name, (_, values) in features.items()}
    assert encode_example(dict(reversed(features.items()))) == data


def test_tensorflow_reads_what_we_write_and_the_other_way(tmp_path):
    import tensorflow as tf

    features = {
        "b": (bytes, [b"\xff\xd8", b""]),
        "f": (float, [0.1, -math.inf]),
        "i": (int, [-1, 2**40]),
        "empty": (float, []),
    }
    path = tmp_path / "a.record"
    path.write_bytes(frame(encode_example(features)) + frame(b"x" * 100_000))
    first, second = tf.data.TFRecordDataset(str(path))
    parsed = tf.train.Example.FromString(first.numpy())
    assert list(parsed.features.feature["b"].bytes_list.value) == [b"\xff\xd8", b""]
    assert list(parsed.features.feature["i"].int64_list.value) == [-1, 2**40]
    assert parsed.features.feature["empty"].WhichOneof("kind") == "float_list"
    assert second.numpy() == b"x" * 100_000

    theirs = tmp_path / "b.record"
    with tf.io.TFRecordWriter(str(theirs)) as writer:
        writer.write(parsed.SerializeToString())
    (read,) = read_records(theirs)
    assert read == decode_example(encode_example(features))
    with tf.io.TFRecordWriter(str(theirs)) as writer:
        writer.write(first.numpy())
        writer.write(second.numpy())
    assert theirs.read_bytes() == path.read_bytes()


def test_count(record_file):
    assert check_record_file(record_file) == check_record_file(record_file, contents=True) == 5
    assert [record["n"] for record in read_records(record_file)] == [[n] for n in range(5)]


def test_a_file_cut_anywhere_is_noticed(record_file):
    data = record_file.read_bytes()
    length = len(data) // 5
    for end in range(1, len(data)):
        record_file.write_bytes(data[:end])
        if end % length:
            what = f"in the middle of record {end // length + 1},"
            with raises_problem("record-cut-off", what=what):
                check_record_file(record_file)
        else:
            assert check_record_file(record_file) == end // length


def test_damage_is_noticed(record_file):
    data = bytearray(record_file.read_bytes())
    data[-6] ^= 1
    record_file.write_bytes(data)
    assert check_record_file(record_file) == 5
    with raises_problem("record-damaged", where=record_file, what="record 5"):
        check_record_file(record_file, contents=True)
    with raises_problem("record-damaged", where=record_file, what="record 5"):
        list(read_records(record_file))


@pytest.mark.parametrize(
    ("data", "code", "what"),
    [
        (b"", "record-empty", ""),
        (b"item {\n  id: 1\n  name: 'a'\n}\n", "not-a-record", ""),
        (b"short", "record-cut-off", "in the middle of record 1"),
        (frame(b"\xff\xff\xff"), "not-a-record", "not a tf.train.Example"),
        (None, "no-record", ""),
    ],
)
def test_no_record_file(tmp_path, data, code, what):
    path = tmp_path / "a.record"
    if data is not None:
        path.write_bytes(data)
    with raises_problem(code, where=path, what=what):
        list(read_records(path))


def test_tensorflow_is_not_needed():
    code = (
        "import sys, tfod.steps.records, tfod.steps.split.split; "
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
