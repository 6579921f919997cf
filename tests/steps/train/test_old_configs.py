"""A config of the old API trains to the losses it had before new configs got other defaults."""

import pytest
from training import records

from tfod.config import apply_overrides, read_config
from tfod.labels import write_label_map
from tfod.steps.train.train import TrainOptions, train
from tfod.workspace import Workspace

CONFIGS = "wild/pipeline_configs"
STEPS = 4
# file -> classification and localization loss of step 4 with seed 0, at commit cd7d033
LOSSES = {
    "002_am-source_object_detection_620x620_model.config": (1.1289033, 0.7156374),
    "004_aniforatos_ml-agriculture-model.config": (1.1276256, 0.7299407),
}


@pytest.mark.parametrize("name", LOSSES)
def test_an_old_config_trains_as_before(name, shared, tmp_path):
    """On drawn scenes at 96 px, from random weights; all else is as its owner wrote it."""
    workspace = Workspace(tmp_path)
    config = read_config(shared / CONFIGS / name, workspace)
    classes = [f"class {number}" for number in range(config.model.ssd.num_classes)]
    write_label_map(tmp_path / "label_map.pbtxt", classes)
    records(tmp_path / "scenes.record", range(4), classes=classes)
    resizer = config.model.ssd.image_resizer.fixed_shape_resizer
    resizer.height = resizer.width = 96
    apply_overrides(config, ["train_config.batch_size=2", f"train_config.num_steps={STEPS}"])
    config.train_config.ClearField("fine_tune_checkpoint")
    for reader in (config.train_input_reader, *config.eval_input_reader):
        reader.label_map_path = str(tmp_path / "label_map.pbtxt")
        reader.tf_record_input_reader.input_path[:] = [str(tmp_path / "scenes.record")]
    losses = train(workspace, config, tmp_path / "model", TrainOptions(seed=0)).losses
    found = losses["Loss/classification_loss"], losses["Loss/localization_loss"]
    assert found == pytest.approx(LOSSES[name], rel=3e-4)
