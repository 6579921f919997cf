"""Claim: what `tfod config` writes is the best of these recipes for the CPU time it costs.

Trains on a folder of photos with XML, once for each recipe and seed, and measures on the photos
that a list names. Each finished run is one row of a CSV file; the same command goes on where it was
stopped.

    python benchmarks/recipes.py DATA/datasets/crowd_masks DATA/pre-trained/NAME rows.csv \\
        --held-out benchmarks/crowd_masks_held_out.txt --steps 200 --recipes base colour
    python benchmarks/recipes.py --table rows.csv

A row says recipe, data, seed, steps, CPU seconds of training, mAP, mAP@.5 and the AP of each class.
"""

import argparse
import csv
import os
import re
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfod.config import apply_overrides, parse_config
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.config.templates import new_config, set_data
from tfod.data.photo_folder import read_folder
from tfod.labels import write_label_map
from tfod.steps.evaluate.coco import PRECISION
from tfod.steps.evaluate.evaluate import evaluate
from tfod.steps.records.records import write_records
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

SIDE, BATCH_SIZE = 320, 8
NORMS = (
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay",
    "model.ssd.box_predictor.weight_shared_convolutional_box_predictor.conv_hyperparams."
    "batch_norm.decay",
)
BLOCKS_5 = "Conv1|bn_Conv1|expanded_conv|block_[1-5]_"
BLOCKS_12 = "Conv1|bn_Conv1|expanded_conv|block_([1-9]|1[0-2])_"
BACKBONE = "Conv|bn_Conv1|expanded_conv|block_"
COLOUR = [
    "random_adjust_brightness { max_delta: 0.2 }",
    "random_adjust_contrast { min_delta: 0.7 max_delta: 1.3 }",
    "random_adjust_saturation { min_delta: 0.7 max_delta: 1.3 }",
    "random_adjust_hue { max_delta: 0.02 }",
]
FLIP = "random_horizontal_flip { }"


def decay(value: float) -> list[str]:
    """Overrides that set the decay of all norms."""
    return [f"{norm}={value}" for norm in NORMS]


def frozen(pattern: str) -> list[str]:
    """Overrides that freeze the layers whose names begin so."""
    return [f'train_config.freeze_variables[0]="{pattern}"']


def rate(value: float) -> list[str]:
    """Overrides that set the highest learning rate, with a warm-up from a third of it."""
    return [f"{RATE}.learning_rate_base={value}", f"{RATE}.warmup_learning_rate={value / 3:.4f}"]


Change = Callable[[TrainEvalPipelineConfig], None]


def augmented(*operations: str) -> Change:
    """Replace the augmentation."""

    def change(config: TrainEvalPipelineConfig) -> None:
        del config.train_config.data_augmentation_options[:]
        for operation in operations:
            text = f"train_config {{ data_augmentation_options {{ {operation} }} }}"
            config.MergeFrom(parse_config(text))

    return change


def added(*operations: str) -> Change:
    """Add to the augmentation."""

    def change(config: TrainEvalPipelineConfig) -> None:
        for operation in operations:
            text = f"train_config {{ data_augmentation_options {{ {operation} }} }}"
            config.MergeFrom(parse_config(text))

    return change


RATE = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
NORMS_FROZEN = ["model.ssd.freeze_batchnorm=true"]
CROP = "random_crop_image { min_object_covered: 0.0 min_aspect_ratio: 0.75 max_aspect_ratio: 3.0 "
RECIPES: dict[str, list[str | Change]] = {
    "base": [],
    "decay .997": decay(0.997),
    "decay .9": decay(0.9),
    "detection": ["train_config.fine_tune_checkpoint_type=detection"],
    "norms frozen": NORMS_FROZEN,
    "blocks 1-5 frozen": frozen(BLOCKS_5),
    "blocks 1-12 frozen": frozen(BLOCKS_12),
    "backbone frozen": frozen(BACKBONE),
    "blocks 1-5 and norms frozen": frozen(BLOCKS_5) + NORMS_FROZEN,
    "rate .01": rate(0.01),
    "rate .04": rate(0.04),
    "blocks 1-12 frozen, rate .04": frozen(BLOCKS_12) + rate(0.04),
    "blocks 1-12 frozen, rate .08": frozen(BLOCKS_12) + rate(0.08),
    "blocks 1-12 frozen, rate .16": frozen(BLOCKS_12) + rate(0.16),
    "colour": [added(*COLOUR)],
    "flip only": [augmented(FLIP)],
    "ssd crop": [augmented(FLIP, "ssd_random_crop { }")],
    "scale": [
        augmented(
            FLIP,
            CROP + "min_area: 0.3 max_area: 1.0 overlap_thresh: 0.3 random_coef: 0.3 }",
            "random_pad_image { }",
        )
    ],
    "zoom": [augmented(FLIP, CROP + "min_area: 0.2 max_area: 1.0 overlap_thresh: 0.3 }")],
}


def make_data(photos: Path, held_out: Path, folder: Path) -> int:
    """Write records and label map; return how many classes there are."""
    names = set(held_out.read_text(encoding="utf-8").split())
    parts: dict[str, list[Path]] = {"train": [], "test": []}
    for image, xml in read_folder(photos).pairs:
        if xml is not None:
            parts["test" if image.name in names else "train"] += [image, xml]
    for part, files in parts.items():
        (folder / part).mkdir()
        for file in files:
            (folder / part / file.name).symlink_to(file.absolute())
    classes = sorted(
        {
            name
            for file in parts["train"]
            if file.suffix == ".xml"
            for name in re.findall(r"<name>(.*?)</name>", file.read_text(encoding="utf-8"))
        }
    )
    write_label_map(folder / "label_map.pbtxt", classes)
    for part in parts:
        write_records(folder / part, folder / f"{part}.record", folder / "label_map.pbtxt")
    return len(classes)


def make_config(
    folder: Path, checkpoint: Path, classes: int, steps: int, recipe: str
) -> TrainEvalPipelineConfig:
    """Make the config of a new model, changed by a recipe."""
    workspace = Workspace(folder)
    config = new_config(
        workspace, classes, checkpoint, size=SIDE, num_steps=steps, batch_size=BATCH_SIZE
    )
    set_data(
        config, folder / "label_map.pbtxt", [folder / "train.record"], [folder / "test.record"]
    )
    del config.train_config.freeze_variables[:]
    changes: list[str | Change] = [*decay(0.97), *RECIPES[recipe]]
    apply_overrides(config, [one for one in changes if isinstance(one, str)], workspace)
    for change in changes:
        if not isinstance(change, str):
            change(config)
    return config


def cpu_s() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def one_run(
    folder: Path, checkpoint: Path, classes: int, steps: int, recipe: str, seed: int
) -> dict[str, object]:
    """Train and measure once."""
    config = make_config(folder, checkpoint, classes, steps, recipe)
    model_dir = folder / f"{recipe}-{seed}-{steps}"
    begun_s, wall_s = cpu_s(), time.perf_counter()
    train(Workspace(folder), config, model_dir, TrainOptions(seed=seed))
    spent_s, wall_s = cpu_s() - begun_s, time.perf_counter() - wall_s
    result = evaluate(config, model_dir)
    per_class = {name: row.ap for name, row in result.per_class.items()}
    return {
        "recipe": recipe,
        "seed": seed,
        "steps": steps,
        "cpu_s": round(spent_s),
        "wall_s": round(wall_s),
        "mAP": round(result.figures[PRECISION + "mAP"] or 0, 4),
        "mAP50": round(result.figures[PRECISION + "mAP@.50IOU"] or 0, 4),
        "classes": " ".join(f"{name}={value or 0:.3f}" for name, value in per_class.items()),
    }


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of finished runs."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def table(rows: list[dict[str, str]]) -> None:
    """Print mean and spread of each recipe, best first."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["data"], row["steps"], row["recipe"]].append(row)
    lines = []
    for (data, steps, recipe), runs in groups.items():
        values = [float(run["mAP"]) for run in runs]
        cost = statistics.mean(float(run["cpu_s"]) for run in runs)
        spread = f"{min(values):.3f} to {max(values):.3f}" if len(values) > 1 else ""
        mean_50 = statistics.mean(float(run["mAP50"]) for run in runs)
        lines.append((data, int(steps), -statistics.mean(values), recipe, spread, mean_50, cost,
                      len(values), runs[0]["classes"]))  # fmt: skip
    print("| data | steps | recipe | runs | mAP | from to | mAP@.5 | CPU s | classes (first run) |")
    print("|---|---|---|---|---|---|---|---|---|")
    for data, steps, mean, recipe, spread, mean_50, cost, count, classes in sorted(lines):
        print(f"| {data} | {steps} | {recipe} | {count} | {-mean:.3f} | {spread} | {mean_50:.3f} "
              f"| {cost:.0f} | {classes} |")  # fmt: skip


def main() -> None:
    """Run what is missing, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="folder of photos with XML")
    parser.add_argument("checkpoint", type=Path, nargs="?", help="folder of the zoo's layout")
    parser.add_argument("rows", type=Path, help="CSV file")
    parser.add_argument("--held-out", type=Path, help="list of the photos to measure on")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--table", action="store_true", help="only print what was measured")
    flags = parser.parse_args()
    if flags.table:
        table(read_rows(flags.rows))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        classes = make_data(flags.data, flags.held_out, folder)
        for seed in flags.seeds:
            for recipe in flags.recipes:
                key = {"recipe": recipe, "data": flags.data.name, "seed": str(seed)}
                key["steps"] = str(flags.steps)
                if any(key.items() <= row.items() for row in read_rows(flags.rows)):
                    continue
                row = one_run(folder, flags.checkpoint, classes, flags.steps, recipe, seed)
                row = {"data": flags.data.name, **row}
                is_new = not flags.rows.exists()
                with flags.rows.open("a", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, list(row))
                    if is_new:
                        writer.writeheader()
                    writer.writerow(row)
                print(row, flush=True)


if __name__ == "__main__":
    main()
