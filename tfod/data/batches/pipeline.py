"""Record files -> batches for training, and examples for evaluation.

A *batch* is a dict of tensors, B images, M = max_number_of_boxes of the input reader:

    image      float32 [B, H, W, 3], what the network eats: normalised and resized
    boxes      float32 [B, M, 4], (ymin, xmin, ymax, xmax), 0..1; zeros in padding rows
    class_ids  int32 [B, M], 0-based; -1 in padding rows
    weights    float32 [B, M], 0 in padding rows
    filename   string [B]

The order of the work per image: decode, drop unusable objects, augment in 0..255, `preprocess`
(normalise and resize, handed in because it belongs to the model), drop boxes with a negative side,
pad. Flips and crops work on uint8, so that only colour operations pay for float32.

`python benchmarks/input_pipeline.py` measures it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import tensorflow as tf

from tfod.config.messages import InputReader, TrainEvalPipelineConfig
from tfod.data.batches.augment import augment
from tfod.data.records.check import READ_BUFFER_BYTES, Records
from tfod.data.records.reader import (
    OBJECT_KEYS,
    decode_image,
    drop_unusable,
    keep_objects,
    parse_record,
)
from tfod.progress import SILENT, Progress

Preprocess = Callable[[tf.Tensor], tf.Tensor]

PADDING = {"class_ids": -1}  # of the other keys it is 0
TRAIN_KEYS = ("boxes", "class_ids", "weights")


def train_batches(
    config: TrainEvalPipelineConfig,
    records: Records,
    preprocess: Preprocess,
    seed: int | None = None,
    progress: Progress = SILENT,
) -> tf.data.Dataset:
    """Make batches of augmented training images, for ever.

    Every image comes once per pass; the order is new in each pass when the reader shuffles. A batch
    may be larger than the data set and then holds images more than once; a warning says so.

    Args:
        preprocess: uint8 or float32 [h, w, 3], 0..255 -> float32 [H, W, 3].
        seed: makes order and augmentation the same in each run; then no quick image overtakes a
            slow one. None draws one.
    """
    reader = config.train_input_reader
    batch_size = config.train_config.batch_size
    count = -(-records.count // max(reader.sample_1_of_n_examples, 1))
    if batch_size > count:
        progress.note(
            f"warning: train_config.batch_size is {batch_size}, but there are only {count} "
            "training images, so each batch holds some of them more than once"
        )
    is_repeatable = seed is not None
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])

    steps = list(config.train_config.data_augmentation_options)

    def prepared(index: tf.Tensor, record: tf.Tensor) -> dict[str, tf.Tensor]:
        example = drop_unusable(parse_record(record, records.table))
        example["image"] = decode_image(example.pop("encoded"))
        example = augment(example, steps, tf.stack([tf.constant(seed, tf.int64), index]))
        example["image"] = preprocess(example["image"])
        example = _padded(example, reader.max_number_of_boxes, TRAIN_KEYS)
        return {key: example[key] for key in ("image", *TRAIN_KEYS, "filename")}

    shuffled = _shuffled_records(reader, records.files, count, seed).repeat()
    return (
        shuffled.enumerate()
        .map(prepared, num_parallel_calls=tf.data.AUTOTUNE, deterministic=is_repeatable)
        .batch(batch_size, drop_remainder=True)
        .prefetch(max(reader.num_prefetch_batches, 1))
    )


def eval_examples(
    reader: InputReader, records: Records, preprocess: Preprocess, with_images: bool = False
) -> tf.data.Dataset:
    """Give each image once, in file order, as a batch of one without augmentation.

    In addition to the keys of a batch: `original_size` int32 [1, 2] (height, width) in pixels,
    `difficult` and `is_crowd` bool [1, M], `area` float32 [1, M] in pixels (0: not given), and with
    `with_images` also `original_image` uint8 [1, h, w, 3].
    """

    def prepared(record: tf.Tensor) -> dict[str, tf.Tensor]:
        example = drop_unusable(parse_record(record, records.table))
        image = decode_image(example.pop("encoded"))
        example |= {"image": preprocess(image), "original_size": tf.shape(image)[:2]}
        if with_images:
            example["original_image"] = image
        return _padded(example, reader.max_number_of_boxes, OBJECT_KEYS)

    sampled = tf.data.TFRecordDataset(records.files, buffer_size=READ_BUFFER_BYTES)
    every = max(reader.sample_1_of_n_examples, 1)
    if every > 1:
        sampled = sampled.shard(every, 0)
    sampled = sampled.apply(tf.data.experimental.assert_cardinality(-(-records.count // every)))
    return sampled.map(prepared, num_parallel_calls=2, deterministic=True).batch(1).prefetch(2)


def images_of(
    reader: InputReader, records: Records, wanted: Collection[int]
) -> dict[int, np.ndarray]:
    """Read some of the images that `eval_examples` gives: place among them -> uint8 [h, w, 3]."""
    dataset = tf.data.TFRecordDataset(records.files, buffer_size=READ_BUFFER_BYTES)
    dataset = dataset.shard(max(reader.sample_1_of_n_examples, 1), 0)
    return {
        number: decode_image(parse_record(record, records.table)["encoded"]).numpy()
        for number, record in enumerate(dataset)
        if number in wanted
    }


def _shuffled_records(
    reader: InputReader, files: Sequence[str], count: int, seed: int
) -> tf.data.Dataset:
    names = tf.data.Dataset.from_tensor_slices(files)
    if reader.shuffle:
        names = names.shuffle(max(reader.filenames_shuffle_buffer_size, 1), seed=seed)
    records = names.interleave(
        lambda name: tf.data.TFRecordDataset(name, buffer_size=READ_BUFFER_BYTES),
        cycle_length=min(max(reader.num_readers, 1), len(files)),
        block_length=max(reader.read_block_length, 1),
    )
    if reader.sample_1_of_n_examples > 1:
        records = records.shard(reader.sample_1_of_n_examples, 0)
    if reader.shuffle:
        records = records.shuffle(min(max(reader.shuffle_buffer_size, 1), count), seed=seed)
    return records


def _padded(
    example: Mapping[str, tf.Tensor], rows: int, keys: tuple[str, ...]
) -> dict[str, tf.Tensor]:
    """Drop boxes with a negative side, then cut or pad the objects to `rows`."""
    boxes = example["boxes"]
    example = keep_objects(example, tf.reduce_all(boxes[:, 2:] >= boxes[:, :2], axis=1))
    for key in keys:
        values = example[key][:rows]
        missing = [[0, rows - tf.shape(values)[0]]] + [[0, 0]] * (values.shape.rank - 1)
        padding = tf.cast(PADDING.get(key, 0), values.dtype)
        values = tf.pad(values, missing, constant_values=padding)
        example[key] = tf.ensure_shape(values, [rows, *values.shape[1:]])
    return example
