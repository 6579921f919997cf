"""How fast a data set is checked, against loops that just read it, and how much memory it takes.

    python benchmarks/check.py [--number 2000] [--size 1080 1920] [--folder images with XML]

Without --folder it makes photos of its own, drawn scenes with the noise of a camera and five boxes
each, no two files alike. Taking turns in one process, each over the same files, `--rounds` times:
    headers   a loop: ElementTree.parse of each XML, PIL.Image.open of each image
    quick     tfod check --quick: the same files, every box, all checks
    imread    a loop: ElementTree.parse of each XML, cv2.imread of each image
    decode    tfod check: every image decoded, hashed and compared with all others, all checks
What bounds `quick` is Python's work per file: the XML 0.15 ms with five boxes, the header 0.1 ms.
What bounds `decode` is entropy decoding of the JPEG; libjpeg's Python binding holds the GIL, so
threads do not help. Memory is the peak of a process of its own that does nothing else (Linux only).
Files a second of the fastest round, also by CPU time, as machines are noisy.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
from PIL import Image

from tfod.camera.scenes import draw_scene
from tfod.data.example import Example
from tfod.data.voc import write_voc
from tfod.steps.check.check import CheckOptions, check
from tfod.workspace import Workspace

DRAWN = 40  # different pictures; the files differ in a few bytes behind the picture
BOXES = 5
ALONE = """
import sys
from pathlib import Path
from tfod.steps.check.check import check
def peak():  # ru_maxrss would count the process this one was forked from
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
imported = peak()
report = check(Workspace("."), CheckOptions(Path(sys.argv[1])))
print(f"peak memory {peak():.0f} MiB for {report.images} images, {imported:.0f} of it imports")
"""


def make_photos(folder: Path, number: int, size: tuple[int, int]) -> None:
    """Write photos of this (height, width) with XML."""
    chance = np.random.default_rng(0)
    pictures = []
    for index in range(min(DRAWN, number)):
        pixels = draw_scene(index, ("a", "b"), size, 0)[0].astype(np.int16)
        noisy = np.clip(pixels + chance.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
        buffer = BytesIO()
        Image.fromarray(noisy).save(buffer, "JPEG", quality=65)  # 0.2 MB for 1920x1080, as a webcam
        pictures.append(buffer.getvalue())
    for index in range(number):
        path = folder / f"photo_{index:05}.jpg"
        path.write_bytes(pictures[index % len(pictures)] + f"{index:08}".encode())
        low = chance.uniform(0, 0.6, (BOXES, 2))
        boxes = np.concatenate([low, low + chance.uniform(0.05, 0.4, (BOXES, 2))], axis=1)
        example = Example(path, *size, boxes, ("a", "b", "a", "b", "b"))
        write_voc(path.with_suffix(".xml"), example)


def plain_loop(folder: Path, decode: bool) -> None:
    """Read every XML and image in the plainest way."""
    for path in sorted(folder.rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        image = path.with_suffix(".jpg")
        if decode:
            height, width = cv2.imread(str(image)).shape[:2]
        else:
            with Image.open(image) as opened:
                width, height = opened.size
        for node in root.findall("object/bndbox"):
            box = [float(node.findtext(side)) for side in ("xmin", "ymin", "xmax", "ymax")]
            assert box[2] <= width + 1 and box[3] <= height + 1


def measure(parts: dict[str, Callable], rounds: int) -> dict[str, tuple[float, float]]:
    """Run the parts in turn; give the wall and CPU seconds of each one's fastest round."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, part in parts.items():
            wall, cpu = time.perf_counter(), time.process_time()
            part()
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {name: min(found) for name, found in times.items()}


def report(times: dict[str, tuple[float, float]], files: int) -> None:
    """Print files a second and the ratios."""
    print(f"{'part':10}{'files/s':>9}{'files/CPU s':>13}")
    for name, (wall, cpu) in times.items():
        print(f"{name:10}{files / wall:9.0f}{files / cpu:13.0f}")
    for ours, plain in (("quick", "headers"), ("decode", "imread")):
        wall, cpu = (times[plain][kind] / times[ours][kind] for kind in range(2))
        print(f"{ours} / {plain}: {wall:.2f} in wall time, {cpu:.2f} in CPU time")


def main() -> None:
    """Make or take the photos, measure the parts, then the memory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, help="real photos (.jpg) with XML")
    parser.add_argument("--number", type=int, default=2000, help="of photos to make")
    parser.add_argument("--size", type=int, nargs=2, default=(1080, 1920), help="height width")
    parser.add_argument("--rounds", type=int, default=3)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = flags.folder or Path(name)
        if flags.folder is None:
            make_photos(folder, flags.number, tuple(flags.size))
        workspace = Workspace(folder)
        files = sum(1 for _ in folder.rglob("*.xml"))
        parts = {
            "headers": lambda: plain_loop(folder, decode=False),
            "quick": lambda: check(workspace, CheckOptions(folder, quick=True)),
            "imread": lambda: plain_loop(folder, decode=True),
            "decode": lambda: check(workspace, CheckOptions(folder)),
        }
        report(measure(parts, flags.rounds), files)
        sys.stdout.flush()
        subprocess.run([sys.executable, "-c", ALONE, str(folder)], check=True)


if __name__ == "__main__":
    main()
