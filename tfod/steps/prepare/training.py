"""Everything between labelled photos and a training: split, records, checkpoint, config.

A config that is there is never changed; where it reads other records than those of the workspace,
these are its own business.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tfod.config import read_config
from tfod.errors import UserError, refusal
from tfod.files import from_user
from tfod.progress import SILENT, Progress
from tfod.remedies import Remedy
from tfod.runtimes.load import find_model
from tfod.steps.config import ConfigOptions, check_name, write_new_config
from tfod.steps.fetch.check import Quiet
from tfod.steps.prepare.checkpoint import prepare_checkpoint
from tfod.steps.prepare.data import Allow, holds_images, prepare_data
from tfod.words import closest, plural
from tfod.workspace import Workspace

CONFIG = "pipeline.config"


@dataclass(frozen=True)
class PrepareOptions:
    """What a new model is to be; what is None is as `tfod.steps.config` has it.

    Attributes:
        checkpoint: what to start from, see `prepare_checkpoint`.
        steps: training steps.
        overrides: fields of the config to set, see `apply_overrides`.
        url: of a server with the published checkpoints; None: the zoo's.
    """

    checkpoint: str | None = None
    steps: int | None = None
    overrides: Sequence[str] = ()
    url: str | None = None


def prepare_training(
    workspace: Workspace,
    name: str,
    options: PrepareOptions = PrepareOptions(),
    progress: Progress = SILENT,
    allow: Allow = lambda question: False,
    quiet: Quiet = nullcontext,
) -> Path:
    """Make what a model still lacks to be trained.

    Args:
        name: of the model, or the path of a folder with a pipeline.config.
        options: for a model that has no config yet.
        progress: gets a note for each thing that was made.
        allow: asked before something of the user's is replaced.
        quiet: see `fetch`.

    Returns:
        The folder of the model, with a pipeline.config in it.

    Raises:
        UserError: nothing is labelled, something cannot be used, or the user did not agree.
    """
    folder = find_model_folder(workspace, name)
    if folder is not None:
        _check_start(workspace, folder, options)
        if _reads_records_of(workspace, folder / CONFIG) and holds_images(workspace):
            prepare_data(workspace, progress, allow)
        return folder
    name = _new_name(workspace, name)
    check_name(name)
    prepare_data(workspace, progress, allow)
    if other := closest(name, _models(workspace)):
        progress.note(f"note: {name} is a new model; the existing one is called {other}")
    checkpoint = prepare_checkpoint(workspace, options.checkpoint, options.url, progress, quiet)
    wanted = ConfigOptions(checkpoint, steps=options.steps, overrides=options.overrides)
    made = write_new_config(workspace, name, wanted)
    for warning in made.warnings:
        progress.note(f"note: {warning}")
    height, width = made.image_size
    progress.note(
        f"config: {plural(made.num_classes, 'class')}, images {height}x{width}, "
        f"{plural(made.steps, 'step')} of {plural(made.batch_size, 'image')}, "
        f"from {made.checkpoint}"
    )
    return made.path.parent


def find_model_folder(workspace: Workspace, name: str) -> Path | None:
    """The folder of a model by its name or path; None when it has no config yet."""
    folders = (workspace.model(name), from_user(name))
    return next((folder for folder in folders if (folder / CONFIG).is_file()), None)


def _new_name(workspace: Workspace, name: str) -> str:
    """The name of a model to be made, which may be written as the path of its folder.

    Raises:
        UserError: it is a path elsewhere, the folder has lost its config, or it is most likely a
            slip: there is nothing to train a new model on, and there are others.
    """
    path = from_user(name)
    if path.absolute().parent == workspace.models.absolute():
        name = path.name
    elif path.parent != Path() and path.name:
        find_model(workspace, name)
    is_bare = not holds_images(workspace) and not workspace.record("train").is_file()
    if any(workspace.model(name).glob("ckpt-*.index")) or (is_bare and _models(workspace)):
        find_model(workspace, name)  # says that it is not there
    return name


def _models(workspace: Workspace) -> list[str]:
    return [path.parent.name for path in workspace.models.glob(f"*/{CONFIG}")]


def _check_start(workspace: Workspace, folder: Path, options: PrepareOptions) -> None:
    """Refuse a checkpoint to start from for a model that has its own.

    Raises:
        UserError: it has one.
    """
    if options.checkpoint is not None:
        what = "already says what the training starts from"
        remedy = Remedy.LEAVE_OUT(setting="checkpoint")
        raise refusal("config-exists", folder / CONFIG, what, remedy=remedy)


def _reads_records_of(workspace: Workspace, path: Path) -> bool:
    """Whether a config trains on the records of the workspace."""
    try:
        reader = read_config(path, workspace).train_input_reader
    except UserError:
        return False  # the training says it better
    mine = workspace.record("train").absolute()
    paths = [Path(text).absolute() for text in reader.tf_record_input_reader.input_path]
    return any(one.parent == mine.parent and one.name.startswith(mine.name) for one in paths)
