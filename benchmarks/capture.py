"""What capture keeps and skips: frames of films and photos, and blurred copies of them.

    python benchmarks/capture.py film.mp4 folder/of/photos ...

Every tenth frame of a film (all photos of a folder) goes through the judge of `tfod capture`. Then
each frame stands for the next photo once as it is and once blurred, as by a hand or an object that
moves while the shutter is open, by a share of the picture's width. Skipping many blurred and few
others is good. Also prints the time the judge takes for one frame.
"""

import argparse
import time
from copy import deepcopy

import cv2
import numpy as np

from tfod.camera.camera import open_camera
from tfod.steps.capture.quality import ALIKE, BLURRED, Judge

BLUR_SHARES = (0.01, 0.02, 0.04)  # of the width
MOST_FRAMES = 150


def main() -> None:
    """Print a line for each source."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="+", help="films and folders of photos")
    parser.add_argument("--every", type=int, default=10, help="frames of a film (10)")
    arguments = parser.parse_args()
    heads = ["frames", "kept", "alike", "blurred", "|", "as they are"]
    heads += [f"blur {share:.0%}" for share in BLUR_SHARES]
    print("skipped of the frames, then as blurred of each kind of copy; ms: judge, one frame")
    print(f"{'':30}{'  '.join(heads)}  ms")
    for source in arguments.sources:
        frames = sample(source, arguments.every)
        judge, took_s = judged(frames)
        kept = len(frames) - sum(judge.skipped.values())
        shares = [skipped(frames, share) for share in (0.0, *BLUR_SHARES)]
        print(
            f"{source[-28:]:30}{len(frames):6}  {kept:4}  {judge.skipped[ALIKE]:5}  "
            f"{judge.skipped[BLURRED]:7}  |  " + "  ".join(f"{share:9.0%}" for share in shares)
            + f"  {1000 * took_s / len(frames):.1f}"
        )  # fmt: skip


def sample(source: str, every: int) -> list[np.ndarray]:
    """Read the frames that capture would look at, uint8 [H, W, 3] each."""
    with open_camera(source) as camera:
        step = every if camera.fps and source.rsplit(".", 1)[-1] in ("mp4", "avi", "mov") else 1
        frames = [frame.image for frame in camera if frame.index % step == 0]
    return frames[:MOST_FRAMES]


def judged(frames: list[np.ndarray]) -> tuple[Judge, float]:
    """Let the judge decide as in a session."""
    judge = Judge()
    begin = time.perf_counter()
    for frame in frames:
        verdict = judge.measure(frame)
        if verdict.why_not:
            judge.skip(verdict)
        else:
            judge.keep(verdict)
    return judge, time.perf_counter() - begin


def skipped(frames: list[np.ndarray], share: float) -> float:
    """Share of the frames that are skipped as blurred when each is blurred like this."""
    judge = Judge(min_change=0)
    count = 0
    for last, frame in zip(frames[:-1], frames[1:], strict=True):
        judge.keep(judge.measure(last))  # what is usual is learnt from frames as they are
        verdict = deepcopy(judge).measure(moved(frame, share))
        count += verdict.why_not == BLURRED
    return count / max(1, len(frames) - 1)


def moved(image: np.ndarray, share: float) -> np.ndarray:
    """Blur along a line of this share of the width, slanting down to the right."""
    length = round(image.shape[1] * share)
    if length < 2:
        return image
    line = np.zeros((length, length), np.float32)
    cv2.line(line, (0, length // 3), (length - 1, length * 2 // 3), 1.0)
    return cv2.filter2D(image, -1, line / line.sum())


if __name__ == "__main__":
    main()
