"""Claim: drawing a frame of the synthetic camera costs about as much as encoding it as a JPEG.

    python benchmarks/scenes.py

Draws and encodes the same frames of 640x360 in turns, on one thread, and prints frames per second
of both and their ratio. A webcam sends 30.
"""

import argparse
import time

import cv2
import numpy as np

from tfod.camera.scenes import CLASSES, draw_scene, moving_scene

SIZE = (360, 640)
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 95]  # as photos are saved


def main() -> None:
    """Print a line for each kind of scene."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300, help="of each kind (300)")
    frames = parser.parse_args().frames
    cv2.setNumThreads(1)
    for draw in (draw_scene, moving_scene):
        draw_s = encode_s = 0.0
        for index in range(frames):
            begun_s = time.process_time()
            image = draw(index, CLASSES, SIZE)[0]
            drawn_s = time.process_time()
            cv2.imencode(".jpg", np.ascontiguousarray(image[:, :, ::-1]), QUALITY)
            draw_s += drawn_s - begun_s
            encode_s += time.process_time() - drawn_s
        print(
            f"{draw.__name__:13} {frames / draw_s:5.0f} drawn a second, "
            f"{frames / encode_s:5.0f} encoded, ratio of times {draw_s / encode_s:.2f}"
        )


if __name__ == "__main__":
    main()
