"""Batches for training and examples for evaluation."""

import numpy as np
import pytest
import tensorflow as tf
from old_records import (
    add_step,
    batches_of,
    examples_of,
    noise,
    reader_config,
    record,
    resize_to,
    write,
)

from tfod.progress import Status

BOX = [0.25, 0.125, 0.75, 0.5]


def tagged(number, size=(24, 32)):
    """An image whose name, box and pixels all say its number."""
    image = np.full((*size, 3), number, np.uint8)
    return record(image, [[0, 0, 0.5, (number + 1) / 100]], ["cat"], name=f"{number}.png")


def numbers(batch):
    return [int(name.decode().split(".")[0]) for name in batch["filename"].numpy()]


@pytest.fixture
def ten(tmp_path):
    write(tmp_path / "train.record", [tagged(i, (20 + i, 40 - i)) for i in range(10)])
    return reader_config(tmp_path, batch_size=4)


def test_batch_has_the_shapes_and_types_of_the_docstring(ten):
    ten.train_input_reader.max_number_of_boxes = 7
    batches = batches_of(ten, resize_to(16, 24))
    batch = next(iter(batches))
    assert {key: (value.dtype.name, tuple(value.shape)) for key, value in batch.items()} == {
        "image": ("float32", (4, 16, 24, 3)),
        "boxes": ("float32", (4, 7, 4)),
        "class_ids": ("int32", (4, 7)),
        "weights": ("float32", (4, 7)),
        "filename": ("string", (4,)),
    }
    static = batches.element_spec
    assert static["boxes"].shape == (4, 7, 4) and static["image"].shape == (4, 16, 24, 3)


@pytest.fixture
def shards(tmp_path):
    """Twelve images in three files that a pattern names, seen from the folder."""
    for shard in range(3):
        items = [tagged(i, (20 + i, 40 - i)) for i in range(4 * shard, 4 * shard + 4)]
        write(tmp_path / f"train.record-{shard:05}-of-00003", items)
    config = reader_config(tmp_path, batch_size=4)
    config.train_input_reader.tf_record_input_reader.input_path[:] = [
        f"{tmp_path}/train.record-?????-of-*"
    ]
    return config


def test_image_and_boxes_stay_together_and_each_image_comes_once_per_pass(shards, tmp_path):
    """And without a seed each run has an order of its own."""
    seen = []
    for batch in batches_of(shards, resize_to(16, 16)).take(12):
        for row, number in enumerate(numbers(batch)):
            np.testing.assert_allclose(batch["boxes"][row, 0, 3], (number + 1) / 100, rtol=1e-6)
            np.testing.assert_allclose(batch["image"][row], number * 2 / 255 - 1, atol=1e-6)
            seen.append(number)
    passes = [seen[i : i + 12] for i in range(0, 48, 12)]
    assert all(sorted(one) == list(range(12)) for one in passes)
    assert any(one != passes[0] for one in passes[1:])
    again = batches_of(shards, resize_to(16, 16)).take(12)
    assert sum(map(numbers, again), []) != seen


def test_sampling(shards, tmp_path):
    shards.train_input_reader.sample_1_of_n_examples = 4
    shards.train_config.batch_size = 3
    batches = batches_of(shards, resize_to(8, 8)).take(2)
    assert len(set(sum(map(numbers, batches), []))) <= 6


def test_a_seed_repeats_the_batches_and_another_does_not(tmp_path):
    """And an image is augmented anew in each pass."""
    items = [record(noise(40, 60, i), [BOX], ["cat"], name=f"{i}.png") for i in range(10)]
    write(tmp_path / "train.record", items)
    config = reader_config(tmp_path, batch_size=4)
    add_step(config, "random_horizontal_flip")
    add_step(config, "random_crop_image", min_object_covered=0.1, min_area=0.5)
    add_step(config, "random_adjust_brightness")

    def first(seed):
        batches = batches_of(config, resize_to(16, 16), seed=seed).take(6)
        return [{key: value.numpy() for key, value in batch.items()} for batch in batches]

    again, other = first(3), first(4)
    for batch, same in zip(first(3), again, strict=True):
        for key in batch:
            np.testing.assert_array_equal(batch[key], same[key], err_msg=key)
    assert any((a["image"] != b["image"]).any() for a, b in zip(again, other, strict=True))
    names = np.concatenate([batch["filename"] for batch in again])
    for key in ("image", "boxes"):
        rows = np.concatenate([batch[key] for batch in again])
        for name in set(names):
            passes = rows[names == name]
            assert len(passes) > 1 and all((one != passes[0]).any() for one in passes[1:])


def test_unusable_objects_are_dropped_then_too_many_cut(tmp_path):
    """Text beats number; the order is that of the file without shuffle, pass after pass."""
    boxes = [BOX, [0, 0, 0.1, 0.1], [0, 0, np.nan, 0.2], [0, 0, 0.3, 0.3]]
    texts = ["dog", "unicorn", "cat", "cat"]
    many = [[0, 0, 0.5, i / 20] for i in range(1, 8)]
    items = [
        record(noise(8, 8), boxes, texts, labels=[1, 1, 1, 1], name="text.png"),
        record(noise(9, 40), [BOX], [], labels=[2], name="number.png", weight=[0.5]),
        record(noise(40, 9), [BOX, [0.5, 0, 0.4, 1]], ["cat", "cat"], name="negative.png"),
        record(noise(8, 8), name="empty.png"),
        record(noise(8, 8), many, ["cat"] * 7, name="many.png"),
    ]
    write(tmp_path / "train.record", items)
    config = reader_config(tmp_path, batch_size=4)
    config.train_input_reader.shuffle = False
    config.train_input_reader.max_number_of_boxes = 3
    status = Status()
    batch, after = list(batches_of(config, resize_to(8, 8), 0, status).take(2))
    np.testing.assert_array_equal(
        batch["class_ids"], [[1, 0, -1], [1, -1, -1], [0, -1, -1], [-1] * 3]
    )
    np.testing.assert_array_equal(batch["weights"], [[1, 1, 0], [0.5, 0, 0], [1, 0, 0], [0] * 3])
    np.testing.assert_allclose(batch["boxes"][0, :2], [BOX, [0, 0, 0.3, 0.3]])
    assert not batch["boxes"][:, 2:].numpy().any()
    np.testing.assert_allclose(after["boxes"][0], many[:3])
    names = [*batch["filename"].numpy(), *after["filename"].numpy()]
    order = ["text", "number", "negative", "empty", "many", "text", "number", "negative"]
    assert names == [f"{name}.png".encode() for name in order]
    (warning,) = status.notes
    assert '1 object with a class that is not in the label map ("unicorn")' in warning


def test_batch_larger_than_the_data_set_works_and_is_stated(tmp_path):
    write(tmp_path / "train.record", [tagged(i) for i in range(3)])
    status = Status()
    config = reader_config(tmp_path, 8)
    batch = next(iter(batches_of(config, resize_to(8, 8), progress=status)))
    assert sorted(set(numbers(batch))) == [0, 1, 2] and len(numbers(batch)) == 8
    assert "batch_size is 8, but there are only 3 training images" in status.notes[0]


def test_jpeg_and_other_formats_become_rgb(tmp_path):
    grey = tf.io.encode_png(np.full((8, 8, 1), 100, np.uint8)).numpy()
    rgba = tf.io.encode_png(np.full((8, 8, 4), 100, np.uint8)).numpy()
    jpeg = tf.io.encode_jpeg(np.full((8, 8, 3), 100, np.uint8), quality=100).numpy()
    grey_jpeg = tf.io.encode_jpeg(np.full((8, 8, 1), 100, np.uint8), quality=100).numpy()
    deep = tf.io.encode_png(np.full((8, 8, 3), 100 * 257, np.uint16)).numpy()
    items = [record(image, [BOX], ["cat"]) for image in (grey, rgba, jpeg, grey_jpeg, deep)]
    write(tmp_path / "test.record", items)
    examples = list(examples_of(reader_config(tmp_path), resize_to(8, 8)))
    assert len(examples) == 5
    for example in examples:
        assert "original_image" not in example
        np.testing.assert_allclose(example["image"], 100 * 2 / 255 - 1, atol=1.1 * 2 / 255)


def test_eval_gives_each_image_once_with_its_size_and_flags(tmp_path):
    flags = {"difficult": [0, 1], "is_crowd": [1, 0], "area": [12.0, 3.0]}
    items = [
        record(noise(10, 20), [BOX, BOX], ["cat", "dog"], name="flags.png", **flags),
        record(noise(30, 7), name="empty.png"),
    ]
    write(tmp_path / "test.record", items)
    examples = examples_of(reader_config(tmp_path), resize_to(16, 16), with_images=True)
    assert len(examples) == 2
    first, second = examples
    assert first["filename"].numpy() == [b"flags.png"]
    np.testing.assert_array_equal(first["original_size"], [[10, 20]])
    np.testing.assert_array_equal(first["difficult"][0, :3], [False, True, False])
    np.testing.assert_array_equal(first["is_crowd"][0, :3], [True, False, False])
    np.testing.assert_array_equal(first["area"][0, :3], [12, 3, 0])
    np.testing.assert_array_equal(second["original_image"][0], noise(30, 7))
    assert (second["class_ids"].numpy() == -1).all()


def test_eval_input_is_that_of_the_old_api(shared, tmp_path):
    """The eight test photos as the old generate_tfrecord.py would have written them."""
    from xml.etree import ElementTree

    items = []
    for path in sorted((shared / "datasets/mask/test").glob("*.xml")):
        jpeg = path.with_suffix(".jpg").read_bytes()
        height, width = tf.io.extract_jpeg_shape(jpeg).numpy()[:2]
        objects = ElementTree.parse(path).getroot().findall("object")
        sides = ("ymin", "xmin", "ymax", "xmax")
        boxes = [[float(o.find(f"bndbox/{side}").text) for side in sides] for o in objects]
        boxes = np.array(boxes) / [height, width, height, width]
        texts = [o.find("name").text for o in objects]
        items.append(record(jpeg, boxes, texts, name=path.with_suffix(".jpg").name))
    write(tmp_path / "test.record", items)
    config = reader_config(tmp_path, names=("Mask", "No-mask"))

    golden = np.load(shared / "golden/eval_input_320.npz")
    examples = list(examples_of(config, resize_to(320, 320)))
    assert len(examples) == 8
    # the first image may differ by what versions of libjpeg differ
    np.testing.assert_allclose(
        examples[0]["image"][0], golden["image0_preprocessed"], atol=2 * 2 / 255
    )
    for row, example in enumerate(examples):
        image = example["image"].numpy()
        np.testing.assert_allclose(image.mean(), golden["image_mean"][row], atol=1e-4)
        np.testing.assert_allclose(image.std(), golden["image_std"][row], atol=1e-4)
        np.testing.assert_array_equal(example["boxes"][0], golden["label_groundtruth_boxes"][row])
        onehot = tf.one_hot(example["class_ids"][0], 2)
        np.testing.assert_array_equal(onehot, golden["label_groundtruth_classes"][row])
        np.testing.assert_array_equal(
            example["weights"][0], golden["label_groundtruth_weights"][row]
        )
        np.testing.assert_array_equal(
            example["original_size"][0], golden["feature_original_image_spatial_shape"][row]
        )
