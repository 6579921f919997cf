"""A lock between processes that vanishes with the one that holds it, however that ends."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tfod.errors import UserError

WINDOWS = os.name == "nt"
BUSY = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


@contextmanager
def only_one(path: Path, busy: str) -> Iterator[None]:
    """Hold a lock during the block.

    Args:
        path: of the lock file, made here and removed at the end; its folder is there.
        busy: the message when another process holds it.

    Raises:
        UserError: another process holds it, or the folder cannot be written.
    """
    handle = _lock(path, busy)
    try:
        yield
    finally:
        if not WINDOWS:  # while it is held, so that nobody locks a file that is gone
            path.unlink(missing_ok=True)
        os.close(handle)
        if WINDOWS:  # which removes no open file; another one may have it by now
            with suppress(OSError):
                path.unlink()


def _lock(path: Path, busy: str) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise UserError(
                f"{path.parent}: cannot be written ({error.strerror}). Choose another folder."
            ) from error
        try:
            _lock_handle(handle)
        except OSError as error:
            if error.errno in BUSY:
                os.close(handle)
                raise UserError(busy) from None
            # a network disk without locks: go on without
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        os.close(handle)  # the one before removed it between opening and locking: once more


def _lock_handle(handle: int) -> None:
    if WINDOWS:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
