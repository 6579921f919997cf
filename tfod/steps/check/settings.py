"""The label map and the pipeline.config that a data set is held to, each read once.

Whether they fit each other: `settings_fit.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tfod.config import check_config, parse_config
from tfod.config.files import resolve_paths
from tfod.config.lines import Place as Field
from tfod.config.lines import find_fields
from tfod.config.messages import TrainEvalPipelineConfig
from tfod.config.reading import read_text
from tfod.errors import Problem, UserError
from tfod.labels import LabelMap, read_label_map
from tfod.workspace import Workspace


@dataclass
class Settings:
    """The label map and the config that a data set is held to, None where there is none.

    Attributes:
        label_map: the classes there should be; `label_map_problems` says why it cannot be used.
        config: the settings of the training, with resolved paths; `config_problems` likewise.
        config_fields: where each field is in the file.
    """

    label_map: LabelMap | None = None
    label_map_path: Path | None = None
    label_map_problems: Sequence[Problem] = ()
    config: TrainEvalPipelineConfig | None = None
    config_path: Path | None = None
    config_problems: Sequence[Problem] = ()
    config_fields: Sequence[Field] = ()

    def line(self, *names: str) -> int | None:
        """The line of the first field of the config that ends with the last name and has all."""
        for field in self.config_fields:
            path = [name for name, _ in field.path]
            if path[-1] == names[-1] and set(names) <= set(path):
                return field.line
        return None


def read_settings(
    workspace: Workspace, folder: Path, label_map: Path | None = None, config: Path | None = None
) -> Settings:
    """Read the label map and the config of a data set; what is wrong with them is kept.

    Args:
        workspace: paths in the config start from its root.
        folder: of the data set.
        label_map: found when None: that of the config, else one next to the images or of the
            workspace.
        config: that of the one model of the workspace when None and the folder is its images.

    Raises:
        UserError: there is no such file.
    """
    settings = Settings(config_path=config or find_config(workspace, folder))
    if settings.config_path is not None:
        _read_config(settings, settings.config_path, workspace)
    path = settings.label_map_path = label_map or _find_label_map(workspace, folder, settings)
    try:
        settings.label_map = read_label_map(path) if path else None
    except UserError as error:
        if path is None or not path.is_file():
            raise
        settings.label_map_problems = error.problems
    return settings


def _read_config(settings: Settings, path: Path, workspace: Workspace) -> None:
    try:
        text = read_text(path)
        settings.config_fields = find_fields(text)
        config = parse_config(text, str(path))
        resolve_paths(config, workspace)
        settings.config = config
        check_config(config, path, text=text)
    except UserError as error:
        if not path.is_file():
            raise
        settings.config_problems = error.problems


def find_config(workspace: Workspace, folder: Path) -> Path | None:
    """Find the config of the workspace, when the folder is its images and it has one model."""
    if folder.resolve() != workspace.images.resolve():
        return None
    configs = list(workspace.models.glob("*/pipeline.config"))
    return configs[0] if len(configs) == 1 else None


def _find_label_map(workspace: Workspace, folder: Path, settings: Settings) -> Path | None:
    name = workspace.label_map.name
    usual = [folder / name, folder.parent / name]
    if settings.config is not None:
        usual.insert(0, Path(settings.config.train_input_reader.label_map_path))
    if folder.resolve().is_relative_to(workspace.images.resolve()):
        usual.append(workspace.label_map)
    return next((path for path in usual if path.is_file()), None)
