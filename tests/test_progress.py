"""Progress: what a terminal, a log and another thread see of long work."""

import io

import pytest

from tfod.cli.bars import TerminalProgress, line
from tfod.progress import SILENT, Progress, Status, Task, in_order
from tfod.words import duration


class Clock:
    """A clock that goes on when it is told to."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_plain_lines_come_every_15_seconds_with_the_time_left(monkeypatch):
    clock, stream = Clock(), io.StringIO()
    monkeypatch.setattr("tfod.progress.time.monotonic", clock)
    progress = TerminalProgress(stream, clock)
    for _ in progress.track(range(10), "reading"):
        clock.now_s += 10
    assert stream.getvalue().splitlines() == [
        "reading: 2 of 10, 80 s left",
        "reading: 4 of 10, 60 s left",
        "reading: 6 of 10, 40 s left",
        "reading: 8 of 10, 20 s left",
        "reading: 10 of 10, 0 s left",
    ]


def test_a_terminal_gets_a_bar_that_goes_away():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    progress = TerminalProgress(stream)
    assert list(progress.track("abc", "copying")) == ["a", "b", "c"]
    progress.note("[red] 1 of 2")
    assert "copying" in stream.getvalue() and "3/3" in stream.getvalue()
    assert stream.getvalue().endswith("[red] 1 of 2\n")


def test_another_thread_can_look():
    status = Status()
    for index, _ in enumerate(status.track(range(4), "training")):
        assert status.current.done == index and status.current.total == 4
    status.note("done")
    assert status.notes == ["done"] and status.current.done == 4


def test_work_that_is_resumed_counts_its_own_speed(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("tfod.progress.time.monotonic", clock)
    task = Task("training", total=300, done=100)
    assert task.left_s is None
    clock.now_s = 50
    task.reach(200, "loss 0.5")
    assert task.left_s == 50
    assert line(task) == "training: 200 of 300, loss 0.5, 50 s left"


@pytest.mark.parametrize(
    ("seconds", "words"), [(4, "4 s"), (89, "89 s"), (600, "10 min"), (3 * 3600 + 300, "3 h 5 min")]
)
def test_times_in_words(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize("heavy", [None, lambda item: item % 2 == 0, lambda item: True])
def test_in_order_keeps_the_order(heavy):
    counted = Status()
    done = list(in_order(lambda item: item * item, range(100), "squaring", counted, heavy))
    assert done == [item * item for item in range(100)]
    assert counted.current.done == 100


def test_in_order_raises_what_the_work_raises():
    def fail(item):
        if item == 7:
            raise ValueError("seven")
        return item

    with pytest.raises(ValueError, match="seven"):
        list(in_order(fail, range(20), "failing", SILENT, lambda item: True))


def test_the_base_says_nothing(capsys):
    assert list(Progress().track([1, 2], "x")) == [1, 2]
    Progress().note("nothing")
    assert capsys.readouterr() == ("", "")
