"""What long work reports to, and work on many items at once.

A step takes a `Progress` and never a console. `Progress` itself says nothing; `Status` can be read
while the work runs, by a web job or a notebook; the terminal's is in `tfod/cli/bars.py`.

    def copy_all(paths: list[Path], progress: Progress = SILENT) -> None:
        for path in progress.track(paths, "copying"):
            ...
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


class Task:
    """One piece of long work, counted while it runs.

    Attributes:
        what: what is being done: "copying".
        total: how many there are, when that is known.
        done: how many are finished; work that is resumed begins above 0.
        begun: what `done` was at the start.
        detail: a few words about the newest: "loss 0.512".
        begun_s: the clock when it began, `time.monotonic()`.
    """

    def __init__(self, what: str, total: int | None = None, done: int = 0):
        self.what = what
        self.total = total
        self.done = self.begun = done
        self.detail = ""
        self.begun_s = time.monotonic()

    def __enter__(self) -> "Task":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def advance(self, count: int = 1, detail: str | None = None) -> None:
        """Report that so many more are finished."""
        self.reach(self.done + count, detail)

    def reach(self, done: int, detail: str | None = None) -> None:
        """Report how many are finished."""
        self.done = done
        self.detail = self.detail if detail is None else detail

    @property
    def left_s(self) -> float | None:
        """Seconds left at the speed so far; None when that is not known yet."""
        finished = self.done - self.begun
        if self.total is None or finished <= 0 or self.done > self.total:
            return None
        return (time.monotonic() - self.begun_s) / finished * (self.total - self.done)


class Progress:
    """Reports nothing; the base of those that do."""

    def task(self, what: str, total: int | None = None, done: int = 0) -> Task:
        """Begin a piece of work; a context manager that is left when the work ends."""
        return Task(what, total, done)

    def note(self, text: str) -> None:
        """Tell the user one line while the work runs."""

    def track(self, items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
        """Go through items and report each when the next one is asked for."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        with self.task(what, total) as task:
            for item in items:
                yield item
                task.advance()


SILENT = Progress()


class Status(Progress):
    """Remembers the task of the moment and all notes, for whoever looks from another thread.

    Attributes:
        current: the newest task, also after it has ended.
        notes: every line, in order.
    """

    def __init__(self) -> None:
        self.current: Task | None = None
        self.notes: list[str] = []

    def task(self, what: str, total: int | None = None, done: int = 0) -> Task:
        """Begin a piece of work, which is now the current one."""
        self.current = super().task(what, total, done)
        return self.current

    def note(self, text: str) -> None:
        """Keep the line."""
        self.notes.append(text)


def in_order(
    work: Callable[[Item], Done],
    items: Iterable[Item],
    what: str,
    progress: Progress = SILENT,
    heavy: Callable[[Item], bool] | None = None,
    total: int | None = None,
) -> Iterator[Done]:
    """Do the same work on many items and give the results in the order of the items.

    Heavy items (work in C, such as encoding an image) are done in a few threads ahead of their
    turn; threads would only slow down the others, whose work is in Python. Only a few results wait
    at any time, so memory does not grow with the number of items.

    Args:
        work: what is done with one item.
        items: what it is done with.
        what: a word for it: "checking".
        progress: reports each item.
        heavy: whether an item is worth a thread; none is when absent.
        total: how many items there are, when they cannot be counted.
    """
    threads = min(8, os.cpu_count() or 1)
    waiting: deque[Callable[[], Done]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for item in progress.track(items, what, total):
            if heavy is not None and heavy(item):
                waiting.append(pool.submit(work, item).result)
            else:
                waiting.append(partial(work, item))
            if len(waiting) >= 4 * threads:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()
