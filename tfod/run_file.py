"""run.json of a model folder: how its weights came to be, and how good they are.

    {"sessions": [{"begun": ..., "seed": ..., "last_step": ...}, ...],
     "evaluations": [{"step": ..., "figures": {...}}, ...]}

A session is one training, from its start or from a checkpoint; `tfod/steps/train/session.py` says
what is in it. Every change reads the file again, so that an evaluation beside a training is kept.
It knows neither models nor records.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tfod.errors import UserError, refusal
from tfod.files import replace_file, whole_file
from tfod.plain import plain
from tfod.remedies import Remedy

NAME = "run.json"
LISTS = {"sessions": "begun", "evaluations": "step"}  # list -> what tells its items apart


def read_run_file(model_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """Read what is known of the trainings of a model; empty lists when nothing is.

    Raises:
        UserError: the file is not what a training writes.
    """
    path = model_dir / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        content = {}
    except (ValueError, OSError) as error:
        raise _damaged(path, str(error)) from error
    found = {name: content.get(name, []) for name in LISTS} if isinstance(content, dict) else {}
    if not found or not all(isinstance(items, list) for items in found.values()):
        raise _damaged(path, "no list of sessions")
    return {
        name: [item for item in items if isinstance(item, dict)] for name, items in found.items()
    }


def keep_in_run_file(model_dir: Path, name: str, item: Mapping[str, Any]) -> None:
    """Add an item to one of the lists, or replace the one with the same key.

    A file that cannot be read is kept as run.json.old.

    Args:
        name: "sessions" or "evaluations".

    Raises:
        UserError: it cannot be written.
    """
    key, write = LISTS[name], whole_file
    try:
        content = read_run_file(model_dir)
    except UserError:
        content, write = {one: [] for one in LISTS}, replace_file
    others = [one for one in content[name] if one.get(key) != item[key]]
    content[name] = [*others, plain(item)]
    with write(model_dir / NAME) as path:
        path.write_text(_without_home(json.dumps(content, indent=2)) + "\n", encoding="utf-8")


def now() -> str:
    """This moment, with the zone: "2026-11-29T12:30:05+01:00"."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def sha256(*paths: Path) -> str:
    """The SHA-256 of what these files hold, one after the other."""
    total = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def _without_home(text: str) -> str:
    """Write the home folder as "~", which names nobody, in a text of JSON."""
    home = json.dumps(str(Path.home()))[1:-1]
    return text.replace(home, "~") if len(home) > 1 else text


def _damaged(path: Path, reason: str) -> UserError:
    what = f"cannot be read ({reason})"
    return refusal("run-file-damaged", path, what, remedy=Remedy.MOVE_AWAY)
