"""The files a config names: paths from the workspace's root, and what makes the files."""

import os

import pytest
from refusals import raises_problem

from tfod.config import (
    checkpoint_prefix,
    config_text,
    missing_paths,
    parse_config,
    read_config,
    write_config,
)
from tfod.config.templates import default_config, find_checkpoint
from tfod.errors import UserError
from tfod.remedies import Remedy
from tfod.workspace import Workspace

INDEX = "pre-trained-models/zoo/checkpoint/ckpt-0.index"
PATHS = """
train_config { fine_tune_checkpoint: "%s" }
train_input_reader {
  label_map_path: "%s"
  tf_record_input_reader { input_path: "%s" input_path: "%s" }
}
eval_input_reader { label_map_path: "%s" }
"""


def config_from(checkpoint="", root="."):
    config = default_config()
    config.train_config.fine_tune_checkpoint = checkpoint
    write_config(config, "as_written.config", Workspace("."))
    return read_config("as_written.config", Workspace(root))


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def paths_of(config):
    reader = config.train_input_reader
    return [
        config.train_config.fine_tune_checkpoint,
        reader.label_map_path,
        *reader.tf_record_input_reader.input_path,
        config.eval_input_reader[0].label_map_path,
    ]


def test_paths_start_from_the_root_wherever_one_stands(tmp_path):
    written = ["zoo\\\\ckpt-0.index", "annotations/map.pbtxt", "a/x.record-*", "/b/y.record", ""]
    (tmp_path / "a.config").write_text(PATHS % tuple(written))
    workspace = Workspace(tmp_path)
    config = read_config(tmp_path / "a.config", workspace)
    root = tmp_path.as_posix()
    assert paths_of(config) == [
        f"{root}/zoo/ckpt-0.index",
        f"{root}/annotations/map.pbtxt",
        f"{root}/a/x.record-*",
        "/b/y.record",
        "",
    ]
    write_config(config, tmp_path / "b.config", workspace)
    as_written = parse_config((tmp_path / "b.config").read_text())
    assert paths_of(as_written) == ["zoo/ckpt-0.index", *written[1:]]
    assert read_config(tmp_path / "b.config", workspace) == config


def test_from_the_current_folder_nothing_changes(workspace):
    text = config_text(parse_config(PATHS % ("zoo/ckpt-0", "../map.pbtxt", "a", "/b", "c d")))
    (workspace / "a.config").write_text(text)
    config = read_config("a.config", Workspace("."))
    assert config_text(config) == text == config_text(config, Workspace("."))


def test_paths_in_overrides_start_from_the_root_too(tmp_path):
    (tmp_path / "a.config").write_text(PATHS % ("", "", "", "", ""))
    overrides = [
        "train_input_reader.label_map_path=a\\map.pbtxt",
        "train_input_reader.tf_record_input_reader.input_path=[x.record, /y.record]",
        'eval_input_reader[0]={ label_map_path: "b.pbtxt" }',
    ]
    config = read_config(tmp_path / "a.config", Workspace(tmp_path), overrides)
    root = tmp_path.as_posix()
    paths = ["", f"{root}/a/map.pbtxt", f"{root}/x.record", "/y.record", f"{root}/b.pbtxt"]
    assert paths_of(config) == paths


def test_what_is_no_path_stays(tmp_path):
    written = ("PATH_TO_BE_CONFIGURED/ckpt-0", "gs://bucket//map.pbtxt", "", "", "")
    (tmp_path / "a.config").write_text(PATHS % written)
    config = read_config(tmp_path / "a.config", Workspace(tmp_path))
    assert paths_of(config) == [*written]
    assert paths_of(parse_config(config_text(config, Workspace(tmp_path)))) == [*written]


def test_a_path_outside_is_written_so_that_it_can_be_found_from_the_root(workspace):
    (workspace / "ws").mkdir()
    config = default_config()
    config.train_input_reader.label_map_path = "elsewhere/map.pbtxt"
    config.eval_input_reader[0].label_map_path = "ws/annotations/map.pbtxt"
    written = parse_config(config_text(config, Workspace("ws")))
    assert written.train_input_reader.label_map_path == f"{os.getcwd()}/elsewhere/map.pbtxt"
    assert written.eval_input_reader[0].label_map_path == "annotations/map.pbtxt"


def test_everything_missing_is_reported_together(workspace):
    config = config_from("pre-trained-models\\zoo\\checkpoint\\ckpt-0")
    with pytest.raises(UserError) as error:
        missing_paths(config)
    problems = error.value.problems
    assert error.value.codes == ["config-file-missing"] * 3
    assert [str(problem.where) for problem in problems] == [
        "annotations/label_map.pbtxt",
        "annotations/train.record",
        INDEX,
    ]
    records, fetch = Remedy.RUN(step="records"), Remedy.RUN(step="fetch", list=True)
    assert [problem.remedy for problem in problems] == [records, records, fetch]
    assert problems[2].setting == "train_config.fine_tune_checkpoint"


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
    missing_paths(config_from(written, root=workspace))
    with raises_problem("config-file-missing", where="test.record", remedy=Remedy.RUN):
        missing_paths(config_from(written), step="evaluate")
    with raises_problem("config-file-missing", where=workspace / "elsewhere"):
        missing_paths(config_from(written, root=workspace / "elsewhere"))


def test_a_run_that_resumes_needs_no_checkpoint_to_start_from(workspace):
    make(workspace, "annotations/train.record", "annotations/label_map.pbtxt")
    missing_paths(config_from("gone/ckpt-0"), step="resume")
    with raises_problem("config-file-missing", where="gone/ckpt-0.index"):
        missing_paths(config_from("gone/ckpt-0"))


def test_a_checkpoint_there_in_part_is_left_to_the_step_that_reads_it(workspace):
    make(workspace, "annotations/train.record", "annotations/label_map.pbtxt")
    make(workspace, "zoo[1]/ckpt-0.data-00000-of-00001")
    missing_paths(config_from("zoo[1]/ckpt-0"))
    missing_paths(config_from("zoo[1]"))
    with raises_problem("config-file-missing", where="zoo[1]/ckpt-1.index"):
        missing_paths(config_from("zoo[1]/ckpt-1"))


def test_a_checkpoint_under_another_name_is_left_to_that_step_too(workspace):
    make(workspace, "annotations/train.record", "annotations/label_map.pbtxt")
    make(workspace, "zoo/checkpoint/ckpt-0 (1).index")
    missing_paths(config_from("zoo/checkpoint/ckpt-0"))
    for written in ("zoo", "zoo/checkpoint", "zoo/checkpoint/ckpt-0"):
        with raises_problem("checkpoint-file-renamed", expected="ckpt-0.index"):
            find_checkpoint(written)


def test_patterns(workspace):
    make(workspace, "annotations/label_map.pbtxt", "annotations/train.record-00000-of-00002")
    config = config_from()
    records = config.train_input_reader.tf_record_input_reader
    records.input_path[0] = "annotations/train.record-*"
    missing_paths(config)
    records.input_path[0] = "annotations/other.record-*"
    with raises_problem("config-file-missing", where="annotations/other.record-*"):
        missing_paths(config)


def test_what_the_zoo_left_open(workspace):
    make(workspace, "annotations/train.record", "annotations/label_map.pbtxt")
    with raises_problem("config-path-placeholder", remedy=Remedy.RUN) as found:
        missing_paths(config_from("PATH_TO_BE_CONFIGURED"))
    assert found[0].remedy.arguments["step"] == "fetch"
    config = config_from()
    config.ClearField("train_input_reader")
    with raises_problem("config-path-not-set", setting="train_input_reader.label_map_path"):
        missing_paths(config)
    config.ClearField("eval_input_reader")
    with raises_problem("config-section-missing", setting="eval_input_reader"):
        missing_paths(config, step="evaluate")


def test_prefix():
    assert str(checkpoint_prefix("a/ckpt-0.data-00000-of-00001")) == "a/ckpt-0"
    assert str(checkpoint_prefix("a/ckpt-0.index")) == "a/ckpt-0"
    assert str(checkpoint_prefix("a/model.v1")) == "a/model.v1"
