"""Ctrl-C during a training: the step is finished and saved before the command ends."""

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tfod.progress import Progress

STOPPING = "stopping: finishing this step and saving; press Ctrl-C again to stop without saving"


@contextmanager
def asked_to_stop(progress: Progress) -> Iterator[Callable[[], bool]]:
    """Give a function that says whether SIGINT, SIGTERM or SIGHUP came; a second one raises.

    SIGHUP is a terminal that was closed, or a connection to this machine that broke.

    Args:
        progress: gets a note at the first signal.
    """
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):  # Windows has none
            _let_go_of_the_terminal()
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        progress.note(STOPPING)

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)  # `nohup` has it ignored
    before = {}
    try:
        for number in numbers:
            before[number] = signal.signal(number, note)
    except ValueError:  # not the main thread, as in a notebook server
        pass
    try:
        yield lambda: bool(caught)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _let_go_of_the_terminal() -> None:
    """Write to nowhere, as writing to a terminal that is gone raises; files are written on."""
    with open(os.devnull, "w") as nowhere:
        for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
            if stat.S_ISCHR(os.fstat(stream).st_mode):
                os.dup2(nowhere.fileno(), stream)
