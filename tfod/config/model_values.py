"""Values of `model { ssd { ... } }` that fit the schema and still make no network."""

from collections.abc import Iterator

from tfod.config.explain import not_set, out_of_range
from tfod.config.messages import (
    BatchNonMaxSuppression,
    FeaturePyramidNetworks,
    Ssd,
    SsdFeatureExtractor,
)
from tfod.errors import Problem
from tfod.remedies import Remedy

SSD = "model.ssd"
EXTRACTOR = f"{SSD}.feature_extractor"
RESIZER = f"{SSD}.image_resizer.fixed_shape_resizer"
CODER = f"{SSD}.box_coder.faster_rcnn_box_coder"
MATCHER = f"{SSD}.matcher.argmax_matcher"
PREDICTOR = f"{SSD}.box_predictor.weight_shared_convolutional_box_predictor"
ANCHORS = f"{SSD}.anchor_generator.multiscale_anchor_generator"
NMS = f"{SSD}.post_processing.batch_non_max_suppression"

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


def model_problems(ssd: Ssd) -> Iterator[Problem]:
    """List what cannot be built though each field by itself is known and typed."""
    if ssd.num_classes < 1:
        yield out_of_range(f"{SSD}.num_classes", ssd.num_classes, "1 or more")
    yield from _choices(ssd)
    yield from _extractor(ssd.feature_extractor)
    yield from _anchors(ssd)
    yield from _image_size(ssd)
    yield from _boxes(ssd)
    yield from _predictor(ssd)
    yield from _post_processing(ssd)


def halves_exactly(side_px: int, fpn: FeaturePyramidNetworks) -> bool:
    """Whether each map of the FPN, doubled, is as large as the next finer one."""
    last = min(fpn.max_level, BACKBONE_LAST_LEVEL)
    sizes = [-(-side_px // 2**level) for level in range(fpn.min_level, last + 1)]
    return all(fine == 2 * coarse for fine, coarse in zip(sizes, sizes[1:], strict=False))


def _choices(ssd: Ssd) -> Iterator[Problem]:
    for section, oneof, choice in REQUIRED:
        message = ssd
        for name in section.split("."):
            message = getattr(message, name)
        if message.WhichOneof(oneof) is None:
            yield not_set(f"{SSD}.{section}", f"{choice} {{ ... }}")
    if not ssd.post_processing.HasField("batch_non_max_suppression"):
        yield not_set(f"{SSD}.post_processing", "batch_non_max_suppression { ... }")


def _extractor(extractor: SsdFeatureExtractor) -> Iterator[Problem]:
    fpn = extractor.fpn
    if not extractor.type:
        yield not_set(f"{EXTRACTOR}.type", "the name of a feature extractor")
    if extractor.depth_multiplier <= 0:
        multiplier = extractor.depth_multiplier
        yield out_of_range(f"{EXTRACTOR}.depth_multiplier", multiplier, "more than 0")
    elif max(int(fpn.additional_layer_depth * extractor.depth_multiplier), extractor.min_depth) < 1:
        depth = fpn.additional_layer_depth
        yield out_of_range(f"{EXTRACTOR}.fpn.additional_layer_depth", depth, "1 or more")
    if not FPN_LOWEST_LEVEL <= fpn.min_level <= min(fpn.max_level, BACKBONE_LAST_LEVEL):
        yield out_of_range(
            f"{EXTRACTOR}.fpn",
            f"the levels {fpn.min_level} to {fpn.max_level}",
            f"a min_level of {FPN_LOWEST_LEVEL} to {BACKBONE_LAST_LEVEL} and a max_level that "
            "is not lower",
        )


def _anchors(ssd: Ssd) -> Iterator[Problem]:
    if not ssd.anchor_generator.HasField("multiscale_anchor_generator"):
        return
    fpn, anchors = ssd.feature_extractor.fpn, ssd.anchor_generator.multiscale_anchor_generator
    if (fpn.min_level, fpn.max_level) != (anchors.min_level, anchors.max_level):
        yield out_of_range(
            ANCHORS,
            f"the levels {anchors.min_level} to {anchors.max_level}",
            f"those of fpn, {fpn.min_level} to {fpn.max_level}",
        )
    if anchors.scales_per_octave < 1:
        yield out_of_range(f"{ANCHORS}.scales_per_octave", anchors.scales_per_octave, "1 or more")
    if not anchors.aspect_ratios:
        yield not_set(f"{ANCHORS}.aspect_ratios", "at least one ratio")
    for ratio in anchors.aspect_ratios:
        if not ratio > 0:
            yield out_of_range(f"{ANCHORS}.aspect_ratios", ratio, "more than 0")
    if not anchors.anchor_scale > 0:
        yield out_of_range(f"{ANCHORS}.anchor_scale", anchors.anchor_scale, "more than 0")


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


def _boxes(ssd: Ssd) -> Iterator[Problem]:
    """Problems of what turns boxes into targets: box coder and matcher."""
    if ssd.box_coder.HasField("faster_rcnn_box_coder"):
        coder = ssd.box_coder.faster_rcnn_box_coder
        for name in ("y_scale", "x_scale", "height_scale", "width_scale"):
            scale: float = getattr(coder, name)
            if not scale > 0:
                yield out_of_range(f"{CODER}.{name}", scale, "more than 0")
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


def _predictor(ssd: Ssd) -> Iterator[Problem]:
    if not ssd.box_predictor.HasField("weight_shared_convolutional_box_predictor"):
        return
    predictor = ssd.box_predictor.weight_shared_convolutional_box_predictor
    if predictor.num_layers_before_predictor > 0 and predictor.depth < 1:
        yield out_of_range(f"{PREDICTOR}.depth", predictor.depth, "1 or more")
    if predictor.kernel_size < 1:
        yield out_of_range(f"{PREDICTOR}.kernel_size", predictor.kernel_size, "1 or more")


def _post_processing(ssd: Ssd) -> Iterator[Problem]:
    settings = ssd.post_processing
    if not settings.logit_scale:
        yield out_of_range(f"{SSD}.post_processing.logit_scale", 0, "any number but 0")
    if settings.HasField("batch_non_max_suppression"):
        yield from _suppression(settings.batch_non_max_suppression)


def _suppression(nms: BatchNonMaxSuppression) -> Iterator[Problem]:
    for name in ("max_detections_per_class", "max_total_detections"):
        count: int = getattr(nms, name)
        if count < 1:
            yield out_of_range(f"{NMS}.{name}", count, "1 or more")
    if not 0 <= nms.iou_threshold <= 1:
        yield out_of_range(f"{NMS}.iou_threshold", nms.iou_threshold, "0 to 1")
    if not nms.score_threshold >= 0:
        yield out_of_range(f"{NMS}.score_threshold", nms.score_threshold, "0 or more")
