"""What the objects of drawn scenes look like: outlines and textures, taken by class id in turn."""

from collections.abc import Callable

import numpy as np


def _star(points: int, inner: float, turn: float = 0.0) -> np.ndarray:
    """Corners [2 * points, 2] of a star in the unit circle, the first one upwards."""
    angles = np.arange(2 * points) * np.pi / points - np.pi / 2 + turn
    radii = np.where(np.arange(2 * points) % 2 == 0, 1.0, inner)
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1)


def _polygon(corners: int, turn: float = 0.0) -> np.ndarray:
    angles = np.arange(corners) * 2 * np.pi / corners - np.pi / 2 + turn
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


_CROSS = np.array(
    [(-1, -3), (1, -3), (1, -1), (3, -1), (3, 1), (1, 1)]
    + [(1, 3), (-1, 3), (-1, 1), (-3, 1), (-3, -1), (-1, -1)]
) / np.sqrt(10.0)

# corners [K, 2] as (x, y) in the unit circle
SHAPES = (
    _polygon(48),  # circle
    _polygon(4, np.pi / 4),  # square
    _polygon(3),
    _star(5, 0.45),
    _CROSS,
    _star(2, 0.5),  # slim diamond
)

TEXTURES: tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], ...] = (
    lambda x, y: (x * x + y * y) < 0.2,  # a spot in the middle
    lambda x, y: (np.floor(x * 3) + np.floor(y * 3)) % 2 == 0,  # checks
    lambda x, y: np.floor(y * 4) % 2 == 0,  # stripes across
    lambda x, y: np.zeros(1, bool),  # plain
)
