"""The synthetic camera: scenes with exact boxes, drawn when they are fetched.

It has no clock, and frame N of the same text is always the same. The drawing is in `synthetic.py`.
"""

from collections.abc import Callable, Iterator, Sequence

from tfod.camera import scenes as synthetic
from tfod.camera.sources import Frame, Source
from tfod.errors import UserError

SYNTHETIC = "synthetic"
SYNTHETIC_FORM = "synthetic:classes=a,b;seed=3;frames=100;size=360x640;fps=30;scene=moving"
SEEDS_APART = 1_000_003  # so that no seed that a user would choose is met


def synthetic_scenes(text: str, classes: Sequence[str] | None) -> Source:
    """Draw scenes with exact boxes; the options are in the text, see `SYNTHETIC_FORM`.

    Args:
        text: "synthetic", or with options after a colon.
        classes: names to draw when the text names none.
    """
    options = _synthetic_options(text)
    names = tuple(options.get("classes") or classes or synthetic.CLASSES)
    size = options.get("size", synthetic.SIZE)
    fps, count = options.get("fps", synthetic.FPS), options.get("frames")
    draw = synthetic.moving_scene if options.get("scene") == "moving" else synthetic.draw_scene
    seed = options.get("seed", 0)

    def frames() -> Iterator[Frame]:
        index = 0
        while count is None or index < count:
            image, boxes, shown = draw(index, names, size, seed)
            yield Frame(image, index, index / fps, boxes, tuple(shown))
            index += 1

    return Source(frames(), "synthetic camera", fps=fps, frame_count=count)


def other_scenes(text: str, photos: int) -> str:
    """Name a synthetic camera whose scenes nobody has seen; give any other source as it is.

    Args:
        text: the source, as for `open_camera`.
        photos: how many the workspace has; with none the scenes are those of the text.

    Raises:
        UserError: an option is not understood.
    """
    if not photos or text.strip().partition(":")[0].lower() != SYNTHETIC:
        return text
    text = text.strip()
    seed = _synthetic_options(text).get("seed", 0) + photos * SEEDS_APART
    return f"{text}{';' if ':' in text else ':'}seed={seed}"


def _synthetic_options(text: str) -> dict:
    name, _, rest = text.partition(":")
    options: dict = {}
    for part in filter(None, rest.split(";")):
        key, _, value = part.partition("=")
        key, value = key.strip(), value.strip()
        try:
            options[key] = _OPTIONS[key](value)
        except (KeyError, ValueError):
            raise UserError(
                f'--camera {text}: "{part}" is not understood. Write it as {SYNTHETIC_FORM}, each '
                "part may be left out."
            ) from None
    if name != SYNTHETIC:
        raise UserError(f"--camera {text}: no such camera. Did you mean {SYNTHETIC}?")
    return options


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if number < least:
            raise ValueError
        return number

    return read


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ValueError
    return names


def _size(text: str) -> tuple[int, int]:
    height, width = (_whole(16)(side) for side in text.lower().split("x"))
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


_OPTIONS = {
    "classes": _names,
    "seed": _whole(0),
    "frames": _whole(1),
    "size": _size,
    "fps": _fps,
    "scene": _scene,
}
