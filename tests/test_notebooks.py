"""Notebooks are prose and calls: no logic, no stored output; and they run from top to bottom."""

import ast
import re
import tempfile

import nbformat
import pytest
from nbclient import NotebookClient

LOGIC = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.Try)
SHORTER = {"IMAGES_PER_CLASS": 8, "STEPS": 4}


@pytest.fixture(scope="module")
def notebook(root):
    (path,) = (root / "notebooks").glob("*.ipynb")
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_no_output_is_stored(notebook):
    for cell in code_cells(notebook):
        assert not cell.outputs and cell.execution_count is None, cell.source
        assert not cell.metadata, "a cell has metadata of somebody's editor"


def test_cells_call_and_decide_nothing(notebook):
    for cell in code_cells(notebook):
        nodes = list(ast.walk(ast.parse(cell.source)))
        assert not [node for node in nodes if isinstance(node, LOGIC)], cell.source
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert len(prose) * 2 >= len(code_cells(notebook))


@pytest.mark.slow
def test_the_notebook_runs(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    short = nbformat.from_dict(notebook)
    settings = code_cells(short)[0]
    for name, value in SHORTER.items():
        settings.source, count = re.subn(
            rf"^{name} = \d+$", f"{name} = {value}", settings.source, flags=re.M
        )
        assert count == 1, name
    client = NotebookClient(short, timeout=240, resources={"metadata": {"path": str(tmp_path)}})
    done = client.execute()
    (folder,) = tmp_path.glob("tfod-notebook-*")
    assert (folder / "exported-models/shapes/saved_model/saved_model.pb").is_file()
    assert (folder / "live.mp4").stat().st_size > 1000
    pictures = [o for c in code_cells(done) for o in c.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == 2
