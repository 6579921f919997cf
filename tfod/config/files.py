"""The files a config names: label map, records, checkpoint to start from.

In a config that has been read their paths are those of this system, from the workspace's root;
in the file they are written from that root, with forward slashes. `read_config` and `write_config`
turn one into the other, so that nobody else has to.
"""

import glob
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from google.protobuf.message import Message

from tfod.config.messages import InputReader, TrainEvalPipelineConfig
from tfod.errors import Problem, UserError
from tfod.remedies import Advice, Remedy
from tfod.renamed import renamed_files
from tfod.workspace import Workspace

PLACEHOLDER = "PATH_TO_BE_CONFIGURED"  # stands in the configs of the zoo
PATH_FIELDS = ("label_map_path", "input_path", "fine_tune_checkpoint")
RECORDS = Remedy.RUN(step="records")

_CHECKPOINT_FILE = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")
_PUBLISHED = re.compile(r"ssd_\w+_coco17_tpu-8")  # names of checkpoints in the model zoo

Step = Literal["train", "resume", "evaluate"]


def resolve_paths(message: Message, workspace: Workspace) -> None:
    """Turn the paths of a config or a part of it, as written, into those of this system."""
    _change_paths(message, lambda text: workspace.resolve(text).as_posix())


def unresolve_paths(message: Message, workspace: Workspace) -> None:
    """Turn the paths of a config into what its file says: the opposite of `resolve_paths`."""
    _change_paths(message, lambda text: workspace.relative(Path(text)))


def missing_paths(config: TrainEvalPipelineConfig, step: Step = "train") -> None:
    """Refuse a config that names files which do not exist.

    Args:
        step: what will be read: "train" the training records, their label map and the checkpoint
            to start from; "resume" no checkpoint; "evaluate" the test records and label map.

    Raises:
        UserError: lists everything that is missing.
    """
    problems = list(_missing(config, step))
    if problems:
        raise UserError(*problems, heading="files named in the config are missing")


def checkpoint_prefix(path: str | Path) -> Path:
    """Give the path of a checkpoint without the ending of one of its files.

    A `fine_tune_checkpoint` may name "ckpt-0", "ckpt-0.index" or "ckpt-0.data-00000-of-00001".
    """
    path = Path(path)
    return path.with_name(_CHECKPOINT_FILE.sub("", path.name)) if path.name else path


def fetch_checkpoint(path: str | Path) -> Advice:
    """Advise to fetch the published checkpoint that a path names, or to list what there is."""
    name = next((part for part in Path(path).parts if _PUBLISHED.fullmatch(part)), None)
    return Remedy.RUN(step="fetch", name=name) if name else Remedy.RUN(step="fetch", list=True)


def _change_paths(message: Message, change: Callable[[str], str]) -> None:
    for field, value in message.ListFields():
        if field.name in PATH_FIELDS:
            if isinstance(value, str):
                setattr(message, field.name, _changed(value, change))
            else:
                value[:] = [_changed(text, change) for text in value]
        elif field.message_type is not None:
            for inner in [value] if isinstance(value, Message) else value:
                _change_paths(inner, change)


def _changed(text: str, change: Callable[[str], str]) -> str:
    """Change a path; what is none yet, or an address of a cloud, stays as it is."""
    is_path = text and not text.startswith(PLACEHOLDER) and "://" not in text
    return change(text) if is_path else text


def _missing(config: TrainEvalPipelineConfig, step: Step) -> Iterator[Problem]:
    if step == "evaluate":
        if not config.eval_input_reader:
            what = "missing, so there is no data to evaluate on"
            expected = "a section that names the test records"
            yield Problem(
                "config-section-missing", setting="eval_input_reader", what=what, expected=expected
            )
        for reader in config.eval_input_reader[:1]:
            yield from _missing_of_reader("eval_input_reader", reader)
        return
    yield from _missing_of_reader("train_input_reader", config.train_input_reader)
    checkpoint = config.train_config.fine_tune_checkpoint
    if step == "resume" or not checkpoint:
        return
    setting = "train_config.fine_tune_checkpoint"
    if checkpoint.startswith(PLACEHOLDER):
        yield _placeholder(setting, checkpoint, fetch_checkpoint(checkpoint))
        return
    prefix = checkpoint_prefix(checkpoint)
    # of a checkpoint that is there in part, the step that reads it says which part is missing
    in_part = glob.glob(f"{glob.escape(str(prefix))}.*") or renamed_files(
        prefix.parent, prefix.name
    )
    if not prefix.exists() and not in_part:
        yield _not_there(setting, f"{prefix}.index", fetch_checkpoint(prefix))


def _missing_of_reader(name: str, reader: InputReader) -> Iterator[Problem]:
    records = "tf_record_input_reader.input_path"
    fields = [("label_map_path", reader.label_map_path)]
    fields += [(records, text) for text in reader.tf_record_input_reader.input_path or [""]]
    for field, text in fields:
        setting = f"{name}.{field}"
        if text.startswith(PLACEHOLDER):
            yield _placeholder(setting, text, RECORDS)
        elif not text:
            yield Problem("config-path-not-set", setting=setting, what="not set", remedy=RECORDS)
        elif not Path(text).exists() and not glob.glob(text):
            yield _not_there(setting, text, RECORDS)


def _placeholder(setting: str, text: str, remedy: Advice) -> Problem:
    what = "still the model zoo's placeholder"
    return Problem("config-path-placeholder", setting=setting, what=what, got=text, remedy=remedy)


def _not_there(setting: str, path: str, remedy: Advice) -> Problem:
    return Problem(
        "config-file-missing", Path(path), "file not found", setting=setting, remedy=remedy
    )
