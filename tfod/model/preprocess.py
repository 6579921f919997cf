"""Preprocessing: an image of any size to what the network eats.

Plain TensorFlow, so that it runs in `tf.data` and in an exported model. The resize is TF1's
(source = target * in / out, no half-pixel centres, no antialias) and does not keep the aspect
ratio. The old API normalises first; the difference is below 4e-7, and uint8 resizes cheaper.
"""

from collections.abc import Callable

import tensorflow as tf

from tfod.config.messages import Ssd

Preprocess = Callable[[tf.Tensor], tf.Tensor]

RESIZE = {
    "BILINEAR": tf.raw_ops.ResizeBilinear,
    "NEAREST_NEIGHBOR": tf.raw_ops.ResizeNearestNeighbor,
    "BICUBIC": tf.raw_ops.ResizeBicubic,
    "AREA": tf.raw_ops.ResizeArea,
}


def image_size(ssd_config: Ssd) -> tuple[int, int]:
    """Height and width the images are resized to, px."""
    resizer = ssd_config.image_resizer.fixed_shape_resizer
    return resizer.height, resizer.width


def make_preprocess(ssd_config: Ssd) -> Preprocess:
    """Return the function that resizes and normalises images.

    It takes RGB images uint8 or float32 0..255, [h, w, 3] or [B, h, w, 3], of any size (also
    unknown while tracing), and returns float32 [H, W, 3] or [B, H, W, 3], -1..1, where H, W
    is the size in `image_resizer`.
    """
    size = image_size(ssd_config)
    resizer = ssd_config.image_resizer.fixed_shape_resizer
    resize = RESIZE[type(resizer).ResizeType.Name(resizer.resize_method)]

    def preprocess(images: tf.Tensor) -> tf.Tensor:
        images = tf.convert_to_tensor(images)
        rank = images.shape.rank
        if rank not in (3, 4) or images.shape[-1] not in (3, None):
            raise ValueError(f"preprocess: expected [h, w, 3] or [B, h, w, 3], got {images.shape}")
        batch = images if rank == 4 else images[None]
        resized = tf.cast(resize(images=batch, size=size), tf.float32)
        resized = tf.ensure_shape(resized * (2.0 / 255.0) - 1.0, (batch.shape[0], *size, 3))
        return resized if rank == 4 else resized[0]

    return preprocess
