"""Values of the `data_augmentation_options` that fit the schema and still cannot be applied."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from google.protobuf.message import Message

from tfod.config.explain import not_set, not_supported, out_of_range
from tfod.config.messages import RandomPadImage, TrainConfig
from tfod.config.model_values import ABOVE_0, AT_LEAST_1
from tfod.errors import Problem

AT_LEAST_0 = (lambda value: value >= 0), "0 or more"
PART = (lambda value: 0 < value <= 1), "more than 0, at most 1"
QUALITY = (lambda value: 0 <= value <= 100), "0 to 100"
CROP = {
    "min_object_covered": AT_LEAST_0,
    **dict.fromkeys(("min_aspect_ratio", "max_aspect_ratio"), ABOVE_0),
    **dict.fromkeys(("min_area", "max_area"), PART),
}
# operation -> field -> what its values must be, and the words for it
RANGES: dict[str, dict[str, tuple[Callable[[Any], bool], str]]] = {
    "random_crop_image": CROP,
    "random_crop_to_aspect_ratio": {"aspect_ratio": ABOVE_0},
    "random_distort_color": {"color_ordering": ((lambda value: value in (0, 1)), "0 or 1")},
    "random_image_scale": dict.fromkeys(("min_scale_ratio", "max_scale_ratio"), ABOVE_0),
    "random_black_patches": {"max_black_patches": AT_LEAST_0},
    "random_patch_gaussian": {"min_patch_size": AT_LEAST_1},
    "random_jpeg_quality": dict.fromkeys(("min_jpeg_quality", "max_jpeg_quality"), QUALITY),
}


def augmentation_problems(
    train: TrainConfig, supported: Collection[str] | None
) -> Iterator[Problem]:
    """List what of the augmentation cannot be applied.

    Args:
        supported: known names of operations; None: not checked.
    """
    for index, step in enumerate(train.data_augmentation_options):
        name = step.WhichOneof("preprocessing_step")
        number = f"[{index}]" if index else ""
        setting = f"train_config.data_augmentation_options{number}.{name}"
        if name is None:
            continue
        if supported is not None and name not in supported:
            yield not_supported(setting)
            continue
        operation: Message = getattr(step, name)
        yield from _outside(operation, RANGES.get(name, {}), setting)
        if name == "ssd_random_crop":
            for at, window in enumerate(step.ssd_random_crop.operations):
                place = f"{setting}.operations{f'[{at}]' if at else ''}"
                yield from _outside(window, CROP, place)
        elif name == "random_pad_image":
            yield from _half_a_size(step.random_pad_image, setting)
        elif name == "normalize_image":
            low, high = step.normalize_image.original_minval, step.normalize_image.original_maxval
            if low == high:
                other = f"any number but original_minval, {low:.6g}"
                yield out_of_range(f"{setting}.original_maxval", high, other)
        if len(color := getattr(operation, "pad_color", ())) not in (0, 1, 3):
            expected = "three values, red, green and blue, or one for gray"
            yield out_of_range(f"{setting}.pad_color", f"{len(color)} values", expected)


def _outside(
    message: Message, ranges: dict[str, tuple[Callable[[Any], bool], str]], setting: str
) -> Iterator[Problem]:
    for field, (is_usable, expected) in ranges.items():
        value = getattr(message, field)
        if not is_usable(value):
            yield out_of_range(f"{setting}.{field}", value, expected)


def _half_a_size(step: RandomPadImage, setting: str) -> Iterator[Problem]:
    """Refuse a height without a width, and the other way round, as the old API does."""
    given = {field.name for field, _ in step.ListFields()}
    for end in ("min", "max"):
        both = {f"{end}_image_height", f"{end}_image_width"}
        if len(both & given) == 1:
            (has,), (missing,) = both & given, both - given
            yield not_set(f"{setting}.{missing}", f"a value, because {has} has one")
