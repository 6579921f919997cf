"""Values of `model { ssd { ... } }` that fit the schema and still make no network."""

from collections.abc import Callable, Iterator
from functools import reduce
from math import inf
from typing import Any

from tfod.config.explain import not_set, out_of_range
from tfod.config.messages import FeaturePyramidNetworks, Ssd, SsdFeatureExtractor
from tfod.errors import Problem
from tfod.remedies import Remedy

SSD = "model.ssd"
EXTRACTOR = f"{SSD}.feature_extractor"
RESIZER = f"{SSD}.image_resizer.fixed_shape_resizer"
MATCHER = f"{SSD}.matcher.argmax_matcher"
PREDICTOR = "box_predictor.weight_shared_convolutional_box_predictor"
ANCHORS = "anchor_generator.multiscale_anchor_generator"
NMS = "post_processing.batch_non_max_suppression"
AT_LEAST_1 = (lambda value: value >= 1), "1 or more"
ABOVE_0 = (lambda value: 0 < value < inf), "more than 0"

FPN_LOWEST_LEVEL, BACKBONE_LAST_LEVEL = 2, 5
LEAST_SIDE_PX = 33  # as the old API

# where something has to be chosen: the section, its choice, and what to choose
REQUIRED = (
    ("image_resizer", "image_resizer_oneof", "fixed_shape_resizer"),
    ("box_coder", "box_coder_oneof", "faster_rcnn_box_coder"),
    ("matcher", "matcher_oneof", "argmax_matcher"),
    ("similarity_calculator", "region_similarity", "iou_similarity"),
    ("box_predictor", "box_predictor_oneof", "weight_shared_convolutional_box_predictor"),
    ("anchor_generator", "anchor_generator_oneof", "multiscale_anchor_generator"),
    ("loss.localization_loss", "localization_loss", "weighted_smooth_l1"),
    ("loss.classification_loss", "classification_loss", "weighted_sigmoid_focal"),
)


# fields of ssd, what their values must be, and the words for it
RANGES: tuple[tuple[str, tuple[Callable[[Any], bool], str]], ...] = (
    ("num_classes", AT_LEAST_1),
    ("feature_extractor.depth_multiplier", ABOVE_0),
    (f"{ANCHORS}.scales_per_octave", AT_LEAST_1),
    (f"{ANCHORS}.anchor_scale", ABOVE_0),
    *((f"box_coder.faster_rcnn_box_coder.{side}_scale", ABOVE_0) for side in ("y", "x")),
    *((f"box_coder.faster_rcnn_box_coder.{side}_scale", ABOVE_0) for side in ("height", "width")),
    (f"{PREDICTOR}.kernel_size", AT_LEAST_1),
    ("post_processing.logit_scale", (bool, "any number but 0")),
    (f"{NMS}.max_detections_per_class", AT_LEAST_1),
    (f"{NMS}.max_total_detections", AT_LEAST_1),
    (f"{NMS}.iou_threshold", ((lambda value: 0 <= value <= 1), "0 to 1")),
    (f"{NMS}.score_threshold", ((lambda value: value >= 0), "0 or more")),
)


def model_problems(ssd: Ssd) -> Iterator[Problem]:
    """List what cannot be built though each field by itself is known and typed."""
    yield from _choices(ssd)
    for path, (is_usable, expected) in RANGES:
        value = _at(ssd, path)
        if not is_usable(value):
            yield out_of_range(f"{SSD}.{path}", value, expected)
    yield from _extractor(ssd.feature_extractor)
    yield from _anchors(ssd)
    yield from _image_size(ssd)
    yield from _matcher(ssd)
    predictor = ssd.box_predictor.weight_shared_convolutional_box_predictor
    if predictor.num_layers_before_predictor > 0 and predictor.depth < 1:
        yield out_of_range(f"{SSD}.{PREDICTOR}.depth", predictor.depth, "1 or more")


def _at(ssd: Ssd, path: str) -> Any:
    return reduce(getattr, path.split("."), ssd)


def halves_exactly(side_px: int, fpn: FeaturePyramidNetworks) -> bool:
    """Whether each map of the FPN, doubled, is as large as the next finer one."""
    last = min(fpn.max_level, BACKBONE_LAST_LEVEL)
    sizes = [-(-side_px // 2**level) for level in range(fpn.min_level, last + 1)]
    return all(fine == 2 * coarse for fine, coarse in zip(sizes, sizes[1:], strict=False))


def _choices(ssd: Ssd) -> Iterator[Problem]:
    for section, oneof, choice in REQUIRED:
        if _at(ssd, section).WhichOneof(oneof) is None:
            yield not_set(f"{SSD}.{section}", f"{choice} {{ ... }}")
    if not ssd.post_processing.HasField("batch_non_max_suppression"):
        yield not_set(f"{SSD}.post_processing", "batch_non_max_suppression { ... }")


def _extractor(extractor: SsdFeatureExtractor) -> Iterator[Problem]:
    fpn = extractor.fpn
    if not extractor.type:
        yield not_set(f"{EXTRACTOR}.type", "the name of a feature extractor")
    depth = fpn.additional_layer_depth
    multiplier = extractor.depth_multiplier
    if 0 < multiplier < inf and max(int(depth * multiplier), extractor.min_depth) < 1:
        yield out_of_range(f"{EXTRACTOR}.fpn.additional_layer_depth", depth, "1 or more")
    if not FPN_LOWEST_LEVEL <= fpn.min_level <= min(fpn.max_level, BACKBONE_LAST_LEVEL):
        yield out_of_range(
            f"{EXTRACTOR}.fpn",
            f"the levels {fpn.min_level} to {fpn.max_level}",
            f"a min_level of {FPN_LOWEST_LEVEL} to {BACKBONE_LAST_LEVEL} and a max_level not "
            "below it",
        )


def _anchors(ssd: Ssd) -> Iterator[Problem]:
    if not ssd.anchor_generator.HasField("multiscale_anchor_generator"):
        return
    fpn, anchors = ssd.feature_extractor.fpn, ssd.anchor_generator.multiscale_anchor_generator
    if (fpn.min_level, fpn.max_level) != (anchors.min_level, anchors.max_level):
        yield out_of_range(
            f"{SSD}.{ANCHORS}",
            f"the levels {anchors.min_level} to {anchors.max_level}",
            f"those of fpn, {fpn.min_level} to {fpn.max_level}",
        )
    if not anchors.aspect_ratios:
        yield not_set(f"{SSD}.{ANCHORS}.aspect_ratios", "at least one ratio")
    for ratio in anchors.aspect_ratios:
        if not ratio > 0:
            yield out_of_range(f"{SSD}.{ANCHORS}.aspect_ratios", ratio, "more than 0")


def _image_size(ssd: Ssd) -> Iterator[Problem]:
    if not ssd.image_resizer.HasField("fixed_shape_resizer"):
        return
    resizer, extractor = ssd.image_resizer.fixed_shape_resizer, ssd.feature_extractor
    multiple = max(extractor.pad_to_multiple, 1)
    for name, side in (("height", resizer.height), ("width", resizer.width)):
        padded = -(-side // multiple) * multiple
        if side < LEAST_SIDE_PX:
            yield out_of_range(f"{RESIZER}.{name}", side, f"{LEAST_SIDE_PX} or more")
        elif not extractor.use_explicit_padding and not halves_exactly(padded, extractor.fpn):
            step = 2 ** min(extractor.fpn.max_level, BACKBONE_LAST_LEVEL)
            below = max(side // step * step, step * 2)
            yield Problem(
                "config-image-size",
                setting=f"{RESIZER}.{name}",
                what="does not fit the feature pyramid, which doubles the map size at each level",
                expected=f"a multiple of {step}",
                got=side,
                remedy=Remedy.USE(value=[below, below + step]),
            )


def _matcher(ssd: Ssd) -> Iterator[Problem]:
    matcher = ssd.matcher.argmax_matcher
    matched, unmatched = matcher.matched_threshold, matcher.unmatched_threshold
    if not ssd.matcher.HasField("argmax_matcher") or matcher.ignore_thresholds:
        return
    if unmatched > matched:
        expected = f"at most matched_threshold, {matched:.6g}"
        yield out_of_range(f"{MATCHER}.unmatched_threshold", unmatched, expected)
    elif unmatched == matched and not matcher.negatives_lower_than_unmatched:
        expected = "true, or two different thresholds"
        yield out_of_range(f"{MATCHER}.negatives_lower_than_unmatched", "false", expected)
