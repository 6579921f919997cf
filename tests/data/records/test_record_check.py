import numpy as np
import pytest
import tensorflow as tf
from old_records import batches_of, examples_of, noise, reader_config, record, resize_to, write
from refusals import raises_problem

from tfod.config.files import resolve_paths
from tfod.data.records.check import record_files, record_problems
from tfod.remedies import Remedy
from tfod.workspace import Workspace

BOX = [0.25, 0.125, 0.75, 0.5]


@pytest.fixture
def three(tmp_path):
    items = [record(noise(8, 8, i), [BOX], ["cat"], name=f"{i}.png") for i in range(3)]
    write(tmp_path / "train.record", items)
    return tmp_path / "train.record"


def batches(folder):
    return batches_of(reader_config(folder, 1), resize_to(8, 8), seed=0)


def test_missing_file_names_it_and_the_step(tmp_path):
    with raises_problem("not-found", where="train.record", remedy=Remedy.RUN):
        batches(tmp_path)


def test_no_path_in_the_config(tmp_path):
    config = reader_config(tmp_path)
    del config.train_input_reader.tf_record_input_reader.input_path[:]
    with raises_problem("config-path-not-set", setting="tf_record_input_reader.input_path"):
        record_files(config.train_input_reader)


def test_backslash_paths(three, tmp_path):
    config = reader_config(tmp_path)
    config.train_input_reader.tf_record_input_reader.input_path[:] = ["sub\\..\\train.record"]
    (tmp_path / "sub").mkdir()
    resolve_paths(config, Workspace(tmp_path))
    assert record_files(config.train_input_reader) == [str(tmp_path / "sub/../train.record")]


@pytest.mark.parametrize("lost", [1, 10, 40, 150])
def test_file_cut_short(three, lost):
    content = three.read_bytes()
    assert len(content) > 600
    three.write_bytes(content[:-lost])
    with raises_problem("record-cut-off", what="in the middle of record 3"):
        batches(three.parent)


def test_empty_file(three):
    three.write_bytes(b"")
    with raises_problem("record-empty"):
        batches(three.parent)


def test_no_record_file_at_all(three):
    three.write_bytes(b"just some text, longer than a header")
    with raises_problem("not-a-record"):
        batches(three.parent)


def test_flipped_byte_is_found_before_the_start(three):
    content = bytearray(three.read_bytes())
    content[len(content) // 2] ^= 0xFF
    three.write_bytes(content)
    with raises_problem("record-damaged", where="train.record", what="record 2"):
        batches(three.parent)


def test_record_without_image(three):
    write(three, [record(b"", [BOX], ["cat"])])
    with raises_problem("record-without-image", what="record 1"):
        batches(three.parent)


def test_no_object_in_the_whole_set(three):
    write(three, [record(noise(8, 8)), record(noise(8, 8), [BOX], ["unicorn"])])
    with raises_problem("records-without-objects", what="in its 2 images") as problems:
        batches(three.parent)
    assert problems[0].got == '1 object with a class that is not in the label map ("unicorn")'


def test_empty_test_set(tmp_path):
    write(tmp_path / "test.record", [])
    with raises_problem("record-empty", where="test.record"):
        examples_of(reader_config(tmp_path), resize_to(8, 8))


def test_class_number_beyond_num_classes(three):
    write(three, [record(noise(8, 8), [BOX], [], labels=[7])])
    with raises_problem("record-class-number", where="train.record", what="class number 7"):
        batches(three.parent)


def test_lists_of_different_length(three):
    write(three, [record(noise(8, 8), [BOX, BOX], ["cat"])])
    with raises_problem("record-damaged", what="record 1"):
        batches(three.parent)


def test_broken_image_is_named_when_it_is_met(three):
    jpeg = tf.io.encode_jpeg(noise(64, 64)).numpy()
    good = record(noise(8, 8), [BOX], ["cat"], name="good.png")
    write(three, [good, record(jpeg[: len(jpeg) // 2], [BOX], ["cat"], name="half.jpg")])
    with (
        raises_problem("record-image-damaged", what="record 2: the image half.jpg"),
        record_problems([str(three)]),
    ):
        list(batches(three.parent).take(2))


def test_an_error_of_another_cause_is_left_alone(three):
    with pytest.raises(tf.errors.InvalidArgumentError), record_problems([str(three)]):
        tf.reshape(np.zeros(3), [2])
