"""The synthetic camera: scenes with exact boxes, drawn when they are fetched.

It has no clock, and frame N of the same text is always the same. The drawing is in `scenes.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tfod.camera import scenes
from tfod.camera.video import Frame, Frames, Source
from tfod.errors import refusal

SYNTHETIC = "synthetic"
SYNTHETIC_FORM = "synthetic:classes=a,b;seed=3;frames=100;size=360x640;fps=30;scene=moving"
SEEDS_APART = 1_000_003  # so that no seed that a user would choose is met


@dataclass(frozen=True)
class Options:
    """What a synthetic camera draws.

    Attributes:
        classes: names of what it draws; none: `scenes.CLASSES`.
        seed: other scenes for another one.
        frames: how many; None: no end.
        size: (height, width) in pixels.
        fps: frames per second that it states.
        scene: "still" or "moving".
    """

    classes: tuple[str, ...] = ()
    seed: int = 0
    frames: int | None = None
    size: tuple[int, int] = scenes.SIZE
    fps: float = scenes.FPS
    scene: str = "still"


def is_synthetic(text: str) -> bool:
    """Whether a text names the synthetic camera, with options or without."""
    return text.strip().partition(":")[0].lower() == SYNTHETIC


def synthetic_scenes(text: str, classes: Sequence[str] | None) -> Source:
    """Draw scenes with exact boxes; the text may have options, see `SYNTHETIC_FORM`."""
    options = _read_options(text)
    names = options.classes or tuple(classes or scenes.CLASSES)
    frames = _frames(replace(options, classes=names))
    count = options.frames
    return Source(
        frames, "synthetic camera", ends=count is not None, fps=options.fps, frame_count=count
    )


def _frames(options: Options) -> Frames:
    draw = scenes.moving_scene if options.scene == "moving" else scenes.draw_scene
    index = 0
    while options.frames is None or index < options.frames:
        image, boxes, names = draw(index, options.classes, options.size, options.seed)
        yield Frame(image, index, index / options.fps, boxes, tuple(names))
        index += 1


def other_scenes(text: str, photos: int) -> str:
    """Name a synthetic camera whose scenes nobody has seen; give any other source as it is.

    Args:
        text: the source, as for `open_camera`.
        photos: how many the workspace has; with none the scenes are those of the text.
    """
    if not photos or not is_synthetic(text):
        return text
    text = text.strip()
    seed = _read_options(text).seed + photos * SEEDS_APART
    return f"{text}{';' if ':' in text else ':'}seed={seed}"


def _read_options(text: str) -> Options:
    options = Options()
    for part in filter(None, text.partition(":")[2].split(";")):
        key, _, value = part.partition("=")
        key, value = key.strip(), value.strip()
        try:
            options = replace(options, **{key: _READERS[key](value)})
        except (KeyError, ValueError):
            what = "unknown or invalid option"
            expected = f"{SYNTHETIC_FORM}, where every part is optional"
            raise refusal(
                "bad-synthetic-option", text, what, expected=expected, got=f'"{part}"'
            ) from None
    return options


def _whole(text: str, least: int = 0) -> int:
    number = int(text)
    if number < least:
        raise ValueError
    return number


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ValueError
    return names


def _size(text: str) -> tuple[int, int]:
    height, width = (_whole(side, 16) for side in text.lower().split("x"))
    return height, width


def _fps(text: str) -> float:
    fps = float(text)
    if not 0.1 <= fps <= 240:
        raise ValueError
    return fps


def _scene(text: str) -> str:
    if text not in ("still", "moving"):
        raise ValueError
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "classes": _names,
    "seed": _whole,
    "frames": partial(_whole, least=1),
    "size": _size,
    "fps": _fps,
    "scene": _scene,
}
