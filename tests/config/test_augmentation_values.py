"""Settings of augmentation and optimizers that cannot be used: refused before anything starts."""

import pytest
from old_records import add_step
from refusals import raises_problem

from tfod.config import apply_overrides, check_config
from tfod.config.templates import default_config
from tfod.data.batches.augment import AUGMENTATIONS

AUGMENT = "train_config.data_augmentation_options"
OPTIMIZER = "train_config.optimizer"
RANGE, NOT_SET = "config-out-of-range", "config-setting-missing"


def config_with(text):
    config = default_config()
    apply_overrides(config, [f"{AUGMENT}={{{text}}}"])
    return config


@pytest.mark.parametrize("end", ["min", "max"])
@pytest.mark.parametrize(("given", "missing"), [("height", "width"), ("width", "height")])
def test_half_a_size_of_a_canvas(end, given, missing):
    config = config_with(f"random_pad_image {{ {end}_image_{given}: 99 }}")
    setting = f"{AUGMENT}.random_pad_image.{end}_image_{missing}"
    expected = f"a value, because {end}_image_{given} has one"
    with raises_problem(NOT_SET, setting=setting, expected=expected):
        check_config(config, supported_augmentations=AUGMENTATIONS)


@pytest.mark.parametrize(
    ("step", "field", "got"),
    [
        ("random_pad_image { pad_color: 1 pad_color: 2 }", "pad_color", "2 values"),
        ("random_absolute_pad_image { pad_color: [1, 2, 3, 4] }", "pad_color", "4 values"),
        ("normalize_image { original_minval: 0 }", "original_maxval", "0"),
        ("random_crop_image { min_area: 0 }", "min_area", "0"),
        ("random_crop_image { max_area: 1.5 }", "max_area", "1.5"),
        ("random_crop_image { min_aspect_ratio: -1 }", "min_aspect_ratio", "-1"),
        ("random_crop_image { min_object_covered: -1 }", "min_object_covered", "-1"),
        ("ssd_random_crop { operations { min_area: 0.1 } }", "operations.max_area", "0"),
        ("random_crop_to_aspect_ratio { aspect_ratio: 0 }", "aspect_ratio", "0"),
        ("random_image_scale { min_scale_ratio: 0 }", "min_scale_ratio", "0"),
        ("random_jpeg_quality { max_jpeg_quality: 300 }", "max_jpeg_quality", "300"),
        ("random_patch_gaussian { min_patch_size: 0 }", "min_patch_size", "0"),
        ("random_black_patches { max_black_patches: -1 }", "max_black_patches", "-1"),
        ("random_distort_color { color_ordering: 2 }", "color_ordering", "2"),
    ],
)
def test_values_that_would_break_off_the_training(step, field, got):
    setting = f"{AUGMENT}.{step.partition(' ')[0]}.{field}"
    with raises_problem(RANGE, setting=setting, got=got):
        check_config(config_with(step), supported_augmentations=AUGMENTATIONS)


@pytest.mark.parametrize("step", sorted(set(AUGMENTATIONS) - {"normalize_image"}))
def test_the_defaults_of_every_operation_are_fine(step):
    config = add_step(default_config(), step)
    assert check_config(config, supported_augmentations=AUGMENTATIONS) == []


def test_whole_sizes_and_colours():
    for step in (
        "random_pad_image { min_image_height: 9 min_image_width: 9 pad_color: [1, 2, 3] }",
        "random_absolute_pad_image { pad_color: 127 }",
        "ssd_random_crop { }",
    ):
        assert check_config(config_with(step), supported_augmentations=AUGMENTATIONS) == []


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("momentum_optimizer", "momentum_optimizer_value", 1.5),
        ("rms_prop_optimizer", "momentum_optimizer_value", -0.5),
        ("rms_prop_optimizer", "decay", -0.5),
        ("adam_optimizer", "epsilon", -0.5),
    ],
)
def test_numbers_the_old_optimizers_refuse(kind, field, value):
    config = default_config()
    rate = "learning_rate { constant_learning_rate { learning_rate: 0.1 } }"
    apply_overrides(config, [f"{OPTIMIZER}={{ {kind} {{ {rate} {field}: {value} }} }}"])
    config.train_config.optimizer.use_moving_average = False
    with raises_problem(RANGE, setting=f"{OPTIMIZER}.{kind}.{field}", got=value):
        check_config(config)
