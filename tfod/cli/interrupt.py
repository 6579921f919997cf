"""What ends a command: Ctrl-C, `kill`, and a terminal that is closed."""

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from tfod.progress import Progress

STOPPING = "stopping: finishing this step and saving; press Ctrl-C again to stop without saving"


@contextmanager
def every_end_like_ctrl_c() -> Iterator[None]:
    """Let `kill` and a closed terminal end the block as Ctrl-C does, which tidies up."""
    default = [n for n in _numbers("SIGTERM", "SIGHUP") if signal.getsignal(n) is signal.SIG_DFL]
    with _handled(default, _end):
        yield


@contextmanager
def asked_to_stop(progress: Progress) -> Iterator[Callable[[], bool]]:
    """Give a function that says whether SIGINT, SIGTERM or SIGHUP came.

    A second SIGINT or SIGTERM raises KeyboardInterrupt. A second SIGHUP does not: a terminal that
    is closed sends it from the kernel and again from the shell.

    Args:
        progress: gets a note at the first signal.
    """
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _hear_no_more(number)
            _let_go_of_the_terminal()
        elif caught:
            raise KeyboardInterrupt
        caught.append(number)
        progress.note(STOPPING)

    numbers = [signal.SIGINT, signal.SIGTERM]
    # `nohup` has it ignored
    numbers += [n for n in _numbers("SIGHUP") if signal.getsignal(n) is not signal.SIG_IGN]
    with _handled(numbers, note):
        yield lambda: bool(caught)


def _numbers(*names: str) -> list[signal.Signals]:
    """The signals of these names that this system has; Windows lacks some."""
    return [signal.Signals[name] for name in names if name in signal.Signals.__members__]


@contextmanager
def _handled(
    numbers: Sequence[int], handler: Callable[[int, FrameType | None], None]
) -> Iterator[None]:
    """Handle signals during a block."""
    before = {}
    try:
        for number in numbers:
            before[number] = signal.signal(number, handler)
    except ValueError:  # not the main thread, as in a notebook server
        pass
    try:
        yield
    finally:
        for number, earlier in before.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, earlier)


def _end(number: int, frame: FrameType | None) -> None:
    if number == getattr(signal, "SIGHUP", None):
        _hear_no_more(number)
    raise KeyboardInterrupt


def _hear_no_more(number: int) -> None:
    """Ignore a signal until the process ends: its default would end it in the middle of tidying."""
    signal.signal(number, signal.SIG_IGN)


def _let_go_of_the_terminal() -> None:
    """Write to nowhere, as writing to a terminal that is gone raises; files are written on."""
    with open(os.devnull, "w") as nowhere:
        for stream in (sys.stdout.fileno(), sys.stderr.fileno()):
            if stat.S_ISCHR(os.fstat(stream).st_mode):
                os.dup2(nowhere.fileno(), stream)
