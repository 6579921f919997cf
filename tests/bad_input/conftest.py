"""A small workspace with a trained model, made by the commands themselves, for each bad thing."""

import json
import runpy
import shutil
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import cv2
import pytest

from tfod.camera.scenes import draw_scene
from tfod.cli import main
from tfod.cli.terminal import report_errors
from tfod.data.example import Example
from tfod.data.voc import write_voc

CLASSES = ("alpha", "beta")
SIZE = (90, 120)
PREDICTOR = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
SMALL = (
    "--size=64",
    "--steps=4",
    "--batch-size=4",
    "--set=model.ssd.feature_extractor.depth_multiplier=0.35",
    "--set=model.ssd.feature_extractor.fpn.additional_layer_depth=32",
    "--set=model.ssd.feature_extractor.fpn.max_level=5",
    "--set=model.ssd.anchor_generator.multiscale_anchor_generator.max_level=5",
    f"--set={PREDICTOR}.depth=16",
    f"--set={PREDICTOR}.num_layers_before_predictor=1",
)
EXPORTED = Path("exported-models/tiny")


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A workspace from split to a model of two steps, `tiny`; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    with chdir(folder):
        session = Path("workspace/images/s1")
        session.mkdir(parents=True)
        for index in range(12):
            image, boxes, names = draw_scene(index, CLASSES, SIZE)
            path = session / f"{index:02}.jpg"
            cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
            write_voc(path.with_suffix(".xml"), Example(path, *SIZE, boxes, tuple(names)))
        for step in (["split"], ["records"], ["config", "tiny", *SMALL]):
            assert main(step) == 0
        assert main(["train", "tiny", "--steps", "2"]) == 0
        assert main(["config", "tiny", *SMALL, "--force"]) == 0  # two of its four steps are left
    return folder


@pytest.fixture(scope="session")
def exported(made, tmp_path_factory) -> Path:
    """An export of the small model, in a folder of its own; not to be changed."""
    folder = tmp_path_factory.mktemp("exported") / "tiny"
    with chdir(made):
        assert main(["export", "tiny", "--output", str(folder)]) == 0
    return folder


@pytest.fixture
def here(made, tmp_path, monkeypatch) -> Path:
    """A copy of the workspace, the current directory during the test."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def model(exported, here) -> Path:
    """The exported model in its place in that workspace."""
    shutil.copytree(exported, EXPORTED)
    return EXPORTED


@pytest.fixture
def small() -> tuple[str, ...]:
    """Arguments of `tfod config` for a narrow model of 64 px."""
    return SMALL


@pytest.fixture
def command(capfd, root):
    """Run a `tfod` command, or a door of scripts/, in this process."""

    def run(*arguments: object, door: str | None = None) -> Ran:
        capfd.readouterr()
        words = [str(argument) for argument in arguments]
        if door:
            script = str(root / "scripts" / f"{door}.py")
            code = report_errors(lambda: runpy.run_path(script)["main"](words))
        else:
            code = main(words)
        return Ran(code, *capfd.readouterr())

    return run


@pytest.fixture
def refused(command, here):
    """Run a command that must be refused; give its one message.

    It exits with code 2, says all of `words`, and leaves every file as it was but those whose path
    begins with one of `besides`.
    """

    def run(
        arguments: str | list, *words: str, besides: tuple[str, ...] = (), door: str | None = None
    ) -> str:
        before = files_of(here)
        arguments = arguments.split() if isinstance(arguments, str) else arguments
        ran = command(*arguments, door=door)
        assert ran.code == 2, ran
        assert ran.out == ""
        return check_refusal(ran.err, here, before, words, besides)

    return run


@pytest.fixture
def problems(command, here):
    """Run a command that must be refused; give its problems as JSON. Every file stays as it was."""

    def run(arguments: str) -> list[dict]:
        before = files_of(here)
        ran = command(*arguments.split(), "--json")
        assert ran.code == 2, ran
        assert "Traceback" not in ran.err and files_of(here) == before
        return json.loads(ran.out)["error"]["problems"]

    return run


def check_refusal(err: str, folder: Path, before: dict, words=(), besides=()) -> str:
    """Check what a refused command said and left."""
    assert "Traceback" not in err
    assert err.count("error:") == 1, err
    message = err.partition("error: ")[2]
    for word in words:
        assert word in message, err
    after = files_of(folder)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert not {name for name in changed if not name.startswith(besides or "\0")}
    assert not [name for name in after if "/.part-" in name or "/.old-" in name]
    return message


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder -> (size, time of change)."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() or path.name.startswith(".")
    }
