"""Looks: copies and frames of one scene are near, other photos and flat pictures are not."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tfod.data.near_duplicates import NEAR_BITS, group, is_near, look_of, nearest


def photo(seed, height=240, width=320):
    """Draw soft blobs of brightness, as a photo has."""
    field = np.random.default_rng(seed).random((9, 12), np.float32)
    return np.uint8(
        np.clip(cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC) * 255, 0, 255)
    )


def bits_apart(a, b):
    return int(np.bitwise_count(a ^ b).sum())


def pairs(looks, most_bits=NEAR_BITS):
    """All near-duplicates as (i, j), i < j."""
    both = combinations(range(len(looks)), 2)
    return [(i, j) for i, j in both if is_near(looks[i], looks[j], most_bits)]


def with_bits_flipped(bits, count):
    """Give a look that differs in `count` bits."""
    flipped = np.unpackbits(bits.view(np.uint8))
    flipped[:count] ^= 1
    return np.packbits(flipped).view(np.uint64)


def encoded(image, quality):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)


COPIES = {
    "jpeg": lambda image: encoded(image, 50),
    "half": lambda image: cv2.resize(image, None, fx=0.5, fy=0.5),
    "larger": lambda image: cv2.resize(image, None, fx=2.3, fy=2.3),
    "brighter": lambda image: np.uint8(np.minimum(image * 1.1 + 5, 255)),
    "darker": lambda image: np.uint8(image * 0.8),
    "cut by 1 %": lambda image: image[2:-2, 3:-3],
    "colour": lambda image: np.repeat(image[..., None], 3, axis=2),
}


@pytest.mark.parametrize("change", COPIES)
def test_copies_are_near(change):
    for seed in range(10):
        image = photo(seed)
        a, b = look_of(image), look_of(COPIES[change](image))
        assert a.dtype == np.uint64 and a.shape == (4,)
        assert is_near(a, b), f"{bits_apart(a, b)} bits"


def test_other_photos_mirrored_and_turned_ones_are_not():
    looks = np.array([look_of(photo(seed)) for seed in range(100)])
    assert len(set(group(looks))) == 100 and pairs(looks) == []
    assert not is_near(looks[0], look_of(photo(0)[:, ::-1]))
    assert not is_near(looks[0], look_of(np.rot90(photo(0))))


def test_a_flat_picture_is_near_flat_ones_only():
    """Small things on white differ from plain white in a few bits only, and are not alike."""
    flat = [np.full((90, 120), shade, np.uint8) for shade in (0, 128, 255)]
    things = []
    for column in (10, 50, 90):
        image = flat[2].copy()
        image[30:50, column : column + 15] = 20
        things.append(image)
    looks = np.array([look_of(image) for image in flat + things])
    assert bits_apart(looks[2], looks[3]) < NEAR_BITS
    assert group(looks).tolist() == [0, 0, 0, 1, 2, 3]


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (64, 64, 3)])
def test_any_size_has_a_look(shape):
    assert look_of(np.zeros(shape, np.uint8)).tolist() == [0] * 4


@pytest.mark.parametrize("shape", [(0, 5), (5,), (2, 5, 5, 3)])
def test_no_picture_is_a_mistake_of_the_programmer(shape):
    with pytest.raises((ValueError, cv2.error)):
        look_of(np.zeros(shape, np.uint8))


LOOKS = st.lists(st.integers(0, 2**64 - 1), min_size=0, max_size=30)


@settings(deadline=None)
@given(numbers=LOOKS, repeats=st.integers(1, 3), most_bits=st.integers(0, 256))
def test_groups_are_the_connected_pairs(numbers, repeats, most_bits):
    looks = np.repeat(np.array(numbers * repeats, np.uint64)[:, None], 4, axis=1)
    found = group(looks, most_bits)
    near = pairs(looks, most_bits)
    for i, j in near:
        assert bits_apart(looks[i], looks[j]) <= most_bits and found[i] == found[j]
    names = list(range(len(looks)))
    for i, j in near:
        old, new = names[j], names[i]
        names = [new if name == old else name for name in names]
    order = {name: number for number, name in enumerate(dict.fromkeys(names))}
    assert found.tolist() == [order[name] for name in names]


def test_chains_are_one_group():
    first = look_of(photo(0))
    looks = np.array([with_bits_flipped(first, bits) for bits in (0, 30, 60)])
    assert pairs(looks) == [(0, 1), (1, 2)]
    assert group(looks).tolist() == [0, 0, 0]
    assert group(looks, 29).tolist() == [0, 1, 2]


def test_the_nearest_of_others():
    looks = np.array([look_of(photo(seed)) for seed in range(40)])
    mine = np.array([with_bits_flipped(looks[seed], 5) for seed in (7, 31)])
    where, bits = nearest(mine, looks)
    assert where.tolist() == [7, 31] and bits.tolist() == [5, 5]


@pytest.mark.parametrize("kind", ["different", "equal"])
def test_thousands_are_grouped(kind):
    """How long 20,000 take: benchmarks/near_duplicates.py."""
    random = np.random.default_rng(0)
    looks = random.integers(0, 2**64, (5000, 4), np.uint64)
    if kind == "equal":
        looks[:] = looks[0]
    assert len(set(group(looks))) == (5000 if kind == "different" else 1)


def looks_of(folder):
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".png"))
    return [path.stem for path in paths], np.array(
        [look_of(np.asarray(Image.open(path).convert("L"))) for path in paths]
    )


def test_real_photos_of_everything_are_not_alike(shared):
    _, looks = looks_of(shared / "datasets/coco_val128/images")
    assert len(looks) == 128 and pairs(looks) == []


def test_real_photos_of_a_still_camera_are_all_alike(shared):
    _, looks = looks_of(shared / "datasets/mask")
    assert len(looks) == 40 and set(group(looks)) == {0}
