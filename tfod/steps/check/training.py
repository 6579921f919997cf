"""Do the boxes fit the network: their size after resizing, and the anchors they are matched to.

With the config of the training, or the template when there is none yet. Knows no TensorFlow.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfod.config.templates import default_config
from tfod.data.voc import are_fractions
from tfod.steps.check.anchor_fit import best_anchor_iou
from tfod.steps.check.boxes import Hit, hit
from tfod.steps.check.finding import Finding, Place, Severity, found
from tfod.steps.check.scan import Dataset, Photo

LEAST_SIDE_PX = 8  # the finest feature map has one cell for 8x8 pixels
# of the boxes, from which share on it is worth a warning that they fit no anchor; a few always do
MOST_UNFIT = 0.1
MOST_STRETCH = 2.0
LEAST_SHARE = 0.1  # of the boxes that fit no anchor: what concerns fewer is not advised about


@dataclass
class _Boxes:
    """The boxes of a data set in the order of the photos.

    Attributes:
        photos: the labelled photos.
        of_photo: int [N], index of the photo of each box.
        in_photo: int [N], index of the box in its photo.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1.
        names: N class names.
    """

    photos: list[Photo]
    of_photo: np.ndarray
    in_photo: np.ndarray
    boxes: np.ndarray
    names: np.ndarray


def too_small_to_train(dataset: Dataset) -> list[Finding]:
    """Boxes that are almost gone when the image has the size the network eats."""
    size = image_size(dataset)
    if size is None:
        return []
    all_boxes = _collect(dataset)
    sides_px = _sides_px(all_boxes.boxes, size)
    # a hundredth less: 8 px in the file may become 7.9999995
    small = np.flatnonzero(sides_px.min(axis=1, initial=np.inf) < LEAST_SIDE_PX - 0.01)
    what = (
        f"boxes are less than {LEAST_SIDE_PX} px wide or high when the image is resized to "
        f"{_by(size)} for the network ({_per_class(all_boxes.names, small)})"
    )
    remedy = (
        "Train at a larger size (`tfod config NAME --size 1024`), or cut the photos into smaller "
        "ones; label nothing that you cannot recognise yourself at that size."
    )
    hits = _hits(all_boxes, small, lambda index: f"{_px(sides_px[index])} at that size")
    return hit("box-tiny-in-training", "warning", what, remedy, hits)


def no_anchor_fits(dataset: Dataset) -> list[Finding]:
    """Boxes whose IoU with every anchor is below the matcher's threshold."""
    size, ssd = image_size(dataset), _config(dataset).model.ssd
    generator = ssd.anchor_generator.multiscale_anchor_generator
    if size is None or not ssd.anchor_generator.HasField("multiscale_anchor_generator"):
        return []
    least = ssd.matcher.argmax_matcher.matched_threshold
    all_boxes = _collect(dataset)
    try:
        ious = best_anchor_iou(all_boxes.boxes, ssd, size)
    except ValueError:  # anchors that no training here would accept: told by the settings
        return []
    unfit = np.flatnonzero(ious < least)
    unfit = unfit[np.argsort(ious[unfit], kind="stable")]
    if not len(unfit):
        return []
    share = len(unfit) / len(ious)
    what = (
        f"boxes ({share:.0%} of {len(ious):,}) overlap no anchor by IoU {least:g} or more at "
        f"{_by(size)} ({_per_class(all_boxes.names, unfit, totals=True)})"
    )
    sides_px = _sides_px(all_boxes.boxes, size)
    hits = _hits(
        all_boxes,
        unfit,
        lambda index: f"{_px(sides_px[index])} at that size, best IoU {ious[index]:.2f}",
    )
    matcher = ssd.matcher.argmax_matcher
    remedy = " ".join([_without_match(matcher), *_advice(sides_px[unfit], generator)])
    severity: Severity = "warning" if share >= MOST_UNFIT else "info"
    return hit("box-fits-no-anchor", severity, what, remedy, hits)


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
    what = f"photos change their shape by more than 2:1 when resized to {_by(size)}"
    remedy = (
        "Crop them, or set image_resizer in pipeline.config to the shape of your photos, as "
        "height: 384 width: 640 for 16:9."
    )
    return found("photo-stretched", "info", what, remedy, places)


def batch_too_large(dataset: Dataset) -> list[Finding]:
    """A batch that holds more images than there are to train on."""
    batch_size = _config(dataset).train_config.batch_size if dataset.config else 0
    photos = dataset.part("train") or dataset.own
    labelled = sum(photo.labelled for photo in photos)
    if not labelled or batch_size <= labelled:
        return []
    what = f"images in a batch, but only {labelled} labelled photos to train on"
    remedy = (
        f"Every batch would hold photos twice. Take more photos, or make the batch smaller: "
        f"`tfod train NAME --set train_config.batch_size={max(1, labelled // 2)}`."
    )
    places = [Place(dataset.config_path or Path("pipeline.config"), None, "train_config")]
    return [Finding("batch-too-large", "warning", batch_size, what, remedy, places)]


def _config(dataset: Dataset) -> Any:
    return dataset.config if dataset.config is not None else default_config()


def image_size(dataset: Dataset) -> tuple[int, int] | None:
    """(height, width) of what the network eats, px; None when the config names none."""
    resizer = _config(dataset).model.ssd.image_resizer
    if not resizer.HasField("fixed_shape_resizer"):
        return None
    fixed = resizer.fixed_shape_resizer
    return (fixed.height, fixed.width) if fixed.height > 0 and fixed.width > 0 else None


def _collect(dataset: Dataset) -> _Boxes:
    photos = [
        photo
        for photo in dataset.own
        if photo.example is not None and photo.labelled and not are_fractions(photo.example)
    ]
    counts = [len(photo.example.boxes) for photo in photos if photo.example]
    boxes = [photo.example.boxes for photo in photos if photo.example]
    names = [name for photo in photos if photo.example for name in photo.example.names]
    of_photo = np.repeat(np.arange(len(photos)), counts)
    in_photo = np.concatenate([np.arange(count) for count in counts] or [np.zeros(0, int)])
    flat = np.concatenate([*boxes, np.zeros((0, 4), np.float32)])
    return _Boxes(photos, of_photo, in_photo, flat, np.array(names, object))


def _sides_px(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(height, width) of boxes [N, 4] on an image of this size: float32 [N, 2], px."""
    return (boxes[:, 2:] - boxes[:, :2]) * np.array(size, np.float32)


def _hits(all_boxes: _Boxes, chosen: np.ndarray, detail: Callable[[int], str]) -> list[Hit]:
    return [
        Hit(
            all_boxes.photos[all_boxes.of_photo[index]],
            [all_boxes.in_photo[index]],
            f'"{all_boxes.names[index]}" {detail(index)}',
        )
        for index in chosen.tolist()
    ]


def _per_class(names: np.ndarray, chosen: np.ndarray, totals: bool = False) -> str:
    """Count the chosen ones of each class, the most frequent first: "Mask 3, No-mask 1"."""
    all_of = Counter(names)
    of = {name: f" of {count:,}" if totals else "" for name, count in all_of.items()}
    counts = Counter(names[chosen]).most_common()
    return ", ".join(f"{name} {count:,}{of[name]}" for name, count in counts)


def _without_match(matcher: Any) -> str:
    if matcher.force_match_for_each_row:
        return "Each is still matched to its best anchor, but to that alone, and is learned slowly."
    return "They are matched to no anchor and are not learned at all."


def _advice(sides_px: np.ndarray, generator: Any) -> Sequence[str]:
    """What helps boxes (height, width) [N, 2] that fit no anchor: by size and by shape."""
    areas = np.sqrt(np.prod(sides_px, axis=1))
    least = generator.anchor_scale * 2**generator.min_level
    most = generator.anchor_scale * 2 ** (
        generator.max_level + 1 - 1 / max(generator.scales_per_octave, 1)
    )
    ratios = np.log2(np.maximum(sides_px[:, 1], 1e-6) / np.maximum(sides_px[:, 0], 1e-6))
    known = np.log2(list(generator.aspect_ratios))
    long = (ratios > known.max() + 0.5) | (ratios < known.min() - 0.5)
    small, large = areas < least, areas > most * np.sqrt(2)
    wide = 2.0 ** np.median(np.abs(ratios[long & ~small])) if (long & ~small).any() else 1.0
    advice = {
        f"smaller than the smallest anchor ({least:g} px): train at a larger size (`tfod "
        "config NAME --size 1024`), cut the photos into smaller ones, or set a smaller "
        "anchor_scale.": small,
        f"longer than the anchors: add aspect_ratios like {wide:.2g} and {1 / wide:.2g} to the "
        "anchor_generator in pipeline.config.": long & ~small,
        f"larger than the largest anchor ({most:g} px): leave more room around the object.": (
            large & ~long
        ),
    }
    return [
        f"{of_kind.sum()} {words}"
        for words, of_kind in advice.items()
        if of_kind.mean() >= LEAST_SHARE
    ]


def _by(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"


def _px(sides_px: np.ndarray) -> str:
    return f"{sides_px[1]:.3g}x{sides_px[0]:.3g} px"
