"""Exit codes, JSON and arguments: how every command speaks."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tfod.cli.terminal import Stopped, finish, load_tensorflow, report_errors
from tfod.errors import Problem, UserError
from tfod.files import whole_file
from tfod.plain import plain
from tfod.remedies import Remedy


def raiser(error):
    def function():
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            UserError(Problem("not-xml", "a.xml", "not XML", remedy=Remedy.REPLACE_FILE)),
            *(2, "error: a.xml: not XML. Replace the file or delete it.\n"),
        ),
        (KeyboardInterrupt(), 130, "Interrupted. "),
        (SystemExit(130), 130, "Interrupted. "),
        (Stopped(), 130, ""),
        (SystemExit(2), 2, ""),
        (SystemExit(None), 0, ""),
        (
            ImportError("libGL.so.1: cannot open shared object file: no", name="cv2"),
            *(2, "error: libGL.so.1: OpenCV needs this system library, which is missing. On"),
        ),
        (ImportError("no module named x"), 1, "Traceback"),
        (RuntimeError("a bug"), 1, "Traceback"),
    ],
)
def test_what_is_raised_becomes_a_message_and_a_code(error, code, message, capsys):
    assert report_errors(raiser(error)) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(message)
    assert bool(message) == bool(captured.err)
    assert ("Traceback" in captured.err) == (code == 1)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_kill_and_a_closed_terminal_end_a_command_as_ctrl_c_does(name, workspace, capsys):
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip("not on this system")
    before = signal.getsignal(number)

    def writes():
        with whole_file(workspace / "result.txt"):
            signal.raise_signal(number)

    try:
        assert report_errors(writes) == 130
        # a closed terminal is told twice, by the kernel and by the shell
        after = before if name == "SIGTERM" else signal.SIG_IGN
        assert signal.getsignal(number) is after
    finally:
        signal.signal(number, before)
    assert capsys.readouterr().err.startswith("Interrupted. ")
    assert not list(workspace.iterdir())


def test_nohup_stays_what_it_is():
    if not hasattr(signal, "SIGHUP"):
        pytest.skip("not on this system")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert report_errors(lambda: signal.raise_signal(signal.SIGHUP)) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_console_that_knows_few_characters_does_not_crash():
    code = (
        "from tfod.cli.terminal import *\nfrom tfod.errors import Problem, UserError\n"
        "def f():\n    print('ok \\u2713 \\u6f22')\n"
        "    raise UserError(Problem('gone', what='\\u6f22 is missing'))\n"
        "raise SystemExit(report_errors(f))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
    )
    assert ran.returncode == 2
    assert ran.stdout.strip() == b"ok ? ?"
    assert ran.stderr.strip() == b"error: ? is missing."


@dataclass
class Result:
    path: Path
    scores: np.ndarray
    figures: dict


RESULT = Result(Path("a"), np.array([0.5, np.nan]), {1: np.float32(0.25), "deep": Result(1, 2, 3)})


def test_json_is_the_whole_of_stdout(capsys):
    finish(RESULT, as_json=True, lines=["words"], wrote=[Path("a/b")], then="tfod split")
    assert json.loads(capsys.readouterr().out) == {
        "path": "a",
        "scores": [0.5, None],
        "figures": {"1": 0.25, "deep": {"path": 1, "scores": 2, "figures": 3}},
        "wrote": [str(Path("a/b"))],
        "next": "tfod split",
    }


def test_words_end_with_what_was_written_and_what_comes_next(capsys):
    finish({}, as_json=False, lines=["words"], wrote=["a", "b"], then="tfod split")
    assert capsys.readouterr().out == "words\nwrote: a\nwrote: b\nnext:  tfod split\n"


def test_plain_keeps_booleans_and_counts():
    assert plain({"a": (True, np.int64(3), np.bool_(False))}) == {"a": [True, 3, False]}


def test_tensorflow_starts_without_a_word_and_errors_still_show():
    code = (
        "from tfod.cli.terminal import load_tensorflow, stderr_kept_back\nload_tensorflow()\n"
        "import os, tensorflow as tf\nassert float(tf.constant(2.0) * 2) == 4.0\n"
        "os.write(2, b'after')\n"
        "with stderr_kept_back():\n    os.write(2, b' held')\n    raise SystemExit(3)"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_CPP")}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"", b"after held")


def test_ctrl_c_shows_nothing_of_what_was_held_back():
    code = (
        "from tfod.cli.terminal import report_errors, stderr_kept_back\nimport os, sys\n"
        "def run():\n    with stderr_kept_back():\n"
        "        os.write(2, b'noise')\n        raise KeyboardInterrupt\n"
        "sys.exit(report_errors(run))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 130 and ran.stderr.startswith("Interrupted.")


def test_tensorflow_is_left_alone_when_debugging(monkeypatch):
    monkeypatch.setenv("TFOD_DEBUG", "1")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    load_tensorflow()
    assert "TF_CPP_MIN_LOG_LEVEL" not in os.environ
