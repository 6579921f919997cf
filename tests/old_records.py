"""Records as the old generate_tfrecord.py wrote them, from arrays; and a config to read them."""

import numpy as np
import tensorflow as tf

from tfod.config import new_message
from tfod.data.batches.pipeline import eval_examples, train_batches
from tfod.data.records.check import open_records
from tfod.labels import write_label_map
from tfod.progress import SILENT


def record(image, boxes=(), texts=(), labels=(), name="a.png", **more) -> bytes:
    """Serialise one image, uint8 [h, w, 3] or encoded bytes, with its objects."""
    encoded = image if isinstance(image, bytes) else tf.io.encode_png(image).numpy()
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    values = {
        "image/encoded": [encoded],
        "image/filename": [name.encode()],
        "image/format": [b"jpg"],
        "image/object/class/text": [text.encode() for text in texts],
        "image/object/class/label": list(labels),
        **{
            f"image/object/bbox/{side}": [float(v) for v in boxes[:, column]]
            for column, side in enumerate(("ymin", "xmin", "ymax", "xmax"))
        },
        **{f"image/object/{key}": list(value) for key, value in more.items()},
    }
    features = {key: _feature(key, value) for key, value in values.items()}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _feature(key, values):
    if key.endswith("text") or (values and isinstance(values[0], bytes)):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if "bbox" in key or key.endswith(("weight", "area")):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def write(path, records):
    """Write serialised records as one TFRecord file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for item in records:
            writer.write(item)


def noise(height, width, seed=0):
    """Random image, uint8 [height, width, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def reader_config(folder, batch_size=2, names=("cat", "dog")):
    """A config that trains on folder/train.record and evaluates on folder/test.record."""
    write_label_map(folder / "label_map.pbtxt", names)
    config = new_message()
    config.model.ssd.num_classes = len(names)
    config.train_config.batch_size = batch_size
    for reader, file in (
        (config.train_input_reader, "train.record"),
        (config.eval_input_reader.add(), "test.record"),
    ):
        reader.label_map_path = str(folder / "label_map.pbtxt")
        reader.tf_record_input_reader.input_path.append(str(folder / file))
    return config


def add_step(config, name, **fields):
    """Append an augmentation to the config."""
    step = getattr(config.train_config.data_augmentation_options.add(), name)
    step.SetInParent()
    for field, value in fields.items():
        if isinstance(value, (list, tuple)):
            getattr(step, field).extend(value)
        else:
            setattr(step, field, value)
    return config


def batches_of(config, preprocess, seed=None, progress=SILENT):
    """The training batches of a config; its records are opened for it."""
    records = open_records(config.train_input_reader, config.model.ssd.num_classes, progress)
    return train_batches(config, records, preprocess, seed, progress)


def examples_of(config, preprocess, **options):
    """The test examples of a config; its records are opened for it."""
    reader = config.eval_input_reader[0]
    records = open_records(reader, config.model.ssd.num_classes)
    return eval_examples(reader, records, preprocess, **options)


def resize_to(height, width):
    """The normalisation and resize of the models, as a preprocess function."""

    def preprocess(image):
        resized = tf.raw_ops.ResizeBilinear(images=image[None], size=[height, width])[0]
        return resized * (2 / 255) - 1

    return preprocess
