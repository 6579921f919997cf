"""Claim: an evaluation in training costs IMAGE_COST of a training image, for each image, at most.

    python benchmarks/validation.py FOLDER CHECKPOINT --size 320

FOLDER holds photos with LabelImg XML. Measures the CPU time of an image in an evaluation (decoding,
detecting, pictures and the COCO figures) and in a training step, of a new config, in one process.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from tfod.config.templates import new_config, set_data
from tfod.data.batches.pipeline import train_batches
from tfod.data.photo_folder import read_folder
from tfod.data.records.check import open_records
from tfod.data.voc import read_voc
from tfod.labels import write_label_map
from tfod.model.ssd import SSD
from tfod.steps.records.records import write_records
from tfod.steps.train.optimizer import Optimizer
from tfod.steps.train.start import freeze
from tfod.steps.train.step import TrainStep
from tfod.steps.train.validation import IMAGE_COST, ValidationOptions, make_validation
from tfod.workspace import Workspace

STEPS, TIMES = 10, 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("checkpoint", type=Path, help="folder of the zoo's layout")
    parser.add_argument("--size", type=int, default=320)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = [xml for _, xml in read_folder(flags.photos).pairs if xml is not None]
        classes = sorted({name for xml in pairs for name in read_voc(xml).names})
        record, label_map = folder / "photos.record", folder / "label_map.pbtxt"
        write_label_map(label_map, classes)
        write_records(flags.photos, record, label_map)
        config = new_config(Workspace(folder), len(classes), flags.checkpoint, size=flags.size)
        set_data(config, label_map, [record], [record])
        records = open_records(config.train_input_reader, len(classes))
        for frozen in (True, False):
            model = SSD(config.model.ssd, seed=0)
            if frozen:
                freeze(config.train_config, model)
            step = TrainStep(model, Optimizer(config.train_config), True)
            batches = iter(train_batches(config, records, model.preprocess, 0))
            validation = make_validation(config, ValidationOptions(1), model, folder, 0, 9)
            in_training, in_evaluation = [], []
            for number in range(STEPS + 1):
                begun_s = time.process_time()
                float(step(next(batches), tf.constant(0, tf.int64))["Loss/total_loss"])
                in_training.append((time.process_time() - begun_s) / config.train_config.batch_size)
                if number % (STEPS // TIMES) == 0:
                    begun_s = time.process_time()
                    validation.run(1, lambda: False)
                    in_evaluation.append((time.process_time() - begun_s) / records.count)
            one, other = np.median(in_evaluation[1:]), np.median(in_training[1:])
            what = "12 blocks frozen" if frozen else "all layers learn"
            print(f"{what}: {1000 * one:.1f} ms of CPU time an image in an evaluation, "
                  f"{1000 * other:.1f} ms in a step: {one / other:.2f} (IMAGE_COST {IMAGE_COST})",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
