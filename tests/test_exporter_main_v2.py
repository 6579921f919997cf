import subprocess
import sys

import pytest

from tfod.config import apply_overrides, read_config, write_config
from tfod.config.templates import new_config
from tfod.detector import load_detector
from tfod.labels import write_label_map
from tfod.model.checkpoint import save_checkpoint
from tfod.model.ssd import SSD


def export(root, *flags):
    command = [sys.executable, str(root / "scripts/exporter_main_v2.py"), *flags]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_command_of_the_tutorial(root, workspace):
    write_label_map("label_map.pbtxt", ["alpha", "beta"])
    config = new_config(2, "label_map.pbtxt", size=64)
    apply_overrides(config, ["model.ssd.feature_extractor.depth_multiplier=0.35"])
    write_config(config, "models/my_model/pipeline.config")
    save_checkpoint("models/my_model", SSD(config.model.ssd, seed=1), 7)
    done = export(
        root,
        "--input_type=image_tensor",
        "--pipeline_config_path",
        r".\models\my_model\pipeline.config",
        "--trained_checkpoint_dir",
        "./models/my_model/",
        "--output_directory=exported-models/my_model",
        "--config_override=eval_config { num_visualizations: 3 }",
        "--use_side_inputs=False",
    )
    assert done.returncode == 0, done.stderr
    assert "--use_side_inputs has no meaning here" in done.stderr
    assert "ckpt-1" in done.stdout and "wrote: exported-models/my_model" in done.stdout
    assert load_detector("exported-models/my_model").class_names == {0: "alpha", 1: "beta"}
    written = read_config("exported-models/my_model/pipeline.config")
    assert written.eval_config.num_visualizations == 3


def test_missing_flags_end_with_a_usage(root):
    done = export(root, "--input_type", "image_tensor")
    assert done.returncode == 2
    assert "--pipeline_config_path" in done.stderr and "Traceback" not in done.stderr
