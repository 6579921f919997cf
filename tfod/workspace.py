"""Where everything lives: a `Workspace` is handed to every step.

It knows the names of folders and nothing of what is in them. A relative root follows the current
directory, so hand over an absolute one where that may change.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """The folder that holds workspace/, annotations/, pre-trained-models/, exported-models/.

    Attributes:
        root: that folder.
    """

    root: Path

    def __init__(self, root: Path | str):
        object.__setattr__(self, "root", Path(root))

    @property
    def images(self) -> Path:
        """The sessions, and train/, test/, val/."""
        return self.root / "workspace" / "images"

    @property
    def models(self) -> Path:
        """One folder for each model that is trained."""
        return self.root / "workspace" / "models"

    @property
    def detections(self) -> Path:
        """Pictures that `detect` drew on, and its table."""
        return self.root / "workspace" / "detections"

    @property
    def tune(self) -> Path:
        """The trials of `tune`, a folder for each model."""
        return self.root / "workspace" / "tune"

    @property
    def runs(self) -> Path:
        """Comparisons of models."""
        return self.root / "workspace" / "runs"

    @property
    def backups(self) -> Path:
        """Files as they were before a repair."""
        return self.root / "workspace" / "backups"

    @property
    def accepted(self) -> Path:
        """The findings of a check that are meant to be so."""
        return self.root / "workspace" / "check.toml"

    @property
    def annotations(self) -> Path:
        """Label map and records."""
        return self.root / "annotations"

    @property
    def label_map(self) -> Path:
        """The classes."""
        return self.annotations / "label_map.pbtxt"

    @property
    def pre_trained(self) -> Path:
        """Published checkpoints to start from."""
        return self.root / "pre-trained-models"

    @property
    def exported_models(self) -> Path:
        """One folder for each exported model."""
        return self.root / "exported-models"

    def record(self, part: str) -> Path:
        """The record file of a part: train, test or val."""
        return self.annotations / f"{part}.record"

    def model(self, name: str) -> Path:
        """The folder of a model: pipeline.config, checkpoints, train/, eval/."""
        return self.models / name

    def exported(self, name: str) -> Path:
        """The folder of an exported model."""
        return self.exported_models / name

    def resolve(self, text: str | Path) -> Path:
        """Give the path that a file of this workspace names, in either slash, from its root.

        A backslash is a separator unless a file of exactly that name is there.
        """
        path = self.root / text
        if "\\" in str(text) and not path.exists():
            return self.root / str(text).replace("\\", "/")
        return path

    def relative(self, path: Path) -> str:
        """Write a path for a file of this workspace: from the root with slashes, if it is inside.

        A path outside is written whole, so that it means the same from the root.
        """
        if path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        whole, root = (Path(os.path.abspath(one)) for one in (path, self.root))
        if whole.is_relative_to(root):  # the same place in another spelling
            return whole.relative_to(root).as_posix()
        return path.absolute().as_posix()
