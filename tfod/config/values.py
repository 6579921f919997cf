"""Values that fit the schema and still make no model or no training run."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

FINE_TUNE_TYPES = ("detection", "full", "transfer", "classification")
FPN_LOWEST_LEVEL, BACKBONE_LAST_LEVEL = 2, 5
LEAST_SIDE_PX = 33

# where something has to be chosen: the message, its choice, and what to choose
REQUIRED = (
    ("model.ssd.image_resizer", "image_resizer_oneof", "fixed_shape_resizer"),
    ("model.ssd.box_coder", "box_coder_oneof", "faster_rcnn_box_coder"),
    ("model.ssd.matcher", "matcher_oneof", "argmax_matcher"),
    ("model.ssd.similarity_calculator", "region_similarity", "iou_similarity"),
    (
        "model.ssd.box_predictor",
        "box_predictor_oneof",
        "weight_shared_convolutional_box_predictor",
    ),
    ("model.ssd.anchor_generator", "anchor_generator_oneof", "multiscale_anchor_generator"),
    ("model.ssd.loss.localization_loss", "localization_loss", "weighted_smooth_l1"),
    ("model.ssd.loss.classification_loss", "classification_loss", "weighted_sigmoid_focal"),
)


class Problem(NamedTuple):
    """One setting and what is wrong with it; the path is as in `lines.Place`."""

    path: tuple[tuple[str, int], ...]
    text: str


def wrong_values(config: Any, supported_augmentations: Collection[str] | None) -> Iterator[Problem]:
    """List what cannot be built or run though each field by itself is known and typed."""
    if not config.model.HasField("ssd"):
        yield _problem("model.ssd", "is missing: there is no model")
        return
    yield from _model(config.model.ssd)
    yield from _image_size(config.model.ssd)
    if config.HasField("train_config"):
        yield from _fine_tuning(config.train_config)
        yield from _optimizer(config.train_config)
        yield from _augmentation(config.train_config, supported_augmentations)
    yield from _readers(config)


def _model(ssd: Any) -> Iterator[Problem]:
    if ssd.num_classes < 1:
        yield _problem("model.ssd.num_classes", f"is {ssd.num_classes} (expected 1 or more)")
    if not ssd.feature_extractor.type:
        yield _problem("model.ssd.feature_extractor.type", "is missing")
    for path, oneof, choice in REQUIRED:
        message = ssd
        for name in path.split(".")[2:]:
            message = getattr(message, name)
        if message.WhichOneof(oneof) is None:
            yield _problem(path, f"is empty (expected {choice} {{ ... }})")
    if not ssd.post_processing.HasField("batch_non_max_suppression"):
        yield _problem("model.ssd.post_processing", "has no batch_non_max_suppression { ... }")
    fpn, anchors = ssd.feature_extractor.fpn, ssd.anchor_generator.multiscale_anchor_generator
    levels, anchor_levels = (fpn.min_level, fpn.max_level), (anchors.min_level, anchors.max_level)
    if not FPN_LOWEST_LEVEL <= fpn.min_level <= min(fpn.max_level, BACKBONE_LAST_LEVEL):
        yield _problem(
            "model.ssd.feature_extractor.fpn",
            f"has the levels {levels[0]} to {levels[1]} (expected a min_level of "
            f"{FPN_LOWEST_LEVEL} to {BACKBONE_LAST_LEVEL} and a max_level not below it)",
        )
    if ssd.anchor_generator.HasField("multiscale_anchor_generator") and levels != anchor_levels:
        yield _problem(
            "model.ssd.anchor_generator.multiscale_anchor_generator",
            f"has the levels {anchor_levels[0]} to {anchor_levels[1]} (expected those of fpn, "
            f"{levels[0]} to {levels[1]})",
        )
    if anchors.scales_per_octave < 1 or not anchors.aspect_ratios:
        if ssd.anchor_generator.HasField("multiscale_anchor_generator"):
            yield _problem(
                "model.ssd.anchor_generator.multiscale_anchor_generator",
                "makes no anchors (expected aspect_ratios and scales_per_octave of 1 or more)",
            )


def _image_size(ssd: Any) -> Iterator[Problem]:
    if not ssd.image_resizer.HasField("fixed_shape_resizer"):
        return
    resizer, extractor = ssd.image_resizer.fixed_shape_resizer, ssd.feature_extractor
    multiple = max(extractor.pad_to_multiple, 1)
    for name in ("height", "width"):
        side = getattr(resizer, name)
        path = f"model.ssd.image_resizer.fixed_shape_resizer.{name}"
        padded = -(-side // multiple) * multiple
        if side < LEAST_SIDE_PX:
            yield _problem(path, f"is {side} (expected {LEAST_SIDE_PX} or more)")
        elif not extractor.use_explicit_padding and not halves_exactly(padded, extractor.fpn):
            step = 2 ** min(extractor.fpn.max_level, BACKBONE_LAST_LEVEL)
            below = side // step * step
            yield _problem(
                path,
                f"is {side} (expected a multiple of {step}, such as {max(below, step * 2)} or "
                f"{max(below, step * 2) + step}: the FPN adds maps of doubled size)",
            )


def halves_exactly(side: int, fpn: Any) -> bool:
    """Whether each map of the FPN, doubled, is as large as the next finer one.

    Args:
        side: height or width of the padded image, px.
        fpn: message FeaturePyramidNetworks.
    """
    last = min(fpn.max_level, BACKBONE_LAST_LEVEL)
    sizes = [-(-side // 2**level) for level in range(fpn.min_level, last + 1)]
    return all(fine == 2 * coarse for fine, coarse in zip(sizes, sizes[1:], strict=False))


def _fine_tuning(train: Any) -> Iterator[Problem]:
    if not train.fine_tune_checkpoint:
        return
    kind = train.fine_tune_checkpoint_type
    if kind and kind not in FINE_TUNE_TYPES:
        yield _problem(
            "train_config.fine_tune_checkpoint_type",
            f'is "{kind}" (expected {", ".join(FINE_TUNE_TYPES)})',
        )
    if train.fine_tune_checkpoint_version != type(train).V2:
        yield _problem(
            "train_config.fine_tune_checkpoint_version",
            "is not V2 (or not set, which means V1): checkpoints of TensorFlow 1 are not read",
        )


def _optimizer(train: Any) -> Iterator[Problem]:
    if train.batch_size < 1:
        yield _problem("train_config.batch_size", f"is {train.batch_size} (expected 1 or more)")
    path = "train_config.optimizer"
    kind = train.optimizer.WhichOneof("optimizer")
    if kind is None:
        yield _problem(path, "is empty (expected momentum_optimizer { ... })")
        return
    rate = getattr(train.optimizer, kind).learning_rate
    schedule = rate.WhichOneof("learning_rate")
    path = f"{path}.{kind}.learning_rate"
    if schedule is None:
        yield _problem(path, "is empty (expected cosine_decay_learning_rate { ... })")
    elif schedule == "cosine_decay_learning_rate":
        cosine = rate.cosine_decay_learning_rate
        path = f"{path}.{schedule}"
        if cosine.total_steps < cosine.warmup_steps:
            yield _problem(
                f"{path}.total_steps",
                f"is {cosine.total_steps} (expected warmup_steps, {cosine.warmup_steps}, or more)",
            )
        if cosine.warmup_steps > 0 and cosine.learning_rate_base < cosine.warmup_learning_rate:
            yield _problem(
                f"{path}.learning_rate_base",
                f"is {cosine.learning_rate_base:.6g} (expected warmup_learning_rate, "
                f"{cosine.warmup_learning_rate:.6g}, or more)",
            )


def _augmentation(train: Any, supported: Collection[str] | None) -> Iterator[Problem]:
    for index, step in enumerate(train.data_augmentation_options):
        name = step.WhichOneof("preprocessing_step")
        if name and supported is not None and name not in supported:
            path = (("train_config", 0), ("data_augmentation_options", index), (name, 0))
            yield Problem(path, "is not supported")


def _readers(config: Any) -> Iterator[Problem]:
    if len(config.eval_input_reader) > 1:
        yield Problem(
            (("eval_input_reader", 1),), "is one too many (expected one eval_input_reader)"
        )
    readers = [("train_input_reader", config.train_input_reader)]
    readers += [("eval_input_reader", reader) for reader in config.eval_input_reader[:1]]
    for name, reader in readers:
        if reader.input_type == type(reader).TF_SEQUENCE_EXAMPLE:
            yield _problem(f"{name}.input_type", "is TF_SEQUENCE_EXAMPLE (expected TF_EXAMPLE)")
        if reader.ByteSize() and reader.max_number_of_boxes < 1:
            yield _problem(
                f"{name}.max_number_of_boxes",
                f"is {reader.max_number_of_boxes} (expected 1 or more)",
            )


def _problem(path: str, text: str) -> Problem:
    return Problem(tuple((name, 0) for name in path.split(".")), text)
