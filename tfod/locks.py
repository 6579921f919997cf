"""A lock between processes, so that two do not write the same files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tfod.errors import UserError
from tfod.files import disk_problems


@contextmanager
def only_one(lock_file: Path, refused: UserError) -> Iterator[None]:
    """Hold a lock; it vanishes with the process that holds it, however that ends.

    Args:
        refused: the error for whoever comes second.

    Raises:
        UserError: another process holds it, or the file cannot be written.
    """
    lock = FileLock(lock_file, blocking=False)
    try:
        with disk_problems(lock_file):
            lock.acquire()
    except Timeout:
        raise refused from None
    try:
        yield
    finally:
        if os.name != "nt":  # while it is held, so that nobody locks a file that is gone
            lock_file.unlink(missing_ok=True)
        lock.release()
