"""What writes the frames of a video: H.264 through PyAV where it is installed, else OpenCV.

Browsers play H.264 and not the MPEG-4 that OpenCV writes. PyAV is an extra: its wheel carries x264,
which is under the GPL, so nothing here needs it.
"""

from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

H264 = "libx264"
QUALITY = {"crf": "23", "preset": "ultrafast"}  # the camera does not wait, see docs/log.md


class Encoder(Protocol):
    """A video that is being written, whose height and width are even."""

    def write(self, image: np.ndarray) -> None:
        """Add a frame, uint8 [H, W, 3], RGB.

        Raises:
            OSError: it cannot be written.
        """

    def close(self) -> None:
        """Write the end of the file."""


def open_encoder(path: Path, fps: float, size: tuple[int, int]) -> Encoder | None:
    """Begin a video of that size, (height, width) in px; None when it cannot be begun."""
    if find_spec("av") is not None:
        import av

        if H264 in av.codecs_available:
            return _H264(av, path, fps, size)
    writer = cv2.VideoWriter()
    code = cv2.VideoWriter.fourcc(*"mp4v")
    return _Mpeg4(writer) if writer.open(str(path), code, fps, size[::-1]) else None


class _Mpeg4:
    """Writes with OpenCV, which reports no error."""

    def __init__(self, writer: cv2.VideoWriter) -> None:
        self.writer = writer

    def write(self, image: np.ndarray) -> None:
        self.writer.write(np.ascontiguousarray(image[:, :, ::-1]))

    def close(self) -> None:
        self.writer.release()


class _H264:
    """Writes with PyAV, in the colours and the order that browsers ask for."""

    def __init__(self, av: Any, path: Path, fps: float, size: tuple[int, int]) -> None:
        self.av = av
        self.written = 0
        self.file = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        rate = Fraction(fps).limit_denominator(1001)
        self.stream = self.file.add_stream(H264, rate=rate, options=QUALITY)
        self.stream.height, self.stream.width = size
        self.stream.pix_fmt = "yuv420p"
        self.stream.time_base = self.stream.codec_context.time_base = 1 / rate

    def write(self, image: np.ndarray) -> None:
        frame = self.av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts, frame.time_base = self.written, self.stream.codec_context.time_base
        self.written += 1
        self.file.mux(self.stream.encode(frame))

    def close(self) -> None:
        if self.file is None:
            return
        file, self.file = self.file, None
        try:
            if self.written:
                file.mux(self.stream.encode(None))
        finally:
            file.close()
