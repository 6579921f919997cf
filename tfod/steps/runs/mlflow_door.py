"""A door to MLflow: what is known of a model becomes a run there, with its curves and files.

Nothing is computed, and training knows nothing of it. Sending a model again adds what is new.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfod.camera.address import without_login
from tfod.errors import refusal
from tfod.remedies import Remedy
from tfod.steps.runs.compare import described
from tfod.steps.runs.curves import Curve

if TYPE_CHECKING:
    from tfod.steps.runs.runs import Run

EXPERIMENT = "tfod"
MOST_METRICS, MOST_PARAMS, MOST_LETTERS = 1000, 100, 6000  # in a request; of a value
FILES = ("pipeline.config", "run.json")


def send(run: "Run", curves: Mapping[str, Curve], uri: str) -> str:
    """Send a model to MLflow; give the id of its run there.

    Args:
        curves: tag -> curve.
        uri: of a server, or a store: "http://host:5000", "sqlite:///mlflow.db".

    Raises:
        UserError: MLflow is not installed, or does not take it.
    """
    try:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
    except ModuleNotFoundError as error:
        remedy = Remedy.INSTALL(package="mlflow")
        raise refusal("package-missing", "mlflow", "is not installed", remedy=remedy) from error
    try:
        client = MlflowClient(tracking_uri=uri)
        there = _run_there(client, run)
        _send_curves(client, there.info.run_id, curves)
        _send_facts(client, there, run)
        client.set_terminated(there.info.run_id)
    except MlflowException as error:
        shown = without_login(uri)
        what = f"MLflow does not take it ({str(error).strip().replace(uri, shown)})"
        raise refusal("mlflow-refused", shown, what, remedy=Remedy.CHECK_CONNECTION) from None
    return str(there.info.run_id)


def _run_there(client: Any, run: "Run") -> Any:
    """The run of a model, which is known by the beginning of its first training."""
    known = client.get_experiment_by_name(EXPERIMENT)
    experiment = known.experiment_id if known else client.create_experiment(EXPERIMENT)
    tags = {"tfod.model": run.name, "tfod.begun": run.sessions[0]["begun"] if run.sessions else "-"}
    wanted = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
    found = client.search_runs([experiment], wanted)
    return found[0] if found else client.create_run(experiment, tags=tags, run_name=run.name)


def _send_curves(client: Any, number: str, curves: Mapping[str, Curve]) -> None:
    from mlflow.entities import Metric

    new = []
    for tag, curve in curves.items():
        known = {one.step for one in client.get_metric_history(number, _name(tag))}
        new += [Metric(_name(tag), v, 0, step) for step, v in curve.items() if step not in known]
    for first in range(0, len(new), MOST_METRICS):
        client.log_batch(number, metrics=new[first : first + MOST_METRICS])


def _send_facts(client: Any, there: Any, run: "Run") -> None:
    """Settings and files; a setting that is there already cannot be changed in MLflow."""
    from mlflow.entities import Param

    facts = {_name(what): text[:MOST_LETTERS] for what, text in described(run).items()}
    new = [Param(what, text) for what, text in facts.items() if what not in there.data.params]
    for first in range(0, len(new), MOST_PARAMS):
        client.log_batch(there.info.run_id, params=new[first : first + MOST_PARAMS])
    for name in FILES:
        if (run.folder / name).is_file():
            client.log_artifact(there.info.run_id, str(run.folder / name))


def _name(text: str) -> str:
    """A name of letters that MLflow takes."""
    return re.sub(r"[^\w\-./ ]", "_", text)
