"""Split a folder of images into train/ and test/ with the tutorial's flags: see `tfod split`.

Like the tutorial's script, it places every image independently and starts over each time; only
copies of one file stay together. `tfod split` keeps photos that look alike on one side.

python scripts/partition_dataset.py -x -i workspace/images/all -o workspace/images -r 0.1
"""

import argparse
import sys
from pathlib import Path

from tfod.cli.bars import TerminalProgress
from tfod.cli.old_flags import with_own_flags
from tfod.cli.terminal import report_errors
from tfod.files import from_user
from tfod.steps.split.split import SplitOptions, split
from tfod.workspace import Workspace


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the tutorial's flags."""
    parser = argparse.ArgumentParser(
        description="Split images into train and test folders, each image independently. "
        "`tfod split` also keeps similar photos together and never moves a placed one."
    )
    parser.add_argument("-i", "--imageDir", default=".", help="folder of the images")
    parser.add_argument(
        "-o", "--outputDir", help="where to put train/ and test/ (default: imageDir)"
    )
    parser.add_argument("-r", "--ratio", default=0.1, type=float, help="share of images for test")
    parser.add_argument("-x", "--xml", action="store_true", help="copy the XML files too")
    parser.add_argument("-s", "--seed", default=0, type=int, help="seed for shuffling")
    return parser.parse_args(arguments)


@with_own_flags(test="-r")
def main(arguments: list[str] | None = None) -> None:
    """Split, and say what came out."""
    flags = parse(arguments)
    options = SplitOptions(
        test=flags.ratio,
        val=0,
        by="image",
        seed=flags.seed,
        fresh=True,
        labelled_only=flags.xml,
        images_dir=from_user(flags.imageDir),
        output_dir=from_user(flags.outputDir) if flags.outputDir else None,
    )
    result = split(Workspace(Path()), options, TerminalProgress())
    for part, folder in result.folders.items():
        print(f"{folder}: {result.images[part]} images")
    for name, counts in result.classes.items():
        print(f"  {name}: {counts['train']} train, {counts['test']} test")
    if result.unlabelled:
        print(f"left out: {result.unlabelled} images without XML")
    if result.suggested:
        print(f"left out: {result.suggested} images whose boxes a model suggested")
    record = Path("annotations/train.record")
    print(
        f"next: python scripts/generate_tfrecord.py -x {result.folders['train']} "
        f"-l annotations/label_map.pbtxt -o {record}"
    )


if __name__ == "__main__":
    sys.exit(report_errors(main))
