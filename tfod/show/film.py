"""Videos written frame by frame, whole or not at all; `encoders.py` has the formats.

`camera/` reads them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np

from tfod.camera.video import silence_opencv
from tfod.errors import refusal
from tfod.files import whole_file
from tfod.remedies import Remedy
from tfod.show.encoders import Encoder, open_encoder

Write = Callable[[np.ndarray, float], None]


@contextmanager
def film_writer(path: Path, fps: float) -> Iterator[Write]:
    """Give a function that adds a frame: (uint8 [H, W, 3] RGB, seconds since the video began).

    Frames are repeated or left out so that the video runs at the speed of what was filmed, however
    irregularly they come. The first one sets the size (an odd last row or column is left out);
    others are scaled to fit.

    Args:
        path: ends in .mp4.

    Raises:
        UserError: another ending, no frame, or a video that cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".mp4":
        what = "not a video name"
        expected = "a name that ends in .mp4"
        raise refusal("not-mp4", path, what, expected=expected, remedy=Remedy.RENAME)
    silence_opencv()
    with whole_file(path) as temporary:
        film = _Film(path, temporary, fps)
        try:
            yield film.write
        except BaseException:
            with suppress(OSError):  # the error that ended it counts
                film.close()
            raise
        film.close()
        film.check()


class _Film:
    """The file that is being written: `temporary`, which will become `path`."""

    def __init__(self, path: Path, temporary: Path, fps: float) -> None:
        self.path = path
        self.temporary = temporary
        self.fps = fps
        self.encoder: Encoder | None = None
        self.written = 0
        self.first_s = 0.0
        self.size = 0, 0  # height, width

    def write(self, image: np.ndarray, time_s: float) -> None:
        height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2  # as the formats want it
        if self.encoder is None:
            self.first_s, self.size = time_s, (max(2, height), max(2, width))
            self.encoder = open_encoder(self.temporary, self.fps, self.size)
        if self.encoder is None:
            what = "OpenCV cannot write this video"
            raise refusal("video-not-written", self.path, what, remedy=Remedy.CHOOSE_FOLDER)
        due = round((time_s - self.first_s) * self.fps) + 1
        fits = (height, width) == self.size
        image = image[:height, :width] if fits else _scaled_into(image, self.size)
        for _ in range(due - self.written):
            self.encoder.write(image)
        self.written = max(self.written, due)

    def close(self) -> None:
        if self.encoder is not None:
            self.encoder.close()

    def check(self) -> None:
        """Make sure that the file is whole: OpenCV reports no error while it writes."""
        if not self.written:
            what = "nothing was written: the camera sent no frame"
            raise refusal("no-frame-to-write", self.path, what, remedy=Remedy.CHECK_CAMERA)
        video = cv2.VideoCapture(str(self.temporary))
        count = int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if video.isOpened() else 0
        video.release()
        if count != self.written:
            raise refusal(
                "video-incomplete",
                self.path,
                "the video is incomplete; the disk may be full",
                remedy=Remedy.FREE_SPACE,
            )


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
