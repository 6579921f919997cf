"""The text file `checkpoint` of a folder: which checkpoints it keeps, and which is the newest.

`tf.train.latest_checkpoint` and the tools of the old API read and write the same file.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

import tensorflow as tf
from google.protobuf import text_format

from tfod.errors import UserError
from tfod.files import whole_file
from tfod.listing import read_text

STATE = "checkpoint"


@dataclass(frozen=True)
class State:
    """What the file `checkpoint` of a folder says.

    Attributes:
        latest: the name of the newest checkpoint, "" where there is no usable file.
        kept: name of each checkpoint that is kept -> when it was written, oldest first.
        preserved_s: time of the last one that was kept for good; 0 where the file has none.
    """

    latest: str = ""
    kept: dict[str, float] = field(default_factory=dict)
    preserved_s: float = 0.0


def read_state(folder: Path) -> State:
    """Read the file `checkpoint` of a folder; an empty state when there is no usable one."""
    if not (folder / STATE).is_file():
        return State()
    proto = tf.compat.v1.train.generate_checkpoint_state_proto("/", "unknown")
    proto.Clear()
    try:
        text_format.Parse(read_text(folder / STATE), proto)
    except (text_format.ParseError, UserError):
        return State()
    names = list(proto.all_model_checkpoint_paths)
    times_s = list(proto.all_model_checkpoint_timestamps)
    times_s += [time.time()] * (len(names) - len(times_s))
    kept = dict(zip(names, times_s, strict=False))
    return State(proto.model_checkpoint_path, kept, proto.last_preserved_timestamp)


def write_state(folder: Path, state: State) -> None:
    """Write the file `checkpoint` of a folder, whole or not at all."""
    times_s = list(state.kept.values())
    preserved_s = state.preserved_s
    if not 0 < preserved_s < times_s[0]:  # else the old manager would never delete the oldest
        preserved_s = times_s[0] - 1
    proto = tf.compat.v1.train.generate_checkpoint_state_proto(
        str(folder.absolute()), state.latest, list(state.kept), times_s, preserved_s
    )
    with whole_file(folder / STATE) as temporary:
        temporary.write_text(text_format.MessageToString(proto), encoding="utf-8")


def moved_here(folder: Path, name: str) -> Path:
    """Resolve a name of the state file; one of another machine is looked for in the folder."""
    prefix = folder / name  # an absolute name stays as it is
    if Path(f"{prefix}.index").exists():
        return prefix
    return folder / name.replace("\\", "/").rpartition("/")[2]
