"""Measure the input pipeline alone, beside a training step that eats its batches, in one run.

    python benchmarks/input_pipeline.py --images ../shared/datasets/mask/train --sizes 320 640

Claim: the pipeline makes at least 3 times the images per second that training takes (both alone on
the machine), and costs under a tenth of its CPU time. Uses the augmentation of the published
configs (flip, crop) and batches of 8. CPU seconds are those of all threads of this process.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf

from tfod.config.templates import new_config, set_data
from tfod.data.batches.pipeline import train_batches
from tfod.data.records.check import open_records
from tfod.labels import read_label_map
from tfod.model.ssd import SSD
from tfod.steps.records.records import write_records
from tfod.steps.train.optimizer import Optimizer
from tfod.steps.train.step import TrainStep
from tfod.workspace import Workspace

BATCH_SIZE = 8
WARM_UP = 3  # batches or steps


def measure(function: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Mean wall and CPU seconds of a call, after a warm-up."""
    for _ in range(WARM_UP):
        function()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - wall_s) / repeats, (time.process_time() - cpu_s) / repeats


def one_size(folder: Path, size: int, steps: int) -> None:
    """Measure pipeline and training step at one input size; print a line for each."""
    label_map = folder / "label_map.pbtxt"
    num_classes = read_label_map(label_map).num_classes
    config = new_config(Workspace(folder), num_classes, size=size, batch_size=BATCH_SIZE)
    set_data(config, label_map, [folder / "train.record"], [])
    model = SSD(config.model.ssd, seed=0)
    train_step = TrainStep(model, Optimizer(config.train_config), True)

    records = open_records(config.train_input_reader, num_classes)
    batches = iter(train_batches(config, records, model.preprocess))
    batch = next(batches)
    pipeline_s, pipeline_cpu_s = measure(lambda: next(batches), 10 * steps)
    step = tf.constant(0, tf.int64)
    step_s, step_cpu_s = measure(lambda: float(train_step(batch, step)["Loss/total_loss"]), steps)

    print(
        f"{size}: pipeline alone {BATCH_SIZE / pipeline_s:7.1f} images/s, "
        f"{1000 * pipeline_cpu_s / BATCH_SIZE:5.1f} CPU ms an image\n"
        f"{size}: training alone {BATCH_SIZE / step_s:7.1f} images/s, "
        f"{step_s:.2f} s ({step_cpu_s:.2f} CPU s) a step of {BATCH_SIZE}\n"
        f"{size}: ratio {step_s / pipeline_s:.1f} in images/s; the pipeline costs "
        f"{100 * pipeline_cpu_s / step_cpu_s:.1f} % of the CPU time of a step"
    )


def main() -> None:
    """Write the records of a folder of labelled images, then measure each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, default="../shared/datasets/mask/train")
    parser.add_argument("--sizes", type=int, nargs="+", default=[320, 640])
    parser.add_argument("--steps", type=int, default=10)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_records(flags.images, folder / "train.record", folder / "label_map.pbtxt")
        for size in flags.sizes:
            one_size(folder, size, flags.steps)


if __name__ == "__main__":
    main()
