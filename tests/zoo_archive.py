"""Archives as the model zoo packs them, of a checkpoint with random numbers, for tests."""

import io
import tarfile
from pathlib import Path

import numpy as np

from tfod.config import write_config
from tfod.config.templates import default_config
from tfod.model.checkpoints.format import write_tensors
from tfod.steps.fetch.zoo import Published
from tfod.workspace import Workspace

NUMBERS = 300  # in each variable: large enough to be cut, small enough to be quick


def write_published(folder: Path, model: Published, variables: int = 384) -> Path:
    """Write a folder as an archive of the zoo holds it; give the folder."""
    config = default_config()
    ssd = config.model.ssd
    resizer = ssd.image_resizer.fixed_shape_resizer
    resizer.height = resizer.width = model.size_px
    ssd.feature_extractor.type = model.extractor
    write_config(config, folder / model.name / "pipeline.config", Workspace("."))
    (folder / model.name / "checkpoint").mkdir()
    rng = np.random.default_rng(0)
    values = {
        f"model/_feature_extractor/layer-{i}/kernel": rng.normal(size=NUMBERS).astype(np.float32)
        for i in range(variables)
    }
    values["save_counter"] = np.array(1, np.int64)
    write_tensors(folder / model.name / "checkpoint" / "ckpt-0", values, {})
    return folder / model.name


def pack(folder: Path, name: str | None = None) -> bytes:
    """Give a .tar.gz of a folder, under another name if one is given."""
    return packed(lambda tar: tar.add(folder, name or folder.name))


def packed(fill, mode="w:gz", **options) -> bytes:
    """Give an archive that a function fills.

    Args:
        fill: gets the open `tarfile.TarFile`.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as tar:
        fill(tar)
    return buffer.getvalue()


def add(tar: tarfile.TarFile, name: str, data: bytes = b"", **fields: object) -> None:
    """Add a member to an archive, of any kind and with any header.

    Args:
        fields: attributes of its `tarfile.TarInfo`.
    """
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    tar.addfile(info, io.BytesIO(data))
