"""Anchors: the fixed boxes whose offsets and classes the network predicts.

The multiscale generator of RetinaNet (Lin et al. 2017, "Focal Loss for Dense Object Detection",
section 4), with the offsets of the TensorFlow Object Detection API. NumPy only: the image size is
known when the model is built. Knows nothing of the network; sizes of feature maps follow from the
image size because every stride-2 layer halves and rounds up.
"""

import numpy as np


def feature_map_sizes(ssd_config, image_size: tuple[int, int]) -> list[tuple[int, int]]:
    """Sizes (height, width) of the feature maps, finest level first.

    Args:
        ssd_config: message `Ssd` of pipeline.config.
        image_size: (height, width) in pixels of what the network eats.
    """
    extractor = ssd_config.feature_extractor
    multiple = max(extractor.pad_to_multiple, 1)
    height, width = (-(-side // multiple) * multiple for side in image_size)
    levels = range(extractor.fpn.min_level, extractor.fpn.max_level + 1)
    return [(-(-height // 2**level), -(-width // 2**level)) for level in levels]


def anchors_per_location(ssd_config) -> int:
    """How many anchors share one cell of a feature map."""
    generator = _generator(ssd_config)
    return len(generator.aspect_ratios) * generator.scales_per_octave


def anchor_boxes(ssd_config, image_size: tuple[int, int]) -> np.ndarray:
    """All anchors of an image: float32 [A, 4], (ymin, xmin, ymax, xmax), 0..1, not clipped.

    Order: levels from fine to coarse, then y, x, aspect ratio (as configured), scale.

    Args:
        ssd_config: message `Ssd` of pipeline.config.
        image_size: (height, width) in pixels.

    Raises:
        ValueError: the generator is of another kind, or has another number of levels than the
            feature extractor.
    """
    generator = _generator(ssd_config)
    sizes = feature_map_sizes(ssd_config, image_size)
    levels = range(generator.min_level, generator.max_level + 1)
    if len(levels) != len(sizes):
        raise ValueError(
            f"multiscale_anchor_generator has levels {generator.min_level}.."
            f"{generator.max_level} ({len(levels)}), the feature extractor makes "
            f"{len(sizes)} feature maps (fpn.min_level..fpn.max_level)"
        )
    boxes = [
        _level_boxes(generator, level, size, image_size)
        for level, size in zip(levels, sizes, strict=True)
    ]
    return np.concatenate(boxes)


def _level_boxes(generator, level, map_size, image_size) -> np.ndarray:
    """Anchors of one level, float32 [h * w * n, 4].

    In float32 and in this order of operations: which anchor overlaps a box most can hang on the
    last bit, and matches shall be those of the old API.
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
    return boxes_px * np.float32([1 / side for side in image_size] * 2)


def _generator(ssd_config):
    kind = ssd_config.anchor_generator.WhichOneof("anchor_generator_oneof")
    if kind != "multiscale_anchor_generator":
        raise ValueError(
            f"anchor_generator: expected multiscale_anchor_generator, got {kind or 'nothing'}"
        )
    generator = ssd_config.anchor_generator.multiscale_anchor_generator
    if not generator.normalize_coordinates:
        raise ValueError(
            "multiscale_anchor_generator.normalize_coordinates: false is not supported, "
            "boxes are 0..1 of the image"
        )
    if not generator.aspect_ratios or generator.scales_per_octave < 1:
        raise ValueError(
            "multiscale_anchor_generator: expected at least one aspect ratio and one scale, got "
            f"{len(generator.aspect_ratios)} and {generator.scales_per_octave}"
        )
    return generator
