"""What a training starts from, and what is made before it; nothing here trains."""

from pathlib import Path

import pytest
from file_server import serving
from layouts import Layout, photos
from refusals import raises_problem
from zoo_archive import pack, write_published

from tfod.config import read_config
from tfod.progress import Status
from tfod.remedies import Remedy
from tfod.steps.fetch import download, zoo
from tfod.steps.prepare.checkpoint import prepare_checkpoint
from tfod.steps.prepare.training import PrepareOptions, prepare_training
from tfod.workspace import Workspace

SMALL = zoo.find("320")
HERE = Workspace(".")
ZOO = Path("pre-trained-models")


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return pack(write_published(tmp_path_factory.mktemp("zoo"), SMALL))


@pytest.fixture(autouse=True)
def quick(workspace, monkeypatch):
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def progress():
    return Status()


def photos_here(folder="s1/"):
    Layout(photos(folder, 6)).make(Path("workspace/images"))


def test_a_published_checkpoint_is_fetched_once(archive, progress):
    with serving(archive) as server:
        folder = prepare_checkpoint(HERE, "320", server.url, progress)
        assert folder == ZOO / SMALL.name and len(server.asked) == 1
        assert prepare_checkpoint(HERE, SMALL.name, server.url, progress) == folder
        assert prepare_checkpoint(HERE, None, server.url, progress) == folder
        assert len(server.asked) == 1
    assert [note for note in progress.notes if note.startswith("fetch:")] == [
        f"fetch: {SMALL.name}, checked"
    ]


def test_the_newest_checkpoint_that_can_be_trained_is_the_default(workspace):
    for name in ("my own", "ssd_resnet50_v1_fpn_640x640_coco17_tpu-8"):
        folder = workspace / ZOO / name / "checkpoint"
        folder.mkdir(parents=True)
        (folder / "ckpt-0.index").touch()
    assert prepare_checkpoint(HERE, None) == ZOO / "my own", "a ResNet cannot be trained yet"


def test_own_models_and_paths_come_before_published_ones():
    for path in ("workspace/models/320", "exported-models/640/checkpoint", "elsewhere/checkpoint"):
        Path(path).mkdir(parents=True)
        Path(path, "ckpt-4.index").touch()
    assert prepare_checkpoint(HERE, "320") == HERE.model("320")
    assert prepare_checkpoint(HERE, "640") == HERE.exported("640")
    assert prepare_checkpoint(HERE, "elsewhere/checkpoint/ckpt-4") == Path(
        "elsewhere/checkpoint/ckpt-4"
    )
    assert prepare_checkpoint(HERE, "elsewhere/") == Path("elsewhere")
    with raises_problem("unknown-checkpoint"):
        prepare_checkpoint(HERE, "elsewhare")


def test_without_network_it_says_what_to_put_where():
    with serving(b"") as server:
        url = server.url
    with raises_problem("server-unreachable", remedy=Remedy.DOWNLOAD_BY_HAND) as problems:
        prepare_checkpoint(HERE, "320", url)
    assert SMALL.name in problems[0].advice.arguments["address"]


def test_a_new_model_gets_all_it_lacks_and_then_nothing_more(archive, progress):
    photos_here()
    with serving(archive) as server:
        options = PrepareOptions("320", 40, ["train_config.batch_size=2"], server.url)
        folder = prepare_training(HERE, "masks", options, progress)
        assert folder == HERE.model("masks")
    ran = [note.partition(":")[0] for note in progress.notes]
    steps = [step for step in ran if step not in ("note", "http")]
    assert steps == ["split", "records", "fetch", "config"]
    config = read_config(folder / "pipeline.config", HERE)
    assert config.train_config.batch_size == 2 and config.train_config.num_steps == 40
    assert SMALL.name in config.train_config.fine_tune_checkpoint
    assert config.model.ssd.image_resizer.fixed_shape_resizer.height == 320

    text = (folder / "pipeline.config").read_text()
    again = Status()
    assert prepare_training(HERE, "masks", PrepareOptions(steps=99), again) == folder
    assert prepare_training(HERE, "workspace/models/masks/", progress=again).samefile(folder)
    assert again.notes == [] and (folder / "pipeline.config").read_text() == text
    with raises_problem("config-exists", remedy=Remedy.LEAVE_OUT):
        prepare_training(HERE, "masks", PrepareOptions("320"))


def test_a_config_of_other_records_is_left_to_itself(archive, progress):
    photos_here()
    with serving(archive) as server:
        prepare_training(HERE, "masks", PrepareOptions("320", url=server.url))
    path = HERE.model("masks") / "pipeline.config"
    path.write_text(path.read_text().replace("annotations/", "elsewhere/"))
    Path("annotations/train.record").unlink()
    prepare_training(HERE, "masks", progress=progress)
    assert progress.notes == [] and not Path("annotations/train.record").exists()


def test_a_name_like_another_and_the_path_of_a_new_model(archive, progress):
    photos_here()
    with serving(archive) as server:
        prepare_training(HERE, "masks", PrepareOptions("320", url=server.url))
        made = prepare_training(HERE, "workspace/models/mask", progress=progress)
    assert made == HERE.model("mask")
    assert "note: mask is a new model; the existing one is called masks" in progress.notes
    with raises_problem("no-such-model"):
        prepare_training(HERE, "some/where")


def test_nothing_is_made_for_a_name_that_cannot_be_one():
    photos_here()
    with raises_problem("model-name"):
        prepare_training(HERE, ".hidden")
    assert not Path("annotations").exists() and not Path("workspace/images/train").exists()
