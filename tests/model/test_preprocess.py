"""Preprocessing: the old resize, in tf.data, batched or not."""

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format

from tfod.config.templates import default_config
from tfod.model.preprocess import make_preprocess


def with_resizer(text):
    config = default_config().model.ssd
    config.image_resizer.Clear()
    text_format.Parse(text, config.image_resizer)
    return config


def preprocess_to(height, width, method="BILINEAR"):
    size = f"height: {height} width: {width} resize_method: {method}"
    return make_preprocess(with_resizer(f"fixed_shape_resizer {{ {size} }}"))


def test_as_the_old_api_resized_an_odd_image(shared):
    misc = np.load(shared / "golden/misc.npz")
    ours = preprocess_to(320, 320)(misc["odd_image_uint8"])
    assert np.abs(ours - misc["odd_preprocessed_320"]).max() <= 1e-5


@pytest.mark.parametrize("size", [320, 640])
def test_as_the_old_api_preprocessed(shared, size):
    images = np.load(shared / "golden/inputs.npz")["images_uint8"]
    golden = np.load(shared / f"golden/golden_{size}.npz")["preprocessed"]
    ours = preprocess_to(size, size)(images)
    assert np.abs(ours[: len(golden)] - golden).max() <= 1e-5


@pytest.mark.parametrize("method", ["BILINEAR", "NEAREST_NEIGHBOR", "BICUBIC", "AREA"])
def test_methods_are_those_of_tf1(method):
    image = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)
    ours = preprocess_to(48, 40, method)(image)
    old = tf.compat.v1.image.resize_images(
        image * np.float32(2 / 255) - 1, (48, 40), getattr(tf.image.ResizeMethod, method)
    )
    np.testing.assert_allclose(ours, old, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_runs_in_tf_data_on_images_of_any_size(dtype):
    draw = np.random.default_rng(0)
    images = [draw.integers(0, 256, (h, w, 3)).astype(dtype) for h, w in [(20, 30), (64, 48)]]
    preprocess = preprocess_to(64, 48)
    signature = tf.TensorSpec((None, None, None), dtype)
    data = tf.data.Dataset.from_generator(lambda: iter(images), output_signature=signature)
    data = data.map(preprocess)
    assert data.element_spec == tf.TensorSpec((64, 48, 3), tf.float32)
    for image, ours in zip(images, data, strict=True):
        np.testing.assert_array_equal(ours, preprocess(image))
        np.testing.assert_array_equal(ours, preprocess(image[None])[0])
    np.testing.assert_allclose(ours, images[1] / 127.5 - 1, atol=1e-6)  # same size: no resize


def test_images_without_colours_are_a_programming_error():
    with pytest.raises(ValueError, match=r"\[h, w, 3\].*\(20, 30, 1\)"):
        preprocess_to(64, 64)(np.zeros((20, 30, 1), np.uint8))
