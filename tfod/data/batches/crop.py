"""Augmentation that cuts a window out of the image; boxes are dropped, moved and clipped with it.

The contract is in `augment.py`.
"""

import tensorflow as tf

from tfod.config import messages
from tfod.data.batches.geometry import draw, draw_int
from tfod.data.records.reader import keep_objects

Example = dict[str, tf.Tensor]

ATTEMPTS = 100  # to find a window; then the whole image is taken

# What ssd_random_crop does when the config lists no operations: seven equally likely windows that
# demand ever more of an object (Liu et al. 2016, "SSD", section 2.2).
SSD_COVERED = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
SSD_OPERATIONS = tuple(
    messages.SSDRandomCropOperation(
        min_object_covered=covered,
        min_aspect_ratio=0.5,
        max_aspect_ratio=2.0,
        min_area=0.1,
        max_area=1.0,
        overlap_thresh=covered,
        clip_boxes=True,
        random_coef=0.15,
    )
    for covered in SSD_COVERED
)


def random_crop_image(
    example: Example,
    step: messages.RandomCropImage | messages.SSDRandomCropOperation,
    seed: tf.Tensor,
) -> Example:
    """Cut out a random window; with probability `random_coef` keep the image as it is.

    The window covers min_area to max_area of the image, has width / height (in pixels) between
    min_aspect_ratio and max_aspect_ratio and covers min_object_covered of at least one box. After
    100 failed attempts the whole image is taken. Which boxes stay: `crop_objects`.
    """
    seeds = tf.random.split(seed, 2)

    def crop() -> Example:
        offset, size, window = tf.image.stateless_sample_distorted_bounding_box(
            tf.shape(example["image"]),
            tf.clip_by_value(example["boxes"], 0.0, 1.0)[None],
            seeds[0],
            min_object_covered=step.min_object_covered,
            aspect_ratio_range=(step.min_aspect_ratio, step.max_aspect_ratio),
            area_range=(step.min_area, step.max_area),
            max_attempts=ATTEMPTS,
            use_image_if_no_bounding_boxes=True,
        )
        image = tf.slice(example["image"], offset, size)
        image.set_shape([None, None, 3])
        cropped = crop_objects(example, window[0, 0], step.overlap_thresh, step.clip_boxes)
        return {**cropped, "image": image}

    if step.random_coef <= 0:
        return crop()
    return tf.cond(draw(seeds[1]) > step.random_coef, crop, lambda: dict(example))


def ssd_random_crop(example: Example, step: messages.SSDRandomCrop, seed: tf.Tensor) -> Example:
    """Apply one of the listed crops, chosen with equal chance; without a list the seven of SSD."""
    operations = list(step.operations) or list(SSD_OPERATIONS)
    seeds = tf.random.split(seed, 2)
    branches = [
        lambda operation=operation: random_crop_image(example, operation, seeds[1])
        for operation in operations
    ]
    return tf.switch_case(draw_int(seeds[0], 0, len(operations)), branches)


def random_crop_to_aspect_ratio(
    example: Example, step: messages.RandomCropToAspectRatio, seed: tf.Tensor
) -> Example:
    """Cut the largest window of width / height = `aspect_ratio` at a random place.

    Objects wholly outside are dropped with their labels, also where `overlap_thresh` is 0; the old
    API then keeps such boxes, or with clip_boxes their labels alone (FACTS, last section).
    """
    height, width = tf.unstack(tf.shape(example["image"])[:2])
    high, wide = tf.cast(height, tf.float32), tf.cast(width, tf.float32)
    too_wide = wide / high >= step.aspect_ratio
    new_height = tf.where(too_wide, high, tf.round(wide / step.aspect_ratio))
    new_width = tf.where(too_wide, tf.round(high * step.aspect_ratio), wide)
    size = tf.maximum(tf.cast(tf.stack([new_height, new_width]), tf.int32), 1)

    seeds = tf.random.split(seed, 2)
    top = draw_int(seeds[0], 0, height - size[0] + 1)
    left = draw_int(seeds[1], 0, width - size[1] + 1)
    corners = tf.cast(tf.stack([top, left, top + size[0], left + size[1]]), tf.float32)
    image = example["image"][top : top + size[0], left : left + size[1]]
    window = corners / tf.stack([high, wide, high, wide])
    cropped = crop_objects(example, window, step.overlap_thresh, step.clip_boxes)
    return {**cropped, "image": image}


def crop_objects(
    example: Example, window: tf.Tensor, overlap_thresh: float, clip_boxes: bool
) -> Example:
    """Carry the objects into a window of the image.

    Drops boxes wholly outside the window, then those of which less than `overlap_thresh` is inside
    (a box without area is dropped here too); changes the rest to coordinates of the window and
    clips them to it when `clip_boxes`.

    Args:
        window: float32 [4], (ymin, xmin, ymax, xmax), 0..1.
        overlap_thresh: smallest intersection / area of the box that stays.
    """
    low, high = window[:2], window[2:]
    boxes = example["boxes"]
    outside = (boxes[:, :2] >= high) | (boxes[:, 2:] <= low)
    example = keep_objects(example, ~tf.reduce_any(outside, axis=1))

    boxes = example["boxes"]
    inner = tf.minimum(boxes[:, 2:], high) - tf.maximum(boxes[:, :2], low)
    inside = tf.reduce_prod(tf.maximum(inner, 0.0), axis=1)
    whole = tf.reduce_prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    # 0 / 0 is NaN, and NaN >= 0 is false: a box without area goes
    example = keep_objects(example, inside / whole >= overlap_thresh)

    offset, scale = tf.concat([low, low], 0), tf.concat([high - low, high - low], 0)
    boxes = (example["boxes"] - offset) / scale
    return {**example, "boxes": tf.clip_by_value(boxes, 0.0, 1.0) if clip_boxes else boxes}
