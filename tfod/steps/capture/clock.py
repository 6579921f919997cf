"""When a photo is taken: countdowns, the time between two photos, keys, and good frames."""

from collections.abc import Iterator

from rich.console import Console

from tfod.camera.camera import Camera, Frame
from tfod.show.window import ESCAPE
from tfod.steps.capture.quality import ALIKE, Judge, Verdict
from tfod.steps.capture.view import View, quality_lines
from tfod.terminal import say

LONG_S = 10.0  # without a good frame, before it is said
SETTLED_LEVELS = 2.0  # of 255, between the darkest and the brightest of the last frames
SETTLED_FRAMES = 6
DARK = 8.0  # mean of a picture that is not there yet


class Clock:
    """Takes frames from a camera until the next photo is due and good, and shows them.

    Attributes:
        ended: why there are no more photos: "q", "window closed", "the film ended", or "".
        by_hand: photos taken with the space bar.
    """

    def __init__(self, camera: Camera, view: View, judge: Judge, console: Console) -> None:
        self.camera = camera
        self.view = view
        self.judge = judge
        self.console = console
        self.ended = ""
        self.by_hand = 0
        self._told = False

    def warm_up(self, most_s: float) -> int:
        """Pass over the first frames of a webcam, until its light has settled; give their number.

        Args:
            most_s: no longer than this.
        """
        first_s, means = None, []
        if not most_s or not self.camera.warms_up:
            return 0
        for frame in self.camera:
            first_s = frame.time_s if first_s is None else first_s
            means.append(float(frame.image[::8, ::8].mean()))
            last = means[-SETTLED_FRAMES:]
            settled = len(last) == SETTLED_FRAMES and max(last) - min(last) <= SETTLED_LEVELS
            if self._ends(self.view.show(frame, ["the camera warms up"])):
                break
            if (settled and last[-1] >= DARK) or frame.time_s - first_s >= most_s:
                break
        return len(means)

    def shots(
        self, name: str, first: int, number: int, every_s: float, countdown_s: float
    ) -> Iterator[Frame]:
        """Give frames at their times, fewer when the user or the film ends it.

        Args:
            name: the class.
            first: number of the first photo.
            number: number of the last one.
            every_s: seconds between two photos.
            countdown_s: seconds before the first one.
        """
        if self.ended:
            return
        shot, due_s, key = first, None, ""
        self.judge.begin_class()
        for frame in self.camera:
            if due_s is None:
                due_s = frame.time_s + countdown_s
            left_s = due_s - frame.time_s
            verdict = self.judge.look(frame.image)
            # a key pressed while the last shot was shown counts too
            key = key or self._show(frame, verdict, name, (first, shot, number), left_s)
            if self._ends(key):
                return
            if key != " " and (left_s > 0 or verdict.why_not):
                if left_s <= 0:
                    self._skip(verdict, -left_s)
                key = ""
                continue
            self.by_hand += key == " "
            self.judge.keep(verdict)
            yield frame
            shot, due_s = shot + 1, frame.time_s + every_s
            key = self.view.shot(frame)
            if self._ends(key) or shot > number:
                return
        self.ended = "the film ended"

    def _skip(self, verdict: Verdict, late_s: float) -> None:
        self.judge.skip(verdict)
        if late_s >= LONG_S and not self._told:
            self._told = True
            alike = verdict.why_not == ALIKE
            remedy = (
                "Move what is in front of the camera; --min-change 0 takes every frame."
                if alike
                else "Hold still, give more light, clean the lens; --min-sharpness 0 takes every "
                "frame."
            )
            why = self.judge.reason(verdict)
            say(self.console, f"no photo for {late_s:.0f} s, the frames are {why}. {remedy}")

    def _ends(self, key: str | None) -> bool:
        if key is None:
            self.ended = "window closed"
        elif key in ("q", ESCAPE):
            self.ended = "q"
        return bool(self.ended)

    def _show(
        self,
        frame: Frame,
        verdict: Verdict,
        name: str,
        counts: tuple[int, int, int],
        left_s: float,
    ) -> str | None:
        first, shot, number = counts
        if shot == first and left_s > 0:
            line = f"get ready: {name}, {number - first + 1} photos, in {left_s:.1f} s"
        else:
            line = f"{name} {shot} of {number}   {max(left_s, 0):.1f} s"
        waits = left_s <= 0 and bool(verdict.why_not)
        more = quality_lines(self.judge, verdict, shot - first, waits)
        return self.view.show(frame, [f"{line}   space: now   q: end", *more])
