"""What the tests of the step `label` share: a screen for PyQt5, and a session."""

import subprocess
import sys

import pytest
from labelling import SESSION, photo


@pytest.fixture(scope="session")
def desktop(desktop):
    """A screen on which PyQt5 can open windows; skips where a library of the system is missing."""
    code = "from tfod.steps.label.window.app import check_platform; check_platform()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if "cannot open shared object file" in done.stderr:
        pytest.skip(f"PyQt5 needs {done.stderr.splitlines()[-1]}")
    return desktop


@pytest.fixture
def session(workspace, monkeypatch):
    """Three photos with names as users have them; a home of its own."""
    monkeypatch.setenv("HOME", str(workspace))
    SESSION.mkdir(parents=True)
    for name in ("a  photo 1.JPG", "größe 2.jpg", "x3.jpg"):
        photo(SESSION / name)
    return SESSION
