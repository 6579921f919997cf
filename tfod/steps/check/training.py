"""Do the boxes fit the network: their size after resizing, and the anchors they are matched to.

With the config of the training, or the template when there is none yet. Knows no TensorFlow.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tfod.config.messages import MultiscaleAnchorGenerator, TrainEvalPipelineConfig
from tfod.config.templates import default_config
from tfod.data.scan import Photo
from tfod.remedies import Advice, Remedy
from tfod.steps.check.anchor_fit import best_anchor_iou
from tfod.steps.check.boxes import box_place
from tfod.steps.check.dataset import Dataset
from tfod.steps.check.finding import Finding, Place, report
from tfod.steps.check.kinds import LARGER

LEAST_SIDE_PX = 8  # the finest feature map has one cell for 8x8 pixels
# of the boxes, from which share on it is worth a warning that they fit no anchor; a few always do
MOST_UNFIT = 0.1
MOST_STRETCH = 2.0


class _Boxes(NamedTuple):
    """The N boxes of a data set in the order of the photos.

    Attributes:
        owners: photo of each box, and its index there.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        names: object [N], the classes.
        sides_px: float32 [N, 2], (height, width) on what the network eats.
    """

    owners: list[tuple[Photo, int]]
    boxes: np.ndarray
    names: np.ndarray
    sides_px: np.ndarray


def too_small_to_train(dataset: Dataset) -> list[Finding]:
    """Boxes that are almost gone when the image has the size the network eats."""
    size = image_size(dataset)
    if size is None:
        return []
    found = _collect(dataset, size)
    # a hundredth less: 8 px in the file may become 7.9999995
    small = np.flatnonzero(found.sides_px.min(axis=1, initial=np.inf) < LEAST_SIDE_PX - 0.01)
    places = _places(found, small, lambda index: "")
    classes = _per_class(found.names, small)
    return report("box-tiny-in-training", places, size=_by(size), classes=classes)


def no_anchor_fits(dataset: Dataset) -> list[Finding]:
    """Boxes whose IoU with every anchor is below the matcher's threshold."""
    size, ssd = image_size(dataset), _config(dataset).model.ssd
    if size is None or not ssd.anchor_generator.HasField("multiscale_anchor_generator"):
        return []
    matcher = ssd.matcher.argmax_matcher
    found = _collect(dataset, size)
    try:
        ious = best_anchor_iou(found.boxes, ssd, size)
    except ValueError:  # anchors that no training here would accept: a finding of the settings
        return []
    unfit = np.flatnonzero(ious < matcher.matched_threshold)
    if not len(unfit):
        return []
    unfit = unfit[np.argsort(ious[unfit], kind="stable")]
    share = len(unfit) / len(ious)
    matched = (
        "each is matched only to its best anchor and learned slowly"
        if matcher.force_match_for_each_row
        else "they match no anchor and are not learned at all"
    )
    generator = ssd.anchor_generator.multiscale_anchor_generator
    reason, remedy = _why_unfit(found.sides_px[unfit], generator)
    classes = _per_class(found.names, unfit, totals=True)
    return report(
        "box-fits-no-anchor",
        _places(found, unfit, lambda index: f", best IoU {ious[index]:.2f}"),
        severity="warning" if share >= MOST_UNFIT else "info",
        remedy=remedy,
        least=f"{matcher.matched_threshold:g}",
        size=_by(size),
        which=f"{share:.0%} of {len(ious):,} ({classes}){reason}; {matched}",
    )


def _why_unfit(
    sides_px: np.ndarray, generator: MultiscaleAnchorGenerator
) -> tuple[str, Advice | None]:
    """Why most boxes (height, width) [N, 2] fit no anchor, and what helps: size, or shape."""
    areas = np.sqrt(np.prod(sides_px, axis=1))
    least = generator.anchor_scale * 2**generator.min_level
    ratios = np.log2(np.maximum(sides_px[:, 1], 1e-6) / np.maximum(sides_px[:, 0], 1e-6))
    known = np.log2(list(generator.aspect_ratios))
    small = areas < least
    long = ((ratios > known.max() + 0.5) | (ratios < known.min() - 0.5)) & ~small
    if small.sum() >= max(long.sum(), 1):
        return f", {small.sum():,} smaller than the smallest anchor ({least:g} px)", LARGER
    if not long.any():
        return "", None
    wide = 2.0 ** np.median(np.abs(ratios[long]))
    setting = "model.ssd.anchor_generator.multiscale_anchor_generator.aspect_ratios"
    more = [*generator.aspect_ratios, float(f"{wide:.2g}"), float(f"{1 / wide:.2g}")]
    values = ", ".join(f"{ratio:g}" for ratio in more)
    return f", {long.sum():,} more elongated than any anchor", Remedy.SET(
        setting=setting, value=f"[{values}]"
    )


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


def _collect(dataset: Dataset, size: tuple[int, int]) -> _Boxes:
    pairs = [
        (photo, photo.example)
        for photo in dataset.own
        if photo.example is not None and photo.labelled and not photo.in_fractions
    ]
    owners = [(photo, i) for photo, example in pairs for i in range(len(example.boxes))]
    empty = np.zeros((0, 4), np.float32)
    boxes = np.concatenate([empty, *(example.boxes for _, example in pairs)])
    names = np.array([name for _, example in pairs for name in example.names], object)
    return _Boxes(owners, boxes, names, (boxes[:, 2:] - boxes[:, :2]) * np.array(size, np.float32))


def _places(found: _Boxes, chosen: np.ndarray, more: Callable[[int], str]) -> list[Place]:
    places = []
    for index in chosen.tolist():
        height, width = found.sides_px[index]
        detail = f'"{found.names[index]}" {width:.3g}x{height:.3g} px at that size{more(index)}'
        photo, number = found.owners[index]
        places.append(box_place(photo, [number], detail))
    return places


def _per_class(names: np.ndarray, chosen: np.ndarray, totals: bool = False) -> str:
    """Count the chosen ones of each class, the most frequent first: "Mask 3, No-mask 1"."""
    of = {name: f" of {count:,}" if totals else "" for name, count in Counter(names).items()}
    counts = Counter(names[chosen]).most_common()
    return ", ".join(f"{name} {count:,}{of[name]}" for name, count in counts)


def _by(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
