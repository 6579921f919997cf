"""A model by name becomes one that detects: its export, its newest checkpoint, or COCO's."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from file_server import serving
from refusals import raises_problem
from zoo_archive import pack

from tfod.cli import main
from tfod.config import apply_overrides, config_text
from tfod.config.templates import new_config
from tfod.data.images import write_image
from tfod.labels import read_label_map
from tfod.model.checkpoints.save import save_checkpoint
from tfod.model.ssd import SSD
from tfod.progress import Status
from tfod.steps.prepare.checkpoint import prepare_checkpoint
from tfod.steps.prepare.detector import COCO_CHECKPOINT, COCO_LABEL_MAP, prepare_detector
from tfod.workspace import Workspace

HERE = Workspace(".")
SMALL = (
    "model.ssd.feature_extractor.depth_multiplier=0.35",
    "model.ssd.feature_extractor.fpn.additional_layer_depth=32",
    "model.ssd.box_predictor.weight_shared_convolutional_box_predictor.depth=16",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model folder as training leaves it; not to be changed."""
    folder = tmp_path_factory.mktemp("trained") / "masks"
    config = new_config(Workspace(folder), 2, size=128)
    apply_overrides(config, SMALL)
    save_checkpoint(folder, SSD(config.model.ssd, seed=0), 5)
    (folder / "pipeline.config").write_text(config_text(config, Workspace(folder)))
    shutil.copy(COCO_LABEL_MAP, folder / "coco.pbtxt")
    (folder / "label_map.pbtxt").write_text(
        'item { id: 1 name: "Mask" }\nitem { id: 2 name: "No-mask" }\n'
    )
    return folder


def photo(path="photo.png"):
    write_image(Path(path), np.full((48, 64, 3), 90, np.uint8))
    return path


def test_the_names_of_coco_are_at_their_ids(shared):
    labels = read_label_map(COCO_LABEL_MAP)
    assert labels.num_classes == 90 and len(labels.names) == 80
    import json

    listed = json.loads((shared / "datasets/coco_val128/instances.json").read_text())["categories"]
    assert labels.names == {one["id"]: one["name"] for one in listed}


@pytest.mark.slow
def test_a_trained_model_is_exported_once_and_an_old_export_is_told(
    trained, workspace, capsys, monkeypatch
):
    shutil.copytree(trained, "workspace/models/masks")
    assert main(["detect", "masks", photo()]) == 0
    said = capsys.readouterr()
    assert "export: " in said.err and "next:  tfod live masks" in said.out
    graph = Path("exported-models/masks/saved_model/saved_model.pb")
    written = graph.stat().st_mtime
    ready = prepare_detector(HERE, "masks")
    assert ready.path == HERE.exported("masks") and ready.newer is None
    assert read_label_map(ready.path / "label_map.pbtxt").names == {1: "Mask", 2: "No-mask"}

    os.utime("workspace/models/masks/ckpt-1.index", (written + 5, written + 5))
    assert prepare_detector(HERE, "masks").newer == HERE.model("masks") / "ckpt-1"
    assert main(["detect", "masks", photo()]) == 0
    note = "note: exported-models/masks is older than workspace/models/masks/ckpt-1; "
    assert f"{note}`tfod export masks` exports that one" in capsys.readouterr().err
    assert graph.stat().st_mtime == written, "only export renews it"

    Path("exported-models/masks").rename("exported-models/coco")
    assert main(["detect", "coco", photo()]) == 0
    assert "your own model called coco" in capsys.readouterr().err


@pytest.mark.slow
def test_coco_is_fetched_and_exported_once(shared, workspace, capsys, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(pack(shared / "pre-trained" / COCO_CHECKPOINT)) as server:
        monkeypatch.setenv("TFOD_ZOO_URL", server.url)
        name = "000000000139.jpg"
        shutil.copy(shared / "datasets/coco_val128/images" / name, name)
        assert main(["detect", "coco", name]) == 0, capsys.readouterr().err
        table = Path("workspace/detections/detections.csv").read_text()
        assert f"{name},0,0.000,640,426,tv,0.7" in table
        progress = Status()
        ready = prepare_detector(HERE, "coco", server.url, progress)
        assert len(server.asked) == 1 and progress.notes == []
    assert ready.path == HERE.exported(COCO_CHECKPOINT) and not ready.own_coco
    by_path = prepare_detector(HERE, f"pre-trained-models/{COCO_CHECKPOINT}", progress=progress)
    assert by_path.path == ready.path and progress.notes == []


def test_without_network_coco_says_what_to_put_where(workspace, capsys, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(b"") as server:
        monkeypatch.setenv("TFOD_ZOO_URL", server.url)
    assert main(["live", "coco", "--headless", "--camera", "synthetic"]) == 2
    said = capsys.readouterr().err
    assert f"{COCO_CHECKPOINT}.tar.gz with a browser" in said and "into pre-trained-models" in said


def test_what_is_no_model_is_refused_as_ever(workspace):
    with raises_problem("no-such-model"):
        prepare_detector(HERE, "masks")
    Path("workspace/models/empty").mkdir(parents=True)
    with raises_problem("no-such-model"):
        prepare_detector(HERE, "empty")


def test_what_is_not_there_is_answered_with_what_works(trained, workspace):
    """Not with the export of a model that nobody has trained."""
    shutil.copytree(trained, "workspace/models/masks")
    for name in ("mask", "workspace/models/mask", "exported-models/Masks"):
        with raises_problem("no-such-model", expected="coco, masks") as problems:
            prepare_detector(HERE, name)
        assert problems[0].advice.arguments == {"name": "masks"}, name
    with raises_problem("no-such-model") as problems:
        prepare_detector(HERE, "320")
    assert problems[0].advice.arguments == {"value": "coco"}
    with raises_problem("no-such-model") as problems:
        prepare_detector(HERE, "cups")
    assert problems[0].advice.arguments == {"step": "train", "name": "cups"}
    with raises_problem("unknown-checkpoint", remedy="did-you-mean"):
        prepare_checkpoint(HERE, "maks")
    with raises_problem("unknown-checkpoint", remedy="run"):
        prepare_checkpoint(HERE, "nothing")


@pytest.mark.slow
@pytest.mark.parametrize("inside", ["", "checkpoint"])
def test_a_checkpoint_is_exported_whichever_of_its_folders_is_given(trained, workspace, inside):
    shutil.copytree(trained, "old/checkpoint")
    for name in ("pipeline.config", "label_map.pbtxt"):
        Path("old/checkpoint", name).rename(Path("old", name))
    assert prepare_detector(HERE, os.path.join("old", inside)).path == HERE.exported("old")
