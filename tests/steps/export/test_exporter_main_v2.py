"""The old command line of the export: its flags, what it says, what it writes."""

import runpy
import subprocess
import sys

import pytest

from tfod.config import apply_overrides, read_config, write_config
from tfod.config.templates import new_config, set_data
from tfod.labels import write_label_map
from tfod.model.checkpoints.save import save_checkpoint
from tfod.model.ssd import SSD
from tfod.runtimes.load import load_detector
from tfod.workspace import Workspace

SCRIPT = "scripts/exporter_main_v2.py"


@pytest.mark.slow
def test_command_of_the_tutorial(root, workspace, monkeypatch, capsys):
    write_label_map("label_map.pbtxt", ["alpha", "beta"])
    config = new_config(Workspace("."), 2, size=64)
    set_data(config, "label_map.pbtxt", [], [])
    levels = ("feature_extractor.fpn", "anchor_generator.multiscale_anchor_generator")
    predictor = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
    apply_overrides(
        config,
        [
            "model.ssd.feature_extractor.depth_multiplier=0.35",
            f"{predictor}.num_layers_before_predictor=1",
            *(f"model.ssd.{level}.max_level=4" for level in levels),
        ],
    )
    write_config(config, "models/my_model/pipeline.config", Workspace("."))
    save_checkpoint("models/my_model", SSD(config.model.ssd, seed=1), 7)
    command = [
        SCRIPT,
        "--input_type=image_tensor",
        "--pipeline_config_path",
        r".\models\my_model\pipeline.config",
        "--trained_checkpoint_dir",
        "./models/my_model/",
        "--output_directory=exported-models/my_model",
        "--config_override=eval_config { num_visualizations: 3 }",
        "--use_side_inputs=False",
    ]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(root / SCRIPT), run_name="__main__")
    said = capsys.readouterr()
    assert not end.value.code, said.err
    assert "--use_side_inputs is ignored" in said.err
    assert "ckpt-1" in said.out and "wrote: exported-models/my_model" in said.out
    assert load_detector("exported-models/my_model").class_names == {0: "alpha", 1: "beta"}
    written = read_config("exported-models/my_model/pipeline.config", Workspace("."))
    assert written.eval_config.num_visualizations == 3


def test_missing_flags_end_with_a_usage(root):
    command = [sys.executable, str(root / SCRIPT), "--input_type", "image_tensor"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "--pipeline_config_path" in done.stderr and "Traceback" not in done.stderr
