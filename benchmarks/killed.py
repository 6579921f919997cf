"""Claim: a training that is killed at any moment loses an interval at most; `best/` stays whole.

    python benchmarks/killed.py --times 20

Trains a small detector on drawn scenes, saving and evaluating every 5 steps, and kills it (SIGKILL)
at a random moment, again and again in the same folder. After each time the newest and the best
checkpoint are read whole, and steps must not have gone back by more than an interval.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

EVERY = 5
WHILE_WRITING_S = 0.4  # after a checkpoint appeared, where half of the kills fall


def train_on(folder: Path) -> None:
    """Train for ever, in the process that is killed."""
    from training import small_config

    from tfod.steps.train.train import TrainOptions, train
    from tfod.workspace import Workspace

    config = small_config(folder, range(4), "train_config.batch_size=4")
    options = TrainOptions(100_000, EVERY, seed=0, evaluate_every=EVERY)
    train(Workspace(folder), config, folder / "model", options)


def newest_step(folder: Path) -> int:
    """The step of the newest checkpoint, read whole; of the best, too, when there is one."""
    from tfod.model.checkpoints.best import BEST, read_best
    from tfod.model.checkpoints.files import latest_checkpoint
    from tfod.model.checkpoints.format import read_checkpoint

    newest = latest_checkpoint(folder)
    if newest is None:
        return 0
    step = read_checkpoint(newest).step
    best = latest_checkpoint(folder / BEST)
    assert best is not None or read_best(folder) is None, "best.json without a checkpoint"
    if best is not None:
        assert read_checkpoint(best).step <= step + EVERY, "the best is of a later step"
    return step


def main() -> None:
    """Kill, look, go on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train", type=Path, help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.train:
        train_on(flags.train)
        return
    dice, reached = random.Random(flags.seed), 0
    with tempfile.TemporaryDirectory() as name:
        model = Path(name) / "model"
        for number in range(1, flags.times + 1):
            before = len(list(model.rglob("*.index")))
            command = [sys.executable, __file__, "--train", name]
            running = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            state = model / "checkpoint"
            changed = state.stat().st_mtime_ns if state.exists() else 0
            while not state.exists() or state.stat().st_mtime_ns == changed:
                assert running.poll() is None, "the training ended by itself"
                time.sleep(0.01)
            time.sleep(dice.uniform(0, WHILE_WRITING_S if number % 2 else 4.0))
            running.kill()
            running.wait()
            step = newest_step(model)
            assert step >= reached, f"{step} after {reached}"
            print(f"kill {number}: step {step}, {before} checkpoints before", flush=True)
            reached = step


if __name__ == "__main__":
    main()
