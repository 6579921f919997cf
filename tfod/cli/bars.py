"""The progress of long work on the terminal: a bar, or plain lines where there is no terminal."""

import time
from collections.abc import Callable
from typing import TextIO

from rich.console import Console

from tfod.progress import Progress, Task
from tfod.words import duration

LINE_EVERY_S = 15.0
WIDE = 110  # columns that hold a long detail next to the bar


class TerminalProgress(Progress):
    """Bars on stderr when that is a terminal; else a line every 15 s with the time left."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic):
        self.console = Console(file=stream) if stream else Console(stderr=True)
        self.clock = clock

    def task(self, what: str, total: int | None = None, done: int = 0) -> Task:
        """Begin a piece of work with a bar or lines of its own."""
        if self.console.is_terminal:
            return _BarTask(what, total, done, self.console)
        return _LinesTask(what, total, done, self)

    def note(self, text: str) -> None:
        """Print a line as it is: brackets, numbers and long paths stay what they are."""
        self.console.print(text, highlight=False, markup=False, emoji=False, soft_wrap=True)


class _BarTask(Task):
    def __init__(self, what: str, total: int | None, done: int, console: Console):
        super().__init__(what, total, done)
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._id = self._bars.add_task(what, total=total, completed=done, detail="")

    def __enter__(self) -> Task:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def reach(self, done: int, detail: str | None = None) -> None:
        super().reach(done, detail)
        shown = self.detail
        if self._bars.console.width < WIDE:
            shown = shown.partition("  ")[0]  # so that the count and the time left can be seen
        self._bars.update(self._id, completed=done, total=self.total, detail=shown)


class _LinesTask(Task):
    def __init__(self, what: str, total: int | None, done: int, progress: TerminalProgress):
        super().__init__(what, total, done)
        self._progress = progress
        self._last_s = progress.clock()

    def reach(self, done: int, detail: str | None = None) -> None:
        super().reach(done, detail)
        now_s = self._progress.clock()
        if now_s - self._last_s >= LINE_EVERY_S:
            self._last_s = now_s
            self._progress.note(line(self))


def line(task: Task) -> str:
    """Say how far a task is: "training: 300 of 3,000, loss 0.51, 12 min left"."""
    has_total = task.total is not None and task.done <= task.total  # a film may state too few
    count = f"{task.done:,} of {task.total:,}" if has_total else f"{task.done:,}"
    left = [] if task.left_s is None else [f"{duration(task.left_s)} left"]
    return f"{task.what}: " + ", ".join([count, *filter(None, [task.detail]), *left])
