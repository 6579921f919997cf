"""A fifth of the training records held out, where there are none for validation."""

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from tfod.errors import refusal
from tfod.files import whole_file
from tfod.remedies import Remedy

EVERY = 5  # one record of so many is held out
LEAST = 10  # records


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
