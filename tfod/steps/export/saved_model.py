"""The SavedModel of an exported model: what it takes, its network and its outputs."""

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from tfod.errors import refusal
from tfod.model.ssd import SSD
from tfod.remedies import Remedy
from tfod.steps.export.fold import Folded
from tfod.words import closest

NOT_YET = "image_and_boxes_tensor"


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
_SIZE = 1, None, None, 3
INPUTS: dict[str, tuple[tf.TensorSpec, Callable[[tf.Tensor], tf.Tensor]]] = {
    "image_tensor": (tf.TensorSpec(_SIZE, tf.uint8, "input_tensor"), tf.identity),
    "float_image_tensor": (tf.TensorSpec(_SIZE, tf.float32, "input_tensor"), tf.identity),
    "encoded_image_string_tensor": (
        tf.TensorSpec((1,), tf.string, "input_tensor"), lambda files: _decode_image(files[0]),
    ),
    "tf_example": (
        tf.TensorSpec((1,), tf.string, "input_tensor"), lambda records: _decode_example(records[0]),
    ),
}  # fmt: skip


def check_input_type(input_type: str) -> None:
    """Refuse what is no input type.

    Raises:
        UserError: it is none, or one that needs boxes as input.
    """
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


def save_exported(model: SSD, input_type: str, folder: Path) -> None:
    """Write the SavedModel of a model with weights."""
    spec, read_images = INPUTS[input_type]

    class Exported(tf.Module):
        """What `tf.saved_model.load` gives back."""

        def __init__(self) -> None:
            super().__init__()
            self.network = fold_network(model)

        @tf.function(input_signature=[spec])
        def __call__(self, input_tensor: tf.Tensor) -> dict[str, tf.Tensor]:
            """Detect in one image; see `postprocess` for the outputs, here all float32."""
            box_encodings, class_logits = self.network(model.preprocess(read_images(input_tensor)))
            found = model.postprocess(
                {"box_encodings": box_encodings, "class_logits": class_logits}
            )
            found = {name: tf.cast(value, tf.float32) for name, value in found.items()}
            found["detection_classes"] += 1.0  # 1-based as in the label map, for users of old
            return found

    module = Exported()
    tf.saved_model.save(module, str(folder), {"serving_default": module.__call__})


def fold_network(model: SSD) -> Folded:
    """Fold the network: float32 [1, H, W, 3] -> `box_encodings` and `class_logits`."""
    spec = tf.TensorSpec((1, *model.image_size, 3), tf.float32)

    @tf.function(input_signature=[spec])
    def predict(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        predictions = model(images, training=False)
        return predictions["box_encodings"], predictions["class_logits"]

    return Folded(predict.get_concrete_function())
