"""Do the boxes fit the network: their size after resizing, and the anchors they are matched to.

With the config of the training, or the template when there is none yet. Knows no TensorFlow.
"""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from tfod.config.messages import TrainEvalPipelineConfig
from tfod.config.templates import default_config
from tfod.remedies import Advice, Remedy
from tfod.steps.check.anchor_fit import best_anchor_iou
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report
from tfod.steps.check.network_boxes import (
    MOST_UNFIT,
    NetworkBoxes,
    box_places,
    collect,
    share_of,
    sides_in,
    spoiled_classes,
    worst_first,
)
from tfod.steps.check.networks import larger_sizes, network_of

LEAST_SIDE_PX = 8  # the finest feature map has one cell for 8x8 pixels
MOST_STRETCH = 2.0


def too_small_to_train(dataset: Dataset) -> list[Finding]:
    """Boxes that are almost gone when the image has the size the network eats."""
    size = image_size(dataset)
    if size is None:
        return []
    found = collect(dataset, size)
    small = _too_small(found.boxes, size)
    if not small.any():
        return []
    spoiled = spoiled_classes(found.names, small)
    return report(
        "box-tiny-in-training",
        box_places(found, worst_first(found, small, spoiled, found.sides_px.min(axis=1)), None),
        severity="warning" if spoiled else "info",
        remedy=_larger(dataset, found, spoiled, _too_small),
        size=_by(size),
        which=share_of(found.names, small, spoiled),
    )


def _too_small(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Which boxes [N, 4] have a side under 8 px at a size: bool [N]."""
    # a hundredth less: 8 px in the file may become 7.9999995
    sides_px = sides_in(boxes, size)
    return np.asarray(sides_px.min(axis=1, initial=np.inf) < LEAST_SIDE_PX - 0.01)


def no_anchor_fits(dataset: Dataset) -> list[Finding]:
    """Boxes whose IoU with every anchor is below the matcher's threshold."""
    size, ssd = image_size(dataset), _config(dataset).model.ssd
    if size is None or not ssd.anchor_generator.HasField("multiscale_anchor_generator"):
        return []
    matcher = ssd.matcher.argmax_matcher
    found = collect(dataset, size)
    try:
        ious = best_anchor_iou(found.boxes, ssd, size)
    except ValueError:  # anchors that no training here would accept: a finding of the settings
        return []
    unfit = ious < matcher.matched_threshold
    if not unfit.any():
        return []
    spoiled = spoiled_classes(found.names, unfit)
    matched = (
        "each is matched only to its best anchor and learned slowly"
        if matcher.force_match_for_each_row
        else "they match no anchor and are not learned at all"
    )
    reason, remedy = _why_unfit(dataset, found, unfit, spoiled)
    return report(
        "box-fits-no-anchor",
        box_places(found, worst_first(found, unfit, spoiled, ious), ious),
        severity="warning" if spoiled else "info",
        remedy=remedy,
        least=f"{matcher.matched_threshold:g}",
        size=_by(size),
        which=f"{share_of(found.names, unfit, spoiled)}{reason}; {matched}",
    )


def _why_unfit(
    dataset: Dataset, found: NetworkBoxes, unfit: np.ndarray, spoiled: Collection[str]
) -> tuple[str, Advice | None]:
    """Why most boxes of the classes in question fit no anchor, and what helps: size, or shape."""
    ssd = _config(dataset).model.ssd
    generator = ssd.anchor_generator.multiscale_anchor_generator
    areas = np.sqrt(np.prod(found.sides_px, axis=1))
    least = generator.anchor_scale * 2**generator.min_level
    ratios = np.log2(
        np.maximum(found.sides_px[:, 1], 1e-6) / np.maximum(found.sides_px[:, 0], 1e-6)
    )
    known = np.log2(list(generator.aspect_ratios))
    elongated = (ratios > known.max() + 0.5) | (ratios < known.min() - 0.5)
    counted = unfit & np.isin(found.names, list(spoiled)) if spoiled else unfit
    small, long = counted & (areas < least), counted & elongated & (areas >= least)
    if small.sum() >= max(long.sum(), 1):

        def is_unfit(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
            return best_anchor_iou(boxes, ssd, size) < ssd.matcher.argmax_matcher.matched_threshold

        reason = f", {small.sum():,} smaller than the smallest anchor ({least:g} px)"
        return reason, _larger(dataset, found.only(~elongated), spoiled, is_unfit)
    if not long.any():
        return "", None
    wide = 2.0 ** np.median(np.abs(ratios[long]))
    setting = "model.ssd.anchor_generator.multiscale_anchor_generator.aspect_ratios"
    more = [*generator.aspect_ratios, float(f"{wide:.2g}"), float(f"{1 / wide:.2g}")]
    values = ", ".join(f"{ratio:g}" for ratio in more)
    return f", {long.sum():,} more elongated than any anchor", Remedy.SET(
        setting=setting, value=f"[{values}]"
    )


def _larger(
    dataset: Dataset,
    found: NetworkBoxes,
    spoiled: Collection[str],
    is_bad: Callable[[np.ndarray, tuple[int, int]], np.ndarray],
) -> Advice | None:
    """Advise the smallest network in which the classes that suffer hardly do; None without one.

    If there is none in which no class suffers, the smallest in which few boxes of theirs are bad.
    """
    size = image_size(dataset)
    if not spoiled or size is None:
        return None
    chosen, helpful = found.only(np.isin(found.names, list(spoiled))), None
    for larger in larger_sizes(size):
        bad = is_bad(chosen.boxes, larger)
        if not spoiled_classes(chosen.names, bad):
            return network_of(dataset, larger)
        if helpful is None and bad.mean() < MOST_UNFIT:
            helpful = larger
    return network_of(dataset, helpful) if helpful else None


def stretched(dataset: Dataset) -> list[Finding]:
    """Photos whose shape changes much when they are resized."""
    size = image_size(dataset)
    if size is None:
        return []
    places = []
    for photo in dataset.own:
        if photo.header is not None:
            ratio = photo.header.width_px / photo.header.height_px / (size[1] / size[0])
            if max(ratio, 1 / ratio) > MOST_STRETCH:
                detail = f"{photo.header.width_px}x{photo.header.height_px}"
                places.append(Place(photo.image_path, None, detail))
    shape = "the shape of your photos: height 384, width 640 for 16:9"
    crop = Remedy.SET(setting="model.ssd.image_resizer.fixed_shape_resizer", value=shape)
    return report("photo-stretched", places, size=_by(size), remedy=crop)


def batch_too_large(dataset: Dataset) -> list[Finding]:
    """A batch that holds more images than there are to train on."""
    batch_size = dataset.config.train_config.batch_size if dataset.config is not None else 0
    photos = dataset.part("train") or dataset.own
    labelled = sum(photo.labelled for photo in photos)
    if not labelled or batch_size <= labelled:
        return []
    place = Place(dataset.settings.config_path or Path("pipeline.config"), None, "train_config")
    smaller = Remedy.SET(setting="train_config.batch_size", value=max(1, labelled // 2))
    return report("batch-too-large", [place], labelled=labelled, count=batch_size, remedy=smaller)


def _config(dataset: Dataset) -> TrainEvalPipelineConfig:
    return dataset.config if dataset.config is not None else default_config()


def image_size(dataset: Dataset) -> tuple[int, int] | None:
    """(height, width) of what the network eats, px; None when the config names none."""
    resizer = _config(dataset).model.ssd.image_resizer
    if not resizer.HasField("fixed_shape_resizer"):
        return None
    fixed = resizer.fixed_shape_resizer
    return (fixed.height, fixed.width) if fixed.height > 0 and fixed.width > 0 else None


def _by(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
