"""Notebooks are prose and calls: no logic, small pictures; and they run from top to bottom."""

import ast
import re
import tempfile
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import tfod

LOGIC = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.Try)
ROOT = Path(__file__).resolve().parents[1]
SMALL = ("model.ssd.feature_extractor.depth_multiplier=0.35",)


@pytest.fixture(params=sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_small_pictures_are_stored_and_nothing_else(notebook):
    """Texts would tell folders and times of who ran it; `make_pictures.py` stores the pictures."""
    for cell in code_cells(notebook):
        assert cell.execution_count is None, cell.source
        for output in cell.outputs:
            assert output.data.keys() == {"image/png"}
            assert len(output.data["image/png"]) < 150_000, cell.source
        assert cell.metadata.keys() <= {"tags"}, "a cell has metadata of somebody's editor"


def test_cells_call_and_decide_nothing(notebook):
    for cell in without_installing(notebook):
        python = cell.source.removeprefix("%matplotlib inline\n")
        nodes = list(ast.walk(ast.parse(python)))
        assert not [node for node in nodes if isinstance(node, LOGIC)], cell.source
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert len(prose) * 2 >= len(code_cells(notebook))


def without_installing(notebook):
    return [cell for cell in code_cells(notebook) if "install" not in cell.metadata.get("tags", ())]


@pytest.mark.slow
def test_training_elsewhere(tmp_path, monkeypatch):
    """The way to Colab and back: a project packed, trained in an empty folder, and brought home."""
    home, there = tmp_path / "home", tmp_path / "there"
    there.mkdir()
    tfod.capture(
        ["a"], number=8, every=0, countdown=0, min_change=0, camera="synthetic:size=96x128",
        headless=True, workspace=home,
    )  # fmt: skip
    tfod.split(workspace=home)
    tfod.records(workspace=home)
    tfod.new_config("masks", size=96, batch_size=2, overrides=SMALL, workspace=home)
    monkeypatch.chdir(home)
    zipfile.main(["-c", str(there / "project.zip"), "workspace", "annotations"])

    notebook = nbformat.read(ROOT / "notebooks/train_elsewhere.ipynb", as_version=4)
    notebook.cells = [c for c in notebook.cells if "install" not in c.metadata.get("tags", ())]
    settings = code_cells(notebook)[0]
    settings.source = settings.source.replace("STEPS = 3000", "STEPS = 3")
    resources = {"metadata": {"path": str(there)}}
    NotebookClient(notebook, timeout=240, resources=resources).execute()

    zipfile.main(["-e", str(there / "trained.zip"), "."])
    assert tfod.train("masks", steps=4).first_step == 3
    assert tfod.load("masks").class_names == {0: "a"}


def run(name, shorter, folder, monkeypatch):
    """Run a notebook with smaller settings; give its workspace and the pictures it showed."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    settings = code_cells(notebook)[0]
    for word, value in shorter.items():
        settings.source, count = re.subn(
            rf"^{word} = \d+$", f"{word} = {value}", settings.source, flags=re.M
        )
        assert count == 1, word
    resources = {"metadata": {"path": str(folder)}}
    done = NotebookClient(notebook, timeout=240, resources=resources).execute()
    (workspace,) = folder.glob("tfod-notebook-*")
    outputs = [output for cell in code_cells(done) for output in cell.outputs]
    return workspace, [o for o in outputs if "image/png" in o.get("data", {})]


@pytest.mark.slow
def test_from_a_webcam_to_a_detector(tmp_path, monkeypatch):
    shorter = {"IMAGES_PER_CLASS": 8, "STEPS": 4}
    workspace, pictures = run("webcam_to_detector.ipynb", shorter, tmp_path, monkeypatch)
    assert (workspace / "exported-models/shapes/saved_model/saved_model.pb").is_file()
    assert (workspace / "live.mp4").stat().st_size > 1000
    assert len(pictures) == 2


@pytest.mark.slow
def test_know_your_data(tmp_path, monkeypatch):
    workspace, pictures = run(
        "know_your_data.ipynb", {"IMAGES_PER_CLASS": 6}, tmp_path, monkeypatch
    )
    assert len(list(workspace.glob("workspace/images/*/.split.json"))) == 2
    assert len(pictures) == 4


def test_only_public_names_are_used(notebook):
    for cell in without_installing(notebook):
        python = cell.source.removeprefix("%matplotlib inline\n")
        assert not re.search(r"from tfod|import tfod\.|tfod\.\w+\.\w+\(", python), cell.source
