"""Export a trained model with the old command line: a door to `tfod export`.

    python scripts/exporter_main_v2.py --input_type image_tensor \\
        --pipeline_config_path workspace/models/masks/pipeline.config \\
        --trained_checkpoint_dir workspace/models/masks --output_directory exported-models/masks

Flags are written as the old script took them: `--flag=value`, `--flag value`, one dash or two.
"""

import argparse
import sys
from pathlib import Path

from tfod.cli.bars import TerminalProgress
from tfod.cli.old_flags import LOGGING, parse_old_flags, with_own_flags
from tfod.cli.terminal import load_tensorflow, report_errors
from tfod.files import from_user
from tfod.workspace import Workspace

# ignored flags -> why
WITHOUT_MEANING = LOGGING | {
    "use_side_inputs": "these models have no side inputs",
    "side_input_shapes": "these models have no side inputs",
    "side_input_types": "these models have no side inputs",
    "side_input_names": "these models have no side inputs",
}
BOOLEANS = {"use_side_inputs", "alsologtostderr", "logtostderr"}


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the old flags."""
    parser = argparse.ArgumentParser(
        description="Export a trained model. The same as `tfod export`.", allow_abbrev=False
    )
    add = parser.add_argument
    add("--input_type", default="image_tensor", help="what the model takes (default: image_tensor)")
    add("--pipeline_config_path", required=True, help="path of the pipeline.config")
    add(
        "--trained_checkpoint_dir", required=True, help="folder whose latest checkpoint is exported"
    )
    add("--output_directory", required=True, help="folder for the exported model")
    add("--config_override", default="", help="pipeline.config text that replaces fields")
    return parse_old_flags(parser, arguments, WITHOUT_MEANING, BOOLEANS)


@with_own_flags(input_type="--input_type")
def main(arguments: list[str] | None = None) -> None:
    """Do what the flags ask for."""
    flags = parse(sys.argv[1:] if arguments is None else arguments)
    load_tensorflow()
    from tfod.config import check_config, parse_config
    from tfod.config.files import resolve_paths
    from tfod.config.reading import read_with_text
    from tfod.steps.export.export import ExportOptions, export

    workspace = Workspace(Path())
    path = from_user(flags.pipeline_config_path)
    config, text = read_with_text(path, workspace)
    override = parse_config(flags.config_override, "--config_override")
    resolve_paths(override, workspace)
    config.MergeFrom(override)
    for warning in check_config(config, path, text=text):
        print(f"note: {warning}", file=sys.stderr)
    checkpoint, output = from_user(flags.trained_checkpoint_dir), from_user(flags.output_directory)
    options = ExportOptions(flags.input_type)
    result = export(workspace, config, checkpoint, output, options, TerminalProgress())
    print(f"exported {result.checkpoint}", *result.notes(), sep="\n")
    print(f"wrote: {result.folder}")


if __name__ == "__main__":
    sys.exit(report_errors(main))
