"""What a training starts from: a published checkpoint, a model of one's own, or a path."""

from contextlib import nullcontext
from pathlib import Path

from tfod.errors import UserError, no_such
from tfod.files import from_user
from tfod.progress import SILENT, Progress
from tfod.steps.fetch import zoo
from tfod.steps.fetch.check import Quiet
from tfod.steps.fetch.fetch import Options, fetch
from tfod.words import closest
from tfod.workspace import Workspace


def prepare_checkpoint(
    workspace: Workspace,
    name: str | None,
    url: str | None = None,
    progress: Progress = SILENT,
    quiet: Quiet = nullcontext,
) -> Path:
    """Give the folder or prefix of a checkpoint, downloaded where it has to be.

    Args:
        name: a path; a model of this workspace, which training goes on from; or a published
            checkpoint, by its name or parts of it ("640", "320"). None: the newest checkpoint in
            pre-trained-models/, else the default of `fetch`.
        url: of another server than the zoo's.
        quiet: see `fetch`.

    Raises:
        UserError: there is no such checkpoint, or it cannot be downloaded.
    """
    if name is None:
        found = zoo.trainable(workspace.pre_trained)
        if found:
            return found[0]
        name = zoo.DEFAULT
    elif own := _of_user(workspace, name):
        return own
    published = _published(workspace, name)
    folder = workspace.pre_trained / published.name
    if not (folder / "checkpoint").is_dir():
        fetched = fetch(workspace, published.name, Options(url=url), progress, quiet)
        progress.note(f"fetch: {fetched.name}, checked")
        for note in fetched.notes:
            progress.note(f"note: {note}")
    return folder


def _published(workspace: Workspace, name: str) -> zoo.Published:
    try:
        return zoo.find(name)
    except UserError as error:
        own = [path.parent.name for path in workspace.models.glob("*/pipeline.config")]
        if error.codes == ["unknown-checkpoint"] and closest(name, own):
            what = "neither a model of yours nor a published checkpoint"
            raise no_such("unknown-checkpoint", Path(name), what, own, None) from error
        raise


def _of_user(workspace: Workspace, name: str) -> Path | None:
    """A model in this workspace, else what a path names; None when there is neither."""
    for folder in (workspace.model(name), workspace.exported(name)):
        if any(folder.glob("ckpt-*.index")) or any(folder.glob("checkpoint/ckpt-*.index")):
            return folder
    path = from_user(name)
    is_path = path.exists() or path.with_name(f"{path.name}.index").is_file()
    return path if is_path or path.parent != Path() else None
