"""Claim: `transfer` gets further in 300 steps than what the old API keeps of a checkpoint.

Trains on a folder with train/, test/ (photos with LabelImg XML), label_map.pbtxt and
pipeline.config at 320x320, batch 8, once for each way to restore; evaluates every 300 steps.

python benchmarks/fine_tuning.py DATA/datasets/mask DATA/pre-trained/NAME --types transfer detection
"""

import argparse
import os
import resource
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfod.config import read_config
from tfod.model.checkpoints.format import read_checkpoint
from tfod.steps.evaluate.coco import PRECISION
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.records.records import write_records
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

EVERY = 300
SIDE = 320


def settings(folder: Path, checkpoint: Path, how: str) -> list[str]:
    """Overrides of the project's own pipeline.config."""
    resizer = "model.ssd.image_resizer.fixed_shape_resizer"
    lines = [f"{resizer}.height={SIDE}", f"{resizer}.width={SIDE}", "train_config.batch_size=8"]
    lines += [
        f"train_config.fine_tune_checkpoint={(checkpoint / 'checkpoint' / 'ckpt-0').as_posix()}",
        f"train_config.fine_tune_checkpoint_type={how}",
    ]
    for reader, part in (("train_input_reader", "train"), ("eval_input_reader[0]", "test")):
        record = (folder / f"{part}.record").as_posix()
        lines.append(f"{reader}.label_map_path={(folder / 'label_map.pbtxt').as_posix()}")
        lines.append(f"{reader}.tf_record_input_reader.input_path[0]={record}")
    return lines


def run(data: Path, checkpoint: Path, how: str, steps: int, seed: int | None) -> None:
    """Train once, evaluate its checkpoints and print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "label_map.pbtxt").write_text((data / "label_map.pbtxt").read_text())
        for part in ("train", "test"):
            write_records(data / part, folder / f"{part}.record", folder / "label_map.pbtxt")
        config = read_config(
            data / "pipeline.config", Workspace(folder), settings(folder, checkpoint, how)
        )
        before = resource.getrusage(resource.RUSAGE_SELF)
        model_dir = folder / "model"
        options = TrainOptions(steps, EVERY, seed)
        result = train(Workspace(folder), config, model_dir, options)
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"{how}: {result.seconds / steps:.2f} s and {cpu_s / steps:.2f} CPU s a step, "
            f"peak {after.ru_maxrss / 1024:.0f} MiB"
        )
        for index in sorted(model_dir.glob("ckpt-*.index")):
            prefix = index.with_suffix("")
            step = int(read_checkpoint(prefix).variables["step"])
            if step:
                figures = evaluate(config, model_dir, prefix).figures
                map_, map_50 = (figures[PRECISION + name] for name in ("mAP", "mAP@.50IOU"))
                print(f"{how}: {step} steps: mAP {map_:.3f}, mAP@.5 {map_50:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("checkpoint", type=Path, help="folder of the zoo's layout")
    parser.add_argument("--types", nargs="+", default=["transfer", "detection"])
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--seed", type=int)
    flags = parser.parse_args()
    for how in flags.types:
        run(flags.data, flags.checkpoint, how, flags.steps, flags.seed)


if __name__ == "__main__":
    main()
