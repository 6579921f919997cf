"""Which photos look alike: frames of one scene, copies in another size or compression.

A photo becomes a look, 256 bits that say where it gets brighter; looks are compared by the number
of bits they differ in. Knows pixels and numbers, nothing of files or labels.

A look sees the scene and its light, not whether a face in it wears a mask: photos of a camera that
stands still all look alike, and are all near-duplicates.
"""

import numpy as np

WORDS = 4  # of 64 bits
# Near-duplicates differ in at most so many bits. Measured (docs/log.md): of 212,000 pairs of photos
# the nearest unrelated are 61 apart; copies of a third of the size up to 31, cut by 2 % up to 44.
NEAR_BITS = 40
# Fields differ when one is brighter by more than this (of 255); noise and compression do less.
LEAST_STEP = 0.5
_ROWS = 16  # compared at a time with all others: 16 x 20,000 x 8 bytes = 2.5 MB


def look_of(image: np.ndarray) -> np.ndarray:
    """Say in 256 bits what a picture looks like.

    A difference hash: the picture is averaged to 17 x 8 fields and to 8 x 17; each bit says whether
    a field is brighter than the one to its left (128 bits) or above it (128). Size, compression and
    brightness hardly change it; another view, a mirror image or a turn does.

    Args:
        image: uint8 [H, W] grey or [H, W, 3] RGB.

    Returns:
        uint64 [4].
    """
    import cv2  # slow to import, and records needs only the rest

    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if image.ndim != 2 or not image.size:
        raise ValueError(f"image [H, W] or [H, W, 3] expected, got {image.shape}")
    grey = image.astype(np.float32)
    across = cv2.resize(grey, (17, 8), interpolation=cv2.INTER_AREA)  # [8, 17]
    down = cv2.resize(grey, (8, 17), interpolation=cv2.INTER_AREA)  # [17, 8]
    steps = [np.diff(across, axis=1).ravel(), np.diff(down, axis=0).ravel()]
    return np.packbits(np.concatenate(steps) > LEAST_STEP).view("<u8").astype(np.uint64)


def is_near(a: np.ndarray, b: np.ndarray, most_bits: int = NEAR_BITS) -> bool:
    """Say whether two looks, uint64 [4] each, are of near-duplicates, as `group` does."""
    bits = _bits_between(a[None], b[None])[0, 0]
    return bool(_near(bits, _bits_set(a), _bits_set(b), most_bits))


def group(looks: np.ndarray, most_bits: int = NEAR_BITS) -> np.ndarray:
    """Put near-duplicates together, and near-duplicates of these, and so on.

    Takes time with the square of N (20,000: seconds) and memory with N.

    Args:
        looks: uint64 [N, 4].
        most_bits: the most bits that near-duplicates differ in.

    Returns:
        int64 [N], the same number for all of a group, 0, 1, ... in the order of their first member.
    """
    names = np.arange(len(looks))
    bits_set = _bits_set(looks)
    for first in range(0, len(looks), _ROWS):  # a few rows with themselves and all later ones
        rows = slice(first, first + _ROWS)
        bits = _bits_between(looks[rows], looks[first:])
        is_close = _near(bits, bits_set[rows, None], bits_set[None, first:], most_bits)
        for index, near in enumerate(is_close, first):
            found = names[first:][near]
            if (found != names[index]).any():
                joined = np.unique(found)
                names[np.isin(names, joined)] = joined[0]
    return np.unique(names, return_inverse=True)[1]


def nearest(looks: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find for each look the one of `others` that differs least; the first of several.

    Args:
        looks: uint64 [N, 4].
        others: uint64 [M, 4], M >= 1.

    Returns:
        Indices into `others` int64 [N], and the bits they differ in int64 [N].
    """
    where, least = np.zeros((2, len(looks)), np.int64)
    for first in range(0, len(looks), _ROWS):
        rows = slice(first, first + _ROWS)
        bits = _bits_between(looks[rows], others)
        where[rows] = bits.argmin(axis=1)
        least[rows] = bits.min(axis=1)
    return where, least


def _near(bits: np.ndarray, set_a: np.ndarray, set_b: np.ndarray, most_bits: int) -> np.ndarray:
    """Say which differ little, and in at most half of the bits that are set in either of the two.

    Without the second a plain white picture would be near every small thing on white. Half of the
    bits set in either is (set_a + set_b + bits) / 4.
    """
    return (bits <= most_bits) & (3 * bits <= set_a + set_b)


def _bits_between(looks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Count the bits between each of N and each of M looks: int16 [N, M]."""
    bits = np.zeros((len(looks), len(others)), np.int16)
    for word in range(WORDS):
        bits += np.bitwise_count(looks[:, None, word] ^ others[None, :, word])
    return bits


def _bits_set(looks: np.ndarray) -> np.ndarray:
    """Count the bits that are set: int16 [...] of uint64 [..., 4]."""
    return np.bitwise_count(looks).sum(axis=-1, dtype=np.int16)
