"""What an exported model takes, as the old exporter named it, and how that becomes images."""

import tensorflow as tf

from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.words import closest

NOT_YET = "image_and_boxes_tensor"


def check_input_type(input_type: str) -> None:
    """Make sure that an exported model can take this."""
    if input_type in INPUTS:
        return
    name = closest(input_type, INPUTS)
    raise refusal(
        "input-type",
        setting="input_type",
        what="only for models that take boxes as input"
        if input_type == NOT_YET
        else "not an input type",
        expected=", ".join(INPUTS),
        got=input_type,
        remedy=Remedy.DID_YOU_MEAN(name=name) if name else Remedy.USE(value="image_tensor"),
    )


def _decode_image(content: tf.Tensor) -> tf.Tensor:
    """One image file, a string, as uint8 [1, h, w, 3]."""
    image = tf.io.decode_image(content, channels=3, expand_animations=False)
    return tf.ensure_shape(image, (None, None, 3))[None]


def _decode_example(record: tf.Tensor) -> tf.Tensor:
    """The image of one serialised tf.Example as uint8 [1, h, w, 3]."""
    parsed = tf.io.parse_single_example(
        record, {"image/encoded": tf.io.FixedLenFeature((), tf.string)}
    )
    return _decode_image(parsed["image/encoded"])


# what the model takes, and how it becomes images [1, h, w, 3]
INPUTS = {
    "image_tensor": (
        tf.TensorSpec((1, None, None, 3), tf.uint8, "input_tensor"),
        lambda images: images,
    ),
    "float_image_tensor": (
        tf.TensorSpec((1, None, None, 3), tf.float32, "input_tensor"),
        lambda images: images,
    ),
    "encoded_image_string_tensor": (
        tf.TensorSpec((1,), tf.string, "input_tensor"),
        lambda contents: _decode_image(contents[0]),
    ),
    "tf_example": (
        tf.TensorSpec((1,), tf.string, "input_tensor"),
        lambda records: _decode_example(records[0]),
    ),
}
