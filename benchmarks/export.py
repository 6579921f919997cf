"""What an exported model costs: time a frame, share of what is no convolution, loading, memory.

    python benchmarks/export.py --config pipeline.config --checkpoint workspace/models/masks

Without arguments: the default config at 640 px with random weights. The parts are measured in one
process, taking turns, on one frame of 1280x720:
    whole       the exported model: resize, network, post-processing
    network     the network as exported, batch norms folded into the convolutions
    unfolded    the network as it is trained, traced
    resize      preprocessing of the frame
    detections  post-processing of what the network says to the frame
Load time and memory are those of a process of its own that does nothing else (Linux only).
CPU milliseconds stand beside wall time, as machines are noisy.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

FRAME = (1, 720, 1280, 3)
ALONE = """
import json, sys, time
import tensorflow as tf
def peak():  # ru_maxrss would count the process this one was forked from
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
tf.constant(0)
imported = peak()
start = time.perf_counter()
detect = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
loaded = time.perf_counter()
frame = tf.random.stateless_uniform((1, 720, 1280, 3), (1, 2), 0, 255, tf.int32)
frame = tf.cast(frame, tf.uint8)
detect(input_tensor=frame)
first = time.perf_counter()
for _ in range(20):
    detect(input_tensor=frame)
print(json.dumps({"load": loaded - start, "first": first - loaded,
                  "imported": imported, "peak": peak()}))
"""


def measure(parts: dict[str, Callable], rounds: int, times: int) -> dict[str, tuple[float, float]]:
    """Run the parts in turn; give each its median wall time and mean CPU time, in ms."""
    wall: dict[str, list] = {name: [] for name in parts}
    cpu = dict.fromkeys(parts, 0.0)
    for part in parts.values():
        for _ in range(3):
            part()
    for _ in range(rounds):
        for name, part in parts.items():
            before = time.process_time()
            for _ in range(times):
                start = time.perf_counter()
                part()
                wall[name].append(time.perf_counter() - start)
            cpu[name] += time.process_time() - before
    count = rounds * times
    return {name: (1e3 * float(np.median(wall[name])), 1e3 * cpu[name] / count) for name in parts}


def make_parts(model, folder: Path, frame) -> dict[str, Callable]:
    """The parts to measure, each a function without arguments that waits for its result."""
    import tensorflow as tf

    from tfod.steps.export.saved_model import fold_network

    signature = tf.saved_model.load(str(folder / "saved_model")).signatures["serving_default"]
    folded = fold_network(model)

    @tf.function
    def network(images):
        box_encodings, class_logits = folded(images)
        return {"box_encodings": box_encodings, "class_logits": class_logits}

    unfolded = tf.function(lambda images: model(images, training=False)["class_logits"])
    resize = tf.function(model.preprocess)
    detections = tf.function(model.postprocess)
    images = resize(frame)
    predictions = network(images)
    return {
        "whole": lambda: signature(input_tensor=frame)["num_detections"].numpy(),
        "network": lambda: network(images)["class_logits"][0, 0].numpy(),
        "unfolded": lambda: unfolded(images)[0, 0].numpy(),
        "resize": lambda: resize(frame)[0, 0, 0].numpy(),
        "detections": lambda: detections(predictions)["num_detections"].numpy(),
    }


def report(times: dict[str, tuple[float, float]]) -> None:
    """Print the table and the share of resize and detections against the network."""
    print(f"{'part':12}{'median ms':>10}{'CPU ms':>9}")
    for name, (wall, cpu) in times.items():
        print(f"{name:12}{wall:10.1f}{cpu:9.1f}")
    for number, what in enumerate(("wall time", "CPU time")):
        extra = times["resize"][number] + times["detections"][number]
        print(f"resize + detections / network, {what}: {extra / times['network'][number]:.1%}")


def main() -> None:
    """Export, measure the parts, then load the export in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--config", type=Path, help="pipeline.config; the default one if absent")
    parser.add_argument("--checkpoint", type=Path, help="random weights if absent")
    parser.add_argument("--size", type=int, default=640, help="side of the network's images, px")
    parser.add_argument("--classes", type=int, default=2, help="for the default config")
    parser.add_argument("--image", type=Path, help="a photo; noise if absent")
    parser.add_argument("--rounds", type=int, default=5)
    flags = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf
    from PIL import Image

    from tfod.config import read_config
    from tfod.config.templates import new_config
    from tfod.model.checkpoints.save import save_checkpoint
    from tfod.model.ssd import SSD
    from tfod.steps.export.export import export
    from tfod.workspace import Workspace

    config = new_config(Workspace("."), flags.classes)
    if flags.config:
        config = read_config(flags.config, Workspace("."))
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    resizer.height = resizer.width = flags.size
    frame = np.random.default_rng(0).integers(0, 255, FRAME, np.uint8)
    if flags.image:
        with Image.open(flags.image) as image:
            frame = np.array(image.convert("RGB").resize(FRAME[2:0:-1]))[None]
    with tempfile.TemporaryDirectory() as name:
        model, folder = SSD(config.model.ssd, seed=0), Path(name)
        checkpoint = flags.checkpoint or save_checkpoint(folder / "random", model, 0)
        start = time.perf_counter()
        export(Workspace(folder), config, checkpoint, folder / "exported")
        print(f"export: {time.perf_counter() - start:.1f} s")
        if flags.checkpoint:
            from tfod.model.checkpoints.restore import restore_model

            restore_model(model, flags.checkpoint, "all")
        report(
            measure(make_parts(model, folder / "exported", tf.constant(frame)), flags.rounds, 20)
        )
        command = [sys.executable, "-c", ALONE, str(folder / "exported/saved_model")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        alone = json.loads(done.stdout.splitlines()[-1])
    print(
        f"alone: loads in {alone['load']:.1f} s, first frame {alone['first']:.1f} s, peak memory "
        f"{alone['peak']:.0f} MiB (TensorFlow alone {alone['imported']:.0f} MiB)"
    )


if __name__ == "__main__":
    sys.exit(main())
