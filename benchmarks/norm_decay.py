"""Claim: a decay that fits the number of steps leaves norms with the statistics of the weights.

Trains on 200 photos of a folder with XML, all classes taken for one, 150 steps from a published
checkpoint at 320 px; measures mAP as it ends, and again with the statistics re-estimated over all
training photos, once for each decay of the batch norms.

    python benchmarks/norm_decay.py DATA/datasets/crowd_masks DATA/pre-trained/NAME \\
        --held-out benchmarks/crowd_masks_held_out.txt
"""

import argparse
import os
import random
import re
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfod.config import apply_overrides
from tfod.config.templates import NORM_DECAYS, new_config, set_data
from tfod.data.batches.pipeline import eval_examples, train_batches
from tfod.data.photo_folder import read_folder
from tfod.data.records.check import open_records
from tfod.labels import write_label_map
from tfod.model.checkpoints.restore import restore_model
from tfod.model.ssd import SSD
from tfod.model.statistics import reestimate
from tfod.steps.evaluate.coco import PRECISION, coco_figures
from tfod.steps.evaluate.measure import make_eval_step, measure
from tfod.steps.records.records import write_records
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

PHOTOS, STEPS, SIDE, BATCH_SIZE = 200, 150, 320, 8


def make_data(photos: Path, held_out: Path, folder: Path) -> None:
    """Write records of one class: 200 training photos, and those of the list to measure on."""
    names = set(held_out.read_text(encoding="utf-8").split())
    pairs = [(image, xml) for image, xml in read_folder(photos).pairs if xml is not None]
    train_pairs = [pair for pair in pairs if pair[0].name not in names]
    parts = {
        "train": random.Random(0).sample(train_pairs, PHOTOS),
        "test": [pair for pair in pairs if pair[0].name in names],
    }
    write_label_map(folder / "label_map.pbtxt", ["face"])
    for part, chosen in parts.items():
        (folder / part).mkdir()
        for image, xml in chosen:
            (folder / part / image.name).symlink_to(image.absolute())
            text = re.sub(r"<name>.*?</name>", "<name>face</name>", xml.read_text("utf-8"))
            (folder / part / xml.name).write_text(text, encoding="utf-8")
        write_records(folder / part, folder / f"{part}.record", folder / "label_map.pbtxt")


def one_run(folder: Path, checkpoint: Path, decay: float | None, seed: int) -> None:
    """Train, measure, re-estimate over all training photos, and measure again."""
    workspace = Workspace(folder)
    config = new_config(workspace, 1, checkpoint, size=SIDE, num_steps=STEPS, batch_size=BATCH_SIZE)
    records = [folder / "train.record"], [folder / "test.record"]
    set_data(config, folder / "label_map.pbtxt", *records)
    if decay is not None:
        apply_overrides(config, [f"{name}={decay}" for name in NORM_DECAYS], workspace)
    model_dir = folder / f"{decay}-{seed}"
    result = train(workspace, config, model_dir, TrainOptions(seed=seed, evaluate_every=0))
    model = SSD(config.model.ssd)
    restore_model(model, result.checkpoint, "all")
    opened = open_records(config.train_input_reader, 1)
    tested = open_records(config.eval_input_reader[0], 1)
    step = make_eval_step(model, True)

    def mean_ap() -> float:
        examples = eval_examples(config.eval_input_reader[0], tested, model.preprocess, True)
        found = measure(step, examples, tested.class_names, config.eval_config)
        figures = coco_figures(found.truths, found.detections, tested.class_names).figures
        return figures[PRECISION + "mAP"] or 0.0

    before = mean_ap()
    batches = train_batches(config, opened, model.preprocess, seed)
    reestimate(model, batches.take(PHOTOS // BATCH_SIZE))
    norm = config.model.ssd.feature_extractor.conv_hyperparams.batch_norm
    print(f"decay {norm.decay:.4f}, seed {seed}: mAP {before:.3f} as it ends, {mean_ap():.3f} "
          "re-estimated", flush=True)  # fmt: skip


def main() -> None:
    """Compare decays."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("checkpoint", type=Path, help="folder of the zoo's layout")
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_data(flags.data, flags.held_out, folder)
        for seed in flags.seeds:
            for decay in (None, 0.997, 0.9):
                one_run(folder, flags.checkpoint, decay, seed)


if __name__ == "__main__":
    main()
