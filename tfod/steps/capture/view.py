"""What the user sees while photos are taken: the window and the lines in it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tfod.camera.camera import Camera
from tfod.camera.video import Frame
from tfod.show.draw import draw_lines
from tfod.steps.capture.quality import Judge, Verdict


class Screen(Protocol):
    """What a `Window` does here."""

    def show(self, image: np.ndarray, wait_ms: int) -> str | None:
        """Show an image and give the key, as `Window.show` does."""


class View:
    """A window over the camera, or nothing at all when there is no window.

    Args:
        mirror: show frames as a mirror does; text stays readable and files as they are.
    """

    def __init__(self, camera: Camera, window: Screen | None, mirror: bool = False) -> None:
        self._window = window
        self._wait_ms = 1 if camera.live else round(1000 / camera.fps)
        self._mirror = mirror

    def show(self, frame: Frame, lines: Sequence[str]) -> str | None:
        """Show a frame under some lines of text; give the key as `Window.show` does."""
        if self._window is None:
            return ""
        image = frame.image[:, ::-1] if self._mirror else frame.image
        return self._window.show(draw_lines(image, lines), self._wait_ms)


def quality_lines(judge: Judge, verdict: Verdict, kept: int, is_waiting: bool) -> list[str]:
    """Say what was kept, what was not and why, and how good this frame is.

    Args:
        is_waiting: a photo is due and this frame is not good enough for it.
    """
    if not judge.min_sharpness and not judge.min_change:
        return [f"kept {kept}"]
    skipped = ", ".join(f"{count} {reason}" for reason, count in judge.skipped.items() if count)
    figures = (
        f"sharpness {verdict.sharpness:.0f} % (from {judge.min_sharpness:g}) | "
        f"changed {verdict.change:.1f} % (from {judge.min_change:g})"
    )
    lines = [f"kept {kept} | skipped: {skipped or 'none'}", figures]
    return [*lines, f"waiting: {judge.reason(verdict)}"] if is_waiting else lines
