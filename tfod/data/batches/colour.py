"""Augmentation that changes pixel values and leaves the boxes alone.

Images come in 0..255, uint8 or float32, and leave as float32 in 0..255 (those that an operation
may skip, too). The colour sums are those of `tf.image` on 0..1. The contract is in `augment.py`.
"""

from collections.abc import Callable

import tensorflow as tf

from tfod.config import messages
from tfod.data.batches.geometry import draw, draw_int

Example = dict[str, tf.Tensor]


def _on_unit(example: Example, change: Callable[[tf.Tensor], tf.Tensor]) -> Example:
    """Apply `change` to the image scaled to 0..1, then clip and scale back."""
    image = tf.cast(example["image"], tf.float32) / 255.0
    return {**example, "image": tf.clip_by_value(change(image), 0.0, 1.0) * 255.0}


def _adjust(
    example: Example,
    change: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    low: float,
    high: float,
    seed: tf.Tensor,
) -> Example:
    """Apply a function of `tf.image` with a number drawn from [low, high)."""
    amount = draw(seed, low, high)
    return _on_unit(example, lambda image: change(image, amount))


def _maybe(
    example: Example,
    change: Callable[[tf.Tensor], tf.Tensor],
    probability: float | tf.Tensor,
    seed: tf.Tensor,
) -> Example:
    """Apply `change` to the float32 image, 0..255, with the given probability."""
    image = tf.cast(example["image"], tf.float32)
    changed = tf.cond(draw(seed) < probability, lambda: change(image), lambda: image)
    changed.set_shape([None, None, 3])
    return {**example, "image": changed}


def normalize_image(example: Example, step: messages.NormalizeImage, seed: tf.Tensor) -> Example:
    """Map [original_minval, original_maxval] to [target_minval, target_maxval], straight.

    What follows still takes the image for 0..255, as in the old API; rarely what one wants.
    """
    image = tf.cast(example["image"], tf.float32) - step.original_minval
    scale = (step.target_maxval - step.target_minval) / (
        step.original_maxval - step.original_minval
    )
    return {**example, "image": image * scale + step.target_minval}


def random_pixel_value_scale(
    example: Example, step: messages.RandomPixelValueScale, seed: tf.Tensor
) -> Example:
    """Multiply every value by its own factor in [minval, maxval)."""
    shape = tf.shape(example["image"])
    factors = tf.random.stateless_uniform(shape, seed, step.minval, step.maxval)
    return _on_unit(example, lambda image: image * factors)


def _gray(image: tf.Tensor) -> tf.Tensor:
    return tf.image.grayscale_to_rgb(tf.image.rgb_to_grayscale(image))


def random_rgb_to_gray(
    example: Example, step: messages.RandomRGBtoGray, seed: tf.Tensor
) -> Example:
    """Make the image gray, still three channels, with `probability`."""
    return _maybe(example, _gray, step.probability, seed)


def rgb_to_gray(example: Example, step: messages.RGBtoGray, seed: tf.Tensor) -> Example:
    """Make the image gray, still three channels, always."""
    return {**example, "image": _gray(tf.cast(example["image"], tf.float32))}


def random_adjust_brightness(
    example: Example, step: messages.RandomAdjustBrightness, seed: tf.Tensor
) -> Example:
    """Add one number in [-max_delta, max_delta) x 255 to all values."""
    delta = step.max_delta
    return _adjust(example, tf.image.adjust_brightness, -delta, delta, seed)


def random_adjust_contrast(
    example: Example, step: messages.RandomAdjustContrast, seed: tf.Tensor
) -> Example:
    """Scale the distance to each channel's mean by a factor in [min_delta, max_delta)."""
    return _adjust(example, tf.image.adjust_contrast, step.min_delta, step.max_delta, seed)


def random_adjust_hue(example: Example, step: messages.RandomAdjustHue, seed: tf.Tensor) -> Example:
    """Turn the hue by a part of the circle in [-max_delta, max_delta)."""
    return _adjust(example, tf.image.adjust_hue, -step.max_delta, step.max_delta, seed)


def random_adjust_saturation(
    example: Example, step: messages.RandomAdjustSaturation, seed: tf.Tensor
) -> Example:
    """Scale the saturation by a factor in [min_delta, max_delta)."""
    return _adjust(example, tf.image.adjust_saturation, step.min_delta, step.max_delta, seed)


def random_distort_color(
    example: Example, step: messages.RandomDistortColor, seed: tf.Tensor
) -> Example:
    """Change brightness, contrast, saturation and hue, strongly, in one of two orders.

    color_ordering 0: brightness, saturation, hue, contrast; 1: brightness, contrast, saturation,
    hue. Ranges: brightness 32/255, contrast and saturation 0.5 to 1.5, hue 0.2 (the SSD paper's
    photometric distortions; the ranges of the old API are from memory, not measured).
    """
    seeds = tf.random.split(seed, 4)
    contrast = (tf.image.adjust_contrast, 0.5, 1.5, seeds[3])
    changes = [
        (tf.image.adjust_saturation, 0.5, 1.5, seeds[1]),
        (tf.image.adjust_hue, -0.2, 0.2, seeds[2]),
    ]
    changes.insert(2 if step.color_ordering == 0 else 0, contrast)
    for change in [(tf.image.adjust_brightness, -32 / 255, 32 / 255, seeds[0]), *changes]:
        example = _adjust(example, *change)
    return example


def random_black_patches(
    example: Example, step: messages.RandomBlackPatches, seed: tf.Tensor
) -> Example:
    """Black out up to max_black_patches squares, each drawn with `probability`.

    Their side is size_to_image_ratio of the shorter side of the image; boxes stay.
    """
    image = tf.cast(example["image"], tf.float32)
    height, width = tf.unstack(tf.shape(image)[:2])
    shorter = tf.cast(tf.minimum(height, width), tf.float32)
    side = tf.cast(shorter * step.size_to_image_ratio, tf.int32)
    draws = tf.random.stateless_uniform([step.max_black_patches, 3], seed)
    room = 1.0 - step.size_to_image_ratio
    tops = tf.cast(draws[:, 0] * room * tf.cast(height, tf.float32), tf.int32)
    lefts = tf.cast(draws[:, 1] * room * tf.cast(width, tf.float32), tf.int32)
    side = tf.where(draws[:, 2] <= step.probability, side, 0)  # [patches]

    rows = tf.range(height)[:, None]
    columns = tf.range(width)[:, None]
    in_rows = tf.cast((rows >= tops) & (rows < tops + side), tf.float32)  # [h, patches]
    in_columns = tf.cast((columns >= lefts) & (columns < lefts + side), tf.float32)
    black = tf.matmul(in_rows, in_columns, transpose_b=True) > 0  # [h, w]
    return {**example, "image": tf.where(black[..., None], 0.0, image)}


def random_patch_gaussian(
    example: Example, step: messages.RandomPatchGaussian, seed: tf.Tensor
) -> Example:
    """Add Gaussian noise to one square patch; with probability `random_coef` do nothing.

    The side is between min_patch_size and max_patch_size pixels around a random centre (cut at the
    border), the noise's standard deviation between min_gaussian_stddev and max_gaussian_stddev of
    the 0..1 range (Lopes et al. 2019, "Patch Gaussian").
    """
    seeds = tf.random.split(seed, 6)

    def noise(image: tf.Tensor) -> tf.Tensor:
        height, width = tf.unstack(tf.shape(image)[:2])
        side = draw_int(seeds[0], step.min_patch_size, step.max_patch_size)
        deviation = draw(seeds[1], step.min_gaussian_stddev, step.max_gaussian_stddev)
        top = draw_int(seeds[2], 0, height) - side // 2
        left = draw_int(seeds[3], 0, width) - side // 2
        rows, columns = tf.range(height)[:, None], tf.range(width)[None, :]
        inside = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
        added = tf.random.stateless_normal(tf.shape(image), seeds[4]) * deviation * 255.0
        return tf.where(inside[..., None], tf.clip_by_value(image + added, 0.0, 255.0), image)

    return _maybe(example, noise, 1.0 - step.random_coef, seeds[5])


def random_jpeg_quality(
    example: Example, step: messages.RandomJpegQuality, seed: tf.Tensor
) -> Example:
    """Pass the image through JPEG of random quality; with probability `random_coef` do nothing.

    The quality is in [min_jpeg_quality, max_jpeg_quality).
    """
    seeds = tf.random.split(seed, 2)
    quality = draw_int(seeds[0], step.min_jpeg_quality, step.max_jpeg_quality)

    def squeeze(image: tf.Tensor) -> tf.Tensor:
        encoded = tf.raw_ops.EncodeJpegVariableQuality(
            images=tf.cast(tf.clip_by_value(image, 0.0, 255.0), tf.uint8), quality=quality
        )
        return tf.cast(tf.io.decode_jpeg(encoded, channels=3), tf.float32)

    return _maybe(example, squeeze, 1.0 - step.random_coef, seeds[1])


def adjust_gamma(example: Example, step: messages.AdjustGamma, seed: tf.Tensor) -> Example:
    """Set value = gain x value ^ gamma on the 0..1 range, always."""
    return _on_unit(example, lambda image: step.gain * image**step.gamma)
