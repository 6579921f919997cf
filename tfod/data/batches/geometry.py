"""Augmentation that moves pixels and boxes: flips, rotation, scale, padding, jitter.

The contract is in `augment.py`.
"""

from collections.abc import Callable

import tensorflow as tf

from tfod.config import messages

Example = dict[str, tf.Tensor]


def draw(seed: tf.Tensor, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
    """Draw one float32 from [low, high)."""
    return tf.random.stateless_uniform([], seed, low, high)


def draw_int(seed: tf.Tensor, low: tf.Tensor, high: tf.Tensor) -> tf.Tensor:
    """Draw one int32 from [low, high), or low where that range is empty."""
    low, high = tf.cast(low, tf.int32), tf.cast(high, tf.int32)
    return tf.random.stateless_uniform([], seed, low, tf.maximum(high, low + 1), tf.int32)


def maybe(
    change: Callable[[Example], Example],
    example: Example,
    probability: float | tf.Tensor,
    seed: tf.Tensor,
) -> Example:
    """Apply `change` with the given probability."""
    return tf.cond(draw(seed) < probability, lambda: change(example), lambda: dict(example))


def random_horizontal_flip(
    example: Example, step: messages.RandomHorizontalFlip, seed: tf.Tensor
) -> Example:
    """Mirror left and right with `probability`: xmin' = 1 - xmax, xmax' = 1 - xmin."""
    return _mirror(example, 1, step.probability, seed)


def random_vertical_flip(
    example: Example, step: messages.RandomVerticalFlip, seed: tf.Tensor
) -> Example:
    """Mirror top and bottom with `probability`: ymin' = 1 - ymax, ymax' = 1 - ymin."""
    return _mirror(example, 0, step.probability, seed)


def _mirror(example: Example, axis: int, probability: float, seed: tf.Tensor) -> Example:
    """Mirror image and boxes along an axis, 0 (y) or 1 (x), with the given probability."""

    def mirror(example: Example) -> Example:
        sides = tf.unstack(example["boxes"], axis=1)
        sides[axis], sides[axis + 2] = 1.0 - sides[axis + 2], 1.0 - sides[axis]
        image = tf.reverse(example["image"], [axis])
        return {**example, "image": image, "boxes": tf.stack(sides, axis=1)}

    return maybe(mirror, example, probability, seed)


def random_rotation90(
    example: Example, step: messages.RandomRotation90, seed: tf.Tensor
) -> Example:
    """Turn by 90 degrees counter-clockwise with `probability`."""

    def turn(example: Example) -> Example:
        ymin, xmin, ymax, xmax = tf.unstack(example["boxes"], axis=1)
        boxes = tf.stack([1.0 - xmax, ymin, 1.0 - xmin, ymax], axis=1)
        image = tf.reverse(tf.transpose(example["image"], [1, 0, 2]), [0])
        return {**example, "image": image, "boxes": boxes}

    return maybe(turn, example, step.probability, seed)


def random_image_scale(
    example: Example, step: messages.RandomImageScale, seed: tf.Tensor
) -> Example:
    """Resize by one factor in [min_scale_ratio, max_scale_ratio), aspect kept; boxes stay.

    Bilinear with aligned corners, as TF1 did it. Visible to the network only through the
    resampling where the image is resized to a fixed shape afterwards.
    """
    factor = draw(seed, step.min_scale_ratio, step.max_scale_ratio)
    size = tf.cast(tf.shape(example["image"])[:2], tf.float32) * factor
    image = tf.raw_ops.ResizeBilinear(
        images=example["image"][None],
        size=tf.maximum(tf.cast(size, tf.int32), 1),
        align_corners=True,
        half_pixel_centers=False,
    )[0]
    return {**example, "image": image}


def random_pad_image(example: Example, step: messages.RandomPadImage, seed: tf.Tensor) -> Example:
    """Put the image at a random place of a random larger canvas; boxes shrink with it.

    The canvas is between min_image_* (default: the image) and max_image_* (default: twice the
    image) pixels, and never smaller than the image; where the least is more than the most, it is
    the most, as in the old API. `pad_color` is RGB or one gray, default the mean colour.
    """
    size = tf.shape(example["image"])[:2]
    low, high = size, 2 * size
    if step.HasField("min_image_height"):  # both or none, says config/augmentation_values.py
        low = tf.constant([step.min_image_height, step.min_image_width])
    if step.HasField("max_image_height"):
        high = tf.constant([step.max_image_height, step.max_image_width])
    return _pad(example, low, high, list(step.pad_color), seed)


def random_absolute_pad_image(
    example: Example, step: messages.RandomAbsolutePadImage, seed: tf.Tensor
) -> Example:
    """Like random_pad_image, with at most max_height_padding and max_width_padding more pixels."""
    size = tf.shape(example["image"])[:2]
    most = size + tf.constant([step.max_height_padding, step.max_width_padding])
    return _pad(example, size, most, list(step.pad_color), seed)


def _pad(
    example: Example, low: tf.Tensor, high: tf.Tensor, color: list[float], seed: tf.Tensor
) -> Example:
    image, size = example["image"], tf.shape(example["image"])[:2]
    seeds = tf.random.split(seed, 4)
    high = tf.maximum(high, size)
    low = tf.minimum(tf.maximum(low, size), high)
    canvas = tf.stack([draw_int(seeds[i], low[i], high[i]) for i in (0, 1)])
    offset = tf.stack([draw_int(seeds[2 + i], 0, canvas[i] - size[i]) for i in (0, 1)])

    values = tf.cast(image, tf.float32)
    fill = tf.constant(color, tf.float32) if color else tf.reduce_mean(values, [0, 1])
    if image.dtype != tf.float32:
        fill = tf.round(fill)
    rest = canvas - size - offset
    padding = [[offset[0], rest[0]], [offset[1], rest[1]], [0, 0]]
    # pad the difference to the colour with zeros: one operation fills all four sides
    padded = tf.cast(tf.pad(values - fill, padding) + fill, image.dtype)

    place = tf.cast(tf.concat([offset, offset], 0), tf.float32)
    scale = tf.cast(tf.concat([size, size], 0), tf.float32)
    whole = tf.cast(tf.concat([canvas, canvas], 0), tf.float32)
    return {**example, "image": padded, "boxes": (example["boxes"] * scale + place) / whole}


# jitter_mode -> (least and greatest growth of a side, in halves of `ratio`, and draws of a box): 4
# are one for each side, 2 one for height and one for width (the centre stays), 1 one for both
JITTER_MODES = {
    "DEFAULT": (-1, 1, 4),
    "EXPAND": (0, 1, 4),
    "SHRINK": (-1, 0, 4),
    "EXPAND_SYMMETRIC": (0, 1, 2),
    "SHRINK_SYMMETRIC": (-1, 0, 2),
    "EXPAND_SYMMETRIC_XY": (0, 1, 1),
    "SHRINK_SYMMETRIC_XY": (-1, 0, 1),
}


def random_jitter_boxes(
    example: Example, step: messages.RandomJitterBoxes, seed: tf.Tensor
) -> Example:
    """Move the sides of each box by up to half of `ratio` of its height or width, then clip.

    In mode DEFAULT each side moves either way; the other modes move outwards or inwards as their
    names say. Where the centre stays, a box grows only as far as the nearer border lets it, in the
    XY modes along both axes alike (FACTS, last section).
    """
    least, most, draws = JITTER_MODES[type(step).JitterMode.Name(step.jitter_mode)]
    boxes, half = example["boxes"], step.ratio / 2
    sides = boxes[:, 2:] - boxes[:, :2]
    shape = [tf.shape(boxes)[0], draws]
    growth = tf.random.stateless_uniform(shape, seed, least * half, most * half)
    if draws < 4:
        room = tf.minimum(boxes[:, :2], 1.0 - boxes[:, 2:]) / tf.maximum(sides, 1e-6)
        growth = tf.minimum(growth, room if draws == 2 else tf.reduce_min(room, 1, keepdims=True))
    outwards = tf.tile(growth, [1, 4 // draws]) * [-1.0, -1.0, 1.0, 1.0]
    jittered = boxes + tf.tile(sides, [1, 2]) * outwards
    return {**example, "boxes": tf.clip_by_value(jittered, 0.0, 1.0)}
