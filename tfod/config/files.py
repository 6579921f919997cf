"""The files a config names: label map, records, checkpoint to start from."""

import glob
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from google.protobuf.message import Message

from tfod.errors import raise_together
from tfod.files import from_user
from tfod.steps.fetch.zoo import get_it

PLACEHOLDER = "PATH_TO_BE_CONFIGURED"  # stands in the configs of the zoo
RECORDS = "`tfod records` makes it"

_CHECKPOINT_FILE = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")


def missing_paths(
    config: Message,
    base: Path | None = None,
    step: Literal["train", "resume", "evaluate"] = "train",
) -> None:
    """Refuse a config that names files which are not there.

    Args:
        config: TrainEvalPipelineConfig.
        base: folder that relative paths start from; None: the current one.
        step: what will be read: "train" the training records, their label map and the checkpoint
            to start from; "resume" no checkpoint; "evaluate" the test records and label map.

    Raises:
        UserError: names all that is missing and the commands that make it.
    """
    problems = list(_missing(config, base or Path(), step))
    raise_together(
        problems,
        "files named in the config are missing",
        "Make what is missing, or correct the config.",
    )


def checkpoint_prefix(text: str) -> Path:
    """Give the path of a checkpoint without the ending of one of its files.

    A `fine_tune_checkpoint` may name "ckpt-0", "ckpt-0.index" or "ckpt-0.data-00000-of-00001".
    """
    path = from_user(text)
    return path.with_name(_CHECKPOINT_FILE.sub("", path.name))


def _missing(config: Any, base: Path, step: str) -> Iterator[str]:
    if step == "evaluate":
        if not config.eval_input_reader:
            yield "eval_input_reader is missing. Name the test records there"
        for reader in config.eval_input_reader[:1]:
            yield from _missing_of_reader("eval_input_reader", reader, base)
        return
    yield from _missing_of_reader("train_input_reader", config.train_input_reader, base)
    checkpoint = config.train_config.fine_tune_checkpoint
    if step == "resume" or not checkpoint:
        return
    where = "train_config.fine_tune_checkpoint"
    if checkpoint == PLACEHOLDER:
        yield (
            f"{where} still says {PLACEHOLDER}: {get_it(checkpoint)}; or leave it empty to "
            "start from nothing"
        )
        return
    path = base / checkpoint_prefix(checkpoint)
    # of a checkpoint that is there in part, the step that reads it says which part is missing
    if not path.exists() and not glob.glob(f"{glob.escape(str(path))}.*"):
        yield f"{where}: there is no {path}.index: {get_it(str(path))}"


def _missing_of_reader(name: str, reader: Any, base: Path) -> Iterator[str]:
    label_map = reader.label_map_path
    records = list(reader.tf_record_input_reader.input_path)
    for field, text in [("label_map_path", label_map), *(("input_path", text) for text in records)]:
        if text == PLACEHOLDER:
            yield f"{name}.{field} still says {PLACEHOLDER}: {RECORDS}"
        elif not text:
            yield f"{name}.{field} is not set: {RECORDS}"
        elif not (base / from_user(text)).exists() and not glob.glob(str(base / from_user(text))):
            yield f"{name}.{field}: there is no {base / from_user(text)}: {RECORDS}"
    if not records:
        yield f"{name}.tf_record_input_reader.input_path is not set: {RECORDS}"
