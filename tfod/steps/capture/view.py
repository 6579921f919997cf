"""What the user sees and hears while photos are taken: the window, the flash, the beep."""

from collections.abc import Sequence

import numpy as np
from rich.console import Console

from tfod.camera.camera import Camera, Frame
from tfod.show.draw import draw_lines
from tfod.show.window import Window
from tfod.steps.capture.quality import Judge, Verdict

FLASH_MS = 150  # how long a shot is shown


class View:
    """A window over the camera, or nothing at all when there is no window.

    Args:
        camera: tells how long a frame is shown.
        window: open; None shows nothing.
        console: beeps, when it is a terminal.
        mirror: show frames as a mirror does; text stays readable and files as they are.
        flash: show each shot in negative for a moment.
        beep: ring the terminal's bell at each shot.
    """

    def __init__(
        self,
        camera: Camera,
        window: Window | None,
        console: Console,
        mirror: bool = False,
        flash: bool = True,
        beep: bool = False,
    ) -> None:
        self._window = window
        self._console = console
        self._wait_ms = 1 if camera.live else round(1000 / camera.fps)
        self._mirror = mirror
        self._flash = flash
        self._beep = beep

    def show(self, frame: Frame, lines: Sequence[str]) -> str | None:
        """Show a frame under some lines of text; give the key as `Window.show` does."""
        if self._window is None:
            return ""
        return self._window.show(draw_lines(self._turned(frame.image), lines), self._wait_ms)

    def shot(self, frame: Frame) -> str | None:
        """Tell that a photo was taken; give the key pressed meanwhile."""
        if self._beep and self._console.is_terminal:
            self._console.bell()
        if self._window is None or not self._flash:
            return ""
        return self._window.show(255 - self._turned(frame.image), FLASH_MS)

    def _turned(self, image: np.ndarray) -> np.ndarray:
        return image[:, ::-1] if self._mirror else image


def quality_lines(judge: Judge, verdict: Verdict, kept: int, waits: bool) -> list[str]:
    """Say what was kept, what not and why, and what this frame is like.

    Args:
        judge: counts what was skipped.
        verdict: of the frame that is shown.
        kept: photos taken of this class this time.
        waits: a photo is due and this frame is not good enough for it.
    """
    if not judge.min_sharpness and not judge.min_change:
        return [f"kept {kept}"]
    skipped = ", ".join(f"{count} {why}" for why, count in judge.skipped.items() if count)
    figures = (
        f"sharpness {verdict.sharpness:.0f} % (from {judge.min_sharpness:g})   "
        f"changed {verdict.change:.1f} % (from {judge.min_change:g})"
    )
    lines = [f"kept {kept}   skipped: {skipped or 'none'}", figures]
    return [*lines, f"waits: {judge.reason(verdict)}"] if waits else lines
