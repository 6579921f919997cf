"""Films written frame by frame: MPEG-4, whole or not at all. Reading them is `camera.py`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from tfod.errors import UserError
from tfod.paths import whole_file

Write = Callable[[np.ndarray, float], None]


@contextmanager
def film_writer(path: Path, fps: float) -> Iterator[Write]:
    """Give a function that adds a frame: (uint8 [H, W, 3] RGB, seconds since the film began).

    Frames are repeated or left out so that the film runs at the speed of what was filmed, however
    irregularly they come.

    Args:
        path: ends in .mp4.
        fps: frames per second of the film.

    Raises:
        UserError: another ending, no frame, or a film that cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".mp4":
        raise UserError(f"{path}: cannot be written as a film (expected a name ending in .mp4).")
    with whole_file(path) as temporary:
        writer = cv2.VideoWriter()
        written = 0
        first_s = 0.0

        def write(image: np.ndarray, time_s: float) -> None:
            nonlocal written, first_s
            if not written:
                first_s = time_s
                code = cv2.VideoWriter.fourcc(*"mp4v")
                if not writer.open(str(temporary), code, fps, (image.shape[1], image.shape[0])):
                    raise UserError(f"{path}: OpenCV cannot write this film. Try another folder.")
            due = round((time_s - first_s) * fps) + 1
            for _ in range(due - written):
                writer.write(np.ascontiguousarray(image[:, :, ::-1]))
            written = max(written, due)

        try:
            yield write
        finally:
            writer.release()
        if not written:
            raise UserError(f"{path}: no frame came, so no film was written.")
        if not temporary.stat().st_size:
            raise UserError(f"{path}: the film could not be written. Is the disk full?")
