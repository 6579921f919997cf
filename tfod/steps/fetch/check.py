"""Whether a folder holds the published checkpoint it says, and whether it changed since.

`fetched.json` in the folder remembers the SHA-256 of each file and of the archive. Nobody
published checksums to compare with: the first ones that passed the check are trusted.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tfod.config import parse_config
from tfod.config.reading import read_text
from tfod.errors import UserError
from tfod.files import whole_file
from tfod.steps.fetch.zoo import Published
from tfod.terminal import load_tensorflow

MEMORY = "fetched.json"
FILES = (
    "pipeline.config",
    "checkpoint/ckpt-0.index",
    "checkpoint/ckpt-0.data-00000-of-00001",
)
NETWORK = ("model/_feature_extractor/", "model/_box_predictor/")


@dataclass
class Memory:
    """What is remembered of a checkpoint that passed the check.

    Attributes:
        name: of the checkpoint.
        source: address or file name of the archive; "": unpacked by hand.
        archive_bytes, archive_sha256: of the archive; 0 and "": unpacked by hand.
        variables: of its network.
        files: path in the folder, with slashes -> SHA-256 in hexadecimal.
    """

    name: str
    source: str
    archive_bytes: int
    archive_sha256: str
    variables: int
    files: dict[str, str]


def check(model: Published, folder: Path) -> int:
    """Read config and checkpoint of a folder; give the number of variables of its network.

    Raises:
        UserError: they are not there, damaged, or of another network.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise UserError(f"{folder / missing[0]}: is missing, so this is not all of {model.name}.")
    path = folder / "pipeline.config"
    ssd = parse_config(read_text(path), str(path)).model.ssd  # type: ignore[attr-defined]
    resizer = ssd.image_resizer.fixed_shape_resizer
    got = (ssd.feature_extractor.type, resizer.height, resizer.width)
    expected = (model.extractor, model.size_px, model.size_px)
    if got != expected:
        raise UserError(
            f"{path}: is of another model (feature extractor {got[0] or 'none'}, images {got[1]}x"
            f"{got[2]}; expected {expected[0]}, {expected[1]}x{expected[2]})."
        )
    load_tensorflow()
    from tfod.model.checkpoints.save import read_checkpoint

    checkpoint = read_checkpoint(folder / "checkpoint" / "ckpt-0")
    count = sum(key.startswith(NETWORK) for key in checkpoint.variables)
    if count == 0 or model.variables not in (None, count):
        raise UserError(
            f"{checkpoint.path}: holds {count} variables of a network (expected "
            f"{model.variables or 'some'}), so it is not {model.name}."
        )
    return count


def remember(folder: Path, memory: Memory) -> None:
    """Write `fetched.json`, with the files as they are now."""
    memory.files = {_name(folder, path): sha256(path) for path in _files(folder)}
    with whole_file(folder / MEMORY) as temporary:
        temporary.write_text(json.dumps(asdict(memory), indent=2) + "\n", "utf-8")


def read_memory(folder: Path) -> Memory | None:
    """Read `fetched.json`; None when there is none or it is not readable."""
    try:
        memory = Memory(**json.loads((folder / MEMORY).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return memory if memory.files else None


def changed(folder: Path, memory: Memory) -> list[str]:
    """Name the remembered files that are gone or have another content; new ones do not matter."""
    return [
        name
        for name, known in memory.files.items()
        if not (folder / name).is_file() or sha256(folder / name) != known
    ]


def sha256(path: Path) -> str:
    """Give the SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MEMORY)


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
