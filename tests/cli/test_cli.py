"""`tfod` itself: quick, quiet, and the same when it is installed from a wheel."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path

import pytest

from tfod import __version__
from tfod.cli import main
from tfod.cli.problems import quoted
from tfod.config import read_config
from tfod.data.records.file import frame
from tfod.labels import write_label_map
from tfod.workspace import Workspace

HEAVY = ("tensorflow", "keras", "cv2", "numpy", "pandas", "matplotlib", "tensorboard")
BUILDS_FROM = 77  # setuptools, see pyproject.toml


def run(*arguments, **options):
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_help_is_there():
    """How fast it is there: benchmarks/start.py."""
    done = run("-m", "tfod", "--help")
    assert done.returncode == 0 and "evaluate" in done.stdout


def test_help_of_every_command_imports_nothing_heavy():
    code = f"""
import sys, typer
from tfod.cli import app, main
for name in ["", *typer.main.get_command(app).commands]:
    assert main([*filter(None, [name]), "--help"]) == 0, name
    heavy = [module for module in {HEAVY} if module in sys.modules]
    assert not heavy, f"tfod {{name}} --help imports {{heavy}}"
"""
    done = run("-c", code)
    assert done.returncode == 0, done.stderr


def test_the_program_is_this_function():
    (program,) = [e for e in entry_points(group="console_scripts") if e.name == "tfod"]
    assert program.load() is main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], ["trian"]),
        (["split", "--tset", "0.1"], ["--tset", "--test"]),
        (["split", "--test", "many"], ["--test", "number"]),
        (["train"], ["Missing argument"]),
        (["live", "masks", "--min-score", "50"], ["--min-score", "1"]),
        (["live", "masks", "--frames", "0"], ["--frames"]),
        (["config", ".."], ["cannot be the name of a model"]),
    ],
)
def test_what_is_mistyped_is_said_in_one_message(arguments, words, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and "Traceback" not in said.err
    assert all(word in said.err for word in words), said.err


def test_a_model_of_another_name_is_suggested(workspace, capsys):
    assert main(["train", "masks"]) == 2
    assert "folder not found. Run `tfod capture`" in capsys.readouterr().err
    write_label_map(Workspace("").label_map, ["Mask", "No-mask"])
    assert main(["config", "masks"]) == 0
    capsys.readouterr()
    assert main(["train", "mask"]) == 2
    assert "model not found (expected masks)" in (said := capsys.readouterr().err)
    assert "Did you mean masks?" in said


def test_the_next_command_is_about_the_same_workspace(workspace, capsys):
    Path("my cups").mkdir()
    words = "--classes a --number 1 --every 0 --countdown 0 --session s --headless".split()
    words += ["--camera", "synthetic"]
    assert main(["capture", *words, "--workspace", "my cups"]) == 0
    named = f"--workspace {quoted('my cups')}"
    assert capsys.readouterr().out.splitlines()[-1] == f"next:  tfod train {named} NAME"
    assert Path("my cups/workspace/images/s/a_1.jpg").is_file() and not Path("workspace").exists()
    assert main(["--workspace=my cups", "train", "masks"]) == 2
    assert f"tfod capture {named}`" in capsys.readouterr().err
    assert main(["capture", *words]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "next:  tfod train NAME"


def test_json_is_all_there_is_on_stdout(workspace, capsys):
    write_label_map(Workspace("").label_map, ["Mask", "No-mask"])
    assert main(["config", "masks", "--size", "320", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["num_classes"] == 2 and figures["next"] == "tfod train masks"
    assert [Path(path).is_file() for path in figures["wrote"]] == [True]


def test_config_names_the_records_there_are(workspace):
    write_label_map(Workspace("").label_map, ["Mask"])
    for number in range(2):
        shard = f"annotations/train.record-{number:05}-of-00002"
        Path(shard).write_bytes(frame(b"a") * (number + 1))
    assert main(["config", "masks"]) == 0
    config = read_config(Workspace("").models / "masks/pipeline.config", Workspace("."))
    assert config.train_config.batch_size == 3, "as many as there are images"
    (train,) = config.train_input_reader.tf_record_input_reader.input_path
    (test,) = config.eval_input_reader[0].tf_record_input_reader.input_path
    assert train == "annotations/train.record-?????-of-?????" and test == "annotations/test.record"


def test_config_from_random_weights_says_what_that_takes(workspace, capsys):
    write_label_map(Workspace("").label_map, ["Mask"])
    assert main(["config", "masks"]) == 0
    assert "note: random weights need many more photos" in capsys.readouterr().out


def test_a_config_of_another_making_is_kept(workspace, capsys):
    write_label_map(Workspace("").label_map, ["Mask"])
    path = Workspace("").models / "masks/pipeline.config"
    path.parent.mkdir(parents=True)
    path.write_text("model {}", encoding="utf-16")
    assert main(["config", "masks"]) == 2
    assert "a different config already exists" in capsys.readouterr().err
    assert path.read_text("utf-16") == "model {}"


def test_everything_but_code_is_package_data(root):
    """What is no Python file gets into the wheel only if pyproject.toml names it."""
    patterns = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    named = {
        p for pattern in patterns["package-data"]["tfod"] for p in root.glob(f"tfod/{pattern}")
    }
    there = {p for p in (root / "tfod").rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert {p for p in there if p.suffix != ".py"} == named
    assert named


@pytest.mark.slow
def test_the_wheel_is_complete(root, tmp_path):
    """Installed from a wheel, without this folder, `tfod` has its schema and its template."""
    source, target = tmp_path / "source", tmp_path / "installed"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "tfod", source / "tfod", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, source / name)
    build = ["wheel", "-q", "--no-deps", "-w", str(tmp_path), str(source)]
    done = run("-m", "pip", *build, *(["--no-build-isolation"] if can_build() else []))
    if "setuptools" in done.stderr and "No matching distribution" in done.stderr:
        pytest.skip("needs setuptools 77 or newer, here or from the network")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("tfod-*.whl")
    assert wheel.name.startswith(f"tfod-{__version__}-")
    done = run("-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel))
    assert done.returncode == 0, done.stderr
    files = {path.relative_to(source) for path in source.glob("tfod/**/*") if path.is_file()}
    assert not [path for path in files if not (target / path).is_file()]
    code = "import tfod; print(tfod.__file__); from tfod.cli import main; main(['config', 'a'])"
    write_label_map(Workspace(tmp_path).label_map, ["Mask"])
    done = run("-c", code, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(target)})
    assert str(target) in done.stdout and "wrote: workspace" in done.stdout, done.stderr


def can_build():
    try:
        return int(version("setuptools").partition(".")[0]) >= BUILDS_FROM
    except PackageNotFoundError:
        return False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train"], "Missing argument"),
        (["train", "tiny", "--steps", "abc"], "--steps"),
        (["live", "x", "--min-score", "3"], "--min-score"),
        (["nosuch"], "nosuch"),
    ],
)
def test_wrong_arguments_are_json_too(workspace, capsys, arguments, words):
    assert main([*arguments, "--json"]) == 2
    (problem,) = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert problem["code"] == "wrong-arguments" and words in problem["what"]


def test_numbers_that_no_config_holds_are_refused(workspace, capsys):
    write_label_map(Path("annotations/label_map.pbtxt"), ["Mask"])
    for flag in ("--steps", "--batch-size", "--size"):
        assert main(["config", "a", flag, "9999999999936", "--json"]) == 2
        (problem,) = json.loads(capsys.readouterr().out)["error"]["problems"]
        assert problem["code"] in ("number-out-of-range", "image-size"), flag
    assert main(["config", "a"]) == 0
    assert main(["train", "a", "--steps", "99999999999"]) == 2
    assert "--steps: too large" in capsys.readouterr().err
