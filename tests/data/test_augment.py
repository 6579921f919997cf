"""Every augmentation, eagerly and inside tf.data.map, on uint8 and on float32 images."""

import numpy as np
import pytest
import tensorflow as tf
from old_records import add_step, noise

from tfod.boxes import area
from tfod.config import new_message
from tfod.data.batches.augment import AUGMENTATIONS, augment

HEIGHT, WIDTH = 48, 64
BOXES = np.array([[0.25, 0.125, 0.75, 0.5], [0.1, 0.6, 0.3, 0.9], [0.0, 0.0, 1.0, 1.0]], np.float32)

# settings for those whose defaults do nothing
SETTINGS = {
    "normalize_image": {"original_maxval": 255.0, "target_maxval": 200.0},
    "random_absolute_pad_image": {"max_height_padding": 30, "max_width_padding": 20},
    "random_jpeg_quality": {"min_jpeg_quality": 20},
    "random_patch_gaussian": {"min_patch_size": 5, "max_patch_size": 20},
    "adjust_gamma": {"gamma": 0.5, "gain": 1.1},
    "random_rgb_to_gray": {"probability": 0.7},
}
PIXELS_ONLY = {
    *("normalize_image", "random_pixel_value_scale", "random_rgb_to_gray", "rgb_to_gray"),
    *("random_adjust_brightness", "random_adjust_contrast", "random_adjust_hue"),
    *("random_adjust_saturation", "random_distort_color", "random_black_patches"),
    *("random_patch_gaussian", "random_jpeg_quality", "adjust_gamma"),
}


def example(image=None, boxes=BOXES, dtype=np.uint8):
    image = noise(HEIGHT, WIDTH) if image is None else image
    return {
        "image": tf.constant(image.astype(dtype)),
        "boxes": tf.constant(boxes, tf.float32),
        "class_ids": tf.range(len(boxes)),
        "weights": tf.ones(len(boxes)),
        "filename": tf.constant("a.png"),
    }


def step_of(name, **fields):
    config = add_step(new_message(), name, **{**SETTINGS.get(name, {}), **fields})
    return list(config.train_config.data_augmentation_options)


def apply(name, seed=0, of=None, **fields):
    return augment(of or example(), step_of(name, **fields), tf.constant([seed, 1], tf.int64))


def many(name, count=12, of=None, **fields):
    """The results of `count` seeds, computed in one tf.data pass."""
    steps, start = step_of(name, **fields), of or example()
    seeds = tf.data.Dataset.range(count)
    mapped = seeds.map(lambda index: augment(start, steps, tf.stack([7, index])))
    return list(mapped.as_numpy_iterator())


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("name", sorted(AUGMENTATIONS))
def test_contract(name, dtype):
    steps, start = step_of(name), example(dtype=dtype)
    mapped = tf.data.Dataset.range(3).map(lambda index: augment(start, steps, tf.stack([7, index])))
    static = mapped.element_spec
    assert static["image"].shape.rank == 3 and static["image"].shape[-1] in (3, None)
    for index, traced in enumerate(mapped.as_numpy_iterator()):
        eager = augment(start, steps, tf.constant([7, index], tf.int64))
        for key in start:
            got = eager[key].numpy()
            if key == "image":
                np.testing.assert_allclose(traced[key], got, atol=0.02)
            else:
                np.testing.assert_array_equal(traced[key], got)
        image, boxes = traced["image"], traced["boxes"]
        assert image.ndim == 3 and image.shape[2] == 3 and np.isfinite(image).all()
        assert image.min() >= 0 and image.max() <= 255
        assert image.dtype == (
            np.float32 if name in PIXELS_ONLY | {"random_image_scale"} else dtype
        )
        assert boxes.shape == (len(traced["class_ids"]), 4) and boxes.dtype == np.float32
        assert len(traced["weights"]) == len(boxes) and traced["class_ids"].dtype == np.int32
        assert (boxes >= -1e-6).all() and (boxes <= 1 + 1e-6).all()
        assert (boxes[:, 2:] >= boxes[:, :2]).all()
        if name in PIXELS_ONLY:
            np.testing.assert_array_equal(boxes, BOXES)


@pytest.mark.parametrize("name", sorted(set(AUGMENTATIONS) - {"normalize_image", "adjust_gamma"}))
def test_an_image_without_objects(name):
    result = apply(name, of=example(boxes=np.zeros((0, 4))))
    assert result["boxes"].shape == (0, 4) and len(result["class_ids"]) == 0


@pytest.mark.parametrize("name", ["random_horizontal_flip", "random_vertical_flip"])
def test_flip_twice_is_the_identity(name):
    once = apply(name, probability=1.0)
    twice = apply(name, of=once, probability=1.0)
    np.testing.assert_array_equal(twice["image"], noise(HEIGHT, WIDTH))
    np.testing.assert_allclose(twice["boxes"], BOXES, atol=1e-7)
    assert (once["image"].numpy() != noise(HEIGHT, WIDTH)).any()


def test_horizontal_flip_moves_the_box_with_the_pixels():
    image = np.zeros((10, 20, 3))
    image[2:5, 4:8] = 255
    result = apply(
        "random_horizontal_flip", of=example(image, [[0.2, 0.2, 0.5, 0.4]]), probability=1.0
    )
    np.testing.assert_allclose(result["boxes"], [[0.2, 0.6, 0.5, 0.8]], atol=1e-7)
    assert (result["image"].numpy()[2:5, 12:16] == 255).all()
    assert result["image"].numpy().sum() == image.sum()


def test_half_of_the_images_are_flipped():
    flipped = [one["boxes"][0, 1] != BOXES[0, 1] for one in many("random_horizontal_flip", 200)]
    assert 70 <= sum(flipped) <= 130  # 4.2 standard deviations


def test_four_rotations_are_the_identity_and_one_is_counter_clockwise():
    result = start = example()
    for _ in range(4):
        result = apply("random_rotation90", of=result, probability=1.0)
    np.testing.assert_array_equal(result["image"], start["image"])
    np.testing.assert_allclose(result["boxes"], BOXES, atol=1e-6)
    once = apply("random_rotation90", probability=1.0)
    np.testing.assert_array_equal(once["image"], np.rot90(start["image"]))
    ymin, xmin, ymax, xmax = BOXES[0]
    np.testing.assert_allclose(once["boxes"][0], [1 - xmax, ymin, 1 - xmin, ymax], atol=1e-6)


def test_crop_shows_the_pixels_it_says():
    """Each pixel's value is its place, so the window can be read back from the image."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    image = np.stack([rows, columns, 0 * rows], -1)
    settings = {"min_object_covered": 0.0, "overlap_thresh": 0.0, "min_area": 0.5}
    areas = set()
    for result in many("random_crop_image", 40, example(image), max_aspect_ratio=3.0, **settings):
        pixels = result["image"].astype(int)
        (top, left), (height, width) = pixels[0, 0, :2], pixels.shape[:2]
        assert (pixels[..., 0] == top + np.arange(height)[:, None]).all()
        assert (pixels[..., 1] == left + np.arange(width)).all()
        assert 0.5 * HEIGHT * WIDTH * 0.93 <= height * width  # the size is rounded to pixels
        assert 0.75 * 0.95 <= width / height <= 3.0 * 1.05
        areas.add(height * width)
        whole = BOXES * [HEIGHT, WIDTH, HEIGHT, WIDTH] - [top, left, top, left]
        whole = np.clip(whole / [height, width, height, width], 0, 1)
        expected = whole[area(whole) > 0]
        np.testing.assert_allclose(result["boxes"], expected, atol=1e-5)
    assert len(areas) > 20


def test_crop_drops_boxes_outside_and_with_little_overlap():
    from tfod.data.batches.crop import crop_objects

    boxes = [[0, 0, 0.2, 0.2], [0.4, 0.4, 0.6, 0.6], [0, 0.5, 1, 1], [0.6, 0.6, 0.6, 0.8]]
    start, window = example(boxes=boxes), tf.constant([0.5, 0.5, 1.0, 1.0])
    loose = crop_objects(start, window, 0.0, True)
    np.testing.assert_array_equal(loose["class_ids"], [1, 2])  # 3 has no area
    np.testing.assert_allclose(loose["boxes"], [[0, 0, 0.2, 0.2], [0, 0, 1, 1]], atol=1e-6)
    np.testing.assert_array_equal(crop_objects(start, window, 0.3, True)["class_ids"], [2])
    free = crop_objects(start, window, 0.0, False)
    np.testing.assert_allclose(free["boxes"][1], [-1, 0, 1, 1], atol=1e-6)
    half_inside = example(boxes=[[0.25, 0.5, 0.75, 1.0]])
    assert len(crop_objects(half_inside, window, 0.5, True)["boxes"]) == 1


def test_crop_that_cannot_be_found_is_the_whole_image():
    start = example(boxes=[[0, 0, 1, 1]])
    result = apply("random_crop_image", of=start, min_object_covered=1.0, max_area=0.5)
    np.testing.assert_array_equal(result["image"], start["image"])
    np.testing.assert_array_equal(result["boxes"], start["boxes"])


def test_random_coef_keeps_the_image():
    kept = many("random_crop_image", 100, random_coef=0.5, min_area=0.1, max_area=0.8)
    whole = sum(one["image"].shape == (HEIGHT, WIDTH, 3) for one in kept)
    assert 30 <= whole <= 75


def test_ssd_crop_uses_the_operations_of_the_config():
    config = add_step(new_message(), "ssd_random_crop")
    steps = list(config.train_config.data_augmentation_options)
    tall = {"min_aspect_ratio": 0.1, "max_aspect_ratio": 0.2, "min_area": 0.05, "max_area": 1.0}
    steps[0].ssd_random_crop.operations.add(**tall)
    result = augment(example(), steps, tf.constant([1, 2], tf.int64))
    height, width = result["image"].shape[:2]
    assert width / height < 0.25
    sizes = {one["image"].shape for one in many("ssd_random_crop", 30)}
    assert len(sizes) > 8


def test_crop_to_aspect_ratio():
    square = apply("random_crop_to_aspect_ratio", aspect_ratio=1.0, overlap_thresh=0.0)
    assert square["image"].shape == (48, 48, 3)
    wide = apply("random_crop_to_aspect_ratio", aspect_ratio=4.0)
    assert wide["image"].shape == (16, 64, 3)


@pytest.mark.parametrize("name", ["random_pad_image", "random_absolute_pad_image"])
def test_padding_keeps_the_object_under_its_box(name):
    image = np.zeros((HEIGHT, WIDTH, 3))
    image[12:36, 8:32] = 255  # the first box
    sizes = set()
    for result in many(name, 12, example(image, BOXES[:1]), pad_color=[10, 20, 30]):
        height, width = result["image"].shape[:2]
        assert HEIGHT <= height and WIDTH <= width
        box = np.round(result["boxes"][0] * [height, width, height, width]).astype(int)
        assert (result["image"][box[0] : box[2], box[1] : box[3]] == 255).all()
        assert (box[2] - box[0], box[3] - box[1]) == (24, 24)
        added = (result["image"] == [10, 20, 30]).all(-1).sum()
        assert added == height * width - HEIGHT * WIDTH
        sizes.add((height, width))
    assert len(sizes) > 5


def test_a_canvas_whose_least_size_is_more_than_its_most_has_the_most():
    sizes = {"min_image_height": 90, "min_image_width": 120}
    sizes |= {"max_image_height": 60, "max_image_width": 80}
    padded = apply("random_pad_image", **sizes)
    assert padded["image"].shape == (60, 80, 3)


@pytest.mark.parametrize("name", ["random_pad_image", "random_absolute_pad_image"])
def test_one_pad_colour_is_gray(name):
    black = example(np.zeros((HEIGHT, WIDTH, 3)))
    colours = [one["image"].reshape(-1, 3) for one in many(name, 6, black, pad_color=[50])]
    found = np.unique(np.concatenate(colours), axis=0)
    np.testing.assert_array_equal(found, [[0, 0, 0], [50, 50, 50]])


# jitter_mode -> least, greatest and mean growth of a height and standard deviation of the shift of
# a side, at ratio 0.2 (FACTS, last section: 900 draws of the old API)
JITTERED = {
    "DEFAULT": (0.8, 1.2, 1.0, 0.0577),
    "EXPAND": (1.0, 1.2, 1.1, 0.0289),
    "SHRINK": (0.8, 1.0, 0.9, 0.0289),
    "EXPAND_SYMMETRIC": (1.0, 1.2, 1.1, 0.0289),
    "SHRINK_SYMMETRIC": (0.8, 1.0, 0.9, 0.0289),
    "EXPAND_SYMMETRIC_XY": (1.0, 1.2, 1.1, 0.0289),
    "SHRINK_SYMMETRIC_XY": (0.8, 1.0, 0.9, 0.0289),
}


def jittered(mode, box, count=900):
    """Box after jitter, one row for each of `count` copies, float32 [count, 4]."""
    start = example(boxes=np.tile(np.float32(box), (count, 1)))
    (step,) = step_of("random_jitter_boxes", ratio=0.2)
    step.random_jitter_boxes.jitter_mode = step.random_jitter_boxes.JitterMode.Value(mode)
    return augment(start, [step], tf.constant([0, 1], tf.int64))["boxes"].numpy()


@pytest.mark.parametrize("mode", JITTERED)
def test_jitter_moves_the_sides_as_the_old_api(mode):
    least, most, mean, deviation = JITTERED[mode]
    box = np.array([0.3, 0.4, 0.5, 0.8], np.float32)
    moved = jittered(mode, box) - box
    outwards = moved / np.tile(box[2:] - box[:2], 2) * [-1, -1, 1, 1]
    growth = 1 + outwards[:, :2] + outwards[:, 2:]
    assert growth.min() >= least - 1e-5 and growth.max() <= most + 1e-5
    assert np.ptp(growth) > 0.85 * (most - least)  # of two draws: 0.816 to 1.189 of 0.8 to 1.2
    np.testing.assert_allclose(growth.mean(0), mean, atol=0.01)  # five standard errors
    np.testing.assert_allclose(outwards.std(0), deviation, rtol=0.08)
    together = np.corrcoef(outwards.T)
    is_symmetric, is_xy = "SYMMETRIC" in mode, mode.endswith("XY")
    np.testing.assert_allclose(together[0, 2], float(is_symmetric), atol=0.12)
    np.testing.assert_allclose(together[0, 1], float(is_xy), atol=0.12)


@pytest.mark.parametrize("mode", [mode for mode in JITTERED if mode.startswith("EXPAND_SYM")])
def test_a_box_at_the_border_grows_no_further_than_the_border(mode):
    """The centre stays, so the side opposite the border stays as well."""
    at_top, near_top = [0.0, 0.4, 0.2, 0.8], [0.01, 0.4, 0.21, 0.8]
    moved = np.abs(jittered(mode, at_top) - np.float32(at_top)).max(0)
    assert moved[[0, 2]].max() < 1e-6
    assert (moved[[1, 3]].max() < 1e-6) == mode.endswith("XY")  # one growth for both axes
    near = jittered(mode, near_top)
    assert near[:, 0].min() == pytest.approx(0, abs=1e-6)
    assert near[:, 2].max() == pytest.approx(0.22, abs=1e-6)
    np.testing.assert_allclose((near[:, 0] + near[:, 2]) / 2, 0.11, atol=1e-6)


def test_image_scale():
    sizes = [one["image"].shape for one in many("random_image_scale")]
    assert len(set(sizes)) > 6
    assert all(
        24 <= height <= 96 and abs(width / height - 4 / 3) < 0.1 for height, width, _ in sizes
    )


def test_brightness_adds_one_number():
    image = np.full((8, 8, 3), 128)
    results = [one["image"] for one in many("random_adjust_brightness", 30, example(image))]
    shifts = [one.mean() - 128 for one in results]
    assert all(np.ptp(one) < 1e-3 for one in results)
    assert max(map(abs, shifts)) <= 0.2 * 255 + 1e-3 and min(shifts) < -15 and max(shifts) > 15


def test_contrast_keeps_the_mean():
    image = np.clip(noise(32, 32), 90, 160)
    for result in many("random_adjust_contrast", 10, example(image)):
        np.testing.assert_allclose(result["image"].mean((0, 1)), image.mean((0, 1)), atol=0.1)
        assert 0.79 <= result["image"].std() / image.std() <= 1.26


def test_saturation_and_hue_leave_gray_alone():
    image = np.repeat(noise(16, 16)[..., :1], 3, -1)
    for name in ("random_adjust_saturation", "random_adjust_hue"):
        np.testing.assert_allclose(apply(name, of=example(image))["image"], image, atol=0.01)


def test_gray_has_equal_channels():
    gray = apply("rgb_to_gray")["image"].numpy()
    np.testing.assert_array_equal(gray[..., 0], gray[..., 2])
    weights = [0.299, 0.587, 0.114]  # ITU-R BT.601, as tf.image
    np.testing.assert_allclose(gray[..., 0], noise(HEIGHT, WIDTH) @ weights, atol=0.1)


def test_distort_color_has_two_orders():
    orders = [apply("random_distort_color", color_ordering=order)["image"] for order in (0, 1)]
    assert np.abs(orders[0] - orders[1]).max() > 1


def test_black_patches_are_black_squares():
    image = np.full((60, 100, 3), 200)
    one = apply("random_black_patches", of=example(image), max_black_patches=1, probability=1.0)
    black = (one["image"].numpy() == 0).all(-1)
    assert black.sum() == 36 and black.any(1).sum() == 6 and black.any(0).sum() == 6
    none = apply("random_black_patches", of=example(image), probability=-1.0)
    np.testing.assert_array_equal(none["image"], image)


def test_patch_gaussian_changes_one_patch():
    image = np.full((60, 100, 3), 128)
    fields = {"min_patch_size": 11, "max_patch_size": 12, "min_gaussian_stddev": 0.2}
    changed = apply("random_patch_gaussian", of=example(image), **fields)["image"].numpy() != 128
    rows, columns = changed.any((1, 2)), changed.any((0, 2))
    assert 5 <= rows.sum() <= 11 and 5 <= columns.sum() <= 11
    assert changed.sum() > 0.9 * rows.sum() * columns.sum() * 3


def test_gamma_and_normalisation():
    image = np.full((4, 4, 3), 64)
    got = apply("adjust_gamma", of=example(image), gamma=2.0, gain=1.5)["image"]
    np.testing.assert_allclose(got, 255 * 1.5 * (64 / 255) ** 2, rtol=1e-5)
    scaled = apply("normalize_image", of=example(image))["image"]
    np.testing.assert_allclose(scaled, 64 * 200 / 255, rtol=1e-5)


def test_steps_run_in_their_order_with_seeds_of_their_own():
    config = new_message()
    for _ in range(2):
        add_step(config, "random_adjust_brightness", max_delta=0.1)
    steps = list(config.train_config.data_augmentation_options)
    image, seed = np.full((4, 4, 3), 128), tf.constant([5, 5], tf.int64)
    first = float(augment(example(image), steps[:1], seed)["image"][0, 0, 0]) - 128
    both = float(augment(example(image), steps, seed)["image"][0, 0, 0]) - 128
    assert abs(both - 2 * first) > 0.1


def test_an_unknown_step_is_a_programmers_error():
    steps = step_of("autoaugment_image")
    with pytest.raises(ValueError, match="autoaugment_image"):
        augment(example(), steps, tf.constant([0, 0], tf.int64))


def test_every_field_belongs_to_the_schema():
    known = new_message().train_config.data_augmentation_options.add().DESCRIPTOR.fields_by_name
    assert set(AUGMENTATIONS) <= set(known)
