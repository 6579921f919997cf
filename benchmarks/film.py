"""Claim: H.264 costs a recording no more time than MPEG-4 does.

    python benchmarks/film.py [VIDEO]

Writes the frames of a video, drawn scenes without one, as MPEG-4 and as H.264, for which the extra
`film` is needed.
"""

import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from tfod.camera.camera import open_camera
from tfod.show import encoders
from tfod.show.film import film_writer

SCENES = "synthetic:scene=moving;size=1080x1920"
FRAMES = 100


def main() -> None:
    """Print one row for each format and preset."""
    with open_camera(sys.argv[1] if len(sys.argv) > 1 else SCENES) as camera:
        images = [frame.image for frame in islice(camera, FRAMES)]
    height, width = images[0].shape[:2]
    print(f"{len(images)} frames of {width}x{height}")
    find_spec = encoders.find_spec
    for preset in ("veryfast", "superfast", "ultrafast", ""):
        encoders.QUALITY["preset"] = preset
        encoders.find_spec = find_spec if preset else lambda name: None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.mp4"
            begun_s = time.process_time(), time.perf_counter()
            with film_writer(path, 25.0) as write:
                for index, image in enumerate(images):
                    write(image, index / 25)
            cpu_ms = 1000 * (time.process_time() - begun_s[0]) / len(images)
            wall_ms = 1000 * (time.perf_counter() - begun_s[1]) / len(images)
            kilobytes = path.stat().st_size / 1000
        name = f"H.264, {preset}" if preset else "MPEG-4"
        print(f"| {name} | {cpu_ms:.1f} ms | {wall_ms:.1f} ms | {kilobytes:,.0f} kB |")


if __name__ == "__main__":
    main()
