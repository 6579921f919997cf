"""One serialised record -> one example of tensors; which `file.py` reads and writes.

An *example* is a dict of tensors about one image, n objects in file order:

    image       uint8 [h, w, 3], RGB
    boxes       float32 [n, 4], (ymin, xmin, ymax, xmax), 0..1
    class_ids   int32 [n], 0-based
    weights     float32 [n], 1 where the record says nothing
    difficult, is_crowd   bool [n]
    area        float32 [n], pixels; 0 where the record says nothing
    filename    string []

The keys of a record are those of the old API (tf.train.Example, `image/encoded` and so on), so
files written by its tools are read as well. This module knows nothing of files
(`check.py`), augmentation or batches.
"""

from collections.abc import Mapping

import tensorflow as tf

from tfod.labels import LabelMap

_OBJECT = "image/object/"
_LISTS = {
    **{f"bbox/{side}": tf.float32 for side in ("ymin", "xmin", "ymax", "xmax")},
    "class/text": tf.string,
    "class/label": tf.int64,
    "weight": tf.float32,
    "difficult": tf.int64,
    "is_crowd": tf.int64,
    "area": tf.float32,
}
_FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string, ""),
    "image/filename": tf.io.FixedLenFeature([], tf.string, ""),
    "image/source_id": tf.io.FixedLenFeature([], tf.string, ""),
    **{
        _OBJECT + key: tf.io.FixedLenSequenceFeature([], dtype, allow_missing=True)
        for key, dtype in _LISTS.items()
    },
}


def label_table(labels: LabelMap) -> tf.lookup.StaticHashTable:
    """Make the table class text -> 1-based id (-1 unknown) of a label map."""
    entries = tf.lookup.KeyValueTensorInitializer(
        tf.constant(list(labels.ids), tf.string), tf.constant(list(labels.ids.values()), tf.int64)
    )
    return tf.lookup.StaticHashTable(entries, -1)


def parse_record(
    record: tf.Tensor, table: tf.lookup.StaticHashTable | None
) -> dict[str, tf.Tensor]:
    """Parse one serialised record into an example with `encoded` in place of `image`.

    Class text, looked up in the label map, beats the class number; without a label map or text
    the number counts. The class id of an unknown or absent class is negative.
    """
    features = tf.io.parse_single_example(record, _FEATURES)
    objects = {key: features[_OBJECT + key] for key in _LISTS}
    boxes = tf.stack([objects[f"bbox/{side}"] for side in ("ymin", "xmin", "ymax", "xmax")], 1)
    count = tf.shape(boxes)[0]

    def filled(key: str, default: float) -> tf.Tensor:
        values = objects[key]
        missing = tf.fill([count], tf.cast(default, values.dtype))
        return tf.reshape(tf.cond(tf.size(values) > 0, lambda: values, lambda: missing), [count])

    labels = filled("class/label", 0)
    if table is not None:
        text = objects["class/text"]
        labels = tf.cond(tf.size(text) > 0, lambda: table.lookup(text), lambda: labels)
    name, source_id = features["image/filename"], features["image/source_id"]
    return {
        "encoded": features["image/encoded"],
        "filename": tf.where(tf.strings.length(name) > 0, name, source_id),
        "boxes": boxes,
        "class_ids": tf.cast(tf.reshape(labels, [count]) - 1, tf.int32),
        "weights": filled("weight", 1.0),
        "difficult": filled("difficult", 0) > 0,
        "is_crowd": filled("is_crowd", 0) > 0,
        "area": filled("area", 0.0),
    }


OBJECT_KEYS = ("boxes", "class_ids", "weights", "difficult", "is_crowd", "area")


def keep_objects(example: Mapping[str, tf.Tensor], keep: tf.Tensor) -> dict[str, tf.Tensor]:
    """Keep the objects where `keep`, bool [n], is true."""
    kept = {key: tf.boolean_mask(example[key], keep) for key in OBJECT_KEYS if key in example}
    return {**example, **kept}


def drop_unusable(example: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Drop the objects of unknown class and those whose box is not a number."""
    number = ~tf.reduce_any(tf.math.is_nan(example["boxes"]), axis=1)
    return keep_objects(example, (example["class_ids"] >= 0) & number)


def decode_image(encoded: tf.Tensor) -> tf.Tensor:
    """Decode JPEG, PNG, GIF (first frame) or BMP bytes to uint8 [h, w, 3], RGB."""
    image = tf.cond(
        tf.io.is_jpeg(encoded),
        lambda: tf.io.decode_jpeg(encoded, channels=3),
        lambda: tf.io.decode_image(encoded, channels=3, expand_animations=False),
    )
    return tf.ensure_shape(image, [None, None, 3])
