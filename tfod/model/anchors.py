"""Anchors: the fixed boxes whose offsets and classes the network predicts.

The multiscale generator of RetinaNet (Lin et al. 2017, "Focal Loss for Dense Object Detection",
section 4), with the offsets of the TensorFlow Object Detection API. NumPy only: the image size is
known when the model is built. Knows nothing of the network; sizes of feature maps follow from the
image size because every stride-2 layer halves and rounds up.
"""

import numpy as np

from tfod.config.messages import MultiscaleAnchorGenerator, Ssd


def feature_map_sizes(ssd_config: Ssd, image_size: tuple[int, int]) -> list[tuple[int, int]]:
    """Sizes (height, width) of the feature maps of an image (height, width), px, finest first."""
    extractor = ssd_config.feature_extractor
    multiple = max(extractor.pad_to_multiple, 1)
    height, width = (-(-side // multiple) * multiple for side in image_size)
    levels = range(extractor.fpn.min_level, extractor.fpn.max_level + 1)
    return [(-(-height // 2**level), -(-width // 2**level)) for level in levels]


def anchors_per_location(ssd_config: Ssd) -> int:
    """How many anchors share one cell of a feature map."""
    generator = ssd_config.anchor_generator.multiscale_anchor_generator
    return len(generator.aspect_ratios) * generator.scales_per_octave


def anchor_boxes(ssd_config: Ssd, image_size: tuple[int, int]) -> np.ndarray:
    """All anchors of an image: float32 [A, 4], (ymin, xmin, ymax, xmax), 0..1, not clipped.

    Order: levels from fine to coarse, then y, x, aspect ratio (as configured), scale.

    Args:
        image_size: (height, width), px.
    """
    generator = ssd_config.anchor_generator.multiscale_anchor_generator
    sizes = feature_map_sizes(ssd_config, image_size)
    levels = range(generator.min_level, generator.max_level + 1)
    boxes = [
        _level_boxes(generator, level, size, image_size)
        for level, size in zip(levels, sizes, strict=True)
    ]
    return np.concatenate(boxes)


def _level_boxes(
    generator: MultiscaleAnchorGenerator,
    level: int,
    map_size: tuple[int, int],
    image_size: tuple[int, int],
) -> np.ndarray:
    """Anchors of one level, float32 [h * w * n, 4].

    In float32 and in this order of operations: which anchor overlaps a box most can depend on the
    last bit, and matches must be those of the old API.
    """
    stride = 2**level
    base_px = np.float32(generator.anchor_scale * stride)
    octaves = 2.0 ** (np.arange(generator.scales_per_octave) / generator.scales_per_octave)
    octaves = octaves.astype(np.float32)
    roots = np.sqrt(np.asarray(generator.aspect_ratios, np.float32))[:, None]  # width / height
    sizes_px = np.stack([octaves / roots * base_px, octaves * roots * base_px], axis=-1)
    sizes_px = sizes_px.reshape(-1, 2)  # [n, 2]

    # The old generator centres a cell only when the stride divides the image.
    offsets_px = [stride / 2 if side % stride == 0 else 0.0 for side in image_size]
    ys = np.arange(map_size[0], dtype=np.float32) * stride + np.float32(offsets_px[0])
    xs = np.arange(map_size[1], dtype=np.float32) * stride + np.float32(offsets_px[1])
    centres_px = np.stack(np.meshgrid(ys, xs, indexing="ij"), axis=-1)[:, :, None, :]

    corners = [centres_px - sizes_px / 2, centres_px + sizes_px / 2]  # 2 x [h, w, n, 2]
    boxes_px = np.concatenate(corners, axis=-1).reshape(-1, 4)
    scale = np.array([1 / side for side in image_size] * 2, np.float32)
    return boxes_px * scale
