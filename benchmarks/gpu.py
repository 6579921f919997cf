"""What a GPU does for the training step and for the exported model: one block to paste.

    python benchmarks/gpu.py
    python benchmarks/gpu.py --sizes 320 640 --batch 8 --steps 30

The same on a CPU, for comparison. Paste it into docs/log.md, or into a report: nobody of
the project has had a GPU in hand yet.
"""

import argparse
import os
import platform
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from train_step import constant_batch, our_step

import tfod
from tfod.config.templates import default_config
from tfod.device import device_name
from tfod.model.ssd import SSD

WARM_UP = 3  # runs that trace, choose kernels, and are not counted


def config_of(size):
    """The default config for images of a size."""
    config = default_config()
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    resizer.height = resizer.width = size
    return config


def median_ms(work, runs):
    """Median wall time of a function whose result is fetched, in ms."""
    times = []
    for run in range(runs + WARM_UP):
        begun = time.perf_counter()
        work()
        if run >= WARM_UP:
            times.append(time.perf_counter() - begun)
    return 1000 * float(np.median(times))


def peak_gib():
    """Most memory that the first GPU has held since the last call; None on a CPU."""
    if not tf.config.list_physical_devices("GPU"):
        return None
    held = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    tf.config.experimental.reset_memory_stats("GPU:0")
    return held / 2**30


def measure(size, batch, steps):
    """Give one row: ms a step, images a second, peak of memory, ms for one image in inference."""
    config = config_of(size)
    step, images = our_step(config), constant_batch(size, batch)
    peak_gib()
    step_ms = median_ms(lambda: float(step(images)["Loss/total_loss"]), steps)
    peak = peak_gib()
    model = SSD(config.model.ssd, seed=0)
    detect = tf.function(lambda image: model.postprocess(model(image)), autograph=False)
    one = images["image"][:1]
    detect_ms = median_ms(lambda: [value.numpy() for value in tf.nest.flatten(detect(one))], steps)
    memory = "-" if peak is None else f"{peak:.2f} GiB"
    return (
        f"| {size} | {batch} | {step_ms:.1f} ms | {1000 * batch / step_ms:.1f} | {memory} "
        f"| {detect_ms:.1f} ms |"
    )


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[320, 640], help="px")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    device = device_name()
    rows = [measure(size, options.batch, options.steps) for size in options.sizes]
    print(f"{device}; TensorFlow {tf.__version__}, tfod {tfod.__version__}, {platform.platform()}")
    print("| px | batch | training step | images/s | peak memory | one image |")
    print("|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
