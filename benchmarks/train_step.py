"""One training step against the same network made of stock Keras layers.

    python benchmarks/train_step.py --size 320 --batch 8 --steps 10
    python benchmarks/train_step.py --size 640 --steps 3 --memory

Both variants have the same layers, targets and losses and get one constant batch. Ours runs the
step of `tfod train`; the other one `keras.layers.BatchNormalization` and `keras.optimizers.SGD`.
They take turns in one process, so that a noisy machine is noisy for both. `--memory` runs each
in a process of its own and prints its peak instead.
"""

import argparse
import os
import resource
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from tfod.config.templates import default_config
from tfod.model.batch_norm import BatchNorm
from tfod.model.ssd import SSD
from tfod.steps.train.optimizer import Optimizer
from tfod.steps.train.step import TrainStep


def our_step(config):
    """Return the step of `tfod train`, a function of a batch."""
    model = SSD(config.model.ssd, seed=0)
    step = TrainStep(model, Optimizer(config.train_config), True)
    return lambda batch: step(batch, tf.constant(0, tf.int64))


def stock_step(config):
    """Return the step of the same network with stock batch norm and optimiser."""
    model = SSD(config.model.ssd, seed=0)
    model.network = keras.models.clone_model(model.network, clone_function=stock_layer)
    optimizer = keras.optimizers.SGD(0.026666, momentum=0.9)
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def step(batch):
        with tf.GradientTape() as tape:
            predictions = model(batch["image"], training=True)
            losses = model.losses(predictions, batch)
        variables = model.trainable_variables
        gradients = tape.gradient(losses["Loss/total_loss"], [v.value for v in variables])
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return losses

    return step


def stock_layer(layer):
    """Copy a layer, with a stock batch norm for ours."""
    if isinstance(layer, BatchNorm):
        return keras.layers.BatchNormalization(
            momentum=layer.momentum, epsilon=layer.epsilon, name=layer.name
        )
    return layer.__class__.from_config(layer.get_config())


VARIANTS = {"ours": our_step, "stock": stock_step}


def constant_batch(size, count):
    """Make a batch of noise with five boxes an image."""
    draw = np.random.default_rng(0)
    corners = draw.uniform(0, 0.6, (count, 100, 2))
    boxes = np.concatenate([corners, corners + draw.uniform(0.05, 0.4, (count, 100, 2))], -1)
    real = np.arange(100) < 5
    return {
        "image": tf.constant(draw.uniform(-1, 1, (count, size, size, 3)), tf.float32),
        "boxes": tf.constant(np.where(real[:, None], boxes, 0), tf.float32),
        "class_ids": tf.constant(np.tile(np.where(real, 0, -1), (count, 1)), tf.int32),
        "weights": tf.constant(np.tile(real, (count, 1)), tf.float32),
    }


def measure(names, options):
    """Run the variants in turn; return name -> array [steps, 2] of wall and CPU seconds."""
    config = default_config()
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    resizer.height = resizer.width = options.size
    batch = constant_batch(options.size, options.batch)
    steps = {name: VARIANTS[name](config) for name in names}
    times = {name: [] for name in names}
    for number in range(options.steps + 2):
        for name, step in steps.items():
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            float(step(batch)["Loss/total_loss"])
            if number >= 2:  # the first ones trace and warm up
                times[name].append((time.perf_counter() - wall_s, time.process_time() - cpu_s))
    return {name: np.array(values) for name, values in times.items()}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=320, help="side of the images, px")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--only", choices=VARIANTS, help="run one variant")
    parser.add_argument("--memory", action="store_true", help="peak memory of each")
    options = parser.parse_args()
    if options.memory:
        plain = [word for word in sys.argv if word != "--memory"]
        for name in VARIANTS:
            subprocess.run([sys.executable, *plain, "--only", name], check=True)
        return
    times = measure([options.only] if options.only else list(VARIANTS), options)
    print(f"{options.size} px, batch {options.batch}, {options.steps} steps, median of a step")
    for name, values in times.items():
        wall_s, cpu_s = np.median(values, axis=0)
        print(f"{name:6} {wall_s:7.3f} s wall {cpu_s:7.3f} s CPU")
    if options.only:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{options.only:6} {peak:7.2f} GiB peak")
    else:
        wall, cpu = np.median(times["ours"], axis=0) / np.median(times["stock"], axis=0)
        print(f"ours / stock {wall:.2f} wall {cpu:.2f} CPU")


if __name__ == "__main__":
    main()
