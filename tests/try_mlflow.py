"""The door to MLflow, in an environment of its own; MLflow is too large for `make test`.

    python -m venv /tmp/mlflow
    /tmp/mlflow/bin/pip install mlflow .
    /tmp/mlflow/bin/python tests/try_mlflow.py

It makes two models as a training leaves them, sends them to a local store, and reads them back.
"""

import contextlib
import io
import json
import os
import tempfile
from pathlib import Path

import tensorflow as tf
from mlflow import MlflowClient

from tfod.cli import main
from tfod.config import write_config
from tfod.config.templates import new_config
from tfod.run_file import keep_in_run_file
from tfod.workspace import Workspace

TOTAL, MAP = "Loss/total_loss", "DetectionBoxes_Precision/mAP@.50IOU"


def more(folder, steps):
    """Let a curve of losses and one of evaluations go on, by these steps."""
    for part, tag in (("train", TOTAL), ("eval", MAP)):
        writer = tf.summary.create_file_writer(str(folder / part))
        with writer.as_default():
            for step in steps:
                tf.summary.scalar(tag, 1 / step, step=step)
        writer.close()


def model(here, name):
    """A model folder with a config, run.json and curves."""
    folder = here.model(name)
    write_config(new_config(here, 2, size=96), folder / "pipeline.config", here)
    session = {"begun": f"2026-11-01T10:00:00+01:00 {name}", "seed": 7, "call": "tfod train"}
    keep_in_run_file(folder, "sessions", session | {"last_step": 3, "versions": {"tfod": "1"}})
    more(folder, range(1, 1200))
    return folder


def check(uri, here, steps):
    """Both runs are there once, with every step once, settings and files."""
    client = MlflowClient(tracking_uri=uri)
    runs = client.search_runs([client.get_experiment_by_name("tfod").experiment_id])
    assert sorted(one.info.run_name for one in runs) == ["masks", "masks2"]
    for one in runs:
        for key in (TOTAL, "DetectionBoxes_Precision/mAP_.50IOU"):
            known = [metric.step for metric in client.get_metric_history(one.info.run_id, key)]
            assert sorted(known) == list(range(1, steps)), (key, len(known))
        assert one.data.params["seed"] == "7" and one.data.params["train_config.batch_size"] == "8"
        files = {file.path for file in client.list_artifacts(one.info.run_id)}
        assert files == {"pipeline.config", "run.json"}, files


def send(uri, here):
    """Run the command."""
    code = main(["runs", "--mlflow", uri, "--workspace", str(here.root)])
    assert code == 0, code


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        here, uri = Workspace(Path(folder)), f"sqlite:///{folder}/mlflow.db"
        folders = [model(here, name) for name in ("masks", "masks2")]
        send(uri, here)
        check(uri, here, 1200)
        send(uri, here)  # again: nothing new
        for one in folders:
            more(one, range(1200, 1300))
        send(uri, here)
        check(uri, here, 1300)
        os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            nobody = "http://me:secret@127.0.0.1:9"
            assert main(["runs", "--mlflow", nobody, "--workspace", folder]) == 2
        assert "127.0.0.1:9" in said.getvalue() and "secret" not in said.getvalue()
    print(json.dumps({"mlflow": "ok"}))
