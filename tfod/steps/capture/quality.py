"""Which frames are worth keeping: neither blurred nor like the last photo kept.

**Change**: the share of the picture whose grey differs by more than `CHANGED_LEVELS` from the last
photo kept, both made small and smooth first. Noise, JPEG and a little more or less light change
nothing there, while a face that turns in front of a still wall does; a hash of the whole picture
cannot tell these two apart.

**Sharpness**: how much of its edges a picture loses to a further blur, after F. Crete et al., "The
blur effect: perception and estimation with a new no-reference perceptual blur metric", 2007. What
is sharp loses much, what is blurred has little to lose, whatever the picture shows. Only the part
that changed counts: mostly it is the object that moves, and the wall behind it stays sharp. Cameras
differ, so it is given in percent of what is usual in this session.

Nothing here knows cameras, windows or files. The limits were measured, see docs/log.md.
"""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np

MIN_SHARPNESS = 80.0  # percent of the session's usual
MIN_CHANGE = 0.5  # percent of the picture
BLURRED = "blurred"
ALIKE = "like the last photo"

CHANGED_LEVELS = 12  # of 255
MOST_LIGHT = 20  # levels by which the light of the whole picture may change unnoticed
_GREY_WIDTH_PX = 320  # about what a detector sees; a blur that vanishes here does no harm
_SMALL_WIDTH_PX = 96
_FURTHER_BLUR_PX = 9
_LEAST_PART = 1.5  # percent of the picture; a smaller part says too little of its sharpness
_USUAL_OF = 300  # frames; ten seconds of a webcam
_USUAL_PERCENTILE = 75  # many of them may be blurred


@dataclass(frozen=True, eq=False)
class Verdict:
    """What was measured of a frame.

    Attributes:
        sharpness: percent of the session's usual.
        change: percent of the picture that differs from the last photo kept; 100 when none was.
        why_not: "" when the frame is good, else `BLURRED` or `ALIKE`.
        small: float32 [h, w], the frame as the next ones are compared with it.
    """

    sharpness: float = 100.0
    change: float = 100.0
    why_not: str = ""
    small: np.ndarray | None = field(default=None, repr=False)


class Judge:
    """Judges the frames of one session, one after the other.

    Attributes:
        min_sharpness: percent of the session's usual, 0: off.
        min_change: percent of the picture, 0: off.
        skipped: reason -> how many frames.
    """

    def __init__(
        self, min_sharpness: float = MIN_SHARPNESS, min_change: float = MIN_CHANGE
    ) -> None:
        self.min_sharpness = min_sharpness
        self.min_change = min_change
        self.skipped = {BLURRED: 0, ALIKE: 0}
        self._seen: deque[float] = deque(maxlen=_USUAL_OF)
        self._last: np.ndarray | None = None

    def measure(self, image: np.ndarray) -> Verdict:
        """Measure a frame, uint8 [H, W, 3] RGB; nothing is counted yet."""
        if not self.min_sharpness and not self.min_change:
            return Verdict()
        grey = _grey(image)
        small = _small(grey)
        changed = changed_part(small, self._last)
        change = 100.0 * float(changed.mean())
        sharpness = self._of_usual(edge_loss(grey, changed if change >= _LEAST_PART else None))
        if change < self.min_change:
            return Verdict(sharpness, change, ALIKE, small)
        why_not = BLURRED if sharpness < self.min_sharpness else ""
        return Verdict(sharpness, change, why_not, small)

    def keep(self, verdict: Verdict) -> None:
        """Take a frame that was measured as the last photo kept."""
        self._last = verdict.small

    def skip(self, verdict: Verdict) -> None:
        """Count a frame that was measured and not taken."""
        self.skipped[verdict.why_not] += 1

    def begin_class(self) -> None:
        """Compare with no photo of another class."""
        self._last = None

    def reason(self, verdict: Verdict) -> str:
        """Say why a frame is not taken, with its figures; "" when it is good."""
        if verdict.why_not == BLURRED:
            return f"blurred (sharpness {verdict.sharpness:.0f}% < {self.min_sharpness:g}%)"
        if verdict.why_not == ALIKE:
            return f"like the last photo ({verdict.change:.1f}% changed < {self.min_change:g}%)"
        return ""

    def _of_usual(self, loss: float) -> float:
        self._seen.append(loss)
        usual = float(np.percentile(self._seen, _USUAL_PERCENTILE))
        return 100.0 * loss / usual if usual else 100.0


def changed_part(small: np.ndarray, last: np.ndarray | None) -> np.ndarray:
    """Tell where two small pictures differ, float32 [h, w] each: bool [h, w].

    All of it when there is no last one, or one of another size.
    """
    if last is None or small.shape != last.shape:
        return np.ones(small.shape, bool)
    difference = small - last
    light = np.clip(np.median(difference), -MOST_LIGHT, MOST_LIGHT)
    return np.abs(difference - light) > CHANGED_LEVELS


def edge_loss(grey: np.ndarray, part: np.ndarray | None = None) -> float:
    """Measure how much of its edges a picture loses to a further blur, 0 (blurred) to 1 (sharp).

    Args:
        grey: uint8 [H, W].
        part: bool [h, w], a small map of the picture: only there; everywhere when None.

    Returns:
        The lesser of the losses across and down: motion blurs along one direction. 0 for a
        picture without edges.
    """
    grey = grey.astype(np.float32)
    inside = np.ones(grey.shape, bool) if part is None else _enlarged(part, grey.shape)
    losses = []
    for axis, size in ((1, (_FURTHER_BLUR_PX, 1)), (0, (1, _FURTHER_BLUR_PX))):
        edges = np.abs(np.diff(grey, axis=axis))
        left = np.abs(np.diff(cv2.blur(grey, size), axis=axis))
        counted = inside[:, 1:] if axis else inside[1:]
        total = float(edges[counted].sum())
        losses.append(float(np.maximum(edges - left, 0)[counted].sum()) / total if total else 0.0)
    return min(losses)


def _grey(image: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3] RGB as uint8 [h, w], not wider than 320."""
    return _narrowed(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), _GREY_WIDTH_PX)


def _small(grey: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(_narrowed(grey, _SMALL_WIDTH_PX).astype(np.float32), (0, 0), 1.0)


def _narrowed(grey: np.ndarray, width_px: int) -> np.ndarray:
    height, width = grey.shape
    if width <= width_px:
        return grey
    size = width_px, max(1, round(height * width_px / width))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def _enlarged(part: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Scale a small map to the picture, and let it reach a little further."""
    large = cv2.resize(part.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST)
    return cv2.dilate(large, np.ones((5, 5), np.uint8)) > 0
