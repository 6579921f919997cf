"""Augmentation: the `data_augmentation_options` of a pipeline.config, one function per operation.

One contract for all of them, `operation(example, step, seed) -> example`:

    example   dict of tensors: `image` uint8 or float32 [h, w, 3] in 0..255, `boxes` float32 [n, 4]
              (ymin, xmin, ymax, xmax) 0..1, `class_ids` int32 [n], `weights` float32 [n]; what
              else has one row per object follows the objects
    step      the operation's own message of the config, for example RandomHorizontalFlip
    seed      int64 [2]; all randomness comes from it, so the same seed gives the same example

An operation returns a new dict and leaves keys it does not know alone. Operations that only move
pixels keep the dtype of the image; those that change colours return float32. They run eagerly and
inside `tf.data.map`. Defaults are those of the config's schema.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tfod.config.messages import PreprocessingStep
from tfod.data.batches import colour, crop, geometry

Example = dict[str, tf.Tensor]

_OPERATIONS = (
    geometry.random_horizontal_flip, geometry.random_vertical_flip, geometry.random_rotation90,
    geometry.random_image_scale, geometry.random_pad_image, geometry.random_absolute_pad_image,
    geometry.random_jitter_boxes,
    crop.random_crop_image, crop.random_crop_to_aspect_ratio, crop.ssd_random_crop,
    colour.normalize_image, colour.random_pixel_value_scale, colour.random_rgb_to_gray,
    colour.rgb_to_gray, colour.random_adjust_brightness, colour.random_adjust_contrast,
    colour.random_adjust_hue, colour.random_adjust_saturation, colour.random_distort_color,
    colour.random_black_patches, colour.random_patch_gaussian, colour.random_jpeg_quality,
    colour.adjust_gamma,
)  # fmt: skip
# they have the names of the fields of a PreprocessingStep
AUGMENTATIONS: dict[str, Callable[[Example, Any, tf.Tensor], Example]] = {
    operation.__name__: operation for operation in _OPERATIONS
}


def augment(example: Example, steps: Sequence[PreprocessingStep], seed: tf.Tensor) -> Example:
    """Apply the operations of `steps` in their order.

    Args:
        seed: int64 [2], different for each image; each step gets its own seed from it.

    Raises:
        ValueError: a step is not in AUGMENTATIONS (`check_config` says so to the user before).
    """
    for number, step in enumerate(steps):
        name = step.WhichOneof("preprocessing_step")
        if name is None:
            continue
        if name not in AUGMENTATIONS:
            raise ValueError(f"augmentation {name}: expected one of {sorted(AUGMENTATIONS)}")
        step_seed = tf.random.fold_in(seed, number)
        example = AUGMENTATIONS[name](example, getattr(step, name), step_seed)
    return example
