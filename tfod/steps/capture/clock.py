"""When a photo is taken: countdowns, the time between two photos, keys, and good frames."""

from collections.abc import Iterator, Sequence
from math import ceil

from tfod.camera.camera import Camera
from tfod.camera.video import Frame
from tfod.progress import SILENT, Progress
from tfod.show.draw import draw_big
from tfod.show.window import ESCAPE, Window
from tfod.steps.capture.quality import ALIKE, Judge, Verdict

SPACE = " "
KEYS = ("space take it now | q quit",)
COUNTED_S = 9  # the last seconds before a photo, counted down in a big figure
LONG_S = 10.0  # without a good frame, before it is mentioned
SETTLED_LEVELS = 2.0  # of 255, between the darkest and the brightest of the last frames
SETTLED_FRAMES = 6
DARK = 8.0  # mean of a picture that has not appeared yet


class View:
    """A window over the camera, in which frames may be mirrored; nothing without a window."""

    def __init__(self, camera: Camera, window: Window | None, mirror: bool = False) -> None:
        self._window = window
        self._wait_ms = 1 if camera.live else round(1000 / camera.fps)
        self._mirror = mirror

    def show(self, frame: Frame, lines: Sequence[str], big: str = "") -> str | None:
        """Show a frame under some lines of text; give the key as `Window.show` does.

        Args:
            big: a number to write over the middle.
        """
        if self._window is None:
            return ""
        image = frame.image[:, ::-1] if self._mirror else frame.image
        image = draw_big(image, big) if big else image
        return self._window.show(image, self._wait_ms, lines, KEYS)


class Clock:
    """Takes frames from a camera until the next photo is due and good, and shows them.

    Attributes:
        ended: why there are no more photos: "q", "you closed the window", "the video ended", or "".
        by_hand: photos taken with the space bar.
    """

    def __init__(
        self, camera: Camera, view: View, judge: Judge, progress: Progress = SILENT
    ) -> None:
        self.camera = camera
        self.view = view
        self.judge = judge
        self.progress = progress
        self.ended = ""
        self.by_hand = 0
        self._has_warned = False

    def warm_up(self, most_s: float) -> int:
        """Count the first frames of a webcam, skipped until its light has settled."""
        if not most_s or not self.camera.warms_up:
            return 0
        first_s: float | None = None
        means: list[float] = []
        for frame in self.camera:
            first_s = frame.time_s if first_s is None else first_s
            means.append(float(frame.image[::8, ::8].mean()))
            if self._ends(self.view.show(frame, ["waiting for the camera to adjust to the light"])):
                break
            if _is_settled(means[-SETTLED_FRAMES:]) or frame.time_s - first_s >= most_s:
                break
        return len(means)

    def shots(
        self, name: str, first: int, number: int, every_s: float, countdown_s: float
    ) -> Iterator[Frame]:
        """Give frames at their times, fewer when the user or the video ends it."""
        if self.ended:
            return
        shot = first
        due_s: float | None = None
        self.judge.begin_class()
        for frame in self.camera:
            if due_s is None:
                due_s = frame.time_s + countdown_s
            left_s = due_s - frame.time_s
            verdict = self.judge.measure(frame.image)
            title = _title(name, shot, first, number, left_s)
            key = self._show(frame, verdict, title, shot - first, left_s)
            if self._ends(key):
                return
            if key == SPACE:
                self.by_hand += 1
            elif left_s > 0:
                continue
            elif verdict.why_not:
                self._skip(verdict, -left_s)
                continue
            self.judge.keep(verdict)
            yield frame
            shot, due_s = shot + 1, frame.time_s + every_s
            if shot > number:
                return
        self.ended = "the video ended"

    def _skip(self, verdict: Verdict, late_s: float) -> None:
        self.judge.skip(verdict)
        if late_s < LONG_S or self._has_warned:
            return
        self._has_warned = True
        advice = (
            "Move what is in front of the camera, or set min_change to 0 to take every frame."
            if verdict.why_not == ALIKE
            else "Hold still, add light, clean the lens, or set min_sharpness to 0 to take every "
            "frame."
        )
        reason = self.judge.reason(verdict)
        self.progress.note(f"no photo for {late_s:.0f} s: the frames are {reason}. {advice}")

    def _ends(self, key: str | None) -> bool:
        if key is None:
            self.ended = "you closed the window"
        elif key in ("q", ESCAPE):
            self.ended = "you pressed q"
        return bool(self.ended)

    def _show(
        self, frame: Frame, verdict: Verdict, title: str, kept: int, left_s: float
    ) -> str | None:
        is_waiting = left_s <= 0 and bool(verdict.why_not)
        lines = quality_lines(self.judge, verdict, kept, is_waiting)
        big = str(ceil(left_s)) if 0 < left_s <= COUNTED_S else ""
        return self.view.show(frame, [title, *lines], big)


def _is_settled(means: list[float]) -> bool:
    """Whether the last frames are bright and their light does not change."""
    is_steady = len(means) == SETTLED_FRAMES and max(means) - min(means) <= SETTLED_LEVELS
    return is_steady and means[-1] >= DARK


def _title(name: str, shot: int, first: int, number: int, left_s: float) -> str:
    if shot == first and left_s > 0:
        return f"get ready: {name}, {number - first + 1} photos, in {left_s:.1f} s"
    return f"{name} {shot} of {number} | in {max(left_s, 0):.1f} s"


def quality_lines(judge: Judge, verdict: Verdict, kept: int, is_waiting: bool) -> list[str]:
    """Say what was kept, what was not and why, and how good this frame is."""
    if not judge.min_sharpness and not judge.min_change:
        return [f"kept {kept}"]
    skipped = ", ".join(f"{count} {reason}" for reason, count in judge.skipped.items() if count)
    figures = (
        f"sharpness {verdict.sharpness:.0f}% (at least {judge.min_sharpness:g}%) | "
        f"changed {verdict.change:.1f}% (at least {judge.min_change:g}%)"
    )
    lines = [f"kept {kept} | skipped: {skipped or 'none'}", figures]
    return [*lines, f"waiting: {judge.reason(verdict)}"] if is_waiting else lines
