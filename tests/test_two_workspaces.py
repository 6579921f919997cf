"""Two workspaces in two threads of one process give what each gives alone, step by step."""

import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tfod.camera.camera import open_camera
from tfod.model.checkpoints.format import read_checkpoint
from tfod.progress import Status
from tfod.steps.capture.capture import capture
from tfod.steps.capture.options import CaptureOptions
from tfod.steps.config import ConfigOptions, write_new_config
from tfod.steps.export.export import export
from tfod.steps.records.records import write_parts
from tfod.steps.split.split import split
from tfod.steps.train.start import read_to_train
from tfod.steps.train.train import TrainOptions, TrainResult, train
from tfod.workspace import Workspace

PREDICTOR = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
SMALL = ConfigOptions(
    size=64,
    steps=20,
    batch_size=4,
    overrides=(
        "model.ssd.feature_extractor.depth_multiplier=0.35",
        "model.ssd.feature_extractor.fpn.additional_layer_depth=32",
        "model.ssd.feature_extractor.fpn.max_level=5",
        "model.ssd.anchor_generator.multiscale_anchor_generator.max_level=5",
        f"{PREDICTOR}.depth=16",
        f"{PREDICTOR}.num_layers_before_predictor=1",
    ),
)
KINDS = {"one": (("circle", "square"), 3), "two": (("alpha", "beta", "gamma"), 8)}
EXACT = (".jpg", ".xml", ".record", ".pbtxt", ".config", ".json", ".csv")


def whole_run(workspace: Workspace, kind: str, meet: Callable[[], object]) -> TrainResult:
    """Photos, parts, records, a config, 20 steps, an export; each step begins with `meet`."""
    classes, seed = KINDS[kind]
    status = Status()
    meet()
    options = CaptureOptions(6, "photos", every_s=0, countdown_s=0, headless=True)
    with open_camera(f"synthetic:seed={seed};size=96x128", classes=classes) as camera:
        capture(workspace, camera, classes, options, status)
    meet()
    split(workspace, progress=status)
    meet()
    write_parts(workspace, progress=status)
    meet()
    path = write_new_config(workspace, kind, SMALL).path
    config = read_to_train(workspace, path, progress=status)
    meet()
    result = train(workspace, config, path.parent, TrainOptions(seed=seed), status)
    meet()
    export(workspace, config, path.parent, workspace.exported(kind))
    return result


def exact_files(workspace: Workspace) -> dict[str, str]:
    """Path -> digest, of every file whose bytes do not depend on the numbers of the training."""
    return {
        path.relative_to(workspace.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(workspace.root.rglob("*"))
        if path.suffix in EXACT and path.name != "run.json"  # which tells the time
    }


def names(workspace: Workspace) -> set[str]:
    """Every file but those that are named after the time."""
    files = (path for path in workspace.root.rglob("*") if path.is_file())
    shown = {path.relative_to(workspace.root).as_posix() for path in files}
    return {name.partition("events.out")[0] for name in shown}


def same(alone: Workspace, together: Workspace, kind: str, prefix: Path) -> None:
    """Compare the files, and the weights of the checkpoint and of the export."""
    assert names(alone) == names(together)
    assert exact_files(alone) == exact_files(together)
    inside = prefix.relative_to(alone.root)
    for checkpoint in (inside, Path("exported-models", kind, "checkpoint", "ckpt-0")):
        expected = read_checkpoint(alone.root / checkpoint).variables
        found = read_checkpoint(together.root / checkpoint).variables
        assert expected.keys() == found.keys()
        for key, value in expected.items():
            np.testing.assert_allclose(found[key], value, rtol=1e-3, atol=1e-5, err_msg=key)


@pytest.mark.slow
def test_two_workspaces_at_the_same_time_give_what_each_gives_alone(tmp_path, monkeypatch, capsys):
    """With nothing on the terminal, nothing in the current directory, no changed environment."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    environment = dict(os.environ)
    alone = {kind: Workspace(tmp_path / "alone" / kind) for kind in KINDS}
    together = {kind: Workspace(tmp_path / "together" / kind) for kind in KINDS}
    barrier = threading.Barrier(len(KINDS), timeout=300)

    def run(kind: str) -> TrainResult:
        try:
            return whole_run(together[kind], kind, barrier.wait)
        except BaseException:
            barrier.abort()  # the other one waits for a step that will not come
            raise

    with ThreadPoolExecutor(len(KINDS)) as pool:
        both = dict(zip(KINDS, pool.map(run, KINDS), strict=True))
    for kind in KINDS:
        one = whole_run(alone[kind], kind, lambda: None)
        assert one.last_step == both[kind].last_step == 20
        assert one.losses == pytest.approx(both[kind].losses, rel=1e-3)
        same(alone[kind], together[kind], kind, one.checkpoint)
    assert exact_files(alone["one"]) != exact_files(alone["two"])
    assert capsys.readouterr() == ("", "") and not list(here.iterdir())
    assert dict(os.environ) == environment and Path.cwd() == here
