"""Make a record file from labelled images with the tutorial's flags: see `tfod records`.

    python scripts/generate_tfrecord.py -x workspace/images/train -l annotations/label_map.pbtxt \\
        -o annotations/train.record
"""

import argparse
import sys

from tfod.cli.bars import TerminalProgress
from tfod.cli.terminal import report_errors
from tfod.files import from_user
from tfod.steps.records.records import RecordsOptions, write_records


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the tutorial's flags."""
    parser = argparse.ArgumentParser(description="Turn LabelImg's XML and images into a record.")
    parser.add_argument("-x", "--xml_dir", required=True, help="folder of the XML files")
    parser.add_argument("-l", "--labels_path", required=True, help="label_map.pbtxt")
    parser.add_argument("-o", "--output_path", required=True, help="the record file to write")
    parser.add_argument("-i", "--image_dir", help="folder of the images (default: xml_dir)")
    parser.add_argument("-c", "--csv_path", help="also write the boxes to this CSV file")
    parser.add_argument("--shards", default=1, type=int, help="number of record files")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Write the record, and say what is in it."""
    flags = parse(arguments)
    xml_dir = from_user(flags.xml_dir)
    csv_path = from_user(flags.csv_path) if flags.csv_path else None
    result = write_records(
        from_user(flags.image_dir) if flags.image_dir else xml_dir,
        from_user(flags.output_path),
        from_user(flags.labels_path),
        RecordsOptions(shards=flags.shards, csv_path=csv_path, xml_dir=xml_dir),
        TerminalProgress(),
    )
    if result.label_map_made:
        print(f"Made the label map: {result.label_map_made}")
    print(f"Successfully created the TFRecord file: {', '.join(map(str, result.files))}")
    print(f"{result.images} images, {result.boxes} boxes: {result.classes}")
    counts = [
        (result.unlabelled, "images left out: no XML"),
        (result.orphans, "XML files left out: no image"),
        (result.encoded_again, "images encoded again"),
    ]
    for count, what in counts:
        if count:
            print(f"{count} {what}")
    if csv_path:
        print(f"Successfully created the CSV file: {csv_path}")


if __name__ == "__main__":
    sys.exit(report_errors(main))
