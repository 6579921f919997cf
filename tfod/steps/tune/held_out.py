"""What trials are judged on: `val`, or a fifth of the training records that is held out."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import tensorflow as tf

from tfod.config.messages import TrainEvalPipelineConfig
from tfod.config.training_values import VAL
from tfod.data.records.check import record_files
from tfod.errors import refusal
from tfod.files import whole_file
from tfod.remedies import Remedy

EVERY = 5  # one record of so many is held out
LEAST = 10  # records


def without_test(config: TrainEvalPipelineConfig, folder: Path) -> str:
    """Let a config measure on `val` alone; hold photos of train out where there is none.

    Returns:
        What it measures on, in words.
    """
    kept = [deepcopy(reader) for reader in config.eval_input_reader if reader.name == VAL]
    photos = "val" if kept else "a fifth of train"
    if not kept:
        reader = deepcopy(config.train_input_reader)
        files = hold_out(record_files(reader), folder)
        for part, path in zip((config.train_input_reader, reader), files, strict=True):
            part.tf_record_input_reader.input_path[:] = [path.as_posix()]
        reader.name, reader.shuffle = VAL, False
        kept = [reader]
    del config.eval_input_reader[:]
    config.eval_input_reader.add().CopyFrom(kept[0])
    return photos


def hold_out(files: Sequence[str], folder: Path) -> tuple[Path, Path]:
    """Copy records into folder/train.record and, every fifth, into folder/val.record.

    Raises:
        UserError: there are too few, or they cannot be written.
    """
    targets = folder / "train.record", folder / "val.record"
    count = 0
    with whole_file(targets[0]) as train, whole_file(targets[1]) as val:
        with tf.io.TFRecordWriter(str(train)) as kept, tf.io.TFRecordWriter(str(val)) as held:
            for record in tf.data.TFRecordDataset(list(files)).as_numpy_iterator():
                (held if count % EVERY == EVERY - 1 else kept).write(record)
                count += 1
        if count < LEAST:
            what, expected = "too few photos to hold some out", f"{LEAST} or more"
            raise refusal(
                "too-few-photos", files[0], what, expected=expected, got=count,
                remedy=Remedy.RUN(step="split", val=0.1),
            )  # fmt: skip
    return targets
