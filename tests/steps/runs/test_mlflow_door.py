"""The door to MLflow without MLflow; with it: tests/try_mlflow.py."""

import sys

from refusals import raises_problem

from tfod.config import write_config
from tfod.config.templates import new_config
from tfod.steps.runs.runs import runs
from tfod.workspace import Workspace


def test_without_mlflow_it_says_how_to_get_it(tmp_path, monkeypatch):
    here = Workspace(tmp_path)
    write_config(new_config(here, 2, size=96), here.model("masks") / "pipeline.config", here)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with raises_problem("package-missing", where="mlflow", remedy="install"):
        runs(here, ["masks"], mlflow="sqlite:///mlflow.db")
