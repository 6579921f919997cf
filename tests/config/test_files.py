"""The files a config names, and the commands that make them."""

import pytest

from tfod.config import checkpoint_prefix, missing_paths
from tfod.config.templates import default_config
from tfod.errors import UserError

INDEX = "pre-trained-models/zoo/checkpoint/ckpt-0.index"


def config_from(checkpoint=""):
    config = default_config()
    config.train_config.fine_tune_checkpoint = checkpoint
    return config


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_all_that_is_missing_in_one_message(workspace):
    with pytest.raises(UserError) as error:
        missing_paths(config_from("pre-trained-models\\zoo\\checkpoint\\ckpt-0"))
    message = str(error.value)
    assert "3 files" in message and message.count("`tfod records`") == 2
    assert "annotations/train.record" in message and "annotations/label_map.pbtxt" in message
    assert f"there is no {INDEX}: `tfod fetch --list` names" in message


@pytest.mark.parametrize(
    "written",
    [
        "pre-trained-models/zoo/checkpoint/ckpt-0",
        INDEX,
        "pre-trained-models\\zoo\\checkpoint\\ckpt-0.data-00000-of-00001",
        "",
    ],
)
def test_everything_there(workspace, written):
    make(workspace, INDEX, "annotations/train.record", "annotations/label_map.pbtxt")
    missing_paths(config_from(written))
    missing_paths(config_from(written), base=workspace)
    with pytest.raises(UserError, match="eval_input_reader.input_path: there is no .*test.record"):
        missing_paths(config_from(written), step="evaluate")
    with pytest.raises(UserError):
        missing_paths(config_from(written), base=workspace / "elsewhere")


def test_a_run_that_resumes_needs_no_checkpoint_to_start_from(workspace):
    make(workspace, "annotations/train.record", "annotations/label_map.pbtxt")
    missing_paths(config_from("gone/ckpt-0"), step="resume")
    with pytest.raises(UserError, match="gone/ckpt-0.index"):
        missing_paths(config_from("gone/ckpt-0"))


def test_a_checkpoint_there_in_part_is_left_to_the_step_that_reads_it(workspace):
    make(workspace, "annotations/train.record", "annotations/label_map.pbtxt")
    make(workspace, "zoo[1]/ckpt-0.data-00000-of-00001")
    missing_paths(config_from("zoo[1]/ckpt-0"))
    missing_paths(config_from("zoo[1]"))
    with pytest.raises(UserError):
        missing_paths(config_from("zoo[1]/ckpt-1"))


def test_patterns(workspace):
    make(workspace, "annotations/label_map.pbtxt", "annotations/train.record-00000-of-00002")
    config = config_from()
    config.train_input_reader.tf_record_input_reader.input_path[0] = "annotations/train.record-*"
    missing_paths(config)


def test_what_the_zoo_left_open(workspace):
    make(workspace, "annotations/train.record", "annotations/label_map.pbtxt")
    with pytest.raises(UserError, match="still says PATH_TO_BE_CONFIGURED: `tfod fetch"):
        missing_paths(config_from("PATH_TO_BE_CONFIGURED"))
    config = config_from()
    config.ClearField("train_input_reader")
    with pytest.raises(UserError, match="label_map_path is not set"):
        missing_paths(config)
    config.ClearField("eval_input_reader")
    with pytest.raises(UserError, match="eval_input_reader is missing"):
        missing_paths(config, step="evaluate")


def test_prefix():
    assert str(checkpoint_prefix("a/ckpt-0.data-00000-of-00001")) == "a/ckpt-0"
    assert str(checkpoint_prefix("a/ckpt-0.index")) == "a/ckpt-0"
    assert str(checkpoint_prefix("a/model.v1")) == "a/model.v1"
