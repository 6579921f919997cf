"""Train or evaluate with the old command line: a door to `tfod train` and `tfod evaluate`.

    python scripts/model_main_tf2.py --model_dir=workspace/models/masks \\
        --pipeline_config_path=workspace/models/masks/pipeline.config --alsologtostderr
    python scripts/model_main_tf2.py ... --checkpoint_dir=workspace/models/masks   (evaluates)

Flags are written as the old script took them: `--flag=value`, `--flag value`, one dash or two,
`--flag` and `--noflag` for booleans.
"""

import argparse
import shlex
import sys
from pathlib import Path

from tfod.cli.bars import TerminalProgress
from tfod.cli.interrupt import asked_to_stop
from tfod.cli.old_flags import LOGGING, boolean, parse_old_flags, with_own_flags
from tfod.cli.terminal import Stopped, load_tensorflow, report_errors
from tfod.files import from_user
from tfod.workspace import Workspace

# ignored flags -> why
WITHOUT_MEANING = LOGGING | {
    "verbosity": "TFOD_DEBUG=1 shows TensorFlow's own messages",
    "v": "TFOD_DEBUG=1 shows TensorFlow's own messages",
    "stderrthreshold": "TFOD_DEBUG=1 shows TensorFlow's own messages",
    "log_dir": "messages go to the terminal",
    "sample_1_of_n_eval_examples": "every test image is evaluated",
    "sample_1_of_n_eval_on_train_examples": "every image is evaluated",
    "use_tpu": "CPU and GPU are supported",
    "tpu_name": "CPU and GPU are supported",
    "num_workers": "training runs in this process",
    "eval_timeout": "evaluation ends when the checkpoint is evaluated; it does not wait for more",
}
BOOLEANS = {"alsologtostderr", "logtostderr", "eval_on_train_data", "use_tpu", "record_summaries"}
WORKSPACE = Workspace(Path())


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the old flags."""
    parser = argparse.ArgumentParser(
        description="Train or, with --checkpoint_dir, evaluate. The same as `tfod train`.",
        allow_abbrev=False,
    )
    parser.add_argument("--pipeline_config_path", required=True, help="path of the pipeline.config")
    parser.add_argument("--model_dir", required=True, help="folder for checkpoints and summaries")
    parser.add_argument(
        "--num_train_steps",
        type=int,
        help="train up to this step; fits the schedule to it (default: num_steps)",
    )
    parser.add_argument(
        "--checkpoint_every_n",
        type=int,
        default=1000,
        help="steps between checkpoints (default: 1000)",
    )
    parser.add_argument("--checkpoint_dir", help="evaluate the latest checkpoint in this folder")
    for name in ("eval_on_train_data", "record_summaries"):
        parser.add_argument(f"--{name}", type=boolean, default=name == "record_summaries")
    return parse_old_flags(parser, arguments, WITHOUT_MEANING, BOOLEANS)


@with_own_flags(steps="--num_train_steps", checkpoint_every="--checkpoint_every_n")
def main(arguments: list[str] | None = None) -> None:
    """Do what the flags ask for."""
    given = sys.argv[1:] if arguments is None else arguments
    flags = parse(given)
    load_tensorflow()
    config, model_dir = from_user(flags.pipeline_config_path), from_user(flags.model_dir)
    if flags.checkpoint_dir:
        evaluate(config, model_dir, from_user(flags.checkpoint_dir), flags.eval_on_train_data)
    else:
        call = shlex.join(["python", "scripts/model_main_tf2.py", *given])
        train(config, model_dir, flags.num_train_steps, flags.checkpoint_every_n, call)


def train(path: Path, model_dir: Path, steps: int | None, checkpoint_every: int, call: str) -> None:
    """Train as `tfod train`, and say where the checkpoint is."""
    from tfod.cli.train import train_lines
    from tfod.steps.train.start import read_to_train
    from tfod.steps.train.train import TrainOptions
    from tfod.steps.train.train import train as run

    progress = TerminalProgress()
    config = read_to_train(WORKSPACE, path, progress=progress)
    options = TrainOptions(steps, checkpoint_every, evaluate_every=0, patience=0, call=call)
    with asked_to_stop(progress) as stop:
        result = run(WORKSPACE, config, model_dir, options, progress, stop)
    print(*train_lines(result, "the same command with --num_train_steps"), sep="\n")
    if result.losses:
        print(f"step {result.last_step}: {dict(result.losses)}")
        print(f"wrote: {result.checkpoint}")
    if result.interrupted:
        raise Stopped


def evaluate(path: Path, model_dir: Path, checkpoint_dir: Path, on_train_data: bool) -> None:
    """Evaluate the latest checkpoint as `tfod evaluate`, and print the figures."""
    from tfod.steps.evaluate.evaluate import evaluate as run
    from tfod.steps.evaluate.evaluate import read_to_evaluate
    from tfod.steps.evaluate.report import result_lines

    progress = TerminalProgress()
    config = read_to_evaluate(WORKSPACE, path, (), on_train_data, progress)
    result = run(config, model_dir, checkpoint_dir, progress)
    print(*result_lines(result), sep="\n")
    print("Only the latest checkpoint was evaluated; run this again for a newer one.")


if __name__ == "__main__":
    sys.exit(report_errors(main))
