"""Scenes drawn by the project: images of simple objects whose boxes are known exactly.

Everything here is a pure function of (index, classes, size, seed), so that the whole path from
capture to live runs, and can be repeated, without a camera. What a class looks like follows from
its position in the list of classes, never from its name. NumPy and OpenCV only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from tfod.camera.shapes import SHAPES, TEXTURES
from tfod.show.colours import Colour, class_hue, rgb

CLASSES = ("circle", "square", "triangle")
SIZE = (360, 640)  # height, width
FPS = 30.0  # the speed at which `moving_scene` is meant to be seen

Scene = tuple[np.ndarray, np.ndarray, list[str]]

_MOST_COVERED = 0.25  # of a box by another one, in `draw_scene`
_LEAST_VISIBLE = 0.35  # an object that shows less of itself is not labelled


def draw_scene(
    index: int, classes: Sequence[str] = CLASSES, size: tuple[int, int] = SIZE, seed: int = 0
) -> Scene:
    """Draw scene number `index`: one to four objects, now and then none, on a new background.

    Args:
        index: number of the scene, 0 or more; every number is a different scene.
        classes: class names; shape, texture and hue follow from the position in this list.
        size: (height, width) in pixels.
        seed: 0 or more; another seed gives other scenes.

    Returns:
        image: uint8 [H, W, 3], RGB.
        boxes: float32 [N, 4], (ymin, xmin, ymax, xmax), 0..1, the extent of the visible pixels.
        names: class name of each box.
    """
    rng = np.random.default_rng([seed, index])
    count = int(rng.choice(5, p=[0.06, 0.3, 0.3, 0.2, 0.14]))
    image = _background(rng, size)
    things: list[_Thing] = []
    for _ in range(count):
        for _ in range(12):
            thing = _random_thing(rng, len(classes), size)
            if all(_covered(thing, other) <= _MOST_COVERED for other in things):
                things.append(thing)
                break
    return _finish(image, things, rng, classes)


def moving_scene(
    index: int, classes: Sequence[str] = CLASSES, size: tuple[int, int] = SIZE, seed: int = 0
) -> Scene:
    """Draw frame number `index` of a video of 30 frames a second, as `draw_scene` does.

    Three objects travel smoothly on closed paths in front of one background in one light, turn,
    and change their size; they may pass over each other.
    """
    height, width = size
    rng = np.random.default_rng([seed, 0xF11])
    image = _background(rng, size)
    seconds = index / FPS
    count = 3
    things = []
    for lane in range(count):
        class_id = (lane + seed) % len(classes)
        phase, speed = rng.uniform(0, 2 * np.pi, 4), rng.uniform(0.35, 1.1, 4)
        wave = np.sin(phase + speed * seconds)  # x, y, size, angle in -1..1
        thing = _random_thing(rng, len(classes), size, class_id)
        radius = min(height, 0.9 * width) * (0.17 + 0.05 * wave[2])
        middle_x = width * ((lane + 0.5) / count + 0.16 * wave[0])
        middle_y = height * (0.5 + 0.25 * wave[1])
        things.append(
            _Thing(
                class_id,
                float(np.clip(middle_x, radius, width - radius)),
                float(np.clip(middle_y, radius, height - radius)),
                float(radius),
                float(0.3 * wave[3]),
                thing.colour,
                thing.second_colour,
            )
        )
    return _finish(image, things, rng, classes, np.random.default_rng([seed, index]))


@dataclass(frozen=True)
class _Thing:
    """An object inside the circle (x, y, radius), in pixels; angle in radians; colours RGB."""

    class_id: int
    x: float
    y: float
    radius: float
    angle: float
    colour: Colour
    second_colour: Colour


def _random_thing(
    rng: np.random.Generator, num_classes: int, size: tuple[int, int], class_id: int | None = None
) -> _Thing:
    height, width = size
    if class_id is None:
        class_id = int(rng.integers(num_classes))
    largest = 0.28 * min(height, 0.9 * width)
    radius = largest * rng.uniform(0.45, 1.0)
    hue = class_hue(class_id, first=0.02 + rng.uniform(-0.035, 0.035))
    value = rng.uniform(0.6, 1.0)
    return _Thing(
        class_id,
        float(rng.uniform(radius, width - radius)),
        float(rng.uniform(radius, height - radius)),
        float(radius),
        float(rng.uniform(-0.3, 0.3)),
        rgb(hue, rng.uniform(0.65, 1.0), value),
        rgb(hue, 0.25, value) if class_id % 2 else rgb(hue, 0.9, 0.45 * value),
    )


def _covered(thing: _Thing, other: _Thing) -> float:
    """Share of the smaller one's square that lies in the other's."""
    reach = thing.radius + other.radius
    smaller = 2 * min(thing.radius, other.radius)
    across = np.clip(reach - abs(thing.x - other.x), 0, smaller)
    down = np.clip(reach - abs(thing.y - other.y), 0, smaller)
    return float(across * down / smaller**2)


def _background(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Dull colours that blend into each other, and some dull clutter: uint8 [H, W, 3]."""
    height, width = size
    rows, columns = rng.integers(2, 8, 2)
    base = rng.uniform(50, 200)
    grey = rng.normal(base, 25, (rows, columns, 1))
    coarse = np.clip(grey + rng.normal(0, 12, (rows, columns, 3)), 0, 255).astype(np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(0, 6))):
        x1, x2 = (int(x) for x in rng.uniform(-0.2, 1.2, 2) * width)
        y1, y2 = (int(y) for y in rng.uniform(-0.2, 1.2, 2) * height)
        light = base + rng.normal(0, 30) + rng.normal(0, 8, 3)
        colour = tuple(float(c) for c in np.clip(light, 0, 255))
        if rng.random() < 0.5:
            cv2.rectangle(image, (x1, y1), (x2, y2), colour, -1)
        else:
            cv2.line(image, (x1, y1), (x2, y2), colour, int(rng.integers(1, height // 30 + 3)))
    return image


def _finish(
    image: np.ndarray,
    things: Sequence[_Thing],
    rng: np.random.Generator,
    classes: Sequence[str],
    grain_rng: np.random.Generator | None = None,
) -> Scene:
    """Draw the objects in their order, measure what is visible of each, add light and noise."""
    owner = np.zeros(image.shape[:2], np.uint8)  # 1-based number of the thing on top, 0 = none
    full_px = [_draw(image, owner, number, thing) for number, thing in enumerate(things, 1)]
    boxes, names = [], []
    height, width = image.shape[:2]
    for number, (thing, area_px) in enumerate(zip(things, full_px, strict=True), 1):
        visible = (owner == number).view(np.uint8)
        if cv2.countNonZero(visible) < _LEAST_VISIBLE * area_px:
            continue
        x, y, w, h = cv2.boundingRect(visible)
        boxes.append((y / height, x / width, (y + h) / height, (x + w) / width))
        names.append(classes[thing.class_id])
    image = _light_and_noise(image, rng, grain_rng or rng)
    return image, np.array(boxes, np.float32).reshape(-1, 4), names


def _draw(image: np.ndarray, owner: np.ndarray, number: int, thing: _Thing) -> int:
    """Draw a thing on the image and into `owner`; return its area in pixels."""
    height, width = owner.shape
    left, top = max(int(thing.x - thing.radius), 0), max(int(thing.y - thing.radius), 0)
    right = min(int(thing.x + thing.radius) + 2, width)
    bottom = min(int(thing.y + thing.radius) + 2, height)
    shape = SHAPES[thing.class_id % len(SHAPES)]
    turn = np.array(
        [[np.cos(thing.angle), np.sin(thing.angle)], [-np.sin(thing.angle), np.cos(thing.angle)]]
    )
    corners = shape @ turn * thing.radius + [thing.x - left, thing.y - top]
    mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(mask, [np.rint(corners * 16).astype(np.int32)], 255, shift=4)
    texture = TEXTURES[(thing.class_id + thing.class_id // len(SHAPES)) % len(TEXTURES)]
    grid = np.arange(-thing.radius, thing.radius + 2) / thing.radius  # -1..1 in each direction
    second = texture(grid[None, : mask.shape[1]], grid[: mask.shape[0], None])
    second = np.broadcast_to(second, mask.shape)[..., None]
    patch = np.where(
        second, np.array(thing.second_colour, np.uint8), np.array(thing.colour, np.uint8)
    )
    cv2.copyTo(patch, mask, image[top:bottom, left:right])
    owner[top:bottom, left:right][mask > 0] = number
    return cv2.countNonZero(mask)


def _light_and_noise(
    image: np.ndarray, rng: np.random.Generator, grain_rng: np.random.Generator
) -> np.ndarray:
    height, width = image.shape[:2]
    strength = np.clip(rng.uniform(0.65, 1.15) + rng.uniform(-0.2, 0.2, (2, 2, 1)), 0.45, 1.3)
    tint = rng.uniform(0.94, 1.0, 3)
    field = (strength * tint * 190).astype(np.uint8)
    light = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    lit = cv2.multiply(image, light, scale=1 / 190)
    amount = float(rng.uniform(0.05, 0.35))
    y, x = grain_rng.integers(0, _NOISE_SLACK, 2)
    grain = _noise(height, width)[y : y + height, x : x + width]
    return cv2.addWeighted(lit, 1.0, grain, amount, -128 * amount)


_NOISE_SLACK = 64


@lru_cache(maxsize=4)
def _noise(height: int, width: int) -> np.ndarray:
    """Grain around 128 with a deviation of 25, a little larger than the image."""
    rng = np.random.default_rng(0)
    shape = (height + _NOISE_SLACK, width + _NOISE_SLACK, 3)
    return np.clip(rng.normal(128, 25, shape), 0, 255).astype(np.uint8)
