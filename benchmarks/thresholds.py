"""How a threshold per class should be chosen: on half of the test photos, tried on the other half.

    python benchmarks/thresholds.py workspace/models/masks --photos 20

Evaluates the model once, then splits its test photos a hundred times. `micro` is F1 over all
objects, `macro` the mean over the classes; `worse`: share of the splits in which 0.5 does better.
The second table: how often the interval of the mAP from so few photos holds the mAP of all others.
"""

import argparse
from pathlib import Path

import numpy as np

from tfod.data.batches.pipeline import eval_examples
from tfod.data.records.check import open_records
from tfod.model.checkpoints.format import read_checkpoint
from tfod.model.checkpoints.restore import restore_model
from tfod.model.ssd import SSD
from tfod.steps.evaluate.bootstrap import interval, mean_average_precision
from tfod.steps.evaluate.evaluate import read_to_evaluate
from tfod.steps.evaluate.matches import Matches, match
from tfod.steps.evaluate.measure import Measured, make_eval_step, measure
from tfod.steps.evaluate.thresholds import Curves, best_thresholds, curves, f1
from tfod.workspace import Workspace

RULES = {"0.5": None, "one for all": np.inf, "own": 0, **{f"weight {k}": k for k in (10, 30, 100)}}
TRIALS = 100


def measured(folder: Path) -> Measured:
    """What the newest checkpoint of a model finds in its test photos."""
    config = read_to_evaluate(Workspace(folder.parents[2]), folder / "pipeline.config")
    reader = config.eval_input_reader[0]
    records = open_records(reader, config.model.ssd.num_classes, names_twice=True)
    model = SSD(config.model.ssd)
    restore_model(model, read_checkpoint(folder), "all")
    step = make_eval_step(model, False)
    examples = eval_examples(reader, records, model.preprocess)
    config.eval_config.num_visualizations = 0
    return measure(step, examples, records.class_names, config.eval_config)


def scores_of(at: np.ndarray, other: Curves) -> tuple[float, float]:
    """F1 over all objects, and the mean over the classes, at one score for each class."""
    rows, columns = np.arange(len(at)), np.round(at * 100).astype(int) - 1
    found, alarms = other.found[rows, columns], other.alarms[rows, columns]
    own = f1(found, alarms, other.objects)[other.objects > 0]
    sums = (np.array([values.sum()]) for values in (found, alarms, other.objects))
    return f1(*sums)[0], np.nan_to_num(own).mean()


def try_rules(matches: Matches, photos: int) -> None:
    """Print what each rule reaches on the photos that did not choose."""
    random = np.random.default_rng(0)
    reached: dict[str, list] = {rule: [] for rule in RULES}
    for _ in range(TRIALS):
        chosen = np.zeros(matches.images, bool)
        chosen[random.permutation(matches.images)[:photos]] = True
        own, other = curves(matches, chosen), curves(matches, ~chosen)
        for rule, weight in RULES.items():
            half = np.full(len(own.objects), 0.5)
            reached[rule].append(
                scores_of(half if weight is None else best_thresholds(own, weight), other)
            )
    usual = np.array(reached["0.5"])
    print(f"chosen on {photos} of {matches.images} photos\n{'rule':12} micro  macro  worse")
    for rule, rows in reached.items():
        values = np.array(rows)
        worse = (values[:, 0] < usual[:, 0] - 1e-9).mean()
        print(f"{rule:12} {values[:, 0].mean():.3f}  {values[:, 1].mean():.3f}  {worse:.2f}")


def try_interval(seen: Measured, names: list[int], photos: int) -> None:
    """Print how often the interval of few photos holds the mAP of the others."""
    random, held, widths = np.random.default_rng(0), 0, []
    for _ in range(TRIALS):
        order = random.permutation(len(seen.truths))
        few, others = (
            match([seen.truths[i] for i in part], [seen.detections[i] for i in part], names)
            for part in (order[:photos], order[photos:])
        )
        (true_map,) = mean_average_precision(others, np.ones((1, others.images), np.float32))
        if between := interval(few, resamples=300):
            held += between.low <= true_map <= between.high
            widths.append(between.high - between.low)
    print(f"interval of {photos} photos: holds {held} of {TRIALS}, width {np.mean(widths):.2f}\n")


def main() -> None:
    """Evaluate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--photos", type=int, nargs="*", default=[])
    given = parser.parse_args()
    seen = measured(given.model.resolve())
    names = list(seen.class_names)
    matches = match(seen.truths, seen.detections, names)
    for photos in (matches.images // 2, *(few for few in given.photos if few < matches.images)):
        try_rules(matches, photos)
        try_interval(seen, names, photos)


if __name__ == "__main__":
    main()
