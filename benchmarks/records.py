"""How fast record files are written, against loops that take one image after the other.

    python benchmarks/records.py [folder of images with XML ...]

Loops compared, each in the same process over the same files, several rounds taking turns:
    decode   opens each image with PIL, decodes it, encodes it as JPEG again, writes one example
             at a time with TensorFlow (what many scripts do that take an array through their hands)
    load     the same, but keeps the bytes of the file after decoding the image
    open     the same, but opens the image only for its size (the tutorial's generate_tfrecord.py)
    tfod     write_records: checks every file, keeps the bytes, stores a hash
What bounds tfod is Python's work per image (XML 0.1-0.2 ms, header and Example 0.1 ms) and, for
large images, SHA-256 (0.7 ms per MB); threads only help where images are encoded again.
Ratios are of images per second; seconds of CPU time stand beside them, as machines are noisy.
"""

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from defusedxml import ElementTree
from PIL import Image

from tfod.data.example import Example
from tfod.data.voc import write_voc
from tfod.steps.records.records import write_records

SIDES = ("xmin", "ymin", "xmax", "ymax")


def plain_loop(folder: Path, record: Path, labels: dict[str, int], kind: str) -> int:
    """Write a record in the plainest way; `kind` is "decode", "load" or "open"."""
    import tensorflow as tf

    def ints(values):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    def floats(values):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))

    def texts(values):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))

    paths = sorted(folder.glob("*.xml"))
    with tf.io.TFRecordWriter(str(record)) as writer:
        for path in paths:
            root = ElementTree.parse(path).getroot()
            name = root.findtext("filename")
            encoded = (folder / name).read_bytes()
            image = Image.open(io.BytesIO(encoded))
            width, height = image.size
            if kind != "open":
                pixels = np.asarray(image.convert("RGB"))
            if kind == "decode":
                buffer = io.BytesIO()
                Image.fromarray(pixels).save(buffer, "JPEG")
                encoded = buffer.getvalue()
            objects = root.findall("object")
            sizes = {"xmin": width, "ymin": height, "xmax": width, "ymax": height}
            boxes = {
                f"image/object/bbox/{side}": floats(
                    [float(node.findtext(f"bndbox/{side}")) / sizes[side] for node in objects]
                )
                for side in SIDES
            }
            names = [node.findtext("name") for node in objects]
            features = {
                "image/height": ints([height]),
                "image/width": ints([width]),
                "image/filename": texts([name.encode()]),
                "image/source_id": texts([name.encode()]),
                "image/encoded": texts([encoded]),
                "image/format": texts([b"jpg"]),
                **boxes,
                "image/object/class/text": texts([name.encode() for name in names]),
                "image/object/class/label": ints([labels[name] for name in names]),
            }
            example = tf.train.Example(features=tf.train.Features(feature=features))
            writer.write(example.SerializeToString())
    return len(paths)


def draw(folder: Path, count: int) -> None:
    """Make images of 1280x720 with a few boxes each, as a webcam gives them."""
    y, x = np.mgrid[:720, :1280]
    chance = np.random.default_rng(0)
    for number in range(count):
        image = np.stack([x % 256, y % 256, (x + y + number) % 256], axis=-1)
        image = image + chance.integers(-8, 8, image.shape)
        path = folder / f"image_{number:04d}.jpg"
        Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(path, quality=90)
        boxes = [[0.25, 0.25, 0.5, 0.5], [0.1, 0.5, 0.9, 0.75]]
        write_voc(path.with_suffix(".xml"), Example(path, 720, 1280, boxes, ("a", "b")))


def measure(loops: dict[str, Callable[[], int]], rounds: int) -> dict[str, tuple[float, float]]:
    """Run the loops in turn; give each its best wall time and CPU time, in seconds."""
    best = {name: (float("inf"), float("inf")) for name in loops}
    for _ in range(rounds):
        for name, loop in loops.items():
            wall, cpu = time.perf_counter(), time.process_time()
            loop()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            best[name] = (min(best[name][0], wall), min(best[name][1], cpu))
    return best


def compare(folder: Path, out: Path, rounds: int) -> None:
    """Print one table for one folder."""
    label_map = out / "label_map.pbtxt"
    label_map.unlink(missing_ok=True)
    ours = out / "ours.record"
    result = write_records(folder, ours, label_map)
    labels = {name: number for number, name in enumerate(result.classes, start=1)}
    loops: dict[str, Callable[[], int]] = {
        kind: lambda kind=kind: plain_loop(folder, out / "plain.record", labels, kind)
        for kind in ("decode", "load", "open")
    }
    loops["tfod"] = lambda: write_records(folder, ours, label_map).images
    times = measure(loops, rounds)
    megabytes = ours.stat().st_size / 1e6
    print(f"{folder.name}: {result.images} images, {result.boxes} boxes, {megabytes:.1f} MB")
    print(f"  {'loop':8}{'images/s':>10}{'CPU ms/image':>14}{'tfod is':>10}{'in CPU':>8}")
    for name, (wall, cpu) in times.items():
        faster, cheaper = wall / times["tfod"][0], cpu / times["tfod"][1]
        speed, per_image = result.images / wall, 1000 * cpu / result.images
        print(f"  {name:8}{speed:10.0f}{per_image:14.2f}{faster:9.1f}x{cheaper:7.1f}x")


def main() -> None:
    """Compare on the folders given, and on drawn images."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, help="images with XML beside them")
    parser.add_argument("--drawn", type=int, default=100, help="number of images to draw")
    parser.add_argument("--rounds", type=int, default=3)
    flags = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    start = time.perf_counter()
    import tensorflow as tf

    print(f"importing TensorFlow {tf.__version__}: {time.perf_counter() - start:.1f} s (tfod: 0)")
    with tempfile.TemporaryDirectory() as name:
        drawn = Path(name) / "drawn"
        drawn.mkdir()
        draw(drawn, flags.drawn)
        for folder in (*flags.folders, drawn):
            compare(folder, Path(name), flags.rounds)


if __name__ == "__main__":
    sys.exit(main())
