"""Names of record files, one or several shards of it."""

from collections.abc import Sequence
from pathlib import Path


def shard_paths(record_path: Path, shards: int) -> list[Path]:
    """The files of a record: itself, or `<record_path>-00000-of-00004` and so on."""
    if shards == 1:
        return [record_path]
    name = record_path.name
    return [record_path.with_name(f"{name}-{i:05d}-of-{shards:05d}") for i in range(shards)]


def record_pattern(record_path: Path) -> Path:
    """The path of a record, or the pattern of its shards when it is there in shards only."""
    pattern = record_path.with_name(f"{record_path.name}-?????-of-?????")
    in_shards = not record_path.exists() and any(record_path.parent.glob(pattern.name))
    return pattern if in_shards else record_path


def remove_other_shards(record_path: Path, files: Sequence[Path]) -> None:
    """Delete what an earlier run with another number of shards left: a config may read it."""
    digits = "[0-9]" * 5
    shards = record_path.parent.glob(f"{record_path.name}-{digits}-of-{digits}")
    for path in {record_path, *shards}.difference(files):
        path.unlink(missing_ok=True)
