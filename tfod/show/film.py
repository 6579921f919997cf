"""Films written frame by frame: MPEG-4, whole or not at all. Reading them is `camera.py`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from tfod.errors import UserError
from tfod.files import whole_file

Write = Callable[[np.ndarray, float], None]


@contextmanager
def film_writer(path: Path, fps: float) -> Iterator[Write]:
    """Give a function that adds a frame: (uint8 [H, W, 3] RGB, seconds since the film began).

    Frames are repeated or left out so that the film runs at the speed of what was filmed, however
    irregularly they come. The first one sets the size (an odd last row or column
    is left out); others are scaled into it.

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
        size = 0, 0  # height, width

        def write(image: np.ndarray, time_s: float) -> None:
            nonlocal written, first_s, size
            if not written:
                first_s, size = time_s, image.shape[:2]
                code = cv2.VideoWriter.fourcc(*"mp4v")
                if not writer.open(str(temporary), code, fps, size[::-1]):
                    raise UserError(f"{path}: OpenCV cannot write this film. Try another folder.")
            due = round((time_s - first_s) * fps) + 1
            if image.shape[:2] != size:  # OpenCV would leave it out without a word
                image = _scaled_into(image, size)
            for _ in range(due - written):
                writer.write(np.ascontiguousarray(image[:, :, ::-1]))
            written = max(written, due)

        try:
            yield write
        finally:
            writer.release()
        if not written:
            why = "OpenCV cannot write this film" if any(size) else "no frame came"
            raise UserError(f"{path}: {why}, so nothing is there. Try another folder or camera.")
        if not _is_whole(temporary, written):
            raise UserError(f"{path}: the film could not be written. Is the disk full?")


def _scaled_into(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale an image into (height, width), in the middle, the rest black."""
    height, width = image.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    inner = max(1, round(scale * width)), max(1, round(scale * height))
    left, top = (size[1] - inner[0]) // 2, (size[0] - inner[1]) // 2
    framed = np.zeros((*size, 3), np.uint8)
    framed[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA
    )
    return framed


def _is_whole(path: Path, frames: int) -> bool:
    """Tell whether a film can be opened and has its frames: writing it reports no error."""
    video = cv2.VideoCapture(str(path))
    count = int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if video.isOpened() else 0
    video.release()
    return count == frames
