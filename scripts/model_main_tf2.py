"""Train or evaluate with the old command line: a door to `tfod train` and `tfod evaluate`.

    python scripts/model_main_tf2.py --model_dir=workspace/models/masks \\
        --pipeline_config_path=workspace/models/masks/pipeline.config --alsologtostderr
    python scripts/model_main_tf2.py ... --checkpoint_dir=workspace/models/masks   (evaluates)

Flags are written as the old script took them: `--flag=value`, `--flag value`, one dash or two,
`--flag` and `--noflag` for booleans.
"""

import argparse
import sys
from pathlib import Path

from tfod.files import from_user
from tfod.terminal import Stopped, absl_spelling, load_tensorflow, report_errors

# flags that steer nothing here -> why
WITHOUT_MEANING = {
    "alsologtostderr": "messages go to the terminal anyway",
    "logtostderr": "messages go to the terminal anyway",
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


def boolean(text: str) -> bool:
    """Read a boolean as absl does."""
    if text.lower() in ("true", "t", "1", "yes", "y"):
        return True
    if text.lower() in ("false", "f", "0", "no", "n"):
        return False
    raise argparse.ArgumentTypeError(f"expected true or false, got {text!r}")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the old flags and say in one line each which of the given ones have no meaning."""
    parser = argparse.ArgumentParser(
        description="Train or, with --checkpoint_dir, evaluate. The same as `tfod train`.",
        allow_abbrev=False,
    )
    parser.add_argument("--pipeline_config_path", required=True, help="the pipeline.config")
    parser.add_argument("--model_dir", required=True, help="checkpoints and summaries go here")
    parser.add_argument("--num_train_steps", type=int, help="default: num_steps of the config")
    parser.add_argument("--checkpoint_every_n", type=int, default=1000, help="steps (1000)")
    parser.add_argument("--checkpoint_dir", help="evaluate the latest checkpoint in this folder")
    for name in ("eval_on_train_data", "record_summaries"):
        parser.add_argument(f"--{name}", type=boolean, default=name == "record_summaries")
    for name, reason in WITHOUT_MEANING.items():
        parser.add_argument(f"--{name}", help=f"accepted, without meaning: {reason}")
    flags = parser.parse_args(absl_spelling(arguments, BOOLEANS))
    for name, reason in WITHOUT_MEANING.items():
        if getattr(flags, name) is not None:
            print(f"note: --{name} has no meaning here: {reason}", file=sys.stderr)
    return flags


def main(arguments: list[str] | None = None) -> None:
    """Do what the flags ask for."""
    flags = parse(sys.argv[1:] if arguments is None else arguments)
    load_tensorflow()
    config, model_dir = from_user(flags.pipeline_config_path), from_user(flags.model_dir)
    if flags.checkpoint_dir:
        evaluate(config, model_dir, from_user(flags.checkpoint_dir), flags.eval_on_train_data)
    else:
        train(config, model_dir, flags.num_train_steps, flags.checkpoint_every_n)


def train(config: Path, model_dir: Path, num_steps: int | None, checkpoint_every_n: int) -> None:
    """Train as `tfod train`, and say where the checkpoint is."""
    from tfod.steps.train.train import train_from_file

    result = train_from_file(
        config, model_dir, num_steps=num_steps, checkpoint_every_n=checkpoint_every_n
    )
    print(f"step {result.last_step}: {dict(result.losses)}")
    print(f"wrote: {result.checkpoint}")
    if result.interrupted:
        print(f"interrupted; the same command goes on from step {result.last_step}")
        raise Stopped


def evaluate(config: Path, model_dir: Path, checkpoint_dir: Path, on_train_data: bool) -> None:
    """Evaluate the latest checkpoint as `tfod evaluate`, and print the figures."""
    from tfod.steps.evaluate.evaluate import evaluate_from_file
    from tfod.steps.evaluate.report import result_lines

    result = evaluate_from_file(config, model_dir, checkpoint_dir, on_train_data=on_train_data)
    print(*result_lines(result), sep="\n")
    print("One evaluation, of the latest checkpoint; run it again for a newer one.")


if __name__ == "__main__":
    sys.exit(report_errors(main))
